"""A test client of Flask's whose requests are served as on the event loop, without a socket.

Whoever imports `client_of_both`, has its tests run by that client and by Flask's own.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPResponse
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers as AnswerHeaders

from app.http.body import most_bytes
from app.http.bridge import Bridge
from app.http.connection import Connection
from app.http.connections import Connections
from app.http.wsgi import request_of
from unittests.helpers.waiting import PATIENCE

_LOG = logging.Logger("loop")


class Wire(asyncio.Transport):
    """What a connection writes to, in place of a socket."""

    def __init__(self, client: tuple[str, int] = ("127.0.0.1", 6000)) -> None:
        super().__init__({"peername": client, "sockname": ("127.0.0.1", 5000)})
        self.sent = b""
        self.unsent = 0  # how much of it the client has not read
        self.reads = True  # whether the connection takes what comes
        self.over = asyncio.Event()  # nothing more is written
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes."""
        assert not self.over.is_set()
        self.sent += data

    def write_eof(self) -> None:
        """Take the end."""
        self.over.set()

    close = write_eof

    def abort(self) -> None:
        """Take an end that the other side does not see coming."""
        self.is_aborted = True
        self.over.set()

    def is_closing(self) -> bool:
        """Tell whether nothing more may be written."""
        return self.over.is_set()

    def pause_reading(self) -> None:
        """Take nothing that comes."""
        self.reads = False

    def resume_reading(self) -> None:
        """Go on."""
        self.reads = True

    def get_write_buffer_size(self) -> int:
        """Return how many bytes the client has not read."""
        return self.unsent


def connections_of(most: int = 16, seconds: float = PATIENCE) -> Connections:
    """Return room for some connections, whose requests may take so long."""
    return Connections(most, seconds, seconds)


def connected(bridge: Bridge, connections: Connections) -> tuple[Connection, Wire]:
    """Return a new connection, and what it writes to."""
    wire, connection = Wire(), Connection(bridge, connections, _LOG)
    connection.connection_made(wire)
    return connection, wire


def asked(make_bridge: Callable[[], Bridge], sent: bytes, *, leaves: bool = False) -> bytes:
    """Return all that a new connection answers, whose client may leave at once."""
    return asyncio.run(_ask(make_bridge, sent, leaves=leaves))


async def _ask(make_bridge: Callable[[], Bridge], sent: bytes, *, leaves: bool = False) -> bytes:
    connections = connections_of()
    connection, wire = connected(make_bridge(), connections)
    connection.data_received(sent)
    if leaves:
        await asyncio.sleep(0)
        connection.eof_received()
    await asyncio.wait_for(wire.over.wait(), PATIENCE)
    connection.connection_lost(None)
    assert connections.is_quiet
    return wire.sent


def response_of(sent: bytes, method: str = "GET") -> tuple[HTTPResponse, bytes]:
    """Return what a client makes of an answer: it, and its body."""
    response = HTTPResponse(_Socket(sent), method=method)  # type: ignore[arg-type]
    response.begin()
    return response, response.read()


class _Socket:
    def __init__(self, sent: bytes) -> None:
        self._sent = sent

    def makefile(self, _mode: str) -> BytesIO:
        """Return what there is to read."""
        return BytesIO(self._sent)


def bridge_of(app: Any) -> Bridge:
    """Return what answers for an app."""
    return Bridge(
        app.respond,
        most_bytes,
        app.extensions["guard"].refusal,
        writes_wait=lambda: app.extensions["job_service"].writes_wait,
    )


class LoopClient(FlaskClient):
    """A client of an app that is served as on the event loop.

    With a runner all its requests go over one loop, without one each has its own.
    """

    def __init__(self, app: Flask, runner: asyncio.Runner | None = None) -> None:
        super().__init__(app, app.response_class)
        self._run = runner.run if runner else asyncio.run

    def run_wsgi_app(
        self, environ: dict[str, Any], buffered: bool = False
    ) -> tuple[Iterable[bytes], str, AnswerHeaders]:
        """Have a connection answer what a WSGI app would be asked."""
        del buffered
        body = environ["wsgi.input"].read()
        request = request_of({**environ, "wsgi.input": BytesIO(body)})
        target = quote(request.path, safe="/:@!$&'()*+,;=~")
        if request.query:
            target += f"?{request.query}"
        headers = {**request.headers, "connection": "close"}
        headers["content-length"] = str(len(body))
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        head = f"{request.method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n"
        whole = head.encode("latin-1") + body
        sent = self._run(_ask(lambda: bridge_of(self.application), whole))
        response, content = response_of(sent, request.method)
        status = f"{response.status} {response.reason}"
        return [content], status, AnswerHeaders(response.getheaders())


@pytest.fixture(name="client", params=["wsgi", "loop"])
def client_of_both(app: Flask, request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """Give a client of an app: over WSGI, and as on the event loop."""
    if request.param == "wsgi":
        yield app.test_client()
        return
    with asyncio.Runner() as runner:
        yield LoopClient(app, runner)
