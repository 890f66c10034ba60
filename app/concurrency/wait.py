"""Waiting for what happens on other threads, without a thread for each request that waits."""

import threading
from collections.abc import Callable


class Wait:
    """What one request waits for: so many jobs to end, or one answer or change to come.

    Whoever waits leaves a function to be called when that is so. It is called from another thread,
    or at once where nothing is left to wait for.
    """

    def __init__(self, jobs: int) -> None:
        # Guards the fields below; not held while calling out.
        self._lock = threading.Lock()
        self._left = jobs
        self._on_over: Callable[[], None] | None = None
        self._on_close: list[Callable[[], None]] = []

    def ended(self, jobs: int = 1) -> None:
        """Count jobs that have ended, each once."""
        with self._lock:
            self._left -= jobs
            on_over = None if self._left else self._on_over
        if on_over is not None:
            on_over()

    def wake(self) -> None:
        """End the wait, however many jobs are left."""
        with self._lock:
            over, self._left = self._left <= 0, 0
            on_over = None if over else self._on_over
        if on_over is not None:
            on_over()

    def when_over(self, call: Callable[[], None]) -> None:
        """Have `call` called, once, when the wait is over. It must not raise."""
        with self._lock:
            over = self._left <= 0
            if not over:
                self._on_over = call
        if over:
            call()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread until the wait is over, at most so long."""
        over = threading.Event()
        self.when_over(over.set)
        over.wait(seconds)

    def when_closed(self, call: Callable[[], None]) -> None:
        """Have `call` called, once, by `close`."""
        with self._lock:
            self._on_close.append(call)

    def close(self) -> None:
        """Stop waiting. Can be repeated."""
        with self._lock:
            self._on_over = None
            calls, self._on_close = self._on_close, []
        for call in calls:
            call()
