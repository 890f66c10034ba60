"""Lets Granian's event loop serve a WSGI app.

Granian has a WSGI mode of its own; there a request's body is read from inside the app, so each
client that sends half a body keeps a thread for as long as it likes, and a few of them stop the
server. Here the body is read first, on the event loop, with a limit on its size and on the time it
may take; the app is called once it is whole, and never waits for a client.

The app runs on the loop's own thread: its routes answer in microseconds, less than a hand-over to
another thread costs. Where a POST may wait for a disk, POSTs run on threads instead.
"""

import asyncio
import io
import logging
import sys
import time
from collections.abc import Awaitable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

# granian.rsgi has it too, but does not export it to type checkers.
from granian._granian import RSGIProtocolClosed as ProtocolClosed

from app.error_handlers import error_body

_JSON = [("content-type", "application/json")]


class LengthRequired(Exception):
    """A request does not say how long its body is."""


class Headers(Protocol):
    """The headers of a request."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the first value of a header."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return all headers, names in lower case; a name may come more than once."""


class Scope(Protocol):
    """What Granian tells of a request (RSGI)."""

    method: str
    path: str
    query_string: str
    server: str
    client: str
    scheme: str
    http_version: str
    headers: Headers


class Transport(Protocol):
    """What Granian gives to read a request's body and to answer it (RSGI)."""

    def __call__(self) -> Awaitable[bytes]:
        """Read the whole body."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the whole response."""


class WsgiBridge:
    """An RSGI application that calls a WSGI one. Lives on one event loop, so it needs no lock."""

    def __init__(
        self,
        app: WSGIApplication,
        most_bytes: int,
        body_seconds: float,
        log: logging.Logger,
        *,
        posting_threads: int = 0,
    ) -> None:
        """`posting_threads` is how many POSTs may wait at once; 0 runs them on the loop."""
        self._app = app
        self._most_bytes = most_bytes
        self._body_seconds = body_seconds
        self._log = log
        self._posting = ThreadPoolExecutor(posting_threads, "Post") if posting_threads else None
        self._in_flight = 0
        self.closing = False  # whether clients are told to close their connections
        self._latest = 0.0  # when the latest request came
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
        """Tell whether no request is in flight, and none has come for so long."""
        return not self._in_flight and time.monotonic() - self._latest > seconds

    async def __call__(self, scope: Scope, transport: Transport) -> None:
        """Serve one request."""
        self._in_flight += 1
        self._latest = time.monotonic()
        body = b""
        try:
            body = await self._body(scope, transport)
            if self._posting is not None and scope.method == "POST":
                status, headers, content = await asyncio.get_running_loop().run_in_executor(
                    self._posting, self._call, scope, body
                )
            else:
                status, headers, content = self._call(scope, body)
        except LengthRequired:
            self._log.error("%s %s: no Content-Length", scope.method, scope.path[:1000])
            status, headers = 411, _JSON
            content = error_body("send the body with a Content-Length, not in chunks")
        except ProtocolClosed:
            self._log.info("%s %s: the client left", scope.method, scope.path[:1000])
            return
        except TimeoutError:
            self._log.error("%s %s: the body took too long", scope.method, scope.path[:1000])
            status, headers, content = 408, _JSON, error_body("the body took too long to arrive")
        except Exception:  # pylint: disable=broad-exception-caught
            self._log.exception("serving %s %s raised", scope.method, scope.path[:1000])
            status, headers, content = 500, _JSON, error_body("the server failed unexpectedly")
        finally:
            self._in_flight -= 1
        if self.closing or len(body) > self._most_bytes or status in (408, 411):
            # The rest of a body that was not read whole would pass for the next request.
            headers = [*headers, ("connection", "close")]
        transport.response_bytes(status, headers, content)

    async def _body(self, scope: Scope, transport: Transport) -> bytes:
        """Return the body; of one over the limit no more than shows that it is."""
        headers = scope.headers
        length = headers.get("content-length")
        if length is None:
            # Whether a chunked body came to its end or broke off cannot be told from here.
            if headers.get("transfer-encoding") is not None:
                raise LengthRequired
            return b""
        if int(length) > self._most_bytes:
            return bytes(self._most_bytes + 1)
        async with asyncio.timeout(self._body_seconds):
            return await transport()

    def _call(self, scope: Scope, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> Any:
            started[:] = int(status[:3]), [(name.lower(), value) for name, value in headers]

        parts = self._app(self._environ_of(scope, body), start_response)
        try:
            content = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        return started[0], started[1], content

    def _environ_of(self, scope: Scope, body: bytes) -> dict[str, Any]:
        host, _, port = scope.server.rpartition(":")
        environ = self._environ.copy()
        for name, value in scope.headers.items():
            if "_" in name:
                continue  # would pass for the header with a dash
            key = "HTTP_" + name.upper().replace("-", "_")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        environ.pop("HTTP_CONTENT_LENGTH", None)
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["REQUEST_METHOD"] = scope.method
        # WSGI's strings hold bytes, one in each character.
        environ["PATH_INFO"] = scope.path.encode("utf-8").decode("latin-1")
        environ["QUERY_STRING"] = scope.query_string.encode("utf-8").decode("latin-1")
        environ["SERVER_NAME"] = host
        environ["SERVER_PORT"] = port
        environ["SERVER_PROTOCOL"] = "HTTP/" + scope.http_version
        environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0]
        environ["wsgi.url_scheme"] = scope.scheme
        environ["wsgi.input"] = io.BytesIO(body)
        return environ
