"""What a request asks by its address: a job, how long to wait, which jobs to list, a format."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from app.errors import BadRequest, UnknownJob

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

MOST_SECONDS = 30.0

# ASCII digits only, matched in full, before an id comes near a path.
_JOB_ID = re.compile(r"(?:job_id_)?([1-9][0-9]{0,17})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_STATUSES = ("running", "done", "error")


class JobPage(NamedTuple):
    """Which jobs to list: those after an id, with a status or any, at most so many or all."""

    after: int
    status: str | None
    limit: int | None


def job_number(job_id: str) -> int:
    """Return the number in a job id, `job_id_7` or `7`; raise UnknownJob when it is none."""
    match = _JOB_ID.fullmatch(job_id)
    if match is None:
        raise UnknownJob
    return int(match[1])


def wait_seconds(environ: "WSGIEnvironment") -> float:
    """Return how long a request is ready to wait: `?wait=`, 0 without it, 30 where it says more."""
    text = _parameters(environ).get("wait", "0")
    if not _NUMBER.fullmatch(text):
        raise BadRequest(f'"wait" must be a number of seconds, such as {MOST_SECONDS:g}')
    return min(float(text), MOST_SECONDS)


def answer_format(environ: "WSGIEnvironment", known: Sequence[str]) -> str:
    """Return the format that `?format=` asks for, `json` without it."""
    wanted = _parameters(environ).get("format", "json")
    if wanted not in known:
        raise BadRequest(f'"format" must be one of {", ".join(known)}')
    return wanted


def chart_kind(environ: "WSGIEnvironment", known: Sequence[str]) -> str | None:
    """Return the kind of chart that `?chart=` asks for, None without it."""
    wanted = _parameters(environ).get("chart")
    if wanted is not None and wanted not in known:
        raise BadRequest(f'"chart" must be one of {", ".join(known)}')
    return wanted


def job_page(environ: "WSGIEnvironment") -> JobPage:
    """Return which jobs `?status=`, `?after=` and `?limit=` ask for."""
    given = _parameters(environ)
    status, after, limit = given.get("status"), given.get("after", "0"), given.get("limit")
    if status is not None and status not in _STATUSES:
        raise BadRequest('"status" must be running, done or error')
    if limit is not None and not (_NUMBER.fullmatch(limit) and limit.isdecimal() and int(limit)):
        raise BadRequest('"limit" must be a whole number, 1 or more')
    match = _JOB_ID.fullmatch(after)
    if match is None and after not in ("0", "job_id_0"):
        raise BadRequest('"after" must be a job id, such as job_id_7')
    return JobPage(int(match[1]) if match else 0, status, int(limit) if limit else None)


def _parameters(environ: "WSGIEnvironment") -> dict[str, str]:
    text = environ["QUERY_STRING"]
    return dict(parse_qsl(text, keep_blank_values=True)) if text else {}
