"""Lets Granian's event loop serve a WSGI app.

Granian has a WSGI mode of its own; there a request's body is read from inside the app, so each
client that sends half a body keeps a thread for as long as it likes, and a few of them stop the
server. Here the body is read first, on the event loop, with a limit on its size and on the time it
may take; the app is called once it is whole, and never waits for a client.

The app runs on the loop's own thread: its routes answer in microseconds, less than a hand-over to
another thread costs. What takes longer runs on threads: large bodies, `responses.Work`, and POSTs
where they may wait for a disk. A request that waits for a job (`responses.Pause`) waits here
without a thread.
"""

import asyncio
import contextlib
import io
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol
from wsgiref.types import WSGIApplication

# granian.rsgi has it too, but does not export it to type checkers.
from granian._granian import RSGIProtocolClosed as ProtocolClosed

from app.errors import BadRequest, Overloaded
from app.http.body import MOST_BYTES
from app.http.connections import Connections
from app.http.error_handlers import Problem
from app.http.long_headers import without_long_lists
from app.http.plain_flask import UNREAD
from app.http.policies import TRUSTED
from app.http.responses import Part, PartsBody, Pause, Work
from app.messages import reasons

# The headers that the program looks for.
HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "authorization", "host"),
        *("content-encoding", "content-length", "content-type", "transfer-encoding"),
        *("if-modified-since", "if-none-match", "if-range", "range"),
        *("idempotency-key", "prefer"),
        *("origin", "referer", "sec-fetch-mode", "sec-fetch-site", "purpose", "sec-purpose"),
        *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix"),
        *("x-forwarded-proto", "x-real-ip"),
    }
)
# Of the requests that run on threads, so many at a time.
_THREADS = 64
# Bodies of megabytes that are read at a time; the others wait for their turn to be read.
_LARGE_BODIES = 32
# Bytes a second: when the server stops, a client that reads more slowly may be cut off.
_SLOW_READER = 5e6
_FAILED = "the server failed unexpectedly"
# Seconds after which a request that waits looks whether its client is still there.
_SHORT_WAIT = 0.5


class _Unread(Exception):
    """A request that cannot be read, and why: the app refuses it, as it does others."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Headers(Protocol):
    """The headers of a request."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the first value of a header."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return all headers, names in lower case; a name may come more than once.

        Those are left out whose value has other signs than plain ASCII.
        """

    def keys(self) -> list[str]:
        """Return the names of all headers, in lower case."""


class Scope(Protocol):
    """A request, as Granian gives it (RSGI)."""

    method: str
    path: str
    query_string: str
    server: str
    client: str
    scheme: str
    http_version: str
    headers: Headers


class StreamTransport(Protocol):
    """What Granian gives to send a response in parts (RSGI)."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a part; returns when there is room for the next one."""


class Transport(Protocol):
    """What Granian gives to read a request's body and to answer it (RSGI)."""

    def __call__(self) -> Awaitable[bytes]:
        """Read the whole body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the whole response."""

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> StreamTransport:
        """Start a response that is sent in parts."""

    def client_disconnect(self) -> Awaitable[None]:
        """Wait until the client has left."""


class _Request(NamedTuple):
    """A request as the app gets it, the size of its body, and whether that was read whole."""

    environ: dict[str, Any]
    size: int
    whole: bool


