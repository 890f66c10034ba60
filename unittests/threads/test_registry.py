"""The registry: ids are given once and only go up; states only move forward."""

import random
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import UnknownJob
from app.job import Done, Failed, Job, JobStatus
from app.threads.number_ranges import NumberRanges
from app.threads.registry import JobRegistry
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE

QUESTION = request("best5", question="a question")


def done(number: int, at: float = 0.5) -> Job:
    """Return a job that an earlier process finished."""
    end = Done(number, 0, 0, "", at)
    return Job(number, QUESTION, 0.0, JobStatus.DONE, end=end)


def test_ids_are_given_once_under_contention() -> None:
    registry, before = JobRegistry(16_000), sys.getswitchinterval()
    begin = threading.Barrier(8)

    def client(_number: int) -> list[int]:
        begin.wait()
        return [registry.add(QUESTION).number for _ in range(2000)]

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as clients:
            ids = [number for some in clients.map(client, range(8)) for number in some]
    finally:
        sys.setswitchinterval(before)
    assert sorted(ids) == list(range(1, 16_001))
    assert registry.counts.unfinished == 16_000


def test_a_list_does_not_walk_through_ids_that_no_job_has() -> None:
    registry = JobRegistry(10_000)
    assert list(registry.after(0)) == []
    registry.skip_to(10**11)
    assert list(registry.after(0)) == []
    registry.restore([Job(5, QUESTION, 0.0)])
    job = registry.add(QUESTION)
    assert [job.number for job in registry.after(0)] == [5, 10**11 + 1]
    assert list(registry.after(5)) == [job]
    assert list(registry.after(10**11 + 1)) == []


def test_jobs_newest_first() -> None:
    registry = JobRegistry(10_000)
    assert list(registry.before(10**18)) == []
    registry.restore([done(2), Job(5, QUESTION, 0.0)])
    added = [registry.add(QUESTION).number for _ in range(3)]
    registry.withdraw(registry.get(added[1]))
    assert [job.number for job in registry.before(10**18)] == [8, 6, 5, 2]
    assert [job.number for job in registry.before(6)] == [5, 2]
    assert list(registry.before(2)) == []
    assert [job.number for job in registry.before(8, unfinished=True)] == [6, 5]
    # Nor does that walk through ids that no job has.
    registry.skip_to(10**11)
    assert registry.add(QUESTION).number == 10**11 + 1
    assert [job.number for job in registry.before(10**18)][:2] == [10**11 + 1, 8]
    # Jobs may come and go meanwhile.
    walk = registry.before(10**18, unfinished=True)
    assert next(walk).number == 10**11 + 1
    registry.withdraw(registry.get(8))
    registry.add(QUESTION)
    assert [job.number for job in walk] == [6, 5]


def test_where_things_stand_changes_with_every_change() -> None:
    registry = JobRegistry(10_000)
    seen = [registry.counts]
    jobs = [registry.add(QUESTION) for _ in range(3)]
    seen.append(registry.counts)
    registry.withdraw(jobs[2])
    seen.append(registry.counts)
    for job in jobs[:2]:
        registry.claim(job, Done(job.number, 0, 0, "", 0.5))
        registry.finish(job)
        seen.append(registry.counts)
    assert registry.counts == (3, 2, 2)
    assert registry.counts.unfinished == 0
    registry.expire(1, 0.0, 1000)
    seen.append(registry.counts)
    # One more is added and finished, and another forgotten: as many are kept as before.
    job = registry.add(QUESTION)
    registry.claim(job, Done(job.number, 0, 0, "", 0.5))
    registry.finish(job)
    registry.expire(1, 0.0, 1000)
    seen.append(registry.counts)
    assert len(set(seen)) == len(seen) == 7


def test_of_an_earlier_process_those_that_ended_last_are_kept() -> None:
    registry = JobRegistry(10_000)
    registry.restore([done(1, at=9.5), done(2, at=3.5), done(3, at=6.5)])
    assert [job.number for job in registry.expire(1, 0.0, 1000)] == [2, 3]


