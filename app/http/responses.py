"""What a route answers, built without what a response of Flask's brings along.

Each kind here is a WSGI application, so it also passes wherever Flask takes a response.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from app.concurrency.wait import Wait

_STATUS_LINES = {int(status): f"{status.value} {status.phrase}" for status in HTTPStatus}

Header = tuple[str, str]


class Reply:
    """A response whose body is ready; JSON unless it says otherwise."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        body: bytes,
        status: int = HTTPStatus.OK,
        headers: Sequence[Header] = (),
        content_type: str = "application/json",
    ) -> None:
        """`headers` come beside the content's type and length."""
        self.body = body
        self.status = status
        self.headers = headers
        self.content_type = content_type

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Start the response and return its body."""
        headers = [("Content-Type", self.content_type), ("Content-Length", str(len(self.body)))]
        if self.status in (HTTPStatus.NOT_MODIFIED, HTTPStatus.NO_CONTENT):
            headers.clear()  # they would describe the body that is not sent
        headers += self.headers
        start_response(_STATUS_LINES[self.status], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Pause(NamedTuple):
    """In a body that is made while it is sent: the next part is ready when `wait` is over.

    It is made in any case after so many seconds.
    """

    wait: Wait
    seconds: float


class Work(NamedTuple):
    """In a body that is made while it is sent: what has to run before the next part is ready."""

    run: Callable[[], None]


Part = bytes | Pause | Work


class PartsBody:
    """The body of a response that has to wait, or to work, before it is ready.

    Whoever iterates over it waits at each Pause and does each Work. A server that must not block
    its thread takes `parts` and does so elsewhere; it calls `close` in the end, whatever happened,
    but not while a Work runs.
    """

    def __init__(self, parts: Generator[Part], when_closed: Callable[[], None]) -> None:
        """`when_closed` is called even where no part was asked for."""
        self.parts = parts
        self._when_closed = when_closed

    def __iter__(self) -> Iterator[bytes]:
        """Yield the parts, after their pauses."""
        for part in self.parts:
            if isinstance(part, Pause):
                part.wait.sleep(part.seconds)
            elif isinstance(part, Work):
                part.run()
            else:
                yield part

    def close(self) -> None:
        """Make no more parts, and release what they hold. Can be repeated."""
        try:
            self.parts.close()
        finally:
            self._when_closed()


@dataclass(frozen=True, slots=True)
class Stream:
    """A response whose body is made while it is sent: the first parts go out before the last."""

    parts: Generator[Part]
    content_type: str

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Start the response and return its body."""
        start_response(_STATUS_LINES[HTTPStatus.OK], [("Content-Type", self.content_type)])
        if environ["REQUEST_METHOD"] == "HEAD":
            self.parts.close()
            return []
        return PartsBody(self.parts, _nothing)


@dataclass(frozen=True, slots=True)
class AfterWait:
    """A response that is known once a wait is over, or `seconds` have passed.

    The wait is closed then, or when the request ends sooner.
    """

    wait: Wait
    seconds: float
    reply: Callable[[], "Response"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return a body that starts the response with its first part."""
        return PartsBody(self._parts(environ, start_response), self.wait.close)

    def _parts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Generator[Part]:
        yield Pause(self.wait, self.seconds)
        self.wait.close()
        yield from _parts_of(self.reply(), environ, start_response)


@dataclass(frozen=True, slots=True)
class OnThread:
    """A response that takes a while to make: a server makes it on another thread than its own."""

    reply: Callable[[], "Response"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return a body that starts the response with its first part."""
        return PartsBody(self._parts(environ, start_response), _nothing)

    def _parts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Generator[Part]:
        made: list[Response] = []
        yield Work(lambda: made.append(self.reply()))
        yield from _parts_of(made[0], environ, start_response)


Response = Reply | Stream | AfterWait | OnThread


def _parts_of(
    response: Response, environ: WSGIEnvironment, start_response: StartResponse
) -> Generator[Part]:
    """Start a response and yield the parts of its body, which is closed whatever happens.

    WSGI allows to start a response as late as with the first part of its body.
    """
    body = response(environ, start_response)
    if not isinstance(body, PartsBody):
        yield from body
        return
    try:
        yield from body.parts
    finally:
        body.close()


def _nothing() -> None:
    """Do nothing."""
