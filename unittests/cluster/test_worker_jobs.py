"""What a worker sends to Redis of its jobs, and what happens while Redis is down."""

import threading

import pytest

from app.cluster.shared_jobs import SharedJobs
from app.cluster.worker_jobs import JobEnd, WorkerJobs
from app.errors import StoreUnavailable
from app.job import digest_of
from unittests.helpers.clock import Clock
from unittests.helpers.fake_redis import FakeRedis
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE, eventually


@pytest.fixture(name="redis")
def fake() -> FakeRedis:
    redis = FakeRedis(Clock().now)
    SharedJobs(redis).accept([request("best5", question="a question")] * 3, ["v1"] * 3, 10)
    return redis


def end(number: int, body: bytes = b"1") -> JobEnd:
    return JobEnd(number, body, digest_of(body))


def test_an_answer_is_sent_once(redis: FakeRedis) -> None:
    jobs = WorkerJobs(redis, "v1 runner")
    jobs.start([1, 2, 3])
    jobs.finish([end(1), end(2)])
    jobs.finish([end(3)])
    first, second = redis.sent("finish")
    assert (first.count(b"1"), second.count(b"1")) == (1, 0)
    assert redis.in_status("done") == [1, 2, 3]


def test_an_answer_that_redis_has_lost_is_sent_again(redis: FakeRedis) -> None:
    jobs = WorkerJobs(redis, "v1 runner")
    jobs.start([1, 2, 3])
    jobs.finish([end(1)])
    redis.answers.clear()
    jobs.finish([end(2)])
    assert redis.in_status("done") == [1, 2]
    assert list(redis.answers.values()) == [b"1"]


def test_what_is_computed_waits_until_redis_is_back(redis: FakeRedis) -> None:
    jobs = WorkerJobs(redis, "v1 runner")
    jobs.start([1])
    redis.down = True
    thread = threading.Thread(target=jobs.finish, args=([end(1)],))
    thread.start()
    redis.down = False
    thread.join(PATIENCE)
    eventually(lambda: redis.in_status("done") == [1])


def test_a_process_that_ends_does_not_wait_for_redis(redis: FakeRedis) -> None:
    jobs = WorkerJobs(redis, "v1 runner")
    redis.down = True
    jobs.stop_waiting()
    with pytest.raises(StoreUnavailable):
        jobs.start([1])


def test_jobs_that_a_redis_of_before_takes_for_running_are_queued_again(redis: FakeRedis) -> None:
    jobs = WorkerJobs(redis, "v1 runner")
    jobs.send_heartbeat()
    jobs.start([1, 2])
    WorkerJobs(redis, "v1 another").start([3])
    jobs.send_heartbeat()  # it may be about to run them
    assert redis.in_status("running") == [1, 2, 3]
    redis.process = b"2"  # started again from a log in which 1, that ended here, had not ended
    jobs.send_heartbeat([2])
    assert redis.in_status("queued") == [1]
    assert redis.in_status("running") == [2, 3]
