"""Who may ask what: keeps web pages, strangers and proxies away from a server without a token.

On loopback, with no token, plain curl just works. A web page that the operator visits could send
requests there too. It is recognised by the name that it calls the server by, and by what browsers
say of where a request comes from. With a token, it alone decides.
"""

import hmac
import re
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.http.error_handlers import Problem
from app.http.paths import with_single_slashes
from app.http.request_log import CAUSE, REFUSAL
from app.settings import LOOPBACK

_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_REAL_IP",
)
# In the environ of a request that came with all that this server asks for, the token above all.
TRUSTED = "stats_sportif.trusted"

# The health is for monitoring. The pages are open because the token is entered there; they hold
# nothing of the dataset or the jobs.
_OPEN = frozenset({"/api/health", "/", "/index", "/ask", "/jobs"})
_OPEN_FOLDERS = ("/openapi", "/assets/")

# On every response. The pages say what they need beyond this.
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
_POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")


class Guard:
    """Lets requests through to an app, or answers 401 or 403; adds the security headers."""

    def __init__(self, token: str, hosts: Iterable[str]) -> None:
        """`hosts` are names that the server is called by, beside those of loopback."""
        self._token = token.encode()
        self._hosts = LOOPBACK | {host.casefold() for host in hosts}

    def protect(self, app: WSGIApplication) -> WSGIApplication:
        """Return what serves a request by `app`, or refuses it."""
        return partial(self._serve, app)

    def refusal(self, environ: WSGIEnvironment) -> str | None:
        """Return why a request is refused, None where it is not. Its body need not be there yet."""
        return self._refuse_by_token(environ) if self._token else self._refuse_by_origin(environ)

    def _serve(
        self, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            headers.extend(_HEADERS)
            if not any(name == "Content-Security-Policy" for name, _ in headers):
                headers.append(_POLICY)
            return start_response(status, headers, *error)  # type: ignore[arg-type]

        refusal = self.refusal(environ)
        if refusal is None:
            if not self._token or self._token_fault(environ) is None:
                environ[TRUSTED] = True
            return app(environ, start)  # type: ignore[arg-type]
        environ[REFUSAL], environ[CAUSE] = refusal, "Guard"
        if self._token:
            wanted = ("WWW-Authenticate", "Bearer")
            problem = Problem.of_status(HTTPStatus.UNAUTHORIZED, refusal, wanted)
        else:
            problem = Problem.of_status(HTTPStatus.FORBIDDEN, refusal)
        return problem.reply(environ.get("HTTP_ACCEPT"))(environ, start)  # type: ignore[arg-type]

    def _refuse_by_token(self, environ: WSGIEnvironment) -> str | None:
        """Return why a request needs the token and does not have it, or None."""
        path = with_single_slashes(environ["PATH_INFO"])
        is_open = path in _OPEN or path.startswith(_OPEN_FOLDERS)
        return None if is_open else self._token_fault(environ)

    def _token_fault(self, environ: WSGIEnvironment) -> str | None:
        """Return what is wrong with a request's token, or None."""
        kind, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.casefold() != "bearer" or not given:
            return "this server asks for a token: Authorization: Bearer <token>"
        # In constant time: how long it takes shows nothing of the token.
        if not hmac.compare_digest(given.strip().encode("latin-1"), self._token):
            return "the token is not this server's"
        return None

    def _refuse_by_origin(self, environ: WSGIEnvironment) -> str | None:
        """Return why a request seems to come from a web page or a proxy, or None."""
        called = environ.get("HTTP_HOST", "localhost")
        host = _name(called)
        if host not in self._hosts:
            return f'this server is not called "{host[:100]}"; --hosts adds a name'
        path = with_single_slashes(environ["PATH_INFO"])
        reads = environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
        if reads and not path.startswith("/api/graceful_shutdown"):
            return None
        if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
            return "a page of another site cannot change anything here"
        # Older browsers do not send the former. A page of this server has its name and its port.
        for header in ("HTTP_ORIGIN", "HTTP_REFERER"):
            page = environ.get(header)
            if page is not None and _authority(page) != called.casefold():
                return "a page of another site cannot change anything here"
        purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or ""
        if "prefetch" in purpose:
            return "a prefetch cannot change anything here"
        if any(header in environ for header in _FORWARDED):
            return "behind a proxy, this server needs a token: --token"
        return None


def _authority(address: str) -> str:
    """Return the `host:port` of an address, the empty text where it has none."""
    return re.split("[/?#]", address.partition("://")[2], maxsplit=1)[0].casefold()


def _name(authority: str) -> str:
    """Return the host of `host:port`, which may be an IPv6 address in brackets."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].casefold()
    return authority.partition(":")[0].casefold()
