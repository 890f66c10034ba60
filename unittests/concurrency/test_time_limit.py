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
    async def test() -> None:
        loop, limit = asyncio.get_running_loop(), TimeLimit(0.06)

        async def timed() -> float:
            began = loop.time()
            with pytest.raises(TimeoutError):
                await limit.run(never())
            return loop.time() - began

        first = asyncio.create_task(timed())
        # While the timer of the first one runs, a second one begins, half its time later.
        half = loop.create_future()
        loop.call_later(0.03, half.set_result, None)
        await half
        assert not first.done()
        assert await timed() >= 0.06
        assert await first >= 0.06
        assert await limit.run(asyncio.sleep(0, "then another")) == "then another"

    ran(test)


def test_a_late_one_that_makes_something_else_of_it_leaves_nothing_behind() -> None:
    async def stubborn() -> str:
        try:
            await never()
        except asyncio.CancelledError:
            return "late"
        return ""

    async def test() -> None:
        limit = TimeLimit(0.01)
        assert await limit.run(stubborn()) == "late"
        with pytest.raises(TimeoutError):
            await limit.run(never())

    ran(test)


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
