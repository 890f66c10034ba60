"""Lets plain functions wait on an event loop without a thread.

The views of the API are plain functions, called on the event loop's own thread. Where one asks
Redis, a thread for each request would cost more than the answer: threads have to be woken, and take
the interpreter from each other. A function that `run` calls in a greenlet can call `wait` for a
result of the loop: it is suspended there, and the loop goes on with other requests.

No lock may be held while waiting: whoever wants it meanwhile is on the same thread.
"""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

from greenlet import getcurrent, greenlet

P = ParamSpec("P")
T = TypeVar("T")


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function, which may `wait`, and return what it returns."""
    inside = greenlet(function)
    switched = inside.switch(*args, **kwargs)
    while not inside.dead:  # then it has passed on what it waits for
        try:
            value = await switched
        except BaseException as error:  # pylint: disable=broad-exception-caught
            switched = inside.throw(error)
        else:
            switched = inside.switch(value)
    return cast("T", switched)


def can_wait() -> bool:
    """Tell whether the caller was called by `run`."""
    return getcurrent().parent is not None


def wait(awaitable: Awaitable[T]) -> T:
    """Return the result of an awaitable; only functions that `run` called may call this."""
    parent: Any = getcurrent().parent
    return cast("T", parent.switch(awaitable))
