"""Turns every exception into JSON, in one place: `{"status": "error", "reason": "..."}`.

Reasons are written for people. What was not raised on purpose is logged, and its text is not sent.
"""

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException

from app import json_bytes
from app.errors import (
    BadRequest,
    BodyTooLarge,
    Busy,
    DatasetError,
    NoAnswer,
    Overloaded,
    QueueFull,
    ShuttingDown,
    StatsError,
    StorageError,
    StoreUnavailable,
    TooLateError,
    UnknownJob,
    UnsupportedBody,
)
from app.http.request_log import CAUSE, REFUSAL
from app.http.responses import Reply

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# Looked up from the exception's own class upwards.
_STATUSES: dict[type[StatsError], HTTPStatus] = {
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedBody: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BadRequest: HTTPStatus.BAD_REQUEST,
    UnknownJob: HTTPStatus.NOT_FOUND,
    TooLateError: HTTPStatus.CONFLICT,
    NoAnswer: HTTPStatus.CONFLICT,
    Busy: HTTPStatus.CONFLICT,
    DatasetError: HTTPStatus.CONFLICT,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    QueueFull: HTTPStatus.SERVICE_UNAVAILABLE,
    ShuttingDown: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

UNEXPECTED = "the server failed unexpectedly; webserver.log tells more"

_REASONS = {
    HTTPStatus.NOT_FOUND: "there is no such route; / tells where the routes are described",
    HTTPStatus.METHOD_NOT_ALLOWED: "this route does not take this method",
    HTTPStatus.INTERNAL_SERVER_ERROR: UNEXPECTED,
}


def error_body(reason: str) -> bytes:
    """Return the JSON body of an error."""
    return json_bytes.encode({"status": "error", "reason": reason})


def _status_of(error: StatsError) -> HTTPStatus:
    if isinstance(error, StorageError):
        return HTTPStatus.INSUFFICIENT_STORAGE if error.full else HTTPStatus.SERVICE_UNAVAILABLE
    for kind in type(error).__mro__:
        if kind in _STATUSES:
            return _STATUSES[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def reply_to(error: Exception, environ: "WSGIEnvironment", log: logging.Logger) -> Reply:
    """Return the answer to a request that raised `error`; leave why in its environ."""
    headers: list[tuple[str, str]] = []
    environ[CAUSE] = type(error).__name__
    if isinstance(error, StatsError):
        status, reason = _status_of(error), str(error)
        if isinstance(error, QueueFull | StorageError | Overloaded | StoreUnavailable):
            headers.append(("Retry-After", "1"))
    elif isinstance(error, HTTPException):
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        reason = _REASONS.get(status) or (error.name or "error").lower()
        # What the status means needs these, such as Allow with 405.
        headers += [
            (name, value)
            for name, value in error.get_headers()
            if name.lower() not in ("content-type", "content-length")
        ]
    else:
        log.error("%s %s raised", environ["REQUEST_METHOD"], environ["PATH_INFO"], exc_info=error)
        return Reply(error_body(UNEXPECTED), HTTPStatus.INTERNAL_SERVER_ERROR)
    environ[REFUSAL] = reason
    return Reply(error_body(reason), status, headers)
