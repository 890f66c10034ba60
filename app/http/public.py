"""What a public server does for strangers: their pages may read it, and each has its share."""

import logging
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.errors import RateLimited
from app.http.clients import Clients
from app.http.error_handlers import reply_to
from app.http.policies import Token, is_open
from app.http.rates import STRANGER, Rate, Stranger
from app.http.responses import Reply

# Web pages of anybody may read what is open, never with what a browser knows of its user.
_SHARED = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, RateLimit,"
        " RateLimit-Policy, Retry-After",
    ),
    ("Cross-Origin-Resource-Policy", "cross-origin"),  # so that <img> may show it
)
# What a browser asks before a page sends headers such as If-None-Match.
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-Modified-Since, If-None-Match, If-Range, Range"),
    ("Access-Control-Max-Age", "86400"),
)


class Sharing:
    """Counts the requests of strangers, and lets their web pages read what is open."""

    def __init__(
        self,
        token: Token,
        clients: Clients,
        requests: Rate | None,
        computations: Rate | None,
        log: logging.Logger,
    ) -> None:
        self._token = token
        self._clients = clients
        self._requests = requests
        self._computations = computations
        self._log = log

    def share(self, app: WSGIApplication) -> WSGIApplication:
        """Return what serves a request by `app`, unless its client has asked too much."""
        return partial(self._serve, app)

    def _serve(
        self, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        start = _shared(start_response) if is_open(environ) else start_response
        if not self._token.is_given(environ):
            name = self._clients.name(environ)
            stranger = Stranger(name, self._requests, self._computations)
            try:
                stranger.ask()
            except RateLimited as error:
                return reply_to(error, environ, self._log)(environ, start)
            environ[STRANGER] = stranger
        if environ["REQUEST_METHOD"] == "OPTIONS" and is_open(environ):
            return Reply(b"", HTTPStatus.NO_CONTENT, _PREFLIGHT)(environ, start)
        return app(environ, start)


def _shared(start_response: StartResponse) -> StartResponse:
    """Return what starts a response that any page may read."""

    def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
        headers += _SHARED
        return start_response(status, headers, *error)  # type: ignore[arg-type]

    return start  # type: ignore[return-value]
