"""Waiting for jobs to end, without a thread for each that waits."""

import threading
from collections.abc import Callable


class Wait:
    """What one request waits for: so many jobs to end.

    Whoever waits leaves a call to be made when that is so; it comes from another thread, or at once
    where nothing is left to wait for.
    """

    def __init__(self, jobs: int) -> None:
        # Guards the fields below; not held while calling out.
        self._lock = threading.Lock()
        self._left = jobs
        self._tell: Callable[[], None] | None = None
        self._closers: list[Callable[[], None]] = []

    def job_ended(self) -> None:
        """Count one job; called once for each."""
        with self._lock:
            self._left -= 1
            tell = None if self._left else self._tell
        if tell is not None:
            tell()

    def give_up(self) -> None:
        """Let whoever waits go on: the jobs end in another process, if at all."""
        with self._lock:
            over, self._left = self._left <= 0, 0
            tell = None if over else self._tell
        if tell is not None:
            tell()

    def when_over(self, tell: Callable[[], None]) -> None:
        """Have `tell` called, once, when the wait is over. It must not raise."""
        with self._lock:
            over = self._left <= 0
            if not over:
                self._tell = tell
        if over:
            tell()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread until the wait is over, at most so long."""
        over = threading.Event()
        self.when_over(over.set)
        over.wait(seconds)

    def when_closed(self, close: Callable[[], None]) -> None:
        """Have `close` called, once, when nobody waits any more."""
        with self._lock:
            self._closers.append(close)

    def close(self) -> None:
        """Stop waiting. Can be repeated."""
        with self._lock:
            self._tell = None
            closers, self._closers = self._closers, []
        for close in closers:
            close()
