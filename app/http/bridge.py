"""Answers requests on an event loop.

Requests are answered on the loop's own thread: most views take microseconds, less than a hand-over
to another thread costs. What takes longer runs on threads: large bodies, `responses.OnThread`, and
changes while they may wait for a disk. A request that waits for a job (`responses.AfterWait`) waits
here without a thread.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from app.concurrency.wait import Wait
from app.http.body import MOST_BYTES
from app.http.error_handlers import Problem
from app.http.request import READS, Request
from app.http.responses import AfterWait, OnThread, Response

P = ParamSpec("P")
T = TypeVar("T")

# Of the requests that run on threads, so many at a time.
_THREADS = 64


class ClientLeft(Exception):
    """There is nobody to answer any more."""


def just_call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what does not wait for the network."""
    return function(*args, **kwargs)


class Bridge:
    """Answers by a function. Lives on one event loop: it needs no lock."""

    def __init__(
        self,
        respond: Callable[[Request], Response],
        most_bytes: Callable[[str], int],
        refusal: Callable[[Request], Problem | None],
        *,
        writes_wait: Callable[[], bool] = lambda: False,
        call: Callable[..., Any] = just_call,
    ) -> None:
        """`most_bytes` returns how long the body of a request to a path may be.

        `refusal` returns why a request will be refused, whatever its body is; such a body is not
        read.

        While what changes something may wait for a disk (`writes_wait`), it is served on threads.
        What may wait for the network is called by `call`: where it has to wait, it returns what is
        to be awaited for the result, and the loop goes on meanwhile.
        """
        self._respond = respond
        self.most_bytes = most_bytes
        self.refusal = refusal
        self._writes_wait = writes_wait
        self._call = call
        self._threads = ThreadPoolExecutor(_THREADS, "Request")  # started one by one, when needed

    def answer(self, request: Request) -> Response | Awaitable[Response]:
        """Return the response to a request, or what is to be awaited for it."""
        if len(request.body) > MOST_BYTES or (request.method not in READS and self._writes_wait()):
            return self.on_thread(self._respond, request)
        response: Response | Awaitable[Response] = self._call(self._respond, request)
        return response

    async def next(self, response: AfterWait | OnThread, left: "asyncio.Future[None]") -> Response:
        """Return what a response becomes; raise ClientLeft once `left` is done before that."""
        if isinstance(response, OnThread):
            return await self.on_thread(response.reply)
        try:
            await until_over(response.wait, response.seconds, left)
        finally:
            response.wait.close()
        return await self.called(response.reply)

    async def called(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call on the loop's thread what returns at once, or waits for the network."""
        called = self._call(function, *args, **kwargs)
        result: T = await called if isinstance(called, Awaitable) else called
        return result

    async def on_thread(self, function: Callable[..., T], *args: Any) -> T:
        """Call on another thread what takes a while."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)


async def until_over(wait: Wait, seconds: float, left: "asyncio.Future[None]") -> None:
    """Wait until a wait is over, for so long; raise ClientLeft when the client leaves before."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def set_over(_left: object = None) -> None:
        if not over.done():
            over.set_result(None)

    def notify() -> None:
        with contextlib.suppress(RuntimeError):  # the loop and the process have ended
            loop.call_soon_threadsafe(set_over)

    timer = loop.call_later(seconds, set_over)
    left.add_done_callback(set_over)
    try:
        wait.when_over(notify)
        await over
    finally:
        timer.cancel()
        left.remove_done_callback(set_over)
    if left.done():
        raise ClientLeft
