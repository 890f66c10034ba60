"""What a request asks by its address: a job, how long to wait, which jobs to tell of, a format."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from app.errors import BadRequest, UnknownJob

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

MOST_SECONDS = 30.0

# ASCII digits only, matched in full, before an id comes near a path.
_JOB_ID = re.compile(r"(?:job_id_)?([1-9][0-9]{0,17})", re.ASCII)
_SHORT = re.compile(r"[0-9]{1,3}", re.ASCII)  # as many digits as _MOST_JOBS_A_PAGE has
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_AFTER_ALL = 10**18  # higher than any id
_JOBS_A_PAGE, _MOST_JOBS_A_PAGE = 50, 200
_MOST_TEXT = 200
_STATUSES = ("running", "done", "error")


class JobPage(NamedTuple):
    """Which jobs to list: those after an id, with a status or any, at most so many or all."""

    after: int
    status: str | None
    limit: int | None


class ActivityPage(NamedTuple):
    """Which jobs to tell of, of those before an id: at most so many that fit.

    `statuses` and `statistics` are empty where any will do; `text`, in folded case, is a part of
    what was asked.
    """

    statuses: frozenset[str]
    statistics: frozenset[str]
    text: str
    before: int
    limit: int


class ActivityAsked(NamedTuple):
    """Which jobs to tell of, and how many seconds to wait while things are as a client knows them.

    `known` is the state that it was told; None for a client that wants an answer at once.
    """

    page: ActivityPage
    known: str | None
    seconds: float


def job_number(job_id: str) -> int:
    """Return the number in a job id, `job_id_7` or `7`; raise UnknownJob when it is none."""
    match = _JOB_ID.fullmatch(job_id)
    if match is None:
        raise UnknownJob
    return int(match[1])


def wait_seconds(environ: "WSGIEnvironment") -> float:
    """Return how long a request is ready to wait: `?wait=`, 0 without it, 30 where it says more."""
    return _seconds(_parameters(environ))


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


def activity_asked(
    environ: "WSGIEnvironment", statuses: Sequence[str], statistics: Sequence[str]
) -> ActivityAsked:
    """Return which jobs a request asks for, of these statuses and statistics, and its patience."""
    # Parsed once: who watches asks this again and again.
    pairs = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
    given = dict(pairs)
    text = " ".join(given.get("text", "").split()).casefold()
    if len(text) > _MOST_TEXT:
        raise BadRequest(f'"text" has at most {_MOST_TEXT} characters')
    limit = given.get("limit", str(_JOBS_A_PAGE))
    wanted = int(limit) if _SHORT.fullmatch(limit) else 0
    if not 1 <= wanted <= _MOST_JOBS_A_PAGE:
        raise BadRequest(f'"limit" must be a whole number from 1 to {_MOST_JOBS_A_PAGE}')
    before = given.get("before")
    match = _JOB_ID.fullmatch(before) if before is not None else None
    if before is not None and match is None:
        raise BadRequest('"before" must be a job id, such as job_id_7')
    page = ActivityPage(
        _some_of(pairs, "status", statuses),
        _some_of(pairs, "statistic", statistics),
        text,
        int(match[1]) if match else _AFTER_ALL,
        wanted,
    )
    return ActivityAsked(page, given.get("since"), _seconds(given))


def _some_of(pairs: Iterable[tuple[str, str]], name: str, known: Sequence[str]) -> frozenset[str]:
    """Return the values of a parameter that may come more than once, or with commas."""
    given = [value for key, values in pairs if key == name for value in values.split(",")]
    wanted = frozenset(value for value in given if value)
    if not wanted <= set(known):
        raise BadRequest(f'"{name}" must be among {", ".join(known)}')
    return wanted


def _seconds(given: Mapping[str, str]) -> float:
    text = given.get("wait", "0")
    if not _NUMBER.fullmatch(text):
        raise BadRequest(f'"wait" must be a number of seconds, such as {MOST_SECONDS:g}')
    return min(float(text), MOST_SECONDS)


def _parameters(environ: "WSGIEnvironment") -> dict[str, str]:
    text = environ["QUERY_STRING"]
    return dict(parse_qsl(text, keep_blank_values=True)) if text else {}