@pytest.mark.parametrize("kept", ["as it was", "packed", "restored", "restored and packed"])
def test_jobs_that_ended_by_a_wrong_clock_are_forgotten_once_they_are_old(
    kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, now, day = JobRegistry(10), time.time(), 86400.0
    ended = [done(1, now - day), done(2, now + 10 * day), done(3, now + 9 * day), done(4, now)]
    if kept.startswith("restored"):
        registry.restore(ended)
    else:
        for job in ended:
            registry.claim(registry.add(QUESTION), job.end or Failed(0, "", 0.0))
            registry.finish(registry.get(job.number))
    if kept.endswith("packed"):
        registry.pack(0)

    def forgotten(days: float) -> list[int]:
        monkeypatch.setattr(time, "time", lambda: now + days * day)
        return sorted(job.number for job in registry.expire(10, now + (days - 2) * day, 1000))

    assert [forgotten(days) for days in (0, 1.5, 3)] == [[], [1], [2, 3, 4]]


def test_a_claim_that_is_taken_back_leaves_the_job_as_it_was() -> None:
    registry = JobRegistry(10_000)
    job = registry.add(QUESTION)
    registry.queue(job)
    assert registry.claim(job, Failed(1, "cancelled", 0.5), JobStatus.QUEUED)
    assert not registry.start(job)
    registry.disclaim(job)
    assert registry.start(job)
    assert not registry.start(job)  # a second task for the same job does nothing


def test_ids_go_on_after_the_highest_restored() -> None:
    registry = JobRegistry(10_000)
    registry.restore([Job(5, QUESTION, 0.0), done(7)])
    registry.skip_to(9)
    assert registry.add(QUESTION).id == "job_id_10"
    assert [job.number for job in registry.after(0)] == [5, 7, 10]
    assert registry.counts.unfinished == 2


def test_numbers_are_few_ranges_in_whatever_order_they_come() -> None:
    for seed in range(20):
        order = random.Random(seed)
        numbers = order.sample(range(200), 120)
        ranges, taken = NumberRanges(), set[int]()
        for number in numbers:
            ranges.add(number)
            taken.add(number)
            assert len(ranges) == len([one for one in taken if one - 1 not in taken])
        assert {number for number in range(-2, 202) if number in ranges} == taken


def test_a_withdrawn_job_is_unknown_and_its_id_is_not_given_again() -> None:
    registry = JobRegistry(10_000)
    registry.withdraw(registry.add(QUESTION))
    assert registry.counts.unfinished == 0
    with pytest.raises(UnknownJob):
        registry.get(1)
    assert registry.add(QUESTION).number == 2


def test_a_finished_job_stays_as_it_is() -> None:
    registry = JobRegistry(10_000)
    job = registry.add(QUESTION)
    assert registry.start(job)
    assert registry.claim(job, Done(1, 1, 2, "dataset", 0.5))
    assert not job.finished
    registry.finish(job)
    assert not registry.claim(job, Failed(1, "too late", 0.5))
    assert not registry.start(job)
    assert job.status is JobStatus.DONE
    assert registry.counts.unfinished == 0


def test_waiting_for_idle_ends_with_the_last_job() -> None:
    registry = JobRegistry(10_000)
    assert registry.wait_idle(0)
    jobs = [registry.add(QUESTION) for _ in range(3)]
    assert not registry.wait_idle(0.01)
    idle: list[bool] = []
    waiter = threading.Thread(target=lambda: idle.append(registry.wait_idle(PATIENCE)))
    waiter.start()
    ends: list[Done | Failed] = [Done(1, 0, 0, "", 0.5), Failed(2, "a reason", 0.5)]
    for job, end in zip(jobs, ends, strict=False):
        assert registry.claim(job, end)
        registry.finish(job)
    registry.withdraw(jobs[2])
    waiter.join(PATIENCE)
    assert idle == [True]


def finished(registry: JobRegistry, job: Job) -> None:
    """End a job."""
    assert registry.claim(job, Done(job.number, 2, 3, "", 0.0))
    registry.finish(job)


def test_a_wait_is_over_when_the_last_of_its_jobs_has_ended() -> None:
    registry, seen = JobRegistry(10), list[str]()
    jobs = [registry.add(QUESTION) for _ in range(3)]
    finished(registry, jobs[0])
    wait = registry.watch([1, 2, 3])
    wait.when_over(lambda: seen.append("over"))
    finished(registry, jobs[2])
    assert not seen
    finished(registry, jobs[1])
    assert seen == ["over"]
    registry.watch([1, 2, 3]).when_over(lambda: seen.append("at once"))
    assert seen == ["over", "at once"]


def test_all_who_wait_are_woken_at_the_end() -> None:
    registry, seen = JobRegistry(10), list[str]()
    job = registry.add(QUESTION)
    registry.watch([1]).when_over(lambda: seen.append("over"))
    registry.release()
    assert seen == ["over"]
    registry.watch([1]).when_over(lambda: seen.append("later too"))
    assert seen == ["over", "later too"]
    finished(registry, job)
    assert (len(seen), job.status) == (2, JobStatus.DONE)


def test_a_job_that_is_named_twice_ends_once() -> None:
    registry, seen = JobRegistry(10), list[str]()
    job = registry.add(QUESTION)
    registry.watch([1, 1, 1]).when_over(lambda: seen.append("over"))
    finished(registry, job)
    assert seen == ["over"]


def test_ids_that_were_lost_by_the_million_take_no_memory() -> None:
    registry = JobRegistry(10)
    tracemalloc.start()
    try:
        for _ in range(1000):
            registry.withdraw(*registry.add_all([QUESTION] * 10))
        kept = registry.add(QUESTION)
        registry.withdraw(*registry.add_all([QUESTION] * 5))
        assert tracemalloc.get_traced_memory()[0] < 50_000
    finally:
        tracemalloc.stop()
    for number in (1, 5000, 10_000, 10_002, 10_006):
        with pytest.raises(UnknownJob) as caught:
            registry.get(number)
        assert str(caught.value) == "Invalid job_id"
    assert registry.get(10_001) is kept


@pytest.mark.parametrize("seconds", [-86400.0, 86400.0])
def test_the_times_of_a_job_go_on_where_the_clock_is_set(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = JobRegistry(2)
    job, earlier = registry.add(QUESTION), Job(7, QUESTION, 0.0)
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + seconds)
    assert registry.start(job)
    assert job.started_at is not None
    assert 0 <= job.started_at - job.accepted_at < PATIENCE
    assert 0 <= registry.now(job) - job.started_at < PATIENCE
    # When another process accepted a job, only that clock can tell.
    assert abs(registry.now(earlier) - right() - seconds) < PATIENCE
