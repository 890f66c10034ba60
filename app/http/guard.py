"""Keeps web pages, strangers and proxies away from what is not for them."""

from app.http.error_handlers import Problem
from app.http.policies import Policy
from app.http.request import Request
from app.http.responses import Header, Known, Reply
from app.http.steps import Step

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


class Guard(Step):
    """Lets requests through, or answers as its policy has it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def refusal(self, request: Request) -> Problem | None:
        """Return why a request is refused, None where it is not. Its body need not be there yet."""
        if request.is_admitted:
            return None
        problem = self._policy.refusal(request)
        request.is_admitted = problem is None
        return problem

    def enter(self, request: Request) -> Reply | None:
        """Refuse what is not to be served."""
        problem = self.refusal(request)
        return None if problem is None else problem.refuse(request)


class SecurityHeaders(Step):
    """Adds the headers that tell browsers what they must not do with a response."""

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
