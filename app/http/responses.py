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
    """A response whose body is at hand; JSON unless it says otherwise."""

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
        """Send it."""
        headers = [("Content-Type", self.content_type), ("Content-Length", str(len(self.body)))]
        if self.status == HTTPStatus.NOT_MODIFIED:
            headers.clear()  # they would tell of the body that is not sent
        headers += self.headers
        start_response(_STATUS_LINES[self.status], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class Pause(NamedTuple):
    """In a body that is made while it is sent: what comes next is not ready before `wait` is over.

    It is made in any case after so many seconds.
    """

    wait: Wait
    seconds: float


class Chore(NamedTuple):
    """In a body that is made while it is sent: what comes next has to be worked for first."""

    work: Callable[[], None]


Part = bytes | Pause | Chore


class Held:
    """The body of a response that may have to wait for something, in parts.

    Whoever iterates over it, waits where it pauses, and works where there is a chore. A server that
    has better to do with its thread takes `parts`, and sees to these itself.
    """

    def __init__(self, parts: Iterator[Part], close: Callable[[], None]) -> None:
        self.parts = parts
        self.close = close  # a WSGI server calls this in the end, whatever happened

    def __iter__(self) -> Iterator[bytes]:
        """Yield the parts, after their pauses."""
        for part in self.parts:
            if isinstance(part, Pause):
                part.wait.sleep(part.seconds)
            elif isinstance(part, Chore):
                part.work()
            else:
                yield part


@dataclass(frozen=True, slots=True)
class Stream:
    """A response whose body is made while it is sent: the first parts go out before the last."""

    parts: Generator[Part]
    content_type: str

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it."""
        start_response(_STATUS_LINES[HTTPStatus.OK], [("Content-Type", self.content_type)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else Held(self.parts, self.parts.close)


@dataclass(frozen=True, slots=True)
class Later:
    """A response that is known once a wait is over, or `seconds` have passed."""

    wait: Wait
    seconds: float
    reply: Callable[[], "Response"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hold the request."""
        return Held(self._parts(environ, start_response), self.wait.close)

    def _parts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[Part]:
        yield Pause(self.wait, self.seconds)
        # WSGI allows to start the response until the first part of the body is asked for.
        body = self.reply()(environ, start_response)
        yield from body.parts if isinstance(body, Held) else body


@dataclass(frozen=True, slots=True)
class OnThread:
    """A response that takes a while to make, in which a server's only thread would be missed."""

    reply: Callable[[], "Response"]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hold the request."""
        return Held(self._parts(environ, start_response), lambda: None)

    def _parts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[Part]:
        made: list[Response] = []
        yield Chore(lambda: made.append(self.reply()))
        body = made[0](environ, start_response)
        yield from body.parts if isinstance(body, Held) else body


Response = Reply | Stream | Later | OnThread
