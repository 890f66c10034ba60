"""The path of a request."""

from app.http.middleware import Middleware
from app.http.request import Request


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
