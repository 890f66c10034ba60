"""The Redis of the tests without one answers as the scripts do in a real one."""

import logging
import time
from pathlib import Path
from typing import Any

import pytest

from app import json_bytes
from app.cluster import keys
from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import SharedJobs
from app.errors import QueueFull, ShuttingDown
from app.job import JobRequest
from unittests.helpers.fake_redis import FakeRedis
from unittests.helpers.redis_server import Redis, needs_redis
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE

pytestmark = needs_redis

FIELDS = [
    "status",
    "dataset",
    "statistic",
    "asked",
    "runner",
    "deaths",
    "answer",
    "digest",
    "reason",
]
SILENCE = 3600.0
CHANNEL = keys.channel(0)
NAMELESS = request("best5", question="a question")
NONE_KNOWN: dict[str, Any] = {"dead": [], "served": [], "abandoned": [], "course": "v1"}


def rescued(redis: RedisClient, **known: list[str]) -> list[list[bytes]]:
    """Return which jobs are sent again, and the datasets that others wait for."""
    everything = json_bytes.encode(NONE_KNOWN | known)
    arguments = (CHANNEL, 2, "lethal", "unserved", everything)
    return [sorted(part) for part in redis.run_script("rescue", *arguments)]


def heartbeat(redis: RedisClient, *arguments: str | int) -> list[bytes]:
    """Return what a heartbeat is told, but for the process of Redis, which differs."""
    last, lost, process = redis.run_script("heartbeat", *arguments)
    assert process
    return [last, lost]


def unlogged(redis: RedisClient) -> list[list[bytes]]:
    """Take how jobs have ended that are in no log, but for the times."""
    items = redis.execute("LPOP", keys.UNLOGGED, 9) or ()
    return [[*fields[:2], *fields[5:]] for item in items if (fields := item.split(b" "))] or [[]]


def answers(redis: RedisClient) -> list[Any]:
    """Have jobs accepted, run, lost and forgotten; return all that Redis answers."""
    found: list[Any] = []
    run = redis.run_script

    def note(script: str, *arguments: str | bytes | float) -> None:
        found.append((script, run(script, *arguments)))

    def rescue(**known: list[str]) -> None:
        found.append(rescued(redis, **known))

    jobs = SharedJobs(redis)
    asked = [NAMELESS._replace(dataset="data")] * 6
    v1 = ["v1"] * len(asked)
    found.append([job.number for job in jobs.accept(asked, v1, 10).jobs])
    with pytest.raises(QueueFull, match="6 jobs wait"):
        jobs.accept(asked, v1, 10)
    found.append([job.number for job in jobs.accept(asked[:2], ["v2"] * 2, 10).jobs])

    note("start", "v1 r1", 1, 2, 3)
    note("start", "v1 r2", 3, 4, 99)
    note("start", "v1 r1", 3)
    found += [heartbeat(redis, keys.RUNNERS, name, 3) for name in ("v1 r1", "v1 r2")]
    redis.execute("ZADD", keys.RUNNERS, time.time() + 2 * SILENCE, "v1 of another clock")
    note("runners", SILENCE)
    note("finish", CHANNEL, 1, "sha", b"", 1, "done", "sha", "1-2")
    note("finish", CHANNEL, 1, "sha", b"7", 1, "done", "sha", "1-2", 2, "error", "wrong", "")
    note("finish", CHANNEL, 1, "sha", b"", 1, "error", "late", "")

    note("release", "v1 r1", 3, 4)
    rescue(served=["v1"])
    rescue(dead=["v1 r2"], served=["v1"])
    note("start", "v1 r1", 4)
    rescue(dead=["v1 r1"], served=["v1"])
    note("start", "v2 r3", 7)
    note("release", "v2 r3", 7)
    rescue(served=["v1"])
    rescue(served=["v1"], abandoned=["v2"])
    note("runners", SILENCE)
    found += [redis.execute("HMGET", f"{keys.JOB}{number}", *FIELDS) for number in range(1, 10)]

    found += [heartbeat(redis, keys.WEBS, web, 0) for web in ("web1", "web2")]
    found += [redis.run_script("elect", web, SILENCE) for web in ("web1", "web2", "web1")]
    note("drain", SILENCE, "web1")
    with pytest.raises(ShuttingDown):
        jobs.accept(asked, v1, 10)
    for web, drain in (("web1", 0), ("web2", -1), ("web3", -1)):
        note("resume", SILENCE, web, drain)
    found += [redis.execute("ZREM", keys.WEBS, web) for web in ("web1", "web2", "web2")]
    for web, drain in (("web3", -1), ("web1", 0), ("web1", 1)):
        note("resume", SILENCE, web, drain)
    note("elect", "web2", SILENCE)
    redis.execute("ZADD", keys.WEBS, time.time() + 2 * SILENCE, "web2")
    note("elect", "web3", SILENCE)

    found += unlogged(redis) + unlogged(redis)

    note("expire", 0, 0, 10)
    note("expire", 3, 0, 10)
    note("expire", 0, SILENCE, 10)
    note("expire", 1, 0, 1)
    return [*found, [job is None for job in jobs.find(range(1, 9))]]


