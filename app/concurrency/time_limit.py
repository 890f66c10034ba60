"""One time limit for many short waits on an event loop, with one timer for all of them."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


class TimeLimit:
    """Gives each of many awaitables so many seconds. Lives on one event loop: it needs no lock.

    `asyncio.timeout` starts and cancels a timer for each, which takes a tenth of the time of a
    submit. All here have the same limit, so they are overdue in the order in which they began, and
    one timer for the first is enough.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadlines: dict[asyncio.Task[Any], float] = {}  # in order
        self._overdue: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def run(self, awaitable: Awaitable[T]) -> T:
        """Return what an awaitable returns; raise TimeoutError where that takes too long.

        A task runs one at a time.
        """
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._deadlines[task] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._end_overdue)
        try:
            return await awaitable
        except asyncio.CancelledError:
            # Somebody else may have cancelled it, too.
            if self._is_overdue(task) and not task.cancelling():
                raise TimeoutError from None
            raise
        finally:
            self._is_overdue(task)  # where the cancellation was turned into something else
            self._deadlines.pop(task, None)

    def _is_overdue(self, task: asyncio.Task[Any]) -> bool:
        """Tell, once, whether a task was cancelled here, and take that back."""
        if task not in self._overdue:
            return False
        self._overdue.discard(task)
        task.uncancel()
        return True

    def _end_overdue(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._deadlines:
            task, deadline = next(iter(self._deadlines.items()))
            if deadline > loop.time():
                self._timer = loop.call_at(deadline, self._end_overdue)
                return
            del self._deadlines[task]
            self._overdue.add(task)
            task.cancel()
