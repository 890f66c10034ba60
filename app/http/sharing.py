"""What a public server does for strangers: their pages may read it, and each has its share."""

from http import HTTPStatus

from app.http.clients import Clients
from app.http.middleware import Middleware
from app.http.policies import Token, is_open
from app.http.rates import Rate, Stranger
from app.http.request import Request
from app.http.responses import Known, Reply

# Web pages of anybody may read what is open, never with what a browser knows of its user.
_SHARED = (
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        "Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, RateLimit,"
        " RateLimit-Policy, Retry-After",
    ),
    ("cross-origin-resource-policy", "cross-origin"),  # so that <img> may show it
)
# What a browser asks before a page sends headers such as If-None-Match.
_PREFLIGHT = (
    ("access-control-allow-methods", "GET, HEAD"),
    ("access-control-allow-headers", "If-Modified-Since, If-None-Match, If-Range, Range"),
    ("access-control-max-age", "86400"),
)


class Sharing(Middleware):
    """Counts the requests of strangers, and lets their web pages read what is open."""

    def __init__(
        self,
        token: Token,
        clients: Clients,
        requests: Rate | None,
        computations: Rate | None,
    ) -> None:
        self._token = token
        self._clients = clients
        self._requests = requests
        self._computations = computations

    def enter(self, request: Request) -> Reply | None:
        """Count a request of a stranger; answer what a browser asks before its page asks."""
        if not self._token.is_given(request):
            name = self._clients.name(request)
            request.stranger = Stranger(name, self._requests, self._computations)
            request.stranger.ask()
        if request.method == "OPTIONS" and is_open(request):
            return Reply(b"", HTTPStatus.NO_CONTENT, _PREFLIGHT)
        return None

    def leave(self, request: Request, response: Known) -> Known:
        """Let pages of any site read what is open."""
        if is_open(request):
            response.headers = (*response.headers, *_SHARED)
        return response