def answers_after_a_loss(redis: RedisClient) -> list[Any]:
    """Have heartbeats tell of numbers that are lost, and accept a job."""
    jobs = SharedJobs(redis)
    found: list[Any] = [heartbeat(redis, keys.WEBS, "web", highest) for highest in (20, 30)]
    [job] = jobs.accept([NAMELESS], ["v1"], 10).jobs
    return [*found, job.number, jobs.given()]


def statuses_after_disowning(redis: RedisClient) -> list[Any]:
    """Have a runner start jobs, and say that it has one of them."""
    jobs = SharedJobs(redis)
    numbers = [job.number for job in jobs.accept([NAMELESS] * 4, ["v1"] * 4, 10).jobs]
    redis.run_script("start", "v1 r1", *numbers[:2])
    redis.run_script("start", "v1 r2", numbers[2])
    redis.run_script("disown", "v1 r1", numbers[0], numbers[3])
    return [found.job.status for found in jobs.find(numbers) if found is not None]


def answers_on_nameless_jobs(redis: RedisClient) -> list[Any]:
    """Abandon the dataset of jobs that name none, and of one that does."""
    named = NAMELESS._replace(dataset="data")
    old = [NAMELESS, JobRequest("best5", "a question", ""), named]
    numbers = [job.number for job in SharedJobs(redis).accept(old, ["v3"] * len(old), 10).jobs]
    redis.run_script("start", "v3 r1", *numbers)
    redis.run_script("release", "v3 r1", *numbers)  # so that they are due now
    found: list[Any] = [
        rescued(redis, served=[served], abandoned=["v3"]) for served in ("v2", "v1")
    ]
    return found + [redis.execute("HMGET", f"{keys.JOB}{number}", *FIELDS) for number in numbers]


def up_for_long(redis: RedisClient) -> None:
    """Have Redis accept jobs, as if it had not just started."""
    redis.run_script("heartbeat", keys.WEBS, "web", 0)
    redis.execute("HSET", keys.RUN, "since", 0)
    redis.execute("ZREM", keys.WEBS, "web")


def test_the_fake_answers_as_redis_does(tmp_path: Path) -> None:
    redis = Redis(tmp_path)
    try:
        client = RedisClient(redis.url, PATIENCE, logging.Logger("silent"))
        up_for_long(client)
        real = answers(client)
        client.execute("FLUSHALL")
        up_for_long(client)
        real_on_nameless = answers_on_nameless_jobs(client)
        client.execute("FLUSHALL")
        real_after_a_loss = answers_after_a_loss(client)
        client.execute("FLUSHALL")
        up_for_long(client)
        real_disowned = statuses_after_disowning(client)
    finally:
        redis.kill()
    assert answers(FakeRedis(time.time)) == real
    assert answers_on_nameless_jobs(FakeRedis(time.time)) == real_on_nameless
    assert answers_after_a_loss(FakeRedis(time.time)) == real_after_a_loss
    assert statuses_after_disowning(FakeRedis(time.time)) == real_disowned
    names = [status.value for status in real_disowned]
    assert names == ["running", "queued", "running", "queued"]
