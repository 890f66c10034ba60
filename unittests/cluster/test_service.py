"""What a web process of the second executor reads of Redis at a time."""

import logging
from collections.abc import Sequence
from typing import Any

from app.cluster.redis_client import Command
from app.cluster.service import PAGE_BYTES, ClusterService
from app.cluster.shared_jobs import SharedJobs
from app.cluster.worker_jobs import JobEnd, WorkerJobs
from app.concurrency.cache import BoundedCache
from app.concurrency.trace import Trace
from app.errors import StoreUnavailable
from app.job import JobStatus, Outcome, digest_of
from app.job_service import Limits
from app.metrics import Metrics
from unittests.helpers.clock import Clock
from unittests.helpers.fake_redis import FakeRedis
from unittests.helpers.registry import request

SMALL = request("best5", question="a question")


class SlowRedis(FakeRedis):
    """A Redis that has too little time for more answers together than about a page of bytes."""

    def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Do it, unless that is too much."""
        replies = super().execute_all(commands)
        if sum(len(reply) for reply in replies if isinstance(reply, bytes)) > 2 * PAGE_BYTES:
            raise StoreUnavailable("Redis does not answer")
        return replies


def service_of(redis: FakeRedis) -> ClusterService:
    """Return a service that can read, and nothing else."""
    none: Any = None
    return ClusterService(
        none, redis, SharedJobs(redis), none, none, none, none, BoundedCache[bytes](0), none,
        none, 1, 100, Limits(0, 0, 0, 1), Metrics(), logging.Logger("silent"), Trace(),
    )  # fmt: skip


def test_large_results_are_collected_however_many_there_are() -> None:
    redis = SlowRedis(Clock().now)
    bodies = [b"%d" % place * (PAGE_BYTES // 3) for place in range(1, 10)]
    bodies += [b"%d" % (10 + place) for place in range(100)]
    bodies += [bodies[0]] * 50  # the same answer is read once
    asked = [SMALL] * len(bodies)
    numbers = [job.number for job in SharedJobs(redis).accept(asked, ["v1"] * len(asked), 999).jobs]
    runner = WorkerJobs(redis, "v1 runner")
    runner.start(numbers)
    for number, body in zip(numbers, bodies, strict=True):
        runner.finish([JobEnd(number, body, digest_of(body))])
    waiting = SharedJobs(redis).accept([SMALL], ["v1"], 999).jobs[0].number
    outcomes = [*service_of(redis).outcomes([*numbers, waiting, 9999])]
    found = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    assert [outcome.result for outcome in found] == [*bodies, b""]
    assert found[-1].status is JobStatus.RUNNING
    assert "Invalid" in str(outcomes[-1])


def test_a_lost_answer_of_a_batch_is_left_to_a_thread() -> None:
    redis = FakeRedis(Clock().now)
    numbers = [job.number for job in SharedJobs(redis).accept([SMALL] * 2, ["v1"] * 2, 9).jobs]
    for number, body in zip(numbers, (b"kept", b"lost"), strict=True):
        runner = WorkerJobs(redis, "v1 runner")
        runner.start([number])
        runner.finish([JobEnd(number, body, digest_of(body))])
    redis.answers = {sha: body for sha, body in redis.answers.items() if body != b"lost"}
    kept, lost = service_of(redis).outcomes(numbers)
    assert isinstance(kept, Outcome)
    assert kept.result == b"kept"
    assert lost is None
