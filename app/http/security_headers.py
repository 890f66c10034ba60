"""The headers that tell browsers what they must not do with a response."""

from app.http.middleware import Middleware
from app.http.request import Request
from app.http.responses import Header, Known

# On every response that does not say it in another way itself.
_HEADERS: tuple[Header, ...] = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
)
_NAMES = frozenset(name for name, _ in _HEADERS)

# What the policy of a page says that may stand in the frames of any site.
_ANYWHERE = "frame-ancestors *"


class SecurityHeaders(Middleware):
    """Adds them."""

    def leave(self, _request: Request, response: Known) -> Known:
        """Add those that are not there."""
        there = dict(response.headers)
        if _NAMES.isdisjoint(there):  # as nearly always
            response.headers = (*response.headers, *_HEADERS)
            return response
        if _ANYWHERE in there.get("content-security-policy", ""):
            there["x-frame-options"] = ""  # which has no word for that
        more = (header for header in _HEADERS if header[0] not in there)
        response.headers = (*response.headers, *more)
        return response
