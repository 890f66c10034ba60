"""Headers that are read as lists: where one is longer than any that is meant, it is passed over.

To take one of 30 kB apart costs up to 30 ms on the event loop, on which all others wait.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.http.middleware import Middleware
from app.http.request import Request

_MOST = 1000
# A browser sends a server on loopback the cookies of all others there.
_MOST_COOKIES = 4096

_BOUNDS: Mapping[str, int] = MappingProxyType(
    {
        "accept": _MOST,
        "accept-encoding": _MOST,
        "accept-language": _MOST,
        "if-none-match": _MOST,
        "range": _MOST,
        "cookie": _MOST_COOKIES,
    }
)


def without_long_lists(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without the lists that are too long."""
    return {
        name: value
        for name, value in headers.items()
        if len(value) <= _BOUNDS.get(name, len(value))
    }


class ShortLists(Middleware):
    """Serves a request as if lists that are too long were not there."""

    def enter(self, request: Request) -> None:
        """Take them out of the headers."""
        if max(map(len, request.headers.values()), default=0) > _MOST:  # as in nearly none
            request.headers = without_long_lists(request.headers)
