"""WSGI, on both sides: requests from a WSGI server, and requests to a WSGI app such as Flask's.

A text of WSGI has a byte in each character (PEP 3333).
"""

import io
import sys
from collections.abc import Generator, Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.http.body import most_bytes, too_large
from app.http.request import Request
from app.http.responses import STATUS_LINES, Header, Known, Part, Pause, Reply, Slow, Stream

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "HTTP_"
_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")
# What is told to an app of a request that no WSGI server took.
_ENVIRON = MappingProxyType(
    {
        "SCRIPT_NAME": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
)


def request_of(environ: "WSGIEnvironment") -> Request:
    """Return a request of a WSGI server, with its body."""
    headers, others = {}, {}
    for key, value in environ.items():
        if key.startswith(_PREFIX):
            headers[key[len(_PREFIX) :].lower().replace("_", "-")] = value
        elif key not in _WITHOUT_PREFIX:
            others[key] = value
        elif value:
            headers[key.lower().replace("_", "-")] = value
    request = Request(
        environ["REQUEST_METHOD"],
        _as_text(environ["PATH_INFO"]),
        _as_text(environ.get("QUERY_STRING", "")),
        headers,
        f"{environ.get('REMOTE_ADDR', '')}:{environ.get('REMOTE_PORT', '')}",
        f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}",
        environ["wsgi.url_scheme"],
        others,
    )
    most, declared = most_bytes(request.path), headers.get("content-length", "")
    if declared.isdecimal():
        length = int(declared)
    else:
        length = most + 1 if "transfer-encoding" in headers else 0
    request.body = environ["wsgi.input"].read(min(length, most + 1))
    if len(request.body) > most:
        request.body, request.unread = b"", too_large(most)
    return request


def environ_of(request: Request) -> "WSGIEnvironment":
    """Return a request as a WSGI app takes it."""
    host, _, port = request.server.rpartition(":")
    environ: dict[str, Any] = {**_ENVIRON, **request.environ}
    for name, value in request.headers.items():
        if "_" not in name:  # it would pass for the header with a dash
            environ[_key(name)] = value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(len(request.body))
    environ["wsgi.input"] = io.BytesIO(request.body)
    environ["REQUEST_METHOD"] = request.method
    environ["PATH_INFO"] = _as_bytes(request.path)
    environ["QUERY_STRING"] = _as_bytes(request.query)
    environ["SERVER_NAME"], environ["SERVER_PORT"] = host, port
    environ["REMOTE_ADDR"] = request.address
    environ["wsgi.url_scheme"] = request.scheme
    return environ


def reply_of(app: "WSGIApplication", request: Request) -> Reply:
    """Return what a WSGI app answers; a response of Flask's is one, too."""
    status, headers = "", list[Header]()

    def start(line: str, given: list[Header], _error: object = None) -> Any:
        nonlocal status, headers
        status, headers = line, [(name.lower(), value) for name, value in given]

    body = app(environ_of(request), start)
    try:
        content = b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    about = {"content-type": "", "content-length": str(len(content))} | dict(headers)
    others = [header for header in headers if header[0] not in ("content-type", "content-length")]
    reply = Reply(content, int(status[:3]), others, about["content-type"])
    reply.size = int(about["content-length"])  # more than it has, where a HEAD asks
    return reply


def send(response: Known, start_response: "StartResponse") -> Iterable[bytes]:
    """Start a response, and return its body."""
    start_response(STATUS_LINES[response.status], response.all_headers())
    if isinstance(response, Stream):
        return _sent(response.parts)
    return [response.body]


def _sent(parts: Generator[Part]) -> Generator[bytes]:
    try:
        for part in parts:
            if isinstance(part, Pause):
                part.wait.sleep(part.seconds)
            elif not isinstance(part, Slow):  # this thread is that of one request alone
                yield part
    finally:
        parts.close()


@lru_cache(256)  # of few names, again and again
def _key(name: str) -> str:
    """Return where an environ has a header."""
    return _PREFIX + name.upper().replace("-", "_")


def _as_text(given: str) -> str:
    return given if given.isascii() else given.encode("latin-1").decode("utf-8", "replace")


def _as_bytes(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8").decode("latin-1")
