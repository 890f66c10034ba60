"""Plain functions that wait on an event loop without a thread.

The views of the API are plain functions, called on the loop's own thread. Where one asks Redis, a
thread for each request would cost more than the question: hand-overs, and threads that take the
interpreter from each other. A function that `run` calls in a greenlet can `wait` for what the loop
will know later: it stands still in the middle, and the loop goes on with others.

No lock may be held while waiting: whoever wants it meanwhile is on the same thread.
"""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

from greenlet import getcurrent, greenlet

P = ParamSpec("P")
T = TypeVar("T")


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns, which may `wait` in between."""
    inside = greenlet(function)
    told = inside.switch(*args, **kwargs)
    while not inside.dead:  # then it is what the function waits for
        try:
            value = await told
        except BaseException as error:  # pylint: disable=broad-exception-caught
            told = inside.throw(error)
        else:
            told = inside.switch(value)
    return cast("T", told)


def can_wait() -> bool:
    """Tell whether the caller was called by `run`."""
    return getcurrent().parent is not None


def wait(awaitable: Awaitable[T]) -> T:
    """Return what an awaitable comes to; called by what `run` called."""
    parent: Any = getcurrent().parent
    return cast("T", parent.switch(awaitable))
