"""A test client of Flask's whose requests are served as on the event loop, without a socket.

Whoever imports `client_of_both`, has its tests run by that client and by Flask's own.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers as AnswerHeaders

from app.http.body import most_bytes
from app.http.bridge import Bridge
from app.http.connections import Connections
from app.http.responses import STATUS_LINES
from app.http.rsgi import Headers
from app.http.wsgi import request_of
from unittests.helpers.waiting import PATIENCE


class GivenHeaders:
    """The headers of a request, as Granian gives them."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def get(self, key: str, default: Any = None) -> Any:
        """Return a header."""
        return self._headers.get(key, default)

    def items(self) -> list[tuple[str, str]]:
        """Return those in plain ASCII."""
        return [header for header in self._headers.items() if header[1].isascii()]

    def keys(self) -> list[str]:
        """Return all names."""
        return list(self._headers)


class Scope:
    """A request, as Granian gives it."""

    def __init__(self, environ: dict[str, Any]) -> None:
        request = request_of({**environ, "wsgi.input": _NoBody()})
        self.method, self.path, self.query_string = request.method, request.path, request.query
        self.client, self.server, self.scheme = request.client, request.server, request.scheme
        self.headers: Headers = GivenHeaders(request.headers)


class _NoBody:
    def read(self, _size: int) -> bytes:
        """Return nothing: the body is for the transport."""
        return b""


class Transport:
    """Gives the body of a request, and takes its response."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._environ = environ
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.parts: list[bytes] = []

    async def __call__(self) -> bytes:
        """Return the body."""
        body: bytes = self._environ["wsgi.input"].read()
        return body

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Take the whole response."""
        assert not self.status
        assert all(name == name.lower() for name, _ in headers)
        self.status, self.headers, self.parts = status, headers, [body]

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Transport":
        """Take the beginning of a response in parts."""
        self.response_bytes(status, headers, b"")
        return self

    async def send_bytes(self, data: bytes) -> None:
        """Take a part."""
        assert data
        self.parts.append(data)

    async def client_disconnect(self) -> None:
        """Wait until the client leaves, which it does not."""
        await asyncio.Future()


def bridge_of(app: Any) -> Bridge:
    """Return what serves an app on an event loop."""
    log = logging.Logger("bridge")
    refusal = app.extensions["guard"].refusal
    return Bridge(app.respond, most_bytes, refusal, PATIENCE, log, Connections(0, 16))


class LoopClient(FlaskClient):
    """A client of an app that is served by the bridge."""

    def run_wsgi_app(
        self, environ: dict[str, Any], buffered: bool = False
    ) -> tuple[Iterable[bytes], str, AnswerHeaders]:
        """Have the bridge answer what a WSGI app would be asked."""
        del buffered
        transport = Transport(environ)
        asyncio.run(bridge_of(self.application)(Scope(environ), transport))
        return transport.parts, STATUS_LINES[transport.status], AnswerHeaders(transport.headers)


@pytest.fixture(name="client", params=["wsgi", "loop"])
def client_of_both(app: Flask, request: pytest.FixtureRequest) -> FlaskClient:
    """Give a client of an app: over WSGI, and as on the event loop."""
    return app.test_client() if request.param == "wsgi" else LoopClient(app, app.response_class)
