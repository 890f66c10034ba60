"""Who may ask what of a server: with a token, without one on loopback, or in public.

A policy is an object that tells why a request is refused. It looks at the request's head alone, so
it can be asked before there is a body.
"""

import hmac
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Protocol

from app.errors import BadRequest, Closed
from app.http.error_handlers import Problem
from app.http.paths import with_single_slashes
from app.http.request import READS, Request
from app.messages import reasons
from app.messages.message import Sentence
from app.settings import LOOPBACK, is_loopback

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

# By these a request was forwarded, and by any header that says so in its name: there are many.
_FORWARDED = frozenset({"via", "x-real-ip", "cf-connecting-ip", "true-client-ip"})


class Policy(Protocol):
    """Decides which requests are served."""

    def refusal(self, request: Request) -> Problem | None:
        """Return why a request is refused, None where it is not; then it may be `trusted`.

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

    def is_given(self, request: Request) -> bool:
        """Tell whether a request has it."""
        given = _bearer(request).strip().encode("latin-1")
        # In constant time: how long it takes shows nothing of the token.
        return self.is_set and hmac.compare_digest(given, self._token)

    def fault(self, request: Request) -> Problem | None:
        """Return what is wrong with a request's token, or None."""
        if self.is_given(request):
            return None
        reason = reasons.WRONG_TOKEN() if _bearer(request) else reasons.NO_TOKEN()
        wanted = ("www-authenticate", "Bearer")
        return Problem.of_status(HTTPStatus.UNAUTHORIZED, reason, wanted)


class ByToken:
    """Everything needs the token, but for the pages and the health."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def refusal(self, request: Request) -> Problem | None:
        """Return why a request needs the token and does not have it, or None."""
        fault = self._token.fault(request)
        if fault is None:
            request.trusted = True
        path = with_single_slashes(request.path)
        return None if _is_page(path) else fault


class Public:
    """Anyone may GET what `is_open` names, from anywhere; all else needs the token."""

    def __init__(self, token: Token, is_proxy: Callable[[Request], bool]) -> None:
        """`is_proxy` tells whether a request comes over a connection of a trusted proxy."""
        self._token = token
        self._is_proxy = is_proxy

    def refusal(self, request: Request) -> Problem | None:
        """Return why a request needs the token and does not have it, or is closed; or None."""
        if self._token.is_given(request):
            request.trusted = True
            return None
        if is_open(request):
            if request.headers.get("content-length") not in (None, "", "0"):
                # From the bridge such a request comes a second time, without its body.
                return Problem.of(BadRequest(reasons.NO_BODY()))
            # Of strangers there may be many. A proxy's connections are of many clients in turn.
            request.trusted = self._is_proxy(request)
            return None
        return self._token.fault(request) if self._token.is_set else Problem.of(Closed())


class ByOrigin:
    """Without a token, on this machine, plain curl just works.

    Whoever comes from another machine is refused: other WSGI servers than ours may listen anywhere,
    and this program does not know where. A web page that the operator visits could send requests
    there too. It is recognised by the name that it calls the server by, and by what browsers say of
    where a request comes from.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        """`hosts` are names that the server is called by, beside those of loopback."""
        self._hosts = LOOPBACK | {host.casefold() for host in hosts}

    def refusal(self, request: Request) -> Problem | None:
        """Return why a request seems to come from a web page or a proxy, or None."""
        reason = self._fault(request)
        if reason is not None:
            return Problem.of_status(HTTPStatus.FORBIDDEN, reason)
        request.trusted = True
        return None

    def _fault(self, request: Request) -> Sentence | None:
        if not request.is_local:
            return reasons.FROM_ANOTHER_MACHINE()
        called = request.headers.get("host", "localhost")
        host = _name(called)
        if host not in self._hosts:
            return reasons.NOT_ITS_NAME(name=host[:100])
        path = with_single_slashes(request.path)
        if request.method in READS:
            if not path.startswith("/api/graceful_shutdown"):
                return None
            if not is_loopback(host):
                # Of an image on a page, say, browsers tell nothing there: only of what is secure.
                return reasons.USE_POST(name=host[:100])
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return reasons.ANOTHER_SITE()
        # Older browsers do not send the former. A page of this server has its name and its port.
        for header in ("origin", "referer"):
            page = request.headers.get(header)
            if page is not None and _authority(page) != called.casefold():
                return reasons.ANOTHER_SITE()
        purpose = request.headers.get("sec-purpose") or request.headers.get("purpose") or ""
        if "prefetch" in purpose:
            return reasons.PREFETCH()
        if "forwarded" in " ".join(request.headers) or not _FORWARDED.isdisjoint(request.headers):
            return reasons.BEHIND_PROXY()
        return None


def is_open(request: Request) -> bool:
    """Tell whether a public server is open to a request of anybody."""
    if request.method not in READS:
        return False
    path = with_single_slashes(request.path)
    return path.startswith(_ANSWERS) or path.rstrip("/") in (*_DISCOVERY, _EMBED) or _is_page(path)


def _bearer(request: Request) -> str:
    """Return the token that a request brings, the empty text where it brings none."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return given if kind.casefold() == "bearer" else ""


def _is_page(path: str) -> bool:
    return (path.rstrip("/") or "/") in _PAGES or path.startswith(_FOLDERS_OF_PAGES)


def _authority(address: str) -> str:
    """Return the `host:port` of an address, the empty text where it has none."""
    return re.split("[/?#]", address.partition("://")[2], maxsplit=1)[0].casefold()


def _name(authority: str) -> str:
    """Return the host of `host:port`, which may be an IPv6 address in brackets."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].casefold()
    return authority.partition(":")[0].casefold()
