"""RSGI, as Granian speaks it: what it gives of a request, and takes of a response."""

from collections.abc import Awaitable
from typing import Any, Protocol

# granian.rsgi has it too, but does not export it to type checkers.
from granian._granian import RSGIProtocolClosed as ProtocolClosed

from app.errors import BadRequest
from app.http.error_handlers import Problem
from app.http.request import HEADERS, Request
from app.http.responses import Header
from app.messages import reasons

__all__ = ["ProtocolClosed", "Scope", "StreamTransport", "Transport", "request_of"]


class Headers(Protocol):
    """The headers of a request."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the first value of a header."""

    def items(self) -> list[Header]:
        """Return all headers, names in lower case; a name may come more than once.

        Those are left out whose value has other signs than plain ASCII.
        """

    def keys(self) -> list[str]:
        """Return the names of all headers, in lower case."""


class Scope(Protocol):
    """A request, without its body."""

    method: str
    path: str
    query_string: str
    server: str
    client: str
    scheme: str
    headers: Headers


class StreamTransport(Protocol):
    """What sends a response in parts."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a part; returns when there is room for the next one."""


class Transport(Protocol):
    """What reads a request's body, and answers it."""

    def __call__(self) -> Awaitable[bytes]:
        """Read the whole body."""

    def response_bytes(self, status: int, headers: list[Header], body: bytes) -> None:
        """Send the whole response; its headers have names in lower case."""

    def response_stream(self, status: int, headers: list[Header]) -> StreamTransport:
        """Start a response that is sent in parts."""

    def client_disconnect(self) -> Awaitable[None]:
        """Wait until the client has left."""


def request_of(scope: Scope) -> Request:
    """Return a request, still without its body."""
    given = scope.headers
    items, names = given.items(), given.keys()
    headers = dict(items)
    if len(headers) != len(items):  # a name came more than once, which is rare
        headers = {}
        for name, value in items:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    request = Request(
        scope.method,
        scope.path,
        scope.query_string,
        headers,
        scope.client,
        scope.server,
        scope.scheme,
    )
    if len(headers) != len(names):
        # What a header says that is left out would be missed.
        for name in sorted(HEADERS.intersection(names) - headers.keys()):
            error = BadRequest(reasons.HEADER_NOT_ASCII(name=name))
            request.unread = Problem.of(error)
            break
    return request
