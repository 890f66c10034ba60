"""What a route answers: a whole response, built without what a response of Flask's brings along.

Both kinds here are WSGI applications, so they also pass wherever Flask takes a response.
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

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
        headers += self.headers
        start_response(_STATUS_LINES[self.status], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]
