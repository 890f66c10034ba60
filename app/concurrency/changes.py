"""Waiting for anything at all to change: one thread looks now and then, for all who wait.

What changes notifies nobody, so those who change things pay nothing for those who watch. What the
woken requests answer is made by that thread too, once for all that ask for the same.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.concurrency.wait import Wait

T = TypeVar("T")

# Seconds between looks. Whoever asks again at once is answered so often, however much happens.
_PAUSE = 0.25
# Not all are woken at once: whoever wants something else of the server would have to wait until
# each had its answer. Of many, more are woken at a time, so that it takes about a second.
_FEWEST_TOGETHER = 5
_MOST_TIMES = 30
_BETWEEN = 0.03


@dataclass(slots=True, eq=False)
class Watcher(Generic[T]):
    """A request that waits until the state is not the one that it knows.

    `answer` is to what it `asked`, once it is woken; None where it could not be made.
    """

    wait: Wait
    known: str
    asked: T
    answer: bytes | None = None


class Changes(Generic[T]):
    """Wakes those who know another state than there is now."""

    def __init__(
        self,
        look: Callable[[], str],
        make: Callable[[T], bytes],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`look` returns the state, and has to be quick; `make` returns the answer to a question.

        Questions are hashable. `sleep` takes seconds.
        """
        self._look = look
        self._make = make
        self._sleep = sleep
        # Guards the two fields below; not held while calling out.
        self._lock = threading.Lock()
        self._watchers: set[Watcher[T]] = set()
        self._looking = False  # whether there is a thread

    def watch(self, watcher: Watcher[T]) -> None:
        """Wake `watcher` at the first look from now on that finds another state."""
        with self._lock:
            self._watchers.add(watcher)
            begin, self._looking = not self._looking, True
        watcher.wait.when_closed(lambda: self._forget(watcher))
        if begin:
            self._begin()

    def _forget(self, watcher: Watcher[T]) -> None:
        with self._lock:
            self._watchers.discard(watcher)

    def _begin(self) -> None:
        try:
            threading.Thread(target=self._run, name="Changes", daemon=True).start()
        except RuntimeError:  # no thread to be had: nobody is to wait for it
            with self._lock:
                self._looking = False
                watchers = list(self._watchers)
            for watcher in watchers:
                watcher.wait.wake()

    def _run(self) -> None:
        """Look as long as somebody waits."""
        while True:
            self._sleep(_PAUSE)
            with self._lock:
                watchers = list(self._watchers)
                self._looking = bool(watchers)
            if not watchers:
                return
            try:
                state = self._look()
            except Exception:  # noqa: BLE001
                state = ""  # which nobody knows: all are woken, and meet the error themselves
            changed = [each for each in watchers if each.known != state]
            # What most ask for is made first.
            askers = Counter(each.asked for each in changed)
            changed.sort(key=lambda each: askers[each.asked], reverse=True)
            answers: dict[T, bytes | None] = {}
            for together in _batches(changed):
                for watcher in together:
                    if watcher.asked not in answers:
                        answers[watcher.asked] = self._answer(watcher.asked)
                    watcher.answer = answers[watcher.asked]
                    watcher.wait.wake()
                self._sleep(_BETWEEN)

    def _answer(self, asked: T) -> bytes | None:
        try:
            return self._make(asked)
        except Exception:  # noqa: BLE001
            return None  # whoever asked meets the error when it makes its own


def _batches(watchers: Sequence[Watcher[T]]) -> Iterator[Sequence[Watcher[T]]]:
    """Return watchers, so many together that there are few batches."""
    together = max(_FEWEST_TOGETHER, math.ceil(len(watchers) / _MOST_TIMES))
    for start in range(0, len(watchers), together):
        yield watchers[start : start + together]
