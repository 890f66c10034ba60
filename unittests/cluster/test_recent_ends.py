"""How jobs have ended, as far as that was heard a moment ago."""

from collections.abc import Sequence
from typing import Any

import pytest

pytest.importorskip("redis", reason="requirements-celery.txt is not installed")

from app.cluster.recent_ends import RecentEnds, SharedEnd
from app.cluster.redis_client import Command, RedisClient
from app.cluster.shared_jobs import SharedJobs
from app.job import Digest, JobStatus

DONE = SharedEnd(JobStatus.DONE, "v1", "sha", Digest(2, 3))


class Clock:
    """A clock that is set."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.mark.parametrize(("keep_seconds", "counts"), [(0, 9.0), (3600, 9.0), (3, 2.0)])
def test_an_end_counts_for_a_while_and_no_longer_than_its_job_is_kept(
    keep_seconds: int, counts: float
) -> None:
    clock = Clock()
    recent = RecentEnds(0, keep_seconds, clock)
    recent.note(7, DONE)
    assert recent.find(8) is None
    clock.now += counts
    assert recent.find(7) == DONE
    clock.now += 2.0
    assert recent.find(7) is None


def test_there_are_no_more_of_them_than_jobs_are_kept() -> None:
    recent = RecentEnds(keep_jobs=2)
    for number in (1, 2, 3):
        recent.note(number, DONE)
    assert [recent.find(number) for number in (1, 2, 3)] == [None, DONE, DONE]


class Unasked(RedisClient):
    """A Redis that is asked nothing."""

    database = 0

    def __init__(self) -> None:
        """Connect to nothing."""

    def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Answer no command."""
        assert not commands
        return []


def test_what_was_heard_is_not_read_again() -> None:
    jobs = SharedJobs(Unasked())
    assert jobs.heard(b"7 sha 2-3 v1,8") == [7, 8]
    assert jobs.ends([7, 7]) == [DONE, DONE]
    with pytest.raises(AssertionError):
        jobs.ends([7, 8])  # one that failed is
