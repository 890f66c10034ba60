"""How jobs have ended that ended a moment ago, as a web process was told without asking.

Most results are collected soon after their jobs have ended. An end never changes, so what was heard
of it needs not be read from Redis; but the job may be removed, so it counts for a while only.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from app.concurrency.cache import BoundedCache
from app.job import Digest, JobStatus

_MOST = 20_000
_SECONDS = 10.0


class SharedEnd(NamedTuple):
    """The part of a job that its outcome depends on, as it was when it was read.

    `answer` is the SHA-256 of its answer, `reason` why there is none; empty where there is none.
    """

    status: JobStatus
    dataset: str
    answer: str
    digest: Digest
    reason: str = ""
    cancelled: bool = False


class _Heard(NamedTuple):
    end: SharedEnd
    until: float  # it counts


class RecentEnds:
    """The latest ends of jobs by their numbers. Any thread may use it."""

    def __init__(
        self,
        keep_jobs: int = 0,
        keep_seconds: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hold no more ends than jobs are kept, and none for longer; 0 is no limit."""
        # Each counts as one, so that it is their number which is bounded.
        self._ends = BoundedCache[_Heard](min(_MOST, keep_jobs or _MOST))
        self._seconds = min(_SECONDS, keep_seconds or _SECONDS)
        self._clock = clock

    def note(self, number: int, end: SharedEnd) -> None:
        """Remember how a job has ended."""
        self._ends.put(number, _Heard(end, self._clock() + self._seconds), 1)

    def find(self, number: int) -> SharedEnd | None:
        """Return how a job has ended, None where that was not heard of lately."""
        heard = self._ends.get(number)
        return heard.end if heard is not None and self._clock() < heard.until else None
