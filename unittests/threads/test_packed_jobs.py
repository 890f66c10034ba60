"""Jobs that are packed are what they were, and cost little."""

import tracemalloc

import pytest

from app.errors import ExpiredJob
from app.job import Done, Failed, Job, status_of
from app.threads.history import records_of
from app.threads.recovery import Recovery
from app.threads.registry import JobRegistry
from unittests.helpers.recovered import jobs_of
from unittests.helpers.registry import request


def ended(end: Done | Failed, **more: str | float | int) -> Job:
    """Return a job that ended like this."""
    asked = request("state_mean", question=f"question {end.number % 3}", state="Ohio")
    return Job(end.number, asked, end.at - 1, status_of(end), end=end, **more)  # type: ignore[arg-type]


JOBS = [
    ended(Done(1, 2**33, 2**32 - 1, "0f0f", 9.5), started_at=9.0, runner="TaskRunner-1"),
    ended(Done(2, 0, 0, "1e1e", 2.5), key="a key"),
    ended(Failed(3, "a reason", 3.5), deaths=3),
    ended(Failed(2500, "cancelled", 1.5, cancelled=True)),
    ended(Done(2501, 13, 7, "0f0f", 4.5), runner="TaskRunner-2"),
]


def all_of(job: Job | None) -> tuple[object, ...]:
    """Return all that is known of a job."""
    assert job is not None
    return tuple(getattr(job, name) for name in Job.__slots__)


@pytest.fixture(name="registry")
def packed() -> JobRegistry:
    registry = JobRegistry(10)
    registry.restore(JOBS)
    registry.pack(0)
    return registry


def test_a_packed_job_is_what_it_was(registry: JobRegistry) -> None:
    new = registry.add(request("best5", question="q"))
    assert [all_of(registry.get(job.number)) for job in JOBS] == [all_of(job) for job in JOBS]
    assert [all_of(job) for job in registry.after(0)] == [all_of(job) for job in (*JOBS, new)]
    assert [job.number for job in registry.before(2502)] == [2501, 2500, 3, 2, 1]
    assert (registry.counts.kept, registry.counts.finished) == (6, 5)
    for number in (4, 1025, 2499):
        with pytest.raises(ExpiredJob):
            registry.get(number)


def test_packed_jobs_are_forgotten_in_the_order_in_which_they_ended(registry: JobRegistry) -> None:
    later = registry.add(request("best5", question="q"))
    registry.claim(later, Done(later.number, 0, 0, "", 10.5))
    registry.finish(later)
    assert [job.number for job in registry.expire(5, 0.0, 1000)] == [2500]
    assert [job.key for job in registry.expire(10, 3.0, 1000)] == ["a key"]
    assert [job.number for job in registry.expire(1, 0.0, 1000)] == [3, 2501, 1]
    assert list(registry.after(0)) == [later]
    # What others asked is forgotten with them, and room for it is used again.
    registry.pack(0)
    assert all_of(registry.get(later.number)) == all_of(later)


def test_a_journal_of_packed_jobs_says_the_same(registry: JobRegistry) -> None:
    jobs, packed = registry.snapshot()
    found = Recovery(records_of(jobs, registry.counts.last, packed=packed))
    assert {number: (job.request, job.end) for number, job in jobs_of(found).items()} == {
        job.number: (job.request, job.end) for job in JOBS
    }
    # And they are forgotten in the same order.
    again = JobRegistry(10)
    again.restore(found.jobs.values(), found.packed)
    assert [job.number for job in again.expire(0, 0.0, 1000)] == [2500, 2, 3, 2501, 1]


def test_a_record_that_comes_twice_counts_once(registry: JobRegistry) -> None:
    jobs, packed = registry.snapshot()
    written = list(records_of(jobs, registry.counts.last, packed=packed))
    found = Recovery([*written, *written])
    assert len(found.packed) == len(JOBS)
    assert not found.jobs


def test_many_jobs_take_little_memory() -> None:
    registry = JobRegistry(10)
    tracemalloc.start()
    try:
        for first in range(1, 4_001, 1000):
            ends = [
                Done(number, number, number, "v", number) for number in range(first, first + 1000)
            ]
            registry.restore(ended(end) for end in ends)
            registry.pack(0)
        del ends
        assert tracemalloc.get_traced_memory()[0] < 4_000 * 100
    finally:
        tracemalloc.stop()
    assert registry.counts.kept == 4_000
