"""Lets plain functions wait on an event loop without a thread.

The views of the API are plain functions, called on the event loop's own thread. Where one asks
Redis, a thread for each request would cost more than the answer: threads have to be woken, and take
the interpreter from each other. A function that `begin` calls in a greenlet can call `wait` for a
result of the loop: it is suspended there, and the loop goes on with other requests.

No lock may be held while waiting: whoever wants it meanwhile is on the same thread.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, ParamSpec, TypeVar, cast

from greenlet import getcurrent, greenlet

P = ParamSpec("P")
T = TypeVar("T")


class Suspended(Generic[T]):
    """A function that waits for something; to be awaited, once, for what it returns."""

    def __init__(self, inside: greenlet, awaited: Awaitable[Any]) -> None:
        self._inside = inside
        self._awaited = awaited

    def __await__(self) -> Generator[Any, None, T]:
        """Go on with the function whenever there is what it waits for."""
        switched: Any = self._awaited
        while not self._inside.dead:
            try:
                value = yield from switched.__await__()
            except BaseException as error:  # pylint: disable=broad-exception-caught
                switched = self._inside.throw(error)
            else:
                switched = self._inside.switch(value)
        return cast("T", switched)


def begin(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Suspended[T]:
    """Call a function, which may `wait`; return what it returns, or what will once it goes on."""
    inside = greenlet(function)
    switched = inside.switch(*args, **kwargs)
    return cast("T", switched) if inside.dead else Suspended(inside, switched)


def can_wait() -> bool:
    """Tell whether the caller was called by `begin`."""
    return getcurrent().parent is not None


def wait(awaitable: Awaitable[T]) -> T:
    """Return the result of an awaitable; only functions that `begin` called may."""
    parent: Any = getcurrent().parent
    return cast("T", parent.switch(awaitable))
