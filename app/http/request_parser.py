"""Takes what comes on a connection apart into requests of HTTP/1.1.

What is HTTP and what is not decides llhttp, the parser of Node.js, by httptools. It is strict:
what two servers might understand in two ways is refused.
"""

from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
    HttpRequestParser,
    parse_url,
)

from app.errors import BadRequest
from app.http.error_handlers import Problem
from app.http.request import Request, is_looked_for
from app.messages import reasons

_MOST_HEAD_BYTES = 32 * 1024
_MOST_HEADERS = 100
_VERSIONS = ("1.1", "1.0")
# Beyond it, how much of a head that has not ended is taken: bytes of other requests may count.
_UNENDED_BYTES = 16 * 1024


class Incoming(NamedTuple):
    """A request as it came; or, where what came is none, why."""

    request: Request | None
    problem: Problem | None = None
    is_last: bool = False  # whether the connection ends with it
    is_old: bool = False  # whether it is of HTTP/1.0, which knows no chunks


class _Over(Exception):
    """Nothing more is read."""


class _HeadTooLarge(Exception):
    """The first line and the headers of a request are longer than any that is meant."""


class RequestParser:
    """Takes the bytes of one connection, and has the requests that came whole.

    The methods whose names begin with `on_` are called by httptools.
    """

    def __init__(self, client: str, server: str, wants_body: Callable[[Request], bool]) -> None:
        """`client` and `server` are `host:port`.

        `wants_body` is called with each request that has a body, before that is read. Where it
        returns False, the request counts as whole, and what comes after it is not read.
        """
        self.whole: deque[Incoming] = deque()  # in the order in which they came
        self.is_over = False  # whether nothing is read any more
        self.is_old = False  # whether the request that is read is of HTTP/1.0
        self.reading: Request | None = None  # whose body is being read
        self._client = client
        self._server = server
        # Both lead back to here or to the caller: `end` lets go of them.
        self._wants_body: Callable[[Request], bool] | None = wants_body
        self._parser: HttpRequestParser | None = HttpRequestParser(self)
        self._line_is_open = True  # whether the first line of a request has not ended
        self._raw_bytes = 0  # of a body that httptools takes for another protocol
        self._request: Request | None = None  # that is not whole
        self._is_last = False
        self._reset()

    def _reset(self) -> None:
        """Forget what was read of a request."""
        self._has_begun = self._in_head = False
        self._head_bytes = self._unended_bytes = self._header_count = 0
        self._url = b""
        self._headers: dict[str, str] = {}
        self._unread: Problem | None = None
        self._body: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes. Raises what `wants_body` does."""
        while data and not self.is_over and self._parser is not None:
            data = self._feed_raw(data) if self._raw_bytes else self._feed(self._parser, data)

    def _feed(self, parser: HttpRequestParser, data: bytes) -> bytes:
        """Have bytes parsed, and return those that are left."""
        if self._line_is_open:
            data = self._line(data)
        try:
            parser.feed_data(data)
            self._unended_bytes += len(data) if self._in_head else 0
            if self._unended_bytes > _MOST_HEAD_BYTES + _UNENDED_BYTES:
                self._refuse_head()
        except HttpParserUpgrade as upgrade:  # which is passed over: of no other is known here
            return data[upgrade.args[0] :]
        except HttpParserInvalidMethodError:
            self.refuse(HTTPStatus.NOT_IMPLEMENTED, "there is no such method")
        except HttpParserError as error:
            if isinstance(error.__context__, _HeadTooLarge):
                self._refuse_head()
            elif isinstance(error, HttpParserCallbackError):
                if error.__context__ is not None and not self.is_over:
                    raise error.__context__ from None
            else:
                self.refuse(HTTPStatus.BAD_REQUEST, f"this is not HTTP/1.1: {error}")
        # Of requests that begin within what was fed, the first lines have to be in ASCII.
        self._line_is_open = self._line_is_open or not self._has_begun
        return b""

    def _feed_raw(self, data: bytes) -> bytes:
        """Take bytes of a body, and return those that are left."""
        part = data[: self._raw_bytes]
        self._raw_bytes -= len(part)
        self._body.append(part)
        if not self._raw_bytes:
            self._finish()
        return data[len(part) :]

    def cut(self) -> None:
        """Count the request whose body is being read as whole, and read nothing more."""
        self._is_last = True
        request = self._finish()
        # As it is now, and not as it was declared.
        request.headers["content-length"] = str(len(request.body))
        self.is_over = True

    def refuse(self, status: HTTPStatus, reason: str) -> None:
        """Answer what cannot be read, and read nothing more."""
        self.end()
        self.whole.append(Incoming(None, Problem.of_status(status, reason), is_last=True))

    def end(self) -> None:
        """Read nothing more, and let go of what was read."""
        self.is_over = True
        self._parser = self._wants_body = self._request = self.reading = None
        self._reset()

    def on_message_begin(self) -> None:
        """Begin a request."""
        if self.is_over:
            raise _Over
        self._reset()
        self._has_begun = self._in_head = True

    def on_url(self, part: bytes) -> None:
        """Take a part of its address."""
        self._url += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        if not self._in_head:
            return  # it stands behind a body in chunks
        self._header_count += 1
        self._head_bytes += len(name) + len(value)
        key = name.decode("ascii").lower()
        if not value.isascii():
            # What a header says that is left out would be missed.
            if is_looked_for(key):
                self._unread = Problem.of(BadRequest(reasons.HEADER_NOT_ASCII(name=key)))
            return
        text = value.decode("ascii").rstrip(" \t")
        self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """Make the request, and ask whether its body is wanted, where it has one."""
        self._in_head = False
        parser, headers = self._parser, self._headers
        assert parser is not None
        assert self._wants_body is not None
        self._head_bytes += len(self._url)
        if self._head_bytes > _MOST_HEAD_BYTES or self._header_count > _MOST_HEADERS:
            raise _HeadTooLarge
        version = parser.get_http_version()
        if version not in _VERSIONS:
            self.refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "this is not HTTP/1.1")
            return
        self.is_old = version != "1.1"
        if "," in headers.get("host", ""):
            self._unread = Problem.of_status(HTTPStatus.BAD_REQUEST, reasons.SEVERAL_HOSTS())
        elif not self.is_old and "host" not in headers and self._unread is None:
            self._unread = Problem.of_status(HTTPStatus.BAD_REQUEST, reasons.NO_HOST())
        target = _target(self._url)
        if target.host:
            headers["host"] = target.host
        method = parser.get_method().decode("ascii")
        request = self._request = Request(
            method, target.path, target.query, headers, self._client, self._server, "http"
        )
        request.unread = self._unread
        self._is_last = method == "CONNECT" or not parser.should_keep_alive()
        length = headers.get("content-length", "0")
        if request.unread is not None:
            self.cut()
        elif length != "0" or "transfer-encoding" in headers:
            self.reading = request
            if not self._wants_body(request):
                self.cut()
            elif parser.should_upgrade():
                self._raw_bytes = int(length)

    def on_body(self, part: bytes) -> None:
        """Take a part of its body."""
        if not self.is_over:
            self._body.append(part)

    def on_message_complete(self) -> None:
        """Add the request to those that are whole."""
        if not self.is_over and not self._raw_bytes:
            self._finish()

    def _finish(self) -> Request:
        request, self._request, self.reading = self._request, None, None
        assert request is not None
        if self._body:
            request.body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self.whole.append(Incoming(request, None, self._is_last, self.is_old))
        self._has_begun, self._body = False, []
        return request

    def _line(self, data: bytes) -> bytes:
        """Return bytes that begin in the first line of a request, which is in ASCII then.

        Others in it become escapes. A browser writes these itself; curl sends what it was given.
        """
        begins = data if self._has_begun else data.lstrip(b"\r\n")
        self._line_is_open = b"\n" not in begins
        if data.isascii():
            return data
        line, end, rest = begins.partition(b"\n")
        escaped = (b"%c" % byte if byte < 128 else b"%%%02X" % byte for byte in line)
        return b"".join(escaped) + end + rest

    def _refuse_head(self) -> None:
        reason = f"the first line and the headers are longer than {_MOST_HEAD_BYTES // 1024} KiB"
        if self._header_count > _MOST_HEADERS:
            reason = f"there are more than {_MOST_HEADERS} headers"
        self.refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, reason)


class _Target(NamedTuple):
    """An address: its path without escapes, its query with them, its host where it names one."""

    path: str
    query: str
    host: str = ""


def _target(url: bytes) -> _Target:
    text = url.decode("ascii", "replace")
    if text.startswith("/") and "#" not in text:
        path, _, query = text.partition("?")
        return _Target(unquote(path) if "%" in path else path, query)
    try:
        parts = parse_url(url)
    except HttpParserInvalidURLError:
        return _Target(text, "")  # as `*` is, and a host with a port
    path, query, host = (
        (part or b"").decode("ascii", "replace") for part in (parts.path, parts.query, parts.host)
    )
    if ":" in host:  # an address of IPv6, which comes without its brackets
        host = f"[{host}]"
    if host and parts.port:
        host += f":{parts.port}"
    return _Target(unquote(path) or "/", query, host)
