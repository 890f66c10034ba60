"""What a route answers: at once, in parts, after a wait, or once a thread has made it."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from app import json_bytes
from app.concurrency.wait import Wait

STATUS_LINES = {int(status): f"{status.value} {status.phrase}" for status in HTTPStatus}
# The statuses of responses that have no body, and nothing that would describe one.
_BODILESS = frozenset({HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT})

Header = tuple[str, str]  # its name in lower case


class Reply:
    """A response whose body is ready; JSON unless it says otherwise."""

    __slots__ = ("body", "content_type", "headers", "size", "status")

    def __init__(
        self,
        body: bytes,
        status: int = HTTPStatus.OK,
        headers: Sequence[Header] = (),
        content_type: str = "application/json",
    ) -> None:
        """`headers` come beside the content's type and length."""
        self.body = body
        # Of the body, also where it is not sent; None where it is not known then.
        self.size: int | None = len(body)
        self.status = status
        self.headers = headers
        self.content_type = content_type

    def all_headers(self) -> list[Header]:
        """Return the headers as they are sent."""
        if self.status in _BODILESS:
            return [*self.headers]
        headers = [*self.headers]
        if self.size is not None:
            headers.append(("content-length", str(self.size)))
        if self.content_type:
            headers.append(("content-type", self.content_type))
        return headers


def done(data: Any) -> bytes:
    """Return the body that tells of something that is done: `{"status":"done","data":...}`."""
    return json_bytes.encode({"status": "done", "data": data})


class Pause(NamedTuple):
    """In a body that is made while it is sent: the next part is ready when `wait` is over.

    It is made in any case after so many seconds.
    """

    wait: Wait
    seconds: float


class Slow:
    """In a body that is made while it is sent: to make the next part takes a while.

    A server has that part made on another thread than its own.
    """


Part = bytes | Pause | Slow


@dataclass(slots=True)
class Stream:
    """A response whose body is made while it is sent: the first parts go out before the last.

    Whoever sends it closes `parts` in the end, whatever happened.
    """

    parts: Generator[Part]
    content_type: str
    headers: Sequence[Header] = ()
    status = HTTPStatus.OK

    def all_headers(self) -> list[Header]:
        """Return the headers as they are sent."""
        return [("content-type", self.content_type), *self.headers]


@dataclass(frozen=True, slots=True)
class AfterWait:
    """A response that is known once a wait is over, or `seconds` have passed.

    Whoever serves it closes the wait then, or when the request ends sooner, and calls `reply`.
    """

    wait: Wait
    seconds: float
    reply: Callable[[], "Response"]


@dataclass(frozen=True, slots=True)
class OnThread:
    """A response that takes a while to make: a server makes it on another thread than its own."""

    reply: Callable[[], "Response"]


Known = Reply | Stream
Response = Known | AfterWait | OnThread


def without_body(response: Known) -> Reply:
    """Return what answers a HEAD."""
    if isinstance(response, Reply):
        response.body = b""
        return response
    response.parts.close()
    reply = Reply(b"", response.status, response.headers, response.content_type)
    reply.size = None
    return reply


def known(response: Response) -> Known:
    """Return a response once it is known: wait and work for it on this thread."""
    while not isinstance(response, Known):
        if isinstance(response, AfterWait):
            try:
                response.wait.sleep(response.seconds)
            finally:
                response.wait.close()
        response = response.reply()
    return response