class _Response:
    """What the app answers: its body, and what it starts the response with, sooner or later."""

    __slots__ = ("body", "headers", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.body: Iterable[bytes] = ()

    def start(self, line: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        """Take the status and the headers: WSGI's start_response."""
        self.status, self.headers = int(line[:3]), [(name.lower(), text) for name, text in headers]

    @property
    def has_length(self) -> bool:
        """Whether the length of the body is in the headers, or there is no body."""
        return self.status == HTTPStatus.NOT_MODIFIED or any(
            name == "content-length" for name, _ in self.headers
        )


class WsgiBridge:
    """An RSGI application that calls a WSGI one. Lives on one event loop, so it needs no lock."""

    def __init__(
        self,
        app: WSGIApplication,
        most_bytes: Callable[[str], int],
        refusal: Callable[[dict[str, Any]], Problem | None],
        body_seconds: float,
        log: logging.Logger,
        connections: Connections,
        *,
        threaded_posts: bool = False,
        call: Callable[..., Awaitable[Any]] | None = None,
    ) -> None:
        """`most_bytes` returns how long the body of a request to a path may be.

        `refusal` returns why the app will refuse a request, whatever its body is; such a body is
        not read.

        Where POSTs may wait for a disk, they are served on threads (`threaded_posts`). An app that
        may wait for the network is called by `call`, which lets the loop go on meanwhile.
        """
        self._app = app
        self._most_bytes = most_bytes
        self._refusal = refusal
        self._body_seconds = body_seconds
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
        self._environ: dict[str, Any] = {
            "SCRIPT_NAME": "",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }

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
        request = await self._read_request(scope, transport)
        response = await self._call_app(request)
        if (lasting := request.environ.get(TRUSTED)) is not None:
            self._connections.note_known(scope.client, lasting=lasting)
        # The rest of a body that was not read whole would pass for the next request.
        last = not request.whole
        # Its body may have megabytes, and the response may wait for half a minute.
        del request
        await self._send(response, scope.client, transport, last=last)

    async def _read_request(self, scope: Scope, transport: Transport) -> "_Request":
        """Read a request; of one that cannot be read, tell the app why."""
        environ = self._environ_of(scope)
        try:
            _check_headers(scope.headers)
            return await self._read_body(environ, scope, transport)
        except _Unread as unread:
            environ[UNREAD] = unread.problem
            return _request(environ, b"", whole=False)

    async def _read_body(
        self, environ: dict[str, Any], scope: Scope, transport: Transport
    ) -> "_Request":
        """Read the body of a request, with limits; of one that is too large, make what shows it."""
        declared = scope.headers.get("content-length")
        if declared is None:
            # From here it does not show whether a chunked body came to its end or broke off.
            if scope.headers.get("transfer-encoding") is not None:
                reason = "send the body with a Content-Length, not in chunks"
                raise _Unread(Problem.of_status(HTTPStatus.LENGTH_REQUIRED, reason))
            return _request(environ, b"")
        length, most = int(declared), self._most_bytes(scope.path)
        if length and self._refusal(environ) is not None:
            return _request(environ, b"", whole=False)
        if length > most:
            return _request(environ, b" " * (most + 1), whole=False)
        if length <= MOST_BYTES:
            return _request(environ, await self._read(transport))
        try:
            await asyncio.wait_for(self._large_bodies.acquire(), self._body_seconds)
        except TimeoutError:
            raise _Unread(Problem.of(Overloaded(reasons.TOO_MANY_BODIES()))) from None
        try:
            return _request(environ, await self._read(transport))
        finally:
            self._large_bodies.release()

    async def _call_app(self, request: "_Request") -> "_Response":
        response, environ = _Response(), request.environ
        is_post = environ["REQUEST_METHOD"] == "POST"
        if request.size > MOST_BYTES or (self._threaded_posts and is_post):
            response.body = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._app, environ, response.start
            )
        elif self._call is not None:
            response.body = await self._call(self._app, environ, response.start)
        else:
            response.body = self._app(environ, response.start)
        return response

    async def _send(
        self, response: "_Response", client: str, transport: Transport, *, last: bool
    ) -> None:
        """Send a response; the `last` one that the client gets on its connection says so."""
        body = response.body
        if isinstance(body, list):  # as nearly all are
            headers = self._headers(response, last)
            transport.response_bytes(response.status, headers, b"".join(body))
            return
        try:
            parts = self._ready(body, client, transport)
            await self._send_parts(response, client, transport, parts, last)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    async def _send_parts(
        self,
        response: "_Response",
        client: str,
        transport: Transport,
        parts: AsyncIterator[bytes],
        last: bool,
    ) -> None:
        first = await anext(parts, b"")  # the app starts the response no later than with this
        headers = self._headers(response, last)
        if response.has_length:
            content = first + b"".join([part async for part in parts])
            transport.response_bytes(response.status, headers, content)
            return
        stream = transport.response_stream(response.status, headers)
        size = len(first)
        if first:
            await self._connections.room(client, len(first))
            await stream.send_bytes(first)
        async for part in parts:
            size += len(part)
            if part:
                await self._connections.room(client, len(part))
                await stream.send_bytes(part)
                self._count_sent(size)
            else:  # it lets others have their turn, and is not sent: it would be the end
                await asyncio.sleep(0)
        self._count_sent(size)

    def _count_sent(self, size: int) -> None:
        # Granian takes all at once, and does not say when it has sent it.
        self.sent_by = max(self.sent_by, time.monotonic() + size / _SLOW_READER)

    def _headers(self, response: "_Response", last: bool) -> list[tuple[str, str]]:
        if last or self.closing:
            return [*response.headers, ("connection", "close")]
        return response.headers

    async def _ready(
        self, body: Iterable[bytes], client: str, transport: Transport
    ) -> AsyncIterator[bytes]:
        """Yield the parts of a body, each when it is ready."""
        rest = iter(body.parts if isinstance(body, PartsBody) else body)
        while (part := await self._next(rest)) is not None:
            if isinstance(part, Pause):
                with self._connections.leaving(client) as left:
                    await _until_over(part, transport, left)
            elif isinstance(part, Work):
                await asyncio.get_running_loop().run_in_executor(self._threads, part.run)
            else:
                yield part

    async def _next(self, parts: Iterator[Part]) -> Part | None:
        """Return the next part of a body, or None after the last."""
        if self._call is None:
            return next(parts, None)
        part: Part | None = await self._call(next, parts, None)
        return part

    async def _read(self, transport: Transport) -> bytes:
        try:
            async with asyncio.timeout(self._body_seconds):
                return await transport()
        except TimeoutError:
            reason = "the body took too long to arrive"
            raise _Unread(Problem.of_status(HTTPStatus.REQUEST_TIMEOUT, reason)) from None

    def _environ_of(self, scope: Scope) -> dict[str, Any]:
        """Return a request as WSGI has it, but for its body."""
        host, _, port = scope.server.rpartition(":")
        environ = self._environ.copy()
        for name, value in scope.headers.items():
            if "_" in name:
                continue  # would pass for the header with a dash
            key = _header_key(name)
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        environ["CONTENT_LENGTH"] = environ.pop("HTTP_CONTENT_LENGTH", "")
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
        environ["REQUEST_METHOD"] = scope.method
        environ["PATH_INFO"] = _as_bytes(scope.path)
        environ["QUERY_STRING"] = _as_bytes(scope.query_string)
        environ["SERVER_NAME"] = host
        environ["SERVER_PORT"] = port
        environ["SERVER_PROTOCOL"] = "HTTP/" + scope.http_version
        environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0]
        environ["wsgi.url_scheme"] = scope.scheme
        return environ


