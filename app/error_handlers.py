"""Turns every exception into JSON, in one place: `{"status": "error", "reason": "..."}`.

Reasons are written for people. What was not raised on purpose is logged, and its text is not sent.
"""

import logging
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from app import json_bytes
from app.errors import (
    BadRequest,
    BodyTooLarge,
    QueueFull,
    ShuttingDown,
    StatsError,
    StorageError,
    TooLateError,
    UnknownJob,
    UnsupportedBody,
)
from app.request_log import CAUSE, REFUSAL

# Looked up from the exception's own class upwards.
_STATUSES: dict[type[StatsError], HTTPStatus] = {
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedBody: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BadRequest: HTTPStatus.BAD_REQUEST,
    UnknownJob: HTTPStatus.NOT_FOUND,
    TooLateError: HTTPStatus.CONFLICT,
    QueueFull: HTTPStatus.SERVICE_UNAVAILABLE,
    ShuttingDown: HTTPStatus.SERVICE_UNAVAILABLE,
}

_REASONS = {
    HTTPStatus.NOT_FOUND: "there is no such route; / tells where the routes are described",
    HTTPStatus.METHOD_NOT_ALLOWED: "this route does not take this method",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the server failed unexpectedly; webserver.log tells more",
}


def error_body(reason: str) -> bytes:
    """Return the JSON body of an error."""
    return json_bytes.encode({"status": "error", "reason": reason})


def _respond(reason: str, status: int, error: Exception) -> Response:
    request.environ[REFUSAL] = reason
    request.environ[CAUSE] = type(error).__name__
    return Response(error_body(reason), status, mimetype="application/json")


def _status_of(error: StatsError) -> HTTPStatus:
    if isinstance(error, StorageError):
        return HTTPStatus.INSUFFICIENT_STORAGE if error.full else HTTPStatus.SERVICE_UNAVAILABLE
    for kind in type(error).__mro__:
        if kind in _STATUSES:
            return _STATUSES[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def register(app: Flask, log: logging.Logger) -> None:
    """Register the handlers with `app`."""

    @app.errorhandler(StatsError)
    def on_purpose(error: StatsError) -> Response:
        response = _respond(str(error), _status_of(error), error)
        if isinstance(error, QueueFull | StorageError):
            response.headers["Retry-After"] = "1"
        return response

    @app.errorhandler(HTTPException)
    def by_flask(error: HTTPException) -> Response:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        reason = _REASONS.get(HTTPStatus(status)) or (error.name or "error").lower()
        response = _respond(reason, status, error)
        for name, value in error.get_headers():
            # What the status means needs these, such as Allow with 405.
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.exception("%s %s raised", request.method, request.path)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _respond(_REASONS[status], status, error)
