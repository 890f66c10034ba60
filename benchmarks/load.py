"""A closed-loop HTTP load: N keep-alive connections, each sends its next request on an answer.

One thread and a selector, requests built beforehand and answers read by their length alone: some
30 microseconds a request, so that what is measured is the server and not the client.
"""

import math
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_PATIENCE = 60.0
_LEAST_BUFFER = 1 << 16
_LAST_CHUNK = b"\r\n0\r\n\r\n"


class Answer(NamedTuple):
    """An answer's status and body."""

    status: int
    body: bytes


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return the bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if method == "POST":
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection:
    """One keep-alive connection, for one request at a time.

    What comes is read into one buffer that only grows: of answers of many megabytes, asking for
    new memory would be most of the client's work.
    """

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered_at = 0.0  # when the last byte of the latest answer came
        self._buffer = bytearray(_LEAST_BUFFER)
        self._size = 0  # how much of the buffer is filled
        self._body_at = 0  # 0 until the head is whole
        self._length: int | None = None  # of the body; None for one that comes in chunks

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, data: bytes) -> Answer:
        """Send a request and wait for its answer."""
        self.send(data)
        while (answer := self.receive()) is None:
            pass
        return answer

    def send(self, data: bytes) -> None:
        """Send a request."""
        self._size = self._body_at = 0
        self.socket.sendall(data)

    def receive(self) -> Answer | None:
        """Take what came; return the answer once it is whole."""
        if self._size == len(self._buffer):
            self._buffer += bytes(len(self._buffer))
        with memoryview(self._buffer) as whole, whole[self._size :] as free:
            came = self.socket.recv_into(free)
        if not came:
            raise ConnectionError("the server closed the connection")
        self._size += came
        if not self._body_at and not self._read_head():
            return None
        if self._length is None:
            # JSON has no line breaks of this kind, so nothing else can look like the last chunk.
            complete = self._buffer.endswith(_LAST_CHUNK, 0, self._size)
        else:
            complete = self._size - self._body_at >= self._length
        if not complete:
            return None
        self.answered_at = time.perf_counter()
        return Answer(int(self._buffer[9:12]), self._body())

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", 0, self._size)
        if end < 0:
            return False
        self._body_at = end + 4
        head = bytes(self._buffer[:end]).lower()
        at = head.find(b"content-length:")
        self._length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else None
        return True

    def _body(self) -> bytes:
        with memoryview(self._buffer) as whole:
            if self._length is not None:
                return bytes(whole[self._body_at : self._size])
            parts: list[bytes] = []
            at = self._body_at
            while True:
                start = self._buffer.index(b"\r\n", at) + 2
                size = int(self._buffer[at : start - 2], 16)
                if not size:
                    return b"".join(parts)
                parts.append(bytes(whole[start : start + size]))
                at = start + size + 2


@dataclass
class Result:
    """What a load saw: good answers in order of arrival, and the seconds that each took."""

    seconds: float = 0.0
    answers: list[bytes] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    errors: int = 0  # answers with another status than 200, and connections that broke

    @property
    def per_second(self) -> float:
        """Good answers per second."""
        return len(self.answers) / self.seconds


def percentile(latencies: Sequence[float], share: float) -> float:
    """Return the latency that `share` of the answers stayed within, in ms; nan without any."""
    if not latencies:
        return math.nan
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


@dataclass
class _Client:
    connection: Connection
    asked: bytes = b""
    since: float = 0.0

    def ask(self, data: bytes) -> None:
        self.asked, self.since = data, time.perf_counter()
        self.connection.send(data)


def run(
    port: int,
    clients: int,
    requests: Iterable[bytes],
    right: Callable[[bytes], bool] = lambda _body: True,
) -> Result:
    """Send all `requests` over `clients` connections and return what came back.

    A request is sent again while its answer is not `right`, as a poll is.
    """
    result, todo = Result(), iter(requests)
    with selectors.DefaultSelector() as selector:

        def go_on(client: _Client) -> None:
            data = next(todo, None)
            if data is None:
                selector.unregister(client.connection.socket)
                client.connection.socket.close()
            else:
                client.ask(data)

        limiter = [_Client(Connection(port)) for _ in range(clients)]
        for client in limiter:
            selector.register(client.connection.socket, selectors.EVENT_READ, client)
        began = time.perf_counter()
        for client in limiter:
            go_on(client)
        while selector.get_map():
            events = selector.select(_PATIENCE)
            if not events:
                raise TimeoutError("no answer")
            for key, _ in events:
                client = key.data
                try:
                    answer = client.connection.receive()
                except OSError:
                    result.errors += 1
                    selector.unregister(client.connection.socket)
                    client.connection.socket.close()
                    client.connection = Connection(port)
                    selector.register(client.connection.socket, selectors.EVENT_READ, client)
                    go_on(client)
                    continue
                if answer is None:
                    continue
                if answer.status != 200:
                    result.errors += 1
                elif not right(answer.body):
                    client.connection.send(client.asked)
                    continue
                else:
                    result.latencies.append(client.connection.answered_at - client.since)
                    result.answers.append(answer.body)
                go_on(client)
        result.seconds = time.perf_counter() - began
    return result
