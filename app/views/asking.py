"""Asks for an answer without a job: from memory, or computed once for all who wait for it."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from app.answers.compute import Answer, Answers
from app.errors import Overloaded
from app.http.query import MOST_SECONDS
from app.http.rates import Stranger
from app.http.request import Request
from app.http.responses import AfterWait, Response
from app.job import JobRequest
from app.job_service import JobService
from app.messages import reasons

T = TypeVar("T")

# What counts as one more computation: large answers take the room of others in memory.
_BYTES_OF_ONE = 100_000


class Asking:
    """Has answers computed, and counts that as computations of their clients."""

    def __init__(self, service: JobService) -> None:
        self._service = service

    def answer(
        self,
        request: Request,
        answers: Answers,
        asked: JobRequest,
        respond: Callable[[Answer, str], Response],
        *,
        is_counted: bool = False,
    ) -> Response:
        """Return the response to an answer once it is there, and to how it came about.

        `is_counted`: as a computation of its client, already.
        """
        answer = answers.known(asked)
        if answer is not None:
            return respond(answer, "cached")
        stranger = request.stranger
        if stranger is not None and not is_counted:
            stranger.compute()
        future = self._service.shared.answer(answers, asked, client_of(stranger))

        def computed(answer: Answer) -> Response:
            if stranger is not None:
                stranger.count_computed(len(answer.body) // _BYTES_OF_ONE)
            return respond(answer, "computed")

        return self.after(future, computed)

    def after(self, future: Future[T], respond: Callable[[T], Response]) -> Response:
        """Return the response to what is being computed."""
        wait = self._service.wait_for_answer(future)
        if wait is None:
            raise Overloaded(reasons.TOO_MANY_WAIT())

        def response() -> Response:
            if not future.done():
                raise Overloaded(reasons.NOT_YET())
            return respond(future.result())

        return AfterWait(wait, MOST_SECONDS, response)


def client_of(stranger: Stranger | None) -> str:
    """Return who takes turns with others; nobody who has the token, or needs none, does."""
    return "" if stranger is None else stranger.name
