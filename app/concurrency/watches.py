"""Who waits in this process for which jobs to end."""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from app.concurrency.wait import Wait


class Watches:
    """The waits of one process, by the numbers of the jobs that they are for.

    Call `watch` first, and then `ended` for those of the jobs that have ended already: so one that
    ends in between is not missed.
    """

    def __init__(self) -> None:
        # Guards the fields below; not held while calling out.
        self._lock = threading.Lock()
        self._by_job: dict[int, set[Wait]] = {}
        self._for_change: set[Wait] = set()
        self._released = False  # whether nobody is to wait any more

    def watch(self, numbers: Sequence[int]) -> Wait:
        """Return a wait for all of these jobs; to be closed after use."""
        with self._lock:
            jobs = set() if self._released else set(numbers)
            wait = Wait(len(jobs))
            for number in jobs:
                self._by_job.setdefault(number, set()).add(wait)
        wait.when_closed(lambda: self._unwatch(jobs, wait))
        return wait

    def wait_for_change(self) -> Wait:
        """Return a wait that is over when it is woken, or all are released."""
        with self._lock:
            wait = Wait(0 if self._released else 1)
            self._for_change.add(wait)
        wait.when_closed(lambda: self._forget(wait))
        return wait

    def watched(self) -> list[int]:
        """Return the numbers of the jobs that somebody waits for."""
        with self._lock:
            return list(self._by_job)

    def ended(self, numbers: Iterable[int]) -> None:
        """Count jobs that have ended for those who wait. Can be repeated."""
        with self._lock:
            waits = [wait for number in numbers for wait in self._by_job.pop(number, ())]
        if waits:
            for wait, jobs in Counter(waits).items():
                wait.ended(jobs)

    def release(self) -> None:
        """Wake all who wait, now and later."""
        with self._lock:
            self._released = True
            waits = [wait for watching in self._by_job.values() for wait in watching]
            waits += self._for_change
            self._by_job.clear()
        for wait in waits:
            wait.wake()

    def _unwatch(self, numbers: Iterable[int], wait: Wait) -> None:
        with self._lock:
            for number in numbers:
                waits = self._by_job.get(number)
                if waits is not None:
                    waits.discard(wait)
                    if not waits:
                        del self._by_job[number]

    def _forget(self, wait: Wait) -> None:
        with self._lock:
            self._for_change.discard(wait)
