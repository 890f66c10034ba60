"""The path of a request."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def path_text(environ: WSGIEnvironment) -> str:
    """Return a request's path as the client meant it: WSGI's has a byte in each character."""
    path: str = environ["PATH_INFO"]
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


def with_single_slashes(path: str) -> str:
    """Return `/api/jobs` for `//api//jobs`."""
    while "//" in path:
        path = path.replace("//", "/")
    return path


def single_slashes(app: WSGIApplication) -> WSGIApplication:
    """Serve `//api//jobs`, as some clients write it, like `/api/jobs`."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = with_single_slashes(environ["PATH_INFO"])
        return app(environ, start_response)

    return serve


def way_to_root(path: str) -> str:
    """Return how a page at `path` begins the address of anything of this server: `.` or `../..`.

    Relative, so that it is right below the path of a proxy, too.
    """
    return "/".join([".."] * (path.count("/") - 1)) or "."
