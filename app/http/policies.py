"""Who may ask what of a server: with a token, without one on loopback, or in public.

A policy is an object that tells why a request is refused. It looks at the request's head alone, so
it can be asked before there is a body.
"""

import hmac
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Protocol
from wsgiref.types import WSGIEnvironment

from app.errors import BadRequest, Closed
from app.http.error_handlers import Problem
from app.http.paths import with_single_slashes
from app.messages import reasons
from app.settings import LOOPBACK

# In the environ of a request that is let through as one of somebody who has all that this server
# asks for, the token above all. It is False where that is so for this request alone.
TRUSTED = "stats_sportif.trusted"

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

# The health is for monitoring. The pages are open because the token is entered there; they hold
# nothing of the dataset or the jobs.
_PAGES = frozenset(
    {"/api/health", "/", "/index", "/ask", "/jobs", "/pool", "/robots.txt", "/favicon.ico"}
)
_FOLDERS_OF_PAGES = ("/openapi", "/assets/")
# What a public server is for.
_DISCOVERY = frozenset(
    f"/api/{name}"
    for name in ("datasets", "dataset", "statistics", "questions", "states", "categories")
)
_ANSWERS = "/api/answers/"
_EMBED = "/embed"

_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_REAL_IP",
)


class Policy(Protocol):
    """Decides which requests are served."""

    def refusal(self, environ: WSGIEnvironment) -> Problem | None:
        """Return why a request is refused, None where it is not; then its environ may be TRUSTED.

        Its body need not be there yet.
        """


class Token:
    """The token of a server; it may have none, and then nobody has it."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    @property
    def is_set(self) -> bool:
        """Whether there is one."""
        return bool(self._token)

    def is_given(self, environ: WSGIEnvironment) -> bool:
        """Tell whether a request has it."""
        given = _bearer(environ).strip().encode("latin-1")
        # In constant time: how long it takes shows nothing of the token.
        return self.is_set and hmac.compare_digest(given, self._token)

    def fault(self, environ: WSGIEnvironment) -> Problem | None:
        """Return what is wrong with a request's token, or None."""
        if self.is_given(environ):
            return None
        if _bearer(environ):
            reason = "the token is not this server's"
        else:
            reason = "this server asks for a token: Authorization: Bearer <token>"
        wanted = ("WWW-Authenticate", "Bearer")
        return Problem.of_status(HTTPStatus.UNAUTHORIZED, reason, wanted)


class ByToken:
    """Everything needs the token, but for the pages and the health."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def refusal(self, environ: WSGIEnvironment) -> Problem | None:
        """Return why a request needs the token and does not have it, or None."""
        fault = self._token.fault(environ)
        if fault is None:
            environ[TRUSTED] = True
        path = with_single_slashes(environ["PATH_INFO"])
        return None if _is_page(path) else fault


class Public:
    """Anyone may GET what `is_open` names, from anywhere; all else needs the token."""

    def __init__(self, token: Token, is_proxy: Callable[[WSGIEnvironment], bool]) -> None:
        """`is_proxy` tells whether a request comes over a connection of a trusted proxy."""
        self._token = token
        self._is_proxy = is_proxy

    def refusal(self, environ: WSGIEnvironment) -> Problem | None:
        """Return why a request needs the token and does not have it, or is closed; or None."""
        if self._token.is_given(environ):
            environ[TRUSTED] = True
            return None
        if is_open(environ):
            if environ.get("CONTENT_LENGTH") not in (None, "", "0"):
                # From the bridge such a request comes a second time, without its body.
                return Problem.of(BadRequest(reasons.NO_BODY()))
            # Of strangers there may be many. A proxy's connections are of many clients in turn.
            environ[TRUSTED] = self._is_proxy(environ)
            return None
        return self._token.fault(environ) if self._token.is_set else Problem.of(Closed())


class ByOrigin:
    """Without a token, on loopback, plain curl just works.

    A web page that the operator visits could send requests there too. It is recognised by the name
    that it calls the server by, and by what browsers say of where a request comes from.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        """`hosts` are names that the server is called by, beside those of loopback."""
        self._hosts = LOOPBACK | {host.casefold() for host in hosts}

    def refusal(self, environ: WSGIEnvironment) -> Problem | None:
        """Return why a request seems to come from a web page or a proxy, or None."""
        reason = self._fault(environ)
        if reason is not None:
            return Problem.of_status(HTTPStatus.FORBIDDEN, reason)
        environ[TRUSTED] = True
        return None

    def _fault(self, environ: WSGIEnvironment) -> str | None:
        called = environ.get("HTTP_HOST", "localhost")
        host = _name(called)
        if host not in self._hosts:
            return f'this server is not called "{host[:100]}"; --hosts adds a name'
        path = with_single_slashes(environ["PATH_INFO"])
        reads = environ["REQUEST_METHOD"] in _READS
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


def is_open(environ: WSGIEnvironment) -> bool:
    """Tell whether a public server is open to a request of anybody."""
    if environ["REQUEST_METHOD"] not in _READS:
        return False
    path = with_single_slashes(environ["PATH_INFO"])
    return path.startswith(_ANSWERS) or path.rstrip("/") in (*_DISCOVERY, _EMBED) or _is_page(path)


def _bearer(environ: WSGIEnvironment) -> str:
    """Return the token that a request brings, the empty text where it brings none."""
    kind, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return given if kind.casefold() == "bearer" else ""


def _is_page(path: str) -> bool:
    return path in _PAGES or path.startswith(_FOLDERS_OF_PAGES)


def _authority(address: str) -> str:
    """Return the `host:port` of an address, the empty text where it has none."""
    return re.split("[/?#]", address.partition("://")[2], maxsplit=1)[0].casefold()


def _name(authority: str) -> str:
    """Return the host of `host:port`, which may be an IPv6 address in brackets."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].casefold()
    return authority.partition(":")[0].casefold()
