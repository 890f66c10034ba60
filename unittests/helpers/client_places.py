"""What the client is tested against, beside real servers: an app in this process, bad servers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from app.client import Pace, StatsClient
from unittests.helpers.support import PATIENCE


class AppAdapter(BaseAdapter):
    """Answers requests of `requests` with a Flask app, without a socket."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._client = app.test_client()
        self.asked: list[str] = []
        self.closed = False

    def send(
        self, request: requests.PreparedRequest, *_args: Any, **_options: Any
    ) -> requests.Response:
        """Return the app's answer, its body to be read as that of any other."""
        parts = urlsplit(request.url or "")
        self.asked.append(f"{request.method} {parts.path}")
        answer = self._client.open(
            str(parts.path),
            base_url=f"{parts.scheme!s}://{parts.netloc!s}",
            query_string=str(parts.query),
            method=request.method,
            data=request.body,
            headers=list(request.headers.items()),
        )
        raw = HTTPResponse(
            BytesIO(answer.data),
            headers=dict(answer.headers),
            status=answer.status_code,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Note it; there are no connections."""
        self.closed = True


def client_of(app: Flask, **options: Any) -> tuple[StatsClient, AppAdapter]:
    """Return a client of an app in this process, and what notes its requests."""
    session, adapter = requests.Session(), AppAdapter(app)
    session.mount("http://localhost", adapter)
    return StatsClient("http://localhost", session=session, **options), adapter


class Clock:
    """A clock that only sleeping moves; `slept` are the pauses."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Pass so many seconds at once."""
        self.slept.append(seconds)

    def now(self) -> float:
        """Return the seconds that were slept."""
        return sum(self.slept)

    def pace(self, **changes: Any) -> Pace:
        """Return a pace by this clock, whose pauses are as long as they may be."""
        options = {"sleep": self.sleep, "clock": self.now, "chance": lambda: 1.0}
        return Pace(**{**options, **changes})


def answer(body: str, status: str = "200 OK", kind: str = "application/json", *more: str) -> bytes:
    """Return an answer of HTTP, after which the connection is closed."""
    content = body.encode()
    headers = [
        f"Content-Type: {kind}",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *more,
    ]
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers])
    return f"{head}\r\n\r\n".encode() + content


class Misbehaving:
    """A server that answers each connection with the next of some bytes, then closes it.

    None in their place: it says nothing until the client goes away. `asked` are the requests.
    """

    def __init__(self, answers: tuple[bytes | None, ...]) -> None:
        self.asked: list[str] = []
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Serve as many connections as there are answers."""
        with self._listener:
            for one in self._answers:
                try:
                    connection, _ = self._listener.accept()
                except OSError:
                    return  # the test has ended
                with connection:
                    connection.settimeout(PATIENCE)
                    self.asked.append(_request(connection))
                    if one is None:
                        connection.recv(1)
                    else:
                        with suppress(OSError):  # a client may have read enough
                            connection.sendall(one)

    def stop(self) -> None:
        """Take no more connections."""
        with suppress(OSError):  # where all answers were asked for
            self._listener.shutdown(socket.SHUT_RDWR)


def _request(connection: socket.socket) -> str:
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(65536)
    head, _, body = text.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return (head + b"\r\n\r\n" + body).decode()


@contextmanager
def misbehaving(*answers: bytes | None) -> Iterator[Misbehaving]:
    """Run such a server for the length of a with block."""
    server = Misbehaving(answers)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE)
