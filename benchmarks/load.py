"""A closed-loop HTTP load: N keep-alive connections, each sends its next request on an answer.

One thread and a selector, requests built beforehand and answers read by their length alone: some
30 microseconds a request, so that what is measured is the server and not the client.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_PATIENCE = 60.0


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return the bytes of one request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if method == "POST":
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


@dataclass
class Result:
    """What a load saw: answers in order of arrival, and each one's seconds."""

    seconds: float = 0.0
    answers: list[bytes] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.answers) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the answers stayed within, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


class _Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, data: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(data)

    def receive(self) -> tuple[int, bytes] | None:
        """Take what came; return status and body once the answer is whole."""
        part = self.socket.recv(262144)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.received += part
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        lowered = head.lower()
        at = lowered.index(b"content-length:") + 15
        length = int(lowered[at:].split(b"\r\n", 1)[0])
        return (int(head[9:12]), body) if len(body) >= length else None


def run(port: int, clients: int, requests: Sequence[bytes]) -> Result:
    """Send all `requests` over `clients` connections and return what came back."""
    return run_until_right(port, clients, requests, lambda _body: True)


def run_until_right(
    port: int, clients: int, requests: Sequence[bytes], right: Callable[[bytes], bool]
) -> Result:
    """Like `run`, but send a request again while its answer is not `right` (as a poll does)."""
    result, todo = Result(), iter(requests)
    with selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        for _ in range(clients):
            client = _Client(port)
            selector.register(client.socket, selectors.EVENT_READ, [client, b""])
        for key in list(selector.get_map().values()):
            _next(selector, key, todo)
        while selector.get_map():
            events = selector.select(_PATIENCE)
            if not events:
                raise TimeoutError("no answer")
            for key, _ in events:
                client, sent = key.data
                answer = client.receive()
                if answer is None:
                    continue
                status, body = answer
                if status == 200 and not right(body):
                    client.socket.sendall(sent)
                    client.received = b""
                    continue
                result.latencies.append(time.perf_counter() - client.sent_at)
                result.answers.append(body)
                result.errors += status != 200
                _next(selector, key, todo)
        result.seconds = time.perf_counter() - began
    return result


def _next(
    selector: selectors.BaseSelector, key: selectors.SelectorKey, todo: Iterator[bytes]
) -> None:
    client = key.data[0]
    data = next(todo, None)
    if data is None:
        selector.unregister(client.socket)
        client.socket.close()
        return
    key.data[1] = data
    client.send(data)
