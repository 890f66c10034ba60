"""Refuses requests that are not for this server, before their bodies are read where it can."""

from app.http.error_handlers import Problem
from app.http.middleware import Middleware
from app.http.policies import Policy
from app.http.request import Request
from app.http.responses import Reply


class Guard(Middleware):
    """Lets requests through, or refuses them, as its policy (`policies.py`) has it."""

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
