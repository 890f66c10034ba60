"""Submits with a key in Redis: as long as their jobs, and no longer."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.cluster import keys
from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import SharedJobs, Submitted
from app.errors import KeyReused, QueueFull, ShuttingDown
from app.job import JobRequest
from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.redis_server import Redis, needs_redis
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE

pytestmark = needs_redis

BEST5, WORST5 = (request(name, question=OBESITY) for name in ("best5", "worst5"))
BATCH = [BEST5, WORST5, BEST5]
CHANNEL = "channel"


class Jobs:
    """The jobs of a service whose workers the test stands in for."""

    def __init__(self, url: str) -> None:
        self.redis = RedisClient(url, PATIENCE, logging.Logger("silent"))
        self.jobs = SharedJobs(self.redis)

    def submit(
        self, key: str, requests: Sequence[JobRequest] = (BEST5,), keep_seconds: int = 0,
        *, known_only: bool = False,
    ) -> tuple[list[int], bool]:  # fmt: skip
        """Submit jobs; return their numbers, and whether they are new."""
        done: Submitted = self.jobs.accept(
            requests, ["v1"] * len(requests), 10, keep_seconds, key, known_only=known_only
        )
        return [job.number for job in done.jobs], done.are_new

    def end(self, *numbers: int) -> None:
        """Have jobs end."""
        for number in numbers:
            self.redis.run_script("finish", CHANNEL, 0, number, "error", "why", "")

    def expire(self, most: int) -> None:
        """Keep so many finished jobs."""
        self.redis.run_script("expire", most, 0, 100)


@pytest.fixture(scope="module", name="server")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """Give a Redis that accepts jobs."""
    redis = Redis(Path(tmp_path_factory.mktemp("redis")))
    yield redis
    redis.kill()


@pytest.fixture(name="there")
def empty_service(server: Redis) -> Jobs:
    """Give a service without jobs."""
    server.client.flushdb()
    jobs = Jobs(server.url)
    jobs.jobs.send_heartbeat("web")
    server.client.hset(keys.RUN, "since", 0)
    return jobs


def test_many_at_the_same_time_get_one_job(there: Jobs, server: Redis) -> None:
    others = [Jobs(server.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda one: [one.submit(key) for key in "abc"], others))
    for of_a_key in zip(*given, strict=True):
        assert len({numbers[0] for numbers, _ in of_a_key}) == 1
        assert sum(are_new for _, are_new in of_a_key) == 1
    assert there.jobs.counts().kept == 3


def test_what_is_known_is_told_also_where_there_is_no_room(there: Jobs) -> None:
    assert there.submit("batch", BATCH * 3) == ([*range(1, 10)], True)
    assert there.submit("a") == ([10], True)
    assert there.submit("batch", BATCH * 3) == ([*range(1, 10)], False)
    with pytest.raises(QueueFull):
        there.submit("b")
    for other in (BATCH, BATCH * 2 + [BEST5] * 3, [*BATCH * 3, BEST5]):
        with pytest.raises(KeyReused):
            there.submit("batch", other)


def test_what_is_known_is_told_by_a_process_that_takes_nothing_new(there: Jobs) -> None:
    assert there.submit("batch", BATCH) == ([1, 2, 3], True)
    assert there.submit("batch", BATCH, known_only=True) == ([1, 2, 3], False)
    with pytest.raises(KeyReused):
        there.submit("batch", [WORST5], known_only=True)
    for key in ("a", ""):
        with pytest.raises(ShuttingDown):
            there.submit(key, known_only=True)
    assert there.submit("a") == ([4], True)  # others take it


def test_a_key_is_forgotten_with_its_job_and_leads_to_another_then(
    there: Jobs, server: Redis
) -> None:
    assert there.submit("batch", BATCH) == ([1, 2, 3], True)
    there.end(1, 2, 3)
    there.expire(2)
    assert server.client.exists("stats:submit:batch") == 0
    assert there.submit("batch", [WORST5]) == ([4], True)
    there.end(4)
    there.expire(1)  # the others of the batch leave the new job's key alone
    assert there.submit("batch", [WORST5]) == ([4], False)
    there.expire(0)
    assert there.submit("batch", [WORST5]) == ([4], False)  # 0 is for ever
    there.submit("a")
    there.end(5)
    there.expire(1)
    assert server.client.keys("stats:submit:*") == [b"stats:submit:a"]


def test_where_jobs_are_kept_for_a_time_so_are_keys(there: Jobs, server: Redis) -> None:
    there.submit("batch", BATCH, keep_seconds=100)
    assert server.client.ttl("stats:submit:batch") == -1  # while it may run
    there.end(1)
    assert 0 < server.client.ttl("stats:submit:batch") <= 100
    server.client.delete(f"{keys.JOB}1")  # as when its time is up
    assert there.submit("batch", BATCH) == ([4, 5, 6], True)
    there.end(2, 3)  # of the first batch, whose time says nothing of the second
    assert server.client.ttl("stats:submit:batch") == -1
    assert there.submit("batch", BATCH) == ([4, 5, 6], False)


def test_a_web_process_that_ends_still_tells_what_it_has_accepted(
    server: Redis, tmp_path: Path
) -> None:
    server.client.flushdb()
    with running_app(tmp_path, executor="celery", redis=server.url) as app:
        client = app.test_client()

        def submit(key: str) -> tuple[int, Any]:
            headers = {"Idempotency-Key": key} if key else {}
            answer = client.post("/api/best5", json={"question": OBESITY}, headers=headers)
            return answer.status_code, answer.get_json()

        accepted = submit("known")
        assert accepted == (200, {"job_id": "job_id_1"})
        service_of(app).close(PATIENCE)  # as it does on SIGTERM, before it closes connections
        assert submit("known") == accepted
        for key in ("new", ""):
            status, answer = submit(key)
            assert (status, answer["reason"]) == (503, "shutting down")
    assert server.client.get(keys.LAST) == b"1"
