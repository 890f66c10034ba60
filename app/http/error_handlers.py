"""Turns every exception into an answer, in one place.

`{"status": "error", "reason": "..."}`, or, for a client that accepts `application/problem+json`,
the problem details of RFC 9457, with a `code` by which programs distinguish errors.

Reasons are written for people. What was not raised on purpose is logged, and its text is not sent.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from app import json_bytes
from app.errors import (
    BadRequest,
    BodyTooLarge,
    Busy,
    Closed,
    DatasetError,
    DiskFull,
    DrawingError,
    DrawingTimeout,
    ExpiredJob,
    JobCancelled,
    JobFailed,
    KeyReused,
    LostJob,
    NoAnswer,
    Overloaded,
    QueueFull,
    RateLimited,
    ShuttingDown,
    StatsError,
    StorageError,
    StoreUnavailable,
    TooCostly,
    TooLateError,
    UnknownJob,
    UnknownName,
    UnknownStatistic,
    UnsupportedBody,
)
from app.http.language import language_of
from app.http.request import Request
from app.http.responses import Header, Reply
from app.messages import reasons
from app.statistics.in_words.said import said_in

PROBLEM = "application/problem+json"

# The status and the code of each error. Clients rely on the codes: they do not change.
ANSWERS: Mapping[type[StatsError], tuple[HTTPStatus, str]] = MappingProxyType(
    {
        BadRequest: (HTTPStatus.BAD_REQUEST, "bad-request"),
        UnknownName: (HTTPStatus.BAD_REQUEST, "unknown-name"),
        BodyTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large"),
        TooCostly: (HTTPStatus.BAD_REQUEST, "too-costly"),
        UnsupportedBody: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-body"),
        UnknownStatistic: (HTTPStatus.NOT_FOUND, "unknown-statistic"),
        UnknownJob: (HTTPStatus.NOT_FOUND, "unknown-job"),
        ExpiredJob: (HTTPStatus.NOT_FOUND, "expired-job"),
        LostJob: (HTTPStatus.NOT_FOUND, "lost-job"),
        TooLateError: (HTTPStatus.CONFLICT, "too-late"),
        NoAnswer: (HTTPStatus.CONFLICT, "no-answer"),
        JobFailed: (HTTPStatus.CONFLICT, "job-failed"),
        JobCancelled: (HTTPStatus.CONFLICT, "job-cancelled"),
        KeyReused: (HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused"),
        Busy: (HTTPStatus.CONFLICT, "busy"),
        DatasetError: (HTTPStatus.CONFLICT, "unusable-dataset"),
        Overloaded: (HTTPStatus.SERVICE_UNAVAILABLE, "overloaded"),
        Closed: (HTTPStatus.FORBIDDEN, "closed"),
        RateLimited: (HTTPStatus.TOO_MANY_REQUESTS, "rate-limited"),
        QueueFull: (HTTPStatus.SERVICE_UNAVAILABLE, "queue-full"),
        ShuttingDown: (HTTPStatus.SERVICE_UNAVAILABLE, "shutting-down"),
        StoreUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "store-unavailable"),
        StorageError: (HTTPStatus.SERVICE_UNAVAILABLE, "storage-failed"),
        DiskFull: (HTTPStatus.INSUFFICIENT_STORAGE, "disk-full"),
        DrawingTimeout: (HTTPStatus.SERVICE_UNAVAILABLE, "drawing-too-slow"),
        DrawingError: (HTTPStatus.INTERNAL_SERVER_ERROR, "drawing-failed"),
    }
)
# The codes of what is refused by its HTTP status alone.
CODES: Mapping[int, str] = MappingProxyType(
    {
        HTTPStatus.UNAUTHORIZED: "unauthorized",
        HTTPStatus.FORBIDDEN: "forbidden",
        HTTPStatus.NOT_FOUND: "no-such-route",
        HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
        HTTPStatus.REQUEST_TIMEOUT: "body-too-slow",
        HTTPStatus.LENGTH_REQUIRED: "length-required",
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "range-not-satisfiable",
        HTTPStatus.INTERNAL_SERVER_ERROR: "internal-error",
    }
)
_LONGEST_SAID = 1000
# What was refused for now may be taken in a moment.
_PASSING = QueueFull | StorageError | Overloaded | StoreUnavailable

UNEXPECTED = reasons.UNEXPECTED()

_REASONS = MappingProxyType(
    {
        HTTPStatus.NOT_FOUND: reasons.NO_ROUTE(),
        HTTPStatus.METHOD_NOT_ALLOWED: reasons.NO_METHOD(),
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: reasons.RANGE_BEYOND_THE_END(),
        HTTPStatus.INTERNAL_SERVER_ERROR: UNEXPECTED,
    }
)


class Problem(NamedTuple):
    """Why a request is not answered: a status, a code for programs, and a reason for people.

    `members` are what else programs may want to know, such as the `nearest` known names.
    """

    status: HTTPStatus
    code: str
    reason: str
    headers: tuple[Header, ...] = ()
    members: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def of_status(cls, status: HTTPStatus, reason: str, *headers: Header) -> "Problem":
        """Return the problem of a request that is refused by its HTTP status alone."""
        return cls(status, CODES.get(status, "refused"), reason, headers)

    @classmethod
    def of(cls, error: Exception) -> "Problem":
        """Return the problem that an exception stands for."""
        if isinstance(error, StatsError):
            status, code = _answer_to(error)
            return cls(status, code, str(error), _headers(error), _members(error))
        if isinstance(error, HTTPException):
            status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
            reason = _REASONS.get(status) or (error.name or "error").lower()
            # What the status means needs these, such as Allow with 405.
            needed = (
                (name.lower(), value)
                for name, value in error.get_headers()
                if name.lower() not in ("content-type", "content-length")
            )
            return cls.of_status(status, reason, *needed)
        return cls.of_status(HTTPStatus.INTERNAL_SERVER_ERROR, UNEXPECTED)

    def refuse(self, request: Request) -> Reply:
        """Return the answer to a request; leave in it, for the log, why it is refused."""
        request.refusal, request.cause = self.reason, self.code
        return self.answer(request)

    def answer(self, request: Request) -> Reply:
        """Return the answer to a request, in its language and in the format that it prefers."""
        return self.said_in(language_of(request)).reply(request.headers.get("accept"))

    def said_in(self, language: str) -> "Problem":
        """Return the same with its reason in a language, by its code.

        A very long one repeats what a client sent, and to look for it would only take time.
        """
        if len(self.reason) > _LONGEST_SAID:
            return self
        return self._replace(reason=said_in(language, self.reason))

    def reply(self, accept: str | None) -> Reply:
        """Return the answer to a request with this Accept header."""
        headers = [*self.headers, ("vary", "Accept")]
        if not accept or not _prefers_problem(accept):
            body = {"status": "error", "reason": self.reason}
            return Reply(json_bytes.encode(body), self.status, headers)
        problem = {
            "type": "about:blank",  # the title is the status in words, as RFC 9457 has it for this
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.reason,
            "code": self.code,
            **self.members,
        }
        return Reply(json_bytes.encode(problem), self.status, headers, PROBLEM)


def _answer_to(error: StatsError) -> tuple[HTTPStatus, str]:
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            return ANSWERS[kind]
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return status, CODES[status]


def _headers(error: StatsError) -> tuple[Header, ...]:
    """Return the headers that tell a client when to ask again, where that helps."""
    if isinstance(error, RateLimited):
        return (
            ("retry-after", str(error.seconds)),
            ("ratelimit-policy", error.policy),
            ("ratelimit", error.quota),
            # It is about one client, and over in a moment.
            ("cache-control", "no-store"),
        )
    return (("retry-after", "1"),) if isinstance(error, _PASSING) else ()


def _members(error: StatsError) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if isinstance(error, UnknownName):
        members["nearest"] = error.nearest
    if isinstance(error, BadRequest) and error.item is not None:
        members["item"] = error.item
    return members


def _prefers_problem(accept: str) -> bool:
    """Tell whether a client names the type of problems, and does not want plain JSON more."""
    if PROBLEM not in accept.lower():
        return False
    accepted = parse_accept_header(accept, MIMEAccept)
    quality = accepted.quality(PROBLEM)
    return bool(quality) and quality >= accepted.quality("application/json")


def reply_to(error: Exception, request: Request, log: logging.Logger) -> Reply:
    """Return the answer to a request that raised `error`; leave why in the request."""
    problem = Problem.of(error)
    if isinstance(error, StatsError | HTTPException):
        return problem.refuse(request)
    log.error("%s %s raised", request.method, request.path, exc_info=error)
    request.cause = problem.code
    return problem.answer(request)
