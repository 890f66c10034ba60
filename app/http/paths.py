"""The path of a request, and the address of this server as its client knows it."""

import re

from app.http.middleware import Middleware
from app.http.request import Request

_HOST = re.compile(r"[0-9A-Za-z.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_PREFIX = re.compile(r"(/[0-9A-Za-z._~-]+)*")


def with_single_slashes(path: str) -> str:
    """Return `/api/jobs` for `//api//jobs`."""
    while "//" in path:
        path = path.replace("//", "/")
    return path


class SingleSlashes(Middleware):
    """Serves `//api//jobs`, as some clients write it, like `/api/jobs`."""

    def enter(self, request: Request) -> None:
        """Take further slashes out of the path."""
        request.path = with_single_slashes(request.path)


def way_to_root(path: str) -> str:
    """Return how a page at `path` begins the address of anything of this server: `.` or `../..`.

    Relative, so that it is right below the path of a proxy, too.
    """
    return "/".join([".."] * (path.count("/") - 1)) or "."


def absolute_root(request: Request) -> str | None:
    """Return the absolute address of this server as its client knows it, None if that is strange.

    What a trusted proxy says of it counts.
    """
    host, scheme, prefix = request.headers.get("host", ""), request.scheme, ""
    if request.trusted:
        forwarded = request.headers.get("x-forwarded-proto", "")
        scheme = forwarded if forwarded in ("http", "https") else scheme
        host = request.headers.get("x-forwarded-host") or host
        prefix = request.headers.get("x-forwarded-prefix", "").rstrip("/")
    if not _HOST.fullmatch(host) or not _PREFIX.fullmatch(prefix):
        return None
    return f"{scheme}://{host}{prefix}"
