"""Headers that are read as lists: where one is longer than any that is meant, it is passed over.

To take one of 30 kB apart costs up to 30 ms on the event loop, on which all others wait.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_MOST = 1000
# A browser sends a server on loopback the cookies of all others there.
_MOST_COOKIES = 4096

_BOUNDS: Mapping[str, int] = MappingProxyType(
    {
        "HTTP_ACCEPT": _MOST,
        "HTTP_ACCEPT_ENCODING": _MOST,
        "HTTP_ACCEPT_LANGUAGE": _MOST,
        "HTTP_IF_NONE_MATCH": _MOST,
        "HTTP_RANGE": _MOST,
        "HTTP_COOKIE": _MOST_COOKIES,
    }
)


def without_long_lists(environ: WSGIEnvironment) -> WSGIEnvironment:
    """Take out of a request the lists that are too long; return it."""
    for key, most in _BOUNDS.items():
        if len(environ.get(key, "")) > most:
            del environ[key]
    return environ


def pass_over_long_lists(app: WSGIApplication) -> WSGIApplication:
    """Return what serves a request as if lists that are too long were not there."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return app(without_long_lists(environ), start_response)

    return serve
