"""Commands to Redis from an event loop: pipelines, and connections that Redis closes."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import ResponseError

from app.cluster.async_connection import AsyncConnection
from app.cluster.redis_client import Command
from unittests.helpers.files import scratch
from unittests.helpers.redis_server import Redis, needs_redis
from unittests.helpers.waiting import PATIENCE

pytestmark = needs_redis

SECONDS = PATIENCE  # that Redis may be silent


@pytest.fixture(scope="module", name="redis")
def one() -> Iterator[Redis]:
    """Give a Redis."""
    with scratch() as folder:
        redis = Redis(folder)
        yield redis
        redis.kill()


def connection_to(redis: Redis) -> AsyncConnection:
    setup: list[Command] = [("INFO", "persistence")]
    return AsyncConnection(redis.url, SECONDS, lambda: setup, idle_seconds=0)


def test_each_request_gets_its_own_answers(redis: Redis) -> None:
    async def all_at_once() -> list[list[Any]]:
        connection = connection_to(redis)
        requests: list[list[Command]] = [
            [("SET", "a", "1"), ("GET", "a")],
            [("LPUSH", "a", "2")],
            [("GET", "a"), ("GET", "b")],
        ]
        return await asyncio.gather(*map(connection.execute_all, requests))

    first, wrong, last = asyncio.run(all_at_once())
    assert first == [b"OK", b"1"]
    assert isinstance(wrong[0], ResponseError)
    assert last == [b"1", None]


def test_answers_may_take_longer_together_than_redis_may_be_silent(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_after_another() -> list[list[Any]]:
        connection, loop, passed = connection_to(redis), asyncio.get_running_loop(), 0.0
        monkeypatch.setattr(loop, "time", lambda: time.monotonic() + passed)
        await connection.execute_all([("PING",)])
        lists = ["one", "two", "three"]
        # In one pipeline; Redis answers each once there is something in its list.
        requests = [connection.execute_all([("BLPOP", name, 0)]) for name in lists]
        answers = []
        for name, request in zip(lists, requests, strict=True):
            passed += 0.9 * SECONDS
            redis.client.lpush(name, "it")
            answers.append(await request)
        return answers

    answers = asyncio.run(one_after_another())
    assert answers == [[[name, b"it"]] for name in (b"one", b"two", b"three")]


def test_a_connection_that_redis_has_closed_is_opened_again(redis: Redis) -> None:
    async def ping_after_the_end() -> list[Any]:
        connection = connection_to(redis)
        await connection.execute_all([("PING",)])
        redis.client.client_kill_filter(_type="normal", skipme=True)
        await connection_to(redis).execute_all([("PING",)])  # the loop sees the end meanwhile
        return await connection.execute_all([("PING",)])

    assert asyncio.run(ping_after_the_end()) == [b"PONG"]
