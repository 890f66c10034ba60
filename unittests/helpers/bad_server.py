"""A server that answers wrongly."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from unittests.helpers.waiting import PATIENCE


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
