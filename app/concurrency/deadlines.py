"""One time limit for many on an event loop, with one timer for all of them."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """Gives each of many so many seconds. Lives on one event loop: it needs no lock.

    To start and cancel a timer for each costs as much as to answer a request. All here have the
    same limit, so they are overdue in the order in which they were started, and a timer for the
    first is enough.
    """

    def __init__(self, seconds: float, overdue: Callable[[T], None]) -> None:
        """`overdue` is called with each whose time is over."""
        self._seconds = seconds
        self._overdue = overdue
        self._times: dict[T, float] = {}  # in order
        self._timer: asyncio.TimerHandle | None = None

    def __contains__(self, one: T) -> bool:
        """Tell whether the time of one runs."""
        return one in self._times

    def __len__(self) -> int:
        """Return of how many the time runs."""
        return len(self._times)

    def start(self, one: T) -> None:
        """Give one its seconds, from now on."""
        self._times.pop(one, None)
        self._times[one] = asyncio.get_running_loop().time() + self._seconds
        if self._timer is None:
            self._set_timer()

    def stop(self, one: T) -> None:
        """Give one as long as it takes."""
        self._times.pop(one, None)

    def _set_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(next(iter(self._times.values())), self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._times:
            one, time = next(iter(self._times.items()))
            if time > loop.time():
                break
            del self._times[one]
            try:
                self._overdue(one)
            except Exception as error:  # noqa: BLE001
                told = {"message": "a deadline's call raised", "exception": error}
                loop.call_exception_handler(told)
        self._timer = None
        if self._times:
            self._set_timer()
