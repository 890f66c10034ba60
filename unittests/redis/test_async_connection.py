"""Commands to Redis from an event loop: pipelines, and connections that Redis closes."""

import asyncio
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


@pytest.fixture(scope="module", name="redis")
def one() -> Iterator[Redis]:
    """Give a Redis."""
    with scratch() as folder:
        redis = Redis(folder)
        yield redis
        redis.kill()


def connection_to(redis: Redis) -> AsyncConnection:
    setup: list[Command] = [("INFO", "persistence")]
    return AsyncConnection(redis.url, PATIENCE, lambda: setup, idle_seconds=0)


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


def test_a_connection_that_redis_has_closed_is_opened_again(redis: Redis) -> None:
    async def ping_after_the_end() -> list[Any]:
        connection = connection_to(redis)
        await connection.execute_all([("PING",)])
        redis.client.client_kill_filter(_type="normal", skipme=True)
        await connection_to(redis).execute_all([("PING",)])  # the loop sees the end meanwhile
        return await connection.execute_all([("PING",)])

    assert asyncio.run(ping_after_the_end()) == [b"PONG"]
