"""Many jobs in one request: submitted together, and collected together."""

import logging
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from itertools import islice, starmap
from typing import Any, NamedTuple

from app import json_bytes
from app.answers.compute import Answers
from app.concurrency.limiter import Limiter
from app.concurrency.wait import Wait
from app.errors import BadRequest, Overloaded, StatsError, StoreUnavailable, UnknownJob
from app.http.body import check_declared, parse_array, parse_object, text_field
from app.http.error_handlers import Problem
from app.http.query import Query
from app.http.request import Request
from app.http.responses import OnThread, Part, Pause, Reply, Response, Slow, Stream
from app.http.submit_headers import idempotency_key
from app.job import JobRequest, JobStatus, Outcome
from app.job_service import JobService
from app.messages import reasons
from app.statistics.parameters import DATASET
from app.statistics.statistic import Statistic
from app.views.job_ids import AFTER_ALL, find_number
from app.views.results import failure

MOST_JOBS = 10_000

# A job's item has three values, and a question some commas.
_VALUES_A_JOB = 30
# Who does not read what is streamed makes the server keep it: the HTTP server takes all at once.
MOST_ANSWER_BYTES = 128 * 2**20

# Lines of a streamed answer are sent together until they have this size: each part costs a
# hand-over to the thread that writes to the network.
_PART_BYTES = 256 * 1024
# A streamed answer waits for so many jobs at a time: those that are done are on their way to the
# client while the others run.
_JOBS_A_WAIT = 2000


class _Item(NamedTuple):
    """An item of a batch: the dataset, the statistic, and what it is asked."""

    answers: Answers
    statistic: Statistic[Any]
    body: Mapping[str, Any]


