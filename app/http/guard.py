"""Keeps web pages, strangers and proxies away from what is not for them."""

from collections.abc import Iterable
from functools import partial
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.http.error_handlers import Problem
from app.http.language import language_of
from app.http.policies import Policy
from app.http.request_log import CAUSE, REFUSAL

# On every response that does not say it in another way itself.
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)

# What the policy of a page says that may stand in the frames of any site.
_ANYWHERE = "frame-ancestors *"


class Guard:
    """Lets requests through to an app, or answers as its policy has it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def refusal(self, environ: WSGIEnvironment) -> Problem | None:
        """Return why a request is refused, None where it is not. Its body need not be there yet."""
        return self._policy.refusal(environ)

    def protect(self, app: WSGIApplication) -> WSGIApplication:
        """Return what serves a request by `app`, or refuses it."""
        return partial(self._serve, app)

    def _serve(
        self, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        problem = self._policy.refusal(environ)
        if problem is None:
            return app(environ, start_response)
        environ[REFUSAL], environ[CAUSE] = problem.reason, "Guard"
        problem = problem.said_in(language_of(environ))
        return problem.reply(environ.get("HTTP_ACCEPT"))(environ, start_response)


def with_security_headers(app: WSGIApplication) -> WSGIApplication:
    """Add to each response the headers that tell browsers what they must not do with it."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            there = dict(headers)
            if _ANYWHERE in there.get("Content-Security-Policy", ""):
                there["X-Frame-Options"] = ""  # which has no word for that
            headers += [header for header in _HEADERS if header[0] not in there]
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        return app(environ, start)  # type: ignore[arg-type]

    return serve
