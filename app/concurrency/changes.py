"""Waiting for anything at all to change: one thread looks now and then, for all who wait.

Whatever changes tells nobody, so those who change things pay nothing for those who watch.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from app.concurrency.wait import Wait

# Seconds from look to look. Whoever asks again at once is told so often, however much happens.
_PAUSE = 0.25
# Many are not told all at once: whoever wants something else of the server would have to wait
# until each had its answer. The first goes alone: what is made for it is there for the others.
# Many more are told more at a time: nobody looks before all are told, within about a second.
_FEWEST_TOGETHER = 5
_MOST_TIMES = 30
_BETWEEN = 0.03


class Changes:
    """Ends the waits of those to whom the world looks other than they know it."""

    def __init__(self, look: Callable[[], str]) -> None:
        """`look` tells how things stand; it has to be quick."""
        self._look = look
        # Guards the two fields below; not held while calling out.
        self._lock = threading.Lock()
        self._held: dict[Wait, str] = {}
        self._looking = False  # whether there is a thread
        self.looked_at = 0.0  # when the latest look was over, on the monotonic clock

    def hold(self, wait: Wait, known: str) -> None:
        """Have a wait woken at the first look from now on at which things are not as known."""
        with self._lock:
            self._held[wait] = known
            begin, self._looking = not self._looking, True
        wait.when_closed(lambda: self._let_go(wait))
        if begin:
            self._begin()

    def _let_go(self, wait: Wait) -> None:
        with self._lock:
            self._held.pop(wait, None)

    def _begin(self) -> None:
        try:
            threading.Thread(target=self._run, name="Changes", daemon=True).start()
        except RuntimeError:  # no thread to be had: nobody is to wait for it
            with self._lock:
                self._looking = False
                held = list(self._held)
            for wait in held:
                wait.wake()

    def _run(self) -> None:
        """Look as long as somebody waits."""
        while True:
            time.sleep(_PAUSE)
            with self._lock:
                held = list(self._held.items())
                self._looking = bool(held)
            if not held:
                return
            try:
                state = self._look()
            except Exception:  # pylint: disable=broad-exception-caught
                state = ""  # nobody knows it so: all are told, and meet the error themselves
            self.looked_at = time.monotonic()
            for together in _batches([wait for wait, known in held if known != state]):
                for wait in together:
                    wait.wake()
                time.sleep(_BETWEEN)


def _batches(waits: Sequence[Wait]) -> Iterator[Sequence[Wait]]:
    """Return the first alone, then the others, so many together that it takes few times."""
    if waits:
        yield waits[:1]
    together = max(_FEWEST_TOGETHER, math.ceil((len(waits) - 1) / _MOST_TIMES))
    for start in range(1, len(waits), together):
        yield waits[start : start + together]
