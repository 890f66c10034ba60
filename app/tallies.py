"""Counts of what happened since the start, kept by the parts as they work."""

import threading
from bisect import bisect_left
from collections import Counter, deque
from copy import deepcopy


class Times:
    """A histogram of durations, in seconds. Its Tallies' lock guards it."""

    BOUNDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

    def __init__(self) -> None:
        self.counts = [0] * (len(self.BOUNDS) + 1)  # the last one counts what is longer
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.BOUNDS, seconds)] += 1
        self.total += seconds


class Tallies:
    """What a server has done. Cheap enough for every job."""

    def __init__(self) -> None:
        # Guards the fields below. Nobody waits on it.
        self._lock = threading.Lock()
        self.ended: Counter[tuple[str, str]] = Counter()  # by statistic and status
        self.refused: Counter[tuple[str, str]] = Counter()  # requests, by HTTP status and cause
        self.storage_errors: Counter[str] = Counter()  # by what could not be written
        self.queued = Times()
        self.running = Times()
        # Jobs that ended and are not counted yet: appending is atomic and cheaper than counting.
        self._latest: deque[tuple[str, str, float, float]] = deque()

    def copy(self) -> "Tallies":
        """Return the counts of one moment."""
        self.count()
        with self._lock:
            same = Tallies()
            same.ended, same.refused = self.ended.copy(), self.refused.copy()
            same.storage_errors = self.storage_errors.copy()
            same.queued, same.running = deepcopy(self.queued), deepcopy(self.running)
            return same

    def job_ended(self, statistic: str, status: str, queued: float, running: float) -> None:
        """Count a job that ran, with the seconds it waited and ran."""
        self._latest.append((statistic, status, queued, running))

    def count(self) -> None:
        """Count the jobs that ended since the last call; to be called from time to time."""
        with self._lock:
            for _ in range(len(self._latest)):
                statistic, status, queued, running = self._latest.popleft()
                self.ended[statistic, status] += 1
                self.queued.add(queued)
                self.running.add(running)

    def request_refused(self, status: str, cause: str) -> None:
        """Count a request that got a 4xx or 5xx."""
        with self._lock:
            self.refused[status, cause] += 1

    def storage_failed(self, what: str) -> None:
        """Count a write that failed: of the journal, or of a result."""
        with self._lock:
            self.storage_errors[what] += 1