def _check_headers(headers: Headers) -> None:
    """Raise _Unread where a header is left out that is looked for: what it says would be missed."""
    read = dict(headers.items())
    names = headers.keys()
    if len(read) == len(names):  # as nearly always
        return
    for name in sorted(HEADERS.intersection(names) - read.keys()):
        raise _Unread(Problem.of(BadRequest(reasons.HEADER_NOT_ASCII(name=name))))


def _request(environ: dict[str, Any], body: bytes, *, whole: bool = True) -> _Request:
    """Return a request with its body."""
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    return _Request(environ, len(body), whole)


@lru_cache(256)  # of few names, again and again
def _header_key(name: str) -> str:
    """Return where a WSGI environ has a header."""
    return "HTTP_" + name.upper().replace("-", "_")


def _as_bytes(text: str) -> str:
    """Return a text as WSGI has it: its bytes, one in each character."""
    return text if text.isascii() else text.encode("utf-8").decode("latin-1")


def _refuse(scope: Scope, transport: Transport, problem: Problem) -> None:
    """Answer a request that did not get as far as the app, and end its connection."""
    head = without_long_lists({"HTTP_ACCEPT": scope.headers.get("accept", "")})
    reply = problem.reply(head.get("HTTP_ACCEPT"))
    headers = [("content-type", reply.content_type), ("connection", "close")]
    headers += [(name.lower(), value) for name, value in reply.headers]
    transport.response_bytes(reply.status, headers, reply.body)


async def _until_over(pause: Pause, transport: Transport, left: "asyncio.Future[None]") -> None:
    """Wait until a pause is over; raise ProtocolClosed when the client leaves before.

    `left` is done then, too: the transport does not see it where the client sent more than its
    request.
    """
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def set_over() -> None:
        if not over.done():
            over.set_result(None)

    def notify() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the process with it
            loop.call_soon_threadsafe(set_over)

    deadline = loop.time() + pause.seconds
    pause.wait.when_over(notify)
    await asyncio.wait({over}, timeout=min(pause.seconds, _SHORT_WAIT))
    if not over.done() and loop.time() < deadline:
        # Most waits are short, and watching for the client to leave costs more than they do.
        gone = asyncio.ensure_future(transport.client_disconnect())
        await asyncio.wait(
            {over, gone, left}, timeout=deadline - loop.time(), return_when=asyncio.FIRST_COMPLETED
        )
        has_left = gone.done() or left.done()
        gone.cancel()
        if has_left and not over.done():
            raise ProtocolClosed
