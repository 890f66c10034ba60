"""Many jobs in one request: submitted together, and collected together."""

import logging
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import starmap
from typing import Any, NamedTuple

from app import json_bytes
from app.answers.compute import Answers
from app.concurrency.wait import Wait
from app.errors import BadRequest, StatsError, StoreUnavailable
from app.http.body import check_declared, parse_array, parse_object, text_field
from app.http.error_handlers import Problem
from app.http.query import Query
from app.http.request import Request
from app.http.responses import OnThread, Part, Pause, Reply, Response, Stream
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

    def __init__(self, service: JobService, log: logging.Logger) -> None:
        self._service = service
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
        return Stream(self._parts(jobs, Query(request).wait_seconds()), "application/x-ndjson")

    def _parts(self, jobs: Sequence[tuple[str, int]], seconds: float) -> Generator[Part]:
        """Yield the lines of the answer, waiting for jobs so many seconds in all."""
        deadline = time.monotonic() + seconds
        sent = 0
        for first in range(0, len(jobs), _JOBS_A_WAIT):
            some = jobs[first : first + _JOBS_A_WAIT]
            left = deadline - time.monotonic()
            wait = self._wait_for([number for _, number in some]) if left > 0 else None
            if wait is not None:
                with closing(wait):
                    yield Pause(wait, left)
            outcomes = self._service.outcomes([number for _, number in some])
            for part in _gathered(starmap(self._line, zip(some, outcomes, strict=True))):
                sent += len(part)
                yield part if sent <= MOST_ANSWER_BYTES else _put_off(part)

    def _wait_for(self, numbers: Sequence[int]) -> Wait | None:
        try:
            return self._service.wait_for(numbers)
        except StoreUnavailable:
            return None  # the lines say so

    def _line(self, asked: tuple[str, int], outcome: Outcome | Exception) -> bytes:
        """Return a job's id, status, and result or reason, as one line."""
        job_id, number = asked
        # An answer that has begun cannot turn into an error: it would just seem to end here.
        if isinstance(outcome, StoreUnavailable):
            return b'{"job_id":"job_id_%d","status":"later"}\n' % number
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


def _put_off(lines: bytes) -> bytes:
    """Return, in place of lines that there is no room for, those that say to ask again."""
    ids = (line.partition(b',"status":')[0] for line in lines.splitlines())
    return b"".join(b'%b,"status":"later"}\n' % job_id for job_id in ids)


def _error(job_id: str, error: Exception) -> bytes:
    problem = Problem.of(error)
    line = {"job_id": job_id, "status": "error", "reason": problem.reason, "code": problem.code}
    return json_bytes.encode(line) + b"\n"


def _gathered(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines many at a time."""
    part: list[bytes] = []
    size = 0
    for line in lines:
        part.append(line)
        size += len(line)
        if size >= _PART_BYTES:
            yield b"".join(part)
            part, size = [], 0
    yield b"".join(part)
