"""Serves requests on Granian's event loop.

Granian has a WSGI mode of its own; there a request's body is read from inside the app, so each
client that sends half a body keeps a thread for as long as it likes, and a few of them stop the
server. Here the body is read first, on the event loop, with a limit on its size and on the time it
may take; the request is answered once it is whole, and never waits for a client.

Requests are answered on the loop's own thread: most views take microseconds, less than a hand-over
to another thread costs. What takes longer runs on threads: large bodies, `responses.OnThread`, and
POSTs where they may wait for a disk. A request that waits for a job (`responses.AfterWait`) waits
here without a thread.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from app.concurrency.time_limit import TimeLimit
from app.concurrency.wait import Wait
from app.errors import Overloaded
from app.http.body import MOST_BYTES
from app.http.connections import Connections
from app.http.error_handlers import Problem
from app.http.long_headers import without_long_lists
from app.http.request import Request
from app.http.responses import AfterWait, Header, OnThread, Pause, Reply, Response, Stream
from app.http.rsgi import ProtocolClosed, Scope, StreamTransport, Transport, request_of
from app.messages import reasons

P = ParamSpec("P")
T = TypeVar("T")

# Of the requests that run on threads, so many at a time.
_THREADS = 64
# Bodies of megabytes that are read at a time; the others wait for their turn to be read.
_LARGE_BODIES = 32
# Bytes a second: when the server stops, a client that reads more slowly may be cut off.
_SLOW_READER = 5e6
_FAILED = "the server failed unexpectedly"
# Seconds after which a request that waits looks whether its client is still there.
_SHORT_WAIT = 0.5
# What there is a body to read with.
_OF_A_BODY = frozenset({"content-length", "transfer-encoding"})


class _Unread(Exception):
    """The body of a request cannot be read, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Bridge:
    """An RSGI application that answers by a function. Lives on one event loop: it needs no lock."""

    def __init__(
        self,
        respond: Callable[[Request], Response],
        most_bytes: Callable[[str], int],
        refusal: Callable[[Request], Problem | None],
        body_seconds: float,
        log: logging.Logger,
        connections: Connections,
        *,
        threaded_posts: bool = False,
        call: Callable[..., Awaitable[Any]] | None = None,
    ) -> None:
        """`most_bytes` returns how long the body of a request to a path may be.

        `refusal` returns why a request will be refused, whatever its body is; such a body is not
        read.

        Where POSTs may wait for a disk, they are served on threads (`threaded_posts`). What may
        wait for the network is called by `call`, which lets the loop go on meanwhile.
        """
        self._respond = respond
        self._most_bytes = most_bytes
        self._refusal = refusal
        self._body_seconds = body_seconds
        self._in_time = TimeLimit(body_seconds)
        self._log = log
        self._connections = connections
        self._threaded_posts = threaded_posts
        self._call = call
        self._threads = ThreadPoolExecutor(_THREADS, "Request")  # started one by one, when needed
        self._large_bodies = asyncio.Semaphore(_LARGE_BODIES)
        self._in_flight = 0
        self.closing = False  # whether responses ask clients to close their connections
        self._latest = 0.0  # when the latest request came or was answered
        self.sent_by = 0.0  # when a client that reads slowly has what was streamed to it

    def quiet(self, seconds: float) -> bool:
        """Tell whether no request is in flight, and for so long none has come or been answered."""
        now = time.monotonic()
        return not self._in_flight and now - self._latest > seconds and now > self.sent_by

    async def __call__(self, scope: Scope, transport: Transport) -> None:
        """Serve one request."""
        self._in_flight += 1
        self._latest = time.monotonic()
        try:
            await self._serve(scope, transport)
        except ProtocolClosed:
            self._log.info("%s %s: the client left", scope.method, scope.path[:1000])
        except Exception:  # pylint: disable=broad-exception-caught
            self._log.exception("serving %s %s raised", scope.method, scope.path[:1000])
            _refuse(scope, transport, Problem.of_status(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILED))
        finally:
            self._in_flight -= 1
            self._latest = time.monotonic()

    async def _serve(self, scope: Scope, transport: Transport) -> None:
        request = request_of(scope)
        whole = request.unread is None
        if whole and not _OF_A_BODY.isdisjoint(request.headers):
            whole = await self._read_body(request, transport)
        is_large = len(request.body) > MOST_BYTES
        if is_large or (self._threaded_posts and request.method == "POST"):
            response = await self._on_thread(lambda: self._respond(request))
        elif self._call is None:
            response = self._respond(request)
        else:
            response = await self._call(self._respond, request)
        if request.trusted is not None:
            self._connections.note_known(request.client, lasting=request.trusted)
        # The rest of a body that was not read whole would pass for the next request.
        last = not whole
        client = request.client
        # Its body may have megabytes, and the response may wait for half a minute.
        request.body = b""
        while not isinstance(response, Reply | Stream):
            response = await self._next(response, client, transport)
        headers = response.all_headers()
        if last or self.closing:
            headers.append(("connection", "close"))
        if isinstance(response, Reply):
            transport.response_bytes(response.status, headers, response.body)
        else:
            await self._stream(response, headers, client, transport)

    async def _read_body(self, request: Request, transport: Transport) -> bool:
        """Read a request's body, with limits; return whether it was read whole.

        Of one that is too large, make what shows it; of one that cannot be read, note why.
        """
        try:
            request.body, whole = await self._body(request, transport)
        except _Unread as unread:
            request.unread, whole = unread.problem, False
        # As it is now, and not as it was declared.
        request.headers["content-length"] = str(len(request.body))
        return whole

    async def _body(self, request: Request, transport: Transport) -> tuple[bytes, bool]:
        declared = request.headers.get("content-length")
        if declared is None:
            # From here it does not show whether a chunked body came to its end or broke off.
            reason = "send the body with a Content-Length, not in chunks"
            raise _Unread(Problem.of_status(HTTPStatus.LENGTH_REQUIRED, reason))
        length, most = int(declared), self._most_bytes(request.path)
        if length and self._refusal(request) is not None:
            return b"", False
        if length > most:
            return b" " * (most + 1), False
        if length <= MOST_BYTES:
            return await self._read(transport), True
        try:
            await asyncio.wait_for(self._large_bodies.acquire(), self._body_seconds)
        except TimeoutError:
            raise _Unread(Problem.of(Overloaded(reasons.TOO_MANY_BODIES()))) from None
        try:
            return await self._read(transport), True
        finally:
            self._large_bodies.release()

    async def _read(self, transport: Transport) -> bytes:
        try:
            return await self._in_time.run(transport())
        except TimeoutError:
            reason = "the body took too long to arrive"
            raise _Unread(Problem.of_status(HTTPStatus.REQUEST_TIMEOUT, reason)) from None

    async def _called(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call on the loop's thread what returns at once, or waits for the network."""
        if self._call is None:
            return function(*args, **kwargs)
        result: T = await self._call(function, *args, **kwargs)
        return result

    async def _on_thread(self, make: Callable[[], Response]) -> Response:
        return await asyncio.get_running_loop().run_in_executor(self._threads, make)

    async def _next(
        self, response: AfterWait | OnThread, client: str, transport: Transport
    ) -> Response:
        """Return what a response becomes."""
        if isinstance(response, OnThread):
            return await self._on_thread(response.reply)
        try:
            await self._until_over(response.wait, response.seconds, client, transport)
        finally:
            response.wait.close()
        return await self._called(response.reply)

    async def _stream(
        self, response: Stream, headers: list[Header], client: str, transport: Transport
    ) -> None:
        """Send a response whose body is made meanwhile."""
        stream: StreamTransport | None = None
        size = 0
        try:
            while (part := await self._called(next, response.parts, None)) is not None:
                if isinstance(part, Pause):
                    await self._until_over(part.wait, part.seconds, client, transport)
                    continue
                if stream is None:  # until now, it could turn out to be an error
                    stream = transport.response_stream(response.status, headers)
                if not part:  # it lets others have their turn; to send it would be the end
                    await asyncio.sleep(0)
                    continue
                size += len(part)
                await self._connections.room(client, len(part))
                await stream.send_bytes(part)
                # Granian takes all at once, and does not say when it has sent it.
                self.sent_by = max(self.sent_by, time.monotonic() + size / _SLOW_READER)
            if stream is None:
                transport.response_stream(response.status, headers)
        finally:
            response.parts.close()

    async def _until_over(
        self, wait: Wait, seconds: float, client: str, transport: Transport
    ) -> None:
        """Wait until a wait is over; raise ProtocolClosed when the client leaves before."""
        with self._connections.leaving(client) as left:
            loop = asyncio.get_running_loop()
            over: asyncio.Future[None] = loop.create_future()

            def set_over() -> None:
                if not over.done():
                    over.set_result(None)

            def notify() -> None:
                with contextlib.suppress(RuntimeError):  # the loop and the process have ended
                    loop.call_soon_threadsafe(set_over)

            deadline = loop.time() + seconds
            wait.when_over(notify)
            await asyncio.wait({over}, timeout=min(seconds, _SHORT_WAIT))
            if over.done() or loop.time() >= deadline:
                return
            # Most waits are short, and watching for the client to leave costs more than they do.
            gone = asyncio.ensure_future(transport.client_disconnect())
            # The transport does not see it where the client sent more than its request.
            await asyncio.wait(
                {over, gone, left},
                timeout=deadline - loop.time(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            has_left = gone.done() or left.done()
            gone.cancel()
            if has_left and not over.done():
                raise ProtocolClosed


def _refuse(scope: Scope, transport: Transport, problem: Problem) -> None:
    """Answer a request that could not be answered otherwise, and end its connection."""
    head = without_long_lists({"accept": scope.headers.get("accept", "")})
    reply = problem.reply(head.get("accept"))
    transport.response_bytes(
        reply.status, [*reply.all_headers(), ("connection", "close")], reply.body
    )
