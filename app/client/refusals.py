"""From what came instead of an answer to the error that says so."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.client.errors import (
    BadQuestion,
    Conflict,
    JobCancelled,
    JobFailed,
    NotAllowed,
    ServerBusy,
    ServerFailed,
    ShuttingDown,
    StatsError,
    TooLate,
    UnexpectedAnswer,
    UnknownJob,
)

# What to send as Accept: errors come with a code then.
ACCEPT = "application/problem+json, application/json, */*;q=0.5"

_BY_CODE: Mapping[str, type[StatsError]] = MappingProxyType(
    {
        "no-such-route": UnexpectedAnswer,
        "unknown-statistic": BadQuestion,
        "too-late": TooLate,
        "job-failed": JobFailed,
        "job-cancelled": JobCancelled,
        "shutting-down": ShuttingDown,
    }
)
# Of all others the status says enough.
_BY_STATUS: Mapping[int, type[StatsError]] = MappingProxyType(
    {
        400: BadQuestion,
        401: NotAllowed,
        403: NotAllowed,
        404: UnknownJob,
        409: Conflict,
        413: BadQuestion,
        415: BadQuestion,
        422: BadQuestion,
        429: ServerBusy,
        500: ServerFailed,
        503: ServerBusy,
        507: ServerBusy,
    }
)
_KNOWN_ENDS = {"content-length", "transfer-encoding"}


def refusal(response: requests.Response, body: bytes) -> StatsError:
    """Return the error for an answer whose status is not that of success."""
    status = response.status_code
    if 300 <= status < 400:
        where = response.headers.get("Location", "nowhere")
        return UnexpectedAnswer(f"{response.url} redirects to {where}: use that address", status)
    try:
        problem = parsed(response, body)
        reason = str(problem["detail"] if "detail" in problem else problem["reason"])
    except (StatsError, requests.RequestException, KeyError):
        return UnexpectedAnswer(_no_json(response, body), status)
    code = str(problem.get("code", ""))
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, UnexpectedAnswer)
    if kind is UnexpectedAnswer:
        reason = f"{response.url} answers {status}: {reason}"
    error = kind(reason, status)
    error.code = code
    error.nearest = tuple(problem.get("nearest", ()))
    error.item = problem.get("item")
    return error


def parsed(response: requests.Response, body: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer; raise UnexpectedAnswer when it is none.

    Raises what requests raises for an answer that was cut, where HTTP did not say how long it is.
    """
    try:
        content = json.loads(body)
    except RecursionError:  # nested deeper than any answer of the server
        content = None
    except ValueError:
        if not _KNOWN_ENDS & {name.lower() for name in response.headers}:
            raise requests.exceptions.ChunkedEncodingError("the answer breaks off") from None
        content = None
    if not isinstance(content, dict):
        raise UnexpectedAnswer(_no_json(response, body), response.status_code)
    return content


def _no_json(response: requests.Response, body: bytes) -> str:
    """Say what came instead of the server's JSON."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html" or body.lstrip().startswith(b"<"):
        what = "a web page, as of a proxy between here and the server,"
    else:
        what = kind or "something of no kind"
    start = " ".join(body[:200].decode("utf-8", "replace").split())
    status = response.status_code
    return f"{response.url} answers {status} with {what} and not with a JSON object: {start}"


def never_sent(error: requests.RequestException) -> bool:
    """Tell whether there was no connection that the request could have been sent on."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return True
    inner = error.args[0] if error.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)
