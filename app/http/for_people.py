"""What people see in a browser where there is nothing: a page. Programs get JSON.

A program may take HTML, too; that it is a browser that goes somewhere, only the browser says.
"""

from collections.abc import Callable, Iterable
from functools import partial
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

# What programs ask is below these.
_PROGRAMS = ("/api", "/metrics", "/assets/", "/openapi/")


def with_page_for_nothing(
    app: WSGIApplication,
    page: Callable[[WSGIEnvironment], WSGIApplication],
    *,
    is_public: bool,
) -> WSGIApplication:
    """Return what serves a request by `app`, or by `page` where a person asks for what is not.

    A public server is closed (403) but for what it names: there is nothing else for people.
    """
    return partial(_serve, app, page, ("404 ", "403 ") if is_public else ("404 ",))


def _serve(
    app: WSGIApplication,
    page: Callable[[WSGIEnvironment], WSGIApplication],
    nothing_there: tuple[str, ...],
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    if not _is_of_a_person(environ):
        return app(environ, start_response)
    missing = []

    def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
        if status.startswith(nothing_there):
            missing.append(status)
            return bytes  # what would write: nothing here calls it
        return start_response(status, headers, *error)  # type: ignore[arg-type]

    # Whether there is such a route shows at once: only what is there begins later.
    body = app(environ, start)  # type: ignore[arg-type]
    return page(environ)(environ, start_response) if missing else body


def _is_of_a_person(environ: WSGIEnvironment) -> bool:
    """Tell whether a browser asks for a page."""
    if environ.get("HTTP_SEC_FETCH_MODE") != "navigate":
        return False
    accept = environ.get("HTTP_ACCEPT", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "text/html" not in accept:
        return False
    if environ["PATH_INFO"].startswith(_PROGRAMS):
        return False
    kinds = parse_accept_header(accept, MIMEAccept)
    return kinds.best_match(("application/json", "text/html")) == "text/html"