class BatchViews:
    """The views of batches."""

    def __init__(self, service: JobService, limiter: Limiter, log: logging.Logger) -> None:
        """`limiter` is of the requests that make large answers."""
        self._service = service
        self._limiter = limiter
        self._log = log

    def batch(self, request: Request) -> Response:
        """Accept many jobs, all or none."""
        key = idempotency_key(request)
        if not key:  # a batch that is repeated gets its jobs also where none are taken
            self._service.check_ready()
        check_declared(request)
        items = parse_array(request.body, _VALUES_A_JOB * MOST_JOBS)
        if not 1 <= len(items) <= MOST_JOBS:
            raise BadRequest(reasons.SOME_JOBS(most=MOST_JOBS, found=len(items)))
        query = Query(request)
        asked = [self._read(place, item, query) for place, item in enumerate(items)]

        def reply(requests: Sequence[JobRequest]) -> Reply:
            jobs = self._service.submit_batch(requests, key)
            request.job_id = f"{jobs[0].id}..{jobs[-1].number}"
            ids = b",".join(b'"job_id_%d"' % job.number for job in jobs)
            return Reply(b'{"job_ids":[%b]}' % ids)

        found = [answers.asked_before(statistic, body) for answers, statistic, body in asked]
        known = [request for request in found if request is not None]
        if len(known) == len(asked):
            return reply(known)

        def check() -> Reply:
            return reply([_request(place, *one) for place, one in enumerate(asked)])

        quick = all(answers.is_quick(statistic, body) for answers, statistic, body in asked)
        return check() if quick else OnThread(check)

    def _read(self, place: int, item: Any, query: Query) -> _Item:
        """Return which dataset an item asks, and what; `place` is counted from 0."""
        try:
            if not isinstance(item, dict):
                raise BadRequest(reasons.BRACES())
            catalogue = self._service.catalogue
            statistic = catalogue.statistics.find(text_field(item, "statistic"))
            others = {key: value for key, value in item.items() if key != "statistic"}
            answers, body = catalogue.chosen(statistic, query.complete(others, DATASET))
        except BadRequest as error:
            raise _at(place, error) from None
        return _Item(answers, statistic, body)

    def batch_results(self, request: Request) -> Response:
        """Return the statuses and results of many jobs: a line of JSON for each, in order."""
        check_declared(request)
        asked = parse_object(request.body).get("job_ids")
        if not isinstance(asked, list) or not all(isinstance(job_id, str) for job_id in asked):
            raise BadRequest(reasons.JOB_IDS())
        if len(asked) > MOST_JOBS:
            raise BadRequest(reasons.SOME_JOB_IDS(most=MOST_JOBS, found=len(asked)))
        # What cannot be an id gets a line that says so, as an id that no job has.
        jobs = [(job_id, find_number(job_id) or AFTER_ALL) for job_id in asked]
        self._service.check_store()
        lines = self._lines(jobs, Query(request).wait_seconds())
        return Stream(_gathered(lines), "application/x-ndjson")

    def _lines(self, jobs: Sequence[tuple[str, int]], seconds: float) -> Generator[Part]:
        """Yield the lines of the answer, waiting for jobs so many seconds in all."""
        deadline = time.monotonic() + seconds
        size = count = 0
        for first in range(0, len(jobs), _JOBS_A_WAIT):
            some = jobs[first : first + _JOBS_A_WAIT]
            left = deadline - time.monotonic()
            wait = self._wait_for([number for _, number in some]) if left > 0 else None
            if wait is not None:
                with closing(wait):
                    yield Pause(wait, left)
            outcomes = self._service.outcomes([number for _, number in some])
            for asked, outcome in zip(some, outcomes, strict=True):
                if outcome is None:
                    yield Slow()
                    line = self._line(asked, self._made(asked[1]))
                else:
                    line = self._line(asked, outcome)
                size += len(line)
                if size > MOST_ANSWER_BYTES:
                    # No outcome is asked for that there is no room for.
                    yield from starmap(_later, islice(jobs, count, None))
                    return
                yield line
                count += 1

    def _made(self, number: int) -> Outcome | Exception:
        """Return an outcome that may have to be computed, or what that raises."""
        try:
            with self._limiter.turn():
                return self._service.outcome(number)
        except Exception as error:  # noqa: BLE001
            return error

    def _wait_for(self, numbers: Sequence[int]) -> Wait | None:
        try:
            return self._service.wait_for(numbers)
        except StoreUnavailable:
            return None  # the lines say so

    def _line(self, asked: tuple[str, int], outcome: Outcome | Exception) -> bytes:
        """Return a job's id, status, and result or reason, as one line."""
        job_id, number = asked
        # An answer that has begun cannot turn into an error: it would just seem to end here.
        if isinstance(outcome, StoreUnavailable | Overloaded):
            return _later(job_id, number)
        if isinstance(outcome, Exception):
            if not isinstance(outcome, StatsError):
                self._log.error("%s could not be collected", job_id[:100], exc_info=outcome)
            return _error(job_id[:100], outcome)
        if outcome.status is JobStatus.DONE:
            return b'{"job_id":"job_id_%d","status":"done","data":%b}\n' % (number, outcome.result)
        if outcome.status is JobStatus.ERROR:
            return _error(f"job_id_{number}", failure(outcome))
        return b'{"job_id":"job_id_%d","status":"running"}\n' % number


def _request(
    place: int, answers: Answers, statistic: Statistic[Any], body: Mapping[str, Any]
) -> JobRequest:
    """Return what an item asks; an error names its place."""
    try:
        return answers.request(statistic, body)
    except BadRequest as error:
        raise _at(place, error) from None


def _at(place: int, error: BadRequest) -> BadRequest:
    """Return the error, which names the place of the item from now on."""
    error.item = place
    error.args = (f"[{place}]: {error}",)
    return error


def _later(job_id: str, number: int) -> bytes:
    """Return the line that says to ask again for a job; for what cannot be an id, why not."""
    if number == AFTER_ALL:
        return _error(job_id[:100], UnknownJob())
    return b'{"job_id":"job_id_%d","status":"later"}\n' % number


def _error(job_id: str, error: Exception) -> bytes:
    problem = Problem.of(error)
    line = {"job_id": job_id, "status": "error", "reason": problem.reason, "code": problem.code}
    return json_bytes.encode(line) + b"\n"


def _gathered(lines: Generator[Part]) -> Generator[Part]:
    """Yield lines many at a time; a part that has a slow one is made on a thread from there on."""
    part: list[bytes] = []
    size, is_slow = 0, False
    with closing(lines):
        for line in lines:
            if isinstance(line, bytes):
                part.append(line)
                size += len(line)
            elif isinstance(line, Slow) and not is_slow:
                is_slow = True
                yield line
            if size >= _PART_BYTES or isinstance(line, Pause):
                yield b"".join(part)
                part, size, is_slow = [], 0, False
            if isinstance(line, Pause):
                yield line
        yield b"".join(part)
