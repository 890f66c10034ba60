"""What people see in a browser where there is nothing: a page. Programs get JSON.

A program may take HTML, too; that it is a browser that goes somewhere, only the browser says.
"""

from collections.abc import Callable
from http import HTTPStatus

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.http.middleware import Middleware
from app.http.request import Request
from app.http.responses import Known, Reply

# What programs ask, and what stands in other pages, is below these.
_NOT_FOR_PEOPLE = ("/api", "/metrics", "/assets/", "/openapi/", "/embed")


class PageForNothing(Middleware):
    """Answers by a page where a person asks for what is not there."""

    def __init__(self, page: Callable[[Request], Reply], *, is_public: bool) -> None:
        """What needs a token (401) is not there for people: the pages are open.

        Nor is what is closed (403) of a public server.
        """
        self._page = page
        self._nothing_there = {HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED} | (
            {HTTPStatus.FORBIDDEN} if is_public else set()
        )

    def leave(self, request: Request, response: Known) -> Known:
        """Return the page in place of a refusal."""
        if response.status in self._nothing_there and _is_of_a_person(request):
            return self._page(request)
        return response


def _is_of_a_person(request: Request) -> bool:
    """Tell whether a browser asks for a page."""
    if request.headers.get("sec-fetch-mode") != "navigate":
        return False
    accept = request.headers.get("accept", "")
    if request.method not in ("GET", "HEAD") or "text/html" not in accept:
        return False
    if request.path.startswith(_NOT_FOR_PEOPLE):
        return False
    kinds = parse_accept_header(accept, MIMEAccept)
    return kinds.best_match(("application/json", "text/html")) == "text/html"
