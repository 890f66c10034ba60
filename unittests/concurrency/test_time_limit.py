"""A time limit that many waits share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.concurrency.time_limit import TimeLimit
from unittests.helpers.waiting import PATIENCE


def ran(test: Callable[[], Awaitable[Any]]) -> Any:
    """Run a test on a loop of its own."""

    async def in_time() -> Any:
        return await asyncio.wait_for(test(), PATIENCE)

    return asyncio.run(in_time())


async def never() -> None:
    await asyncio.get_running_loop().create_future()


def test_what_is_in_time_returns_or_raises_as_it_does() -> None:
    async def test() -> None:
        limit = TimeLimit(PATIENCE)
        assert await limit.run(asyncio.sleep(0, "done")) == "done"
        with pytest.raises(ZeroDivisionError):
            await limit.run(asyncio.to_thread(lambda: 1 / 0))

    ran(test)


def test_each_has_its_own_time() -> None:
    async def test() -> list[Any]:
        limit, gate = TimeLimit(0.05), asyncio.Event()

        async def second() -> Any:
            with pytest.raises(TimeoutError):
                await limit.run(never())
            gate.set()
            return await limit.run(asyncio.sleep(0, "again, in the same task"))

        late = [asyncio.create_task(limit.run(never())) for _ in range(3)]
        assert await second() == "again, in the same task"
        assert gate.is_set()
        return await asyncio.gather(*late, return_exceptions=True)

    assert [type(error) for error in ran(test)] == [TimeoutError] * 3


def test_who_is_cancelled_by_somebody_else_is_cancelled() -> None:
    async def test() -> None:
        limit = TimeLimit(0.01)
        task = asyncio.create_task(limit.run(never()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(TimeoutError):  # and the timer goes on for others
            await limit.run(never())

    ran(test)
