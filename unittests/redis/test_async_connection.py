"""What is asked of Redis from an event loop: bundles, and connections that end."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import ResponseError

from app.cluster import async_connection
from app.cluster.async_connection import AsyncConnection
from app.cluster.link import Command
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


def of(redis: Redis) -> AsyncConnection:
    return AsyncConnection(redis.url, PATIENCE, lambda: [("INFO", "persistence")])


def test_each_gets_its_own_answers_whatever_others_ask(redis: Redis) -> None:
    async def all_at_once() -> list[list[Any]]:
        carrier = of(redis)
        asked: list[list[Command]] = [
            [("SET", "a", "1"), ("GET", "a")],
            [("LPUSH", "a", "2")],
            [("GET", "a"), ("GET", "b")],
        ]
        return await asyncio.gather(*map(carrier.ask_all, asked))

    first, wrong, last = asyncio.run(all_at_once())
    assert first == [b"OK", b"1"]
    assert isinstance(wrong[0], ResponseError)
    assert last == [b"1", None]


def test_a_connection_that_ended_meanwhile_is_no_fault(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(async_connection, "_IDLE", 0.0)

    async def ask_after_the_end() -> list[Any]:
        carrier = of(redis)
        await carrier.ask_all([("PING",)])
        redis.client.client_kill_filter(_type="normal", skipme=True)
        deadline = time.monotonic() + PATIENCE
        while not carrier._connection._reader.at_eof() and time.monotonic() < deadline:
            await asyncio.sleep(0)
        return await carrier.ask_all([("PING",)])

    assert asyncio.run(ask_after_the_end()) == [b"PONG"]
