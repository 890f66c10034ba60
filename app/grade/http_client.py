"""Requests to the server that is graded, each of them noted with its times."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from app.grade.findings import CannotGradeError, Exchange

_JSON = "application/json"


class Address:
    """Where the server is, what to send along, and when the grading began."""

    def __init__(self, url: str, token: str = "", timeout: float = 20.0) -> None:
        """Take an address such as http://127.0.0.1:5000; raise ValueError for another kind.

        A call that takes longer than `timeout` seconds hangs.
        """
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url} is not an address like http://127.0.0.1:5000")
        self.url = url.rstrip("/")
        self.host, self.port = parts.hostname, parts.port or 80
        self.authority = parts.netloc.rpartition("@")[2]  # with brackets around an IPv6 address
        self.prefix = parts.path.rstrip("/")
        self.timeout = timeout
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.began = time.monotonic()

    def now(self) -> float:
        """Return the seconds since the grading began."""
        return time.monotonic() - self.began

    def answers(self) -> bool:
        """Tell whether something listens there."""
        with suppress(OSError), socket.create_connection((self.host, self.port), timeout=1):
            return True
        return False


class Client:
    """One connection, kept alive where the server does; for one thread at a time."""

    def __init__(self, address: Address, timeout: float | None = None) -> None:
        self._address = address
        self._timeout = timeout or address.timeout
        self._connection: HTTPConnection | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def get(self, path: str) -> Exchange:
        """Send a GET."""
        return self.call("GET", path)

    def submit(self, route: str, body: Any) -> Exchange:
        """Submit a job."""
        return self.call("POST", f"/api/{route}", json.dumps(body).encode())

    def call(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = _JSON
    ) -> Exchange:
        """Send a request; raise CannotGradeError for 429, which says nothing of the server.

        A GET is sent again if the connection that was kept alive turns out to be closed. All else
        gets a new connection, for sent again it might happen twice.
        """
        if method != "GET":
            self.close()
        headers = dict(self._address.headers)
        if body is not None and kind is not None:
            headers["Content-Type"] = kind
        while True:
            fresh = self._connection is None
            if self._connection is None:
                self._connection = HTTPConnection(
                    self._address.host, self._address.port, timeout=self._timeout
                )
            sent = self._address.now()
            try:
                self._connection.request(method, self._address.prefix + path, body, headers)
                response = self._connection.getresponse()
                text = response.read().decode("utf-8", "replace")
            except (OSError, HTTPException) as error:
                self.close()
                if not fresh and not isinstance(error, TimeoutError):
                    continue  # which it may have been closed for, before the request came
                return Exchange(method, path, body, sent, self._address.now(), 0, _why(error))
            if response.will_close:
                self.close()
            _check_rate(response.status)
            return Exchange(
                method,
                path,
                body,
                sent,
                self._address.now(),
                response.status,
                text,
                response.headers.get("Content-Type", ""),
            )


class Prepared:
    """A request of which all but the last byte is sent: the server waits for that one."""

    def __init__(self, address: Address, path: str, body: Any = None) -> None:
        """Connect and send. With a body it is a POST, else a GET."""
        self._address = address
        self.path = path
        self.method = "GET" if body is None else "POST"
        self.body = None if body is None else json.dumps(body).encode()
        lines = [
            f"{self.method} {address.prefix}{path} HTTP/1.1",
            f"Host: {address.authority}",
            "Connection: close",
            *(f"{name}: {text}" for name, text in address.headers.items()),
        ]
        if self.body is not None:
            lines += [f"Content-Type: {_JSON}", f"Content-Length: {len(self.body)}"]
        data = "\r\n".join([*lines, "", ""]).encode("latin-1") + (self.body or b"")
        self._last = data[-1:]
        self._socket: socket.socket | None = None
        self._failed = ""
        self._sent = address.now()
        try:
            place = (address.host, address.port)
            self._socket = socket.create_connection(place, timeout=address.timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(data[:-1])
        except OSError as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self._failed = _why(error)
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self) -> None:
        """Send the last byte."""
        self._sent = self._address.now()
        if self._socket is not None:
            try:
                self._socket.sendall(self._last)
            except OSError as error:
                self._fail(error)

    def answer(self, seconds: float) -> Exchange:
        """Read the answer, which has so many seconds to come; raise as `Client.call` does."""
        status, text, kind = 0, self._failed, ""
        if self._socket is not None:
            try:
                self._socket.settimeout(max(seconds, 0.05))
                response = HTTPResponse(self._socket, method=self.method)
                response.begin()
                text = response.read().decode("utf-8", "replace")
                status, kind = response.status, response.headers.get("Content-Type", "")
            except (OSError, HTTPException) as error:
                text = _why(error)
            self.close()
            _check_rate(status)
        return Exchange(
            self.method, self.path, self.body, self._sent, self._address.now(), status, text, kind
        )


def at_once(address: Address, asked: Sequence[tuple[str, Any]]) -> list[Exchange]:
    """Submit some jobs at the same moment: the last bytes of all leave within microseconds."""
    prepared = [Prepared(address, f"/api/{route}", body) for route, body in asked]
    return sent_and_answered(address, prepared)


def sent_and_answered(address: Address, prepared: Sequence[Prepared]) -> list[Exchange]:
    """Send the last bytes of some requests, and read their answers."""
    for one in prepared:
        one.send()
    return answered(address, prepared)


def answered(address: Address, prepared: Sequence[Prepared]) -> list[Exchange]:
    """Read the answers to requests whose last bytes were sent."""
    until = time.monotonic() + address.timeout
    return [one.answer(until - time.monotonic()) for one in prepared]


def side_by_side(workers: Iterable[Callable[[], None]]) -> None:
    """Run functions on a thread each, which start together; raise what one of them raised."""
    functions = list(workers)
    barrier = threading.Barrier(len(functions))

    def run(function: Callable[[], None]) -> None:
        barrier.wait()
        function()

    with ThreadPoolExecutor(len(functions)) as pool:
        try:
            list(pool.map(run, functions))
        except BaseException:  # a Ctrl-C, say, before all of them were there
            barrier.abort()
            raise


def check_admitted(exchange: Exchange, address: Address) -> None:
    """Raise CannotGradeError for an answer that says only that somebody else may ask."""
    if exchange.status in (401, 403):
        if address.headers:
            raise CannotGradeError("this server does not take the token")
        raise CannotGradeError("this server wants a token: give it by --token")


def _check_rate(status: int) -> None:
    if status == 429:
        raise CannotGradeError(
            "this server limits how often it is asked (429): let it be graded without a limit"
        )


def _why(error: Exception) -> str:
    return f"no answer: {str(error) or type(error).__name__}"
