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
        self, key: str, requests: Sequence[JobRequest] = (BEST5,), *, known_only: bool = False
    ) -> tuple[list[int], bool]:  # fmt: skip
        """Submit jobs; return their numbers, and whether they are new."""
        done: Submitted = self.jobs.accept(
            requests, ["v1"] * len(requests), 10, key, known_only=known_only
        )
        return [job.number for job in done.jobs], done.are_new

    def end(self, *numbers: int) -> None:
        """Have jobs end."""
        for number in numbers:
            self.redis.run_script("finish", CHANNEL, 0, number, "error", "why", "")

    def expire(self, most: int, seconds: float = 0) -> None:
        """Keep so many finished jobs, for so long; 0 is no limit."""
        self.redis.run_script("expire", most, seconds, 100)


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


def test_what_is_kept_for_a_time_is_kept_by_the_setting_of_now(there: Jobs, server: Redis) -> None:
    there.submit("batch", BATCH)
    there.redis.run_script("finish", CHANNEL, 1, "sha", b"7", 1, "done", "sha", "1-2")
    # None is gone by itself, of which others would go on to count.
    assert {server.client.ttl(name) for name in server.client.keys("stats:*")} == {-1}
    there.expire(0, 100.0)
    assert there.submit("batch", BATCH) == ([1, 2, 3], False)
    there.expire(0, 1e-6)
    assert server.client.hlen("stats:uses") == server.client.exists("stats:answer:sha") == 0
    assert there.submit("batch", BATCH) == ([4, 5, 6], True)
    there.end(2, 3)
    there.expire(0, 1e-6)  # those of the first batch leave the key of the second alone
    assert there.submit("batch", BATCH) == ([4, 5, 6], False)
    assert there.jobs.counts() == (6, 3, 0)


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
