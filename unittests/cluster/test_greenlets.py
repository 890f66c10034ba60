"""Plain functions that wait on an event loop without a thread."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("greenlet", reason="requirements-celery.txt is not installed")

import greenlet

from app.cluster import greenlets


async def called(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function in a greenlet, and return what it returns in the end."""
    return await in_the_end(greenlets.Greenlets().begin(function, *args))


async def in_the_end(begun: Any) -> Any:
    return await begun if isinstance(begun, greenlets.Suspended) else begun


async def later(value: int) -> int:
    await asyncio.sleep(0)
    return value


def waits(gate: "asyncio.Future[None]", ended: list[str], error: Exception | None = None) -> None:
    """Wait for a gate; note the end of that, whatever it is, and raise the error, if any."""
    try:
        greenlets.wait(gate)
    finally:
        ended.append("ended")
        if error is not None:
            raise error


async def broken() -> int:
    await asyncio.sleep(0)
    raise LookupError("broken")


def test_a_function_that_waits_for_nothing_is_just_called() -> None:
    assert asyncio.run(called(divmod, 7, 2)) == (3, 1)


def test_a_function_gets_what_it_waits_for_on_the_same_thread() -> None:
    def double(number: int) -> tuple[int, threading.Thread]:
        return sum(greenlets.wait(later(number)) for _ in range(2)), threading.current_thread()

    assert asyncio.run(called(double, 4)) == (8, threading.current_thread())


def test_what_goes_wrong_meanwhile_is_raised_where_it_is_waited_for() -> None:
    def careful() -> str:
        try:
            return str(greenlets.wait(broken()))
        except LookupError as error:
            return f"caught: {error}"

    assert asyncio.run(called(careful)) == "caught: broken"
    with pytest.raises(LookupError):
        asyncio.run(called(lambda: greenlets.wait(broken())))


def test_others_go_on_while_one_waits() -> None:
    order: list[str] = []

    async def both() -> None:
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def first() -> None:
            order.append("first begins")
            greenlets.wait(gate)
            order.append("first ends")

        def second() -> None:
            order.append("second")
            gate.set_result(None)

        await asyncio.gather(called(first), called(second))

    asyncio.run(both())
    assert order == ["first begins", "second", "first ends"]


def test_only_what_was_begun_can_wait() -> None:
    assert not greenlets.can_wait()
    assert asyncio.run(called(greenlets.can_wait))
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(greenlets.can_wait()))
    thread.start()
    thread.join()
    assert answers == [False]


def test_a_request_that_is_given_up_ends_what_waits_for_it() -> None:
    ended: list[str] = []

    async def leave() -> None:
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(called(waits, gate, ended))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert ended == ["ended"]


def test_a_greenlet_works_on_after_a_failure_and_keeps_nothing_of_it() -> None:
    class Answer:
        pass

    kept: list[weakref.ref[Any]] = []

    def fails(answer: Answer) -> None:
        raise LookupError(answer)

    def waits_and_fails(answer: Answer) -> None:
        greenlets.wait(later(1))
        raise LookupError(answer)

    async def all_in_turn() -> None:
        begin = greenlets.Greenlets().begin
        inside = begin(greenlet.getcurrent)
        for function in (fails, waits_and_fails):
            answer = Answer()
            kept.append(weakref.ref(answer))
            with pytest.raises(LookupError):
                await in_the_end(begin(function, answer))
        assert begin(greenlet.getcurrent) is inside
        kept.append(weakref.ref(begin(Answer)))
        del answer
        gc.collect()
        assert [one() for one in kept] == [None] * 3

    asyncio.run(all_in_turn())


def test_however_many_wait_at_a_time_each_gets_its_own() -> None:
    async def many() -> list[int]:
        begin = greenlets.Greenlets().begin

        def double(number: int) -> int:
            return 2 * greenlets.wait(later(number))

        first = await asyncio.gather(*(in_the_end(begin(double, one)) for one in range(200)))
        again = await asyncio.gather(*(in_the_end(begin(double, one)) for one in range(200)))
        assert first == again
        return first

    assert asyncio.run(many()) == [2 * number for number in range(200)]


@pytest.mark.parametrize("error", [None, RuntimeError("while it ended")])
def test_who_is_never_answered_ends_with_whoever_asked(error: Exception | None) -> None:
    ended: list[str] = []

    async def forgotten() -> None:
        every = greenlets.Greenlets()
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        begun: Any = every.begin(waits, gate, ended, error)
        assert isinstance(begun, greenlets.Suspended)
        del begun
        gc.collect()
        assert ended == ["ended"]
        assert every.begin(divmod, 7, 2) == (3, 1)  # nothing of it is told to another
        assert await in_the_end(every.begin(lambda: greenlets.wait(later(5)))) == 5

    asyncio.run(forgotten())
