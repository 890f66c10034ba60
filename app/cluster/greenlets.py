"""Lets plain functions wait on an event loop without a thread.

The views of the API are plain functions, called on the event loop's own thread. Where one asks
Redis, a thread for each request would cost more than the answer: threads have to be woken, and take
the interpreter from each other. A function that `Greenlets.begin` calls can call `wait` for a
result of the loop: it is suspended there, and the loop goes on with other requests.

No lock may be held while waiting: whoever wants it meanwhile is on the same thread.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, ParamSpec, TypeVar, cast

from greenlet import GreenletExit, getcurrent, greenlet

P = ParamSpec("P")
T = TypeVar("T")

# So many are kept when they have nothing to do. More are made while more functions wait.
_MOST_IDLE = 64

# What a greenlet switches back with once its function has ended.
_ENDED = object()


class Greenlets:
    """Calls functions in greenlets. Lives on one thread, whose loop calls `begin`.

    A greenlet that has done its work takes the next: to make one costs ten times as much as to
    switch to it, for Python maps memory for the calls in it. So a context variable that a function
    sets and does not reset (Flask resets its own) is there for a later one.
    """

    def __init__(self) -> None:
        self._idle: list[greenlet] = []
        # What to call next, and how the last call ended. Each is there from one switch to the next,
        # so that no greenlet keeps a request or an answer while it is idle.
        self._call: tuple[Callable[..., Any], Any, Any] | None = None
        self._value: Any = None
        self._error: BaseException | None = None

    def begin(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "T | Suspended[T]":
        """Call a function, which may `wait`.

        Returns what it returns, or what will once it goes on; raises what it raises.
        """
        # One that was made inside of another would go back there when it ends.
        assert not can_wait()
        self._call = function, args, kwargs
        inside = self._idle.pop() if self._idle else greenlet(self._work)
        switched = inside.switch()
        if switched is _ENDED:
            return cast("T", self._taken())
        return Suspended(self._go_on(inside, switched))

    def _go_on(self, inside: greenlet, awaitable: Awaitable[Any]) -> Generator[Any, None, Any]:
        """Go on with a function whenever there is what it waits for; return what it returns."""
        switched: Any = awaitable
        while switched is not _ENDED:
            try:
                value = yield from switched.__await__()
            except BaseException as error:  # noqa: BLE001
                switched = inside.throw(error)
            else:
                switched = inside.switch(value)
        return self._taken()

    def _taken(self) -> Any:
        """Return how a call ended, or raise that."""
        value, self._value = self._value, None
        error, self._error = self._error, None
        if error is None:
            return value
        try:
            raise error
        finally:
            del error  # it holds this frame

    def _work(self) -> object:
        """Do one call after another: what runs in each greenlet."""
        while True:
            self._do()
            if len(self._idle) >= _MOST_IDLE:
                return _ENDED
            # In no variable: a greenlet that holds itself is never deleted.
            self._idle.append(getcurrent())
            cast("greenlet", getcurrent().parent).switch(_ENDED)

    def _do(self) -> None:
        assert self._call is not None
        (function, args, kwargs), self._call = self._call, None
        # Both are set: one that is deleted while it waits may have left what nobody takes.
        try:
            self._value, self._error = function(*args, **kwargs), None
        except GreenletExit:  # nobody goes on with it: it is being deleted
            raise
        except BaseException as error:  # noqa: BLE001
            self._value, self._error = None, error


class Suspended(Generic[T]):
    """A function that waits for something; to be awaited, once, for what it returns."""

    def __init__(self, rest: Generator[Any, None, T]) -> None:
        self._rest = rest

    def __await__(self) -> Generator[Any, None, T]:
        """Go on with the function whenever there is what it waits for."""
        return self._rest


def can_wait() -> bool:
    """Tell whether the caller was called by `Greenlets.begin`."""
    return getcurrent().parent is not None


def wait(awaitable: Awaitable[T]) -> T:
    """Return the result of an awaitable; only functions that `Greenlets.begin` called may."""
    parent: Any = getcurrent().parent
    return cast("T", parent.switch(awaitable))
