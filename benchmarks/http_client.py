"""A closed-loop HTTP load: N keep-alive connections, each sends its next request on a response.

One thread and a selector, requests built beforehand and responses read by their length alone: some
30 microseconds a request, so that the server is measured and not the client.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

_SECONDS = 120.0  # that a response may take
_AT_ONCE = 1 << 18  # bytes
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return the bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if method == "POST":
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Connection:
    """One keep-alive connection, for one request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = b""
        self.sent_at = 0.0
        self._received = bytearray()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, data: bytes) -> bytes:
        """Send a request; return the body of its response."""
        self.send(data)
        while (body := self.receive()) is None:
            pass
        return body

    def send(self, data: bytes) -> None:
        """Send a request."""
        self.request, self.sent_at = data, time.perf_counter()
        self._received.clear()
        self.socket.sendall(data)

    def receive(self) -> bytes | None:
        """Read what has come; return the body once the response is whole.

        Raises RuntimeError for a status other than 200: then nothing is measured.
        """
        data = self.socket.recv(_AT_ONCE)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._received += data
        received = self._received
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return None
        length = _LENGTH.search(received, 0, head)
        if length is None:  # JSON has no line breaks of this kind: this is the last chunk
            whole = received.endswith(b"\r\n0\r\n\r\n")
        else:
            whole = len(received) - head - 4 >= int(length[1])
        if not whole:
            return None
        body = bytes(received[head + 4 :])
        if received[9:12] != b"200":
            raise RuntimeError(f"answered {received[9:12].decode()}: {body[:200]!r}")
        return _joined(body) if length is None else body


def _joined(chunks: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        start = chunks.index(b"\r\n", at) + 2
        size = int(chunks[at : start - 2], 16)
        if not size:
            return b"".join(parts)
        parts.append(chunks[start : start + size])
        at = start + size + 2


@dataclass
class Load:
    """What a load saw: the bodies in order of arrival, and the seconds that each took."""

    seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Responses per second."""
        return len(self.bodies) / self.seconds


def run(
    port: int,
    clients: int,
    requests: Iterable[bytes],
    is_final: Callable[[bytes], bool] = lambda _body: True,
) -> Load:
    """Send all `requests` over `clients` connections; repeat one until its response `is_final`."""
    load, remaining = Load(), iter(requests)
    with selectors.DefaultSelector() as selector, ExitStack() as stack:

        def send_next(connection: Connection) -> None:
            data = next(remaining, None)
            if data is None:
                selector.unregister(connection.socket)
            else:
                connection.send(data)

        connections = [stack.enter_context(Connection(port)) for _ in range(clients)]
        began = time.perf_counter()
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            send_next(connection)
        while selector.get_map():
            ready = selector.select(_SECONDS)
            if not ready:
                raise TimeoutError("no response")
            for key, _ in ready:
                connection = key.data
                body = connection.receive()
                if body is None:
                    continue
                if not is_final(body):
                    connection.send(connection.request)
                    continue
                load.bodies.append(body)
                load.latencies.append(time.perf_counter() - connection.sent_at)
                send_next(connection)
        load.seconds = time.perf_counter() - began
    return load


def percentile(latencies: Sequence[float], share: float) -> float:
    """Return the latency that `share` of the responses stayed within, in ms."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3
