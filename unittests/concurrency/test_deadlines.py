"""A time limit that many share."""

import asyncio

from app.concurrency.deadlines import Deadlines
from unittests.helpers.waiting import PATIENCE


def test_each_has_its_own_time_and_who_is_stopped_has_any() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        over: dict[str, float] = {}
        done = loop.create_future()

        def overdue(one: str) -> None:
            over[one] = loop.time()
            if one == "last":
                done.set_result(None)

        deadlines = Deadlines(0.06, overdue)
        began: dict[str, float] = {}

        def start(one: str) -> None:
            began[one] = loop.time()
            deadlines.start(one)

        for one in ("first", "stopped", "again"):
            start(one)
        deadlines.stop("stopped")
        # While the timer of the first one runs, others begin, half its time later.
        loop.call_later(0.03, start, "again")
        loop.call_later(0.03, start, "last")
        await asyncio.wait_for(done, PATIENCE)
        assert list(over) == ["first", "again", "last"]
        assert all(over[one] - began[one] >= 0.06 for one in over)
        # And after the timer has found nothing more, another one is limited as well.
        done = loop.create_future()
        start("last")
        await asyncio.wait_for(done, PATIENCE)

    asyncio.run(test())


def test_one_that_raises_holds_up_no_other() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        over: list[int] = []
        done = loop.create_future()
        loop.set_exception_handler(lambda *_told: None)

        def overdue(one: int) -> None:
            over.append(one)
            if one == 1:
                raise ZeroDivisionError
            done.set_result(None)

        deadlines = Deadlines(0.01, overdue)
        for one in (1, 2):
            deadlines.start(one)
        await asyncio.wait_for(done, PATIENCE)
        assert over == [1, 2]

    asyncio.run(test())
