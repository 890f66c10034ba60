"""Many jobs at once: submitted in few requests, and collected while others still run."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from app.client.connection import ApiRequest, Connection, Passing
from app.client.errors import StatsError, TimedOut, UnexpectedAnswer, UnknownJob
from app.client.job import Job, failure
from app.client.refusals import parsed
from app.client.request_body import encoded
from app.client.table import Data, Table, answer_of

MOST_JOBS = 10_000  # that the server takes in one request
MOST_BYTES = 8 * 2**20  # of such a request
_STATUSES = ("done", "error", "running", "later")
# Of a piece that a cut left unfinished nothing is seen: small ones lose little.
_PIECE_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: its answer, or the error, JobFailed, JobCancelled or UnknownJob."""

    job: Job
    answer: Data | Table | None
    error: StatsError | None

    def get(self) -> Data | Table:
        """Return the answer, or raise the error."""
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


def submit_all(
    connection: Connection,
    items: Iterable[Mapping[str, Any]],
    told: Callable[[Sequence[Job]], None] | None = None,
) -> list[Job]:
    """Submit jobs in as few requests as they fit in, and return them in order.

    Each request is accepted as a whole or not at all; an error of a later one has the ids of the
    jobs of those before in `accepted`. `told` is called with the jobs of each, once it is accepted.
    """
    jobs: list[Job] = []
    # All of them before the first is sent: an item that is no JSON leaves nothing accepted.
    for body in list(_bodies(items)):
        first = len(jobs)
        asked = ApiRequest("POST", "/api/batch", body, key=str(uuid4()))
        try:
            ids = connection.fetch(asked, _ids, connection.until(None))
            jobs += [Job.of(job_id, connection) for job_id in ids]
        except StatsError as error:
            _renumber(error, first)
            error.accepted = tuple(job.id for job in jobs)
            raise
        if told is not None:
            told(jobs[first:])
    return jobs


def _renumber(error: StatsError, first: int) -> None:
    """Have an error name its item among all: the server counts those of each request from 0."""
    if error.item is not None:
        before, error.item = f"[{error.item}]", first + error.item
        error.reason = f"[{error.item}]{error.reason.removeprefix(before)}"
        error.args = (error.reason,)


def _bodies(items: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield arrays of items, each as large as a request may be."""
    some: list[bytes] = []
    size = 1
    for place, item in enumerate(items):
        body = encoded(item, place)
        if some and (len(some) == MOST_JOBS or size + len(body) + 1 > MOST_BYTES):
            yield b"[%b]" % b",".join(some)
            some, size = [], 1
        some.append(body)
        size += len(body) + 1
    if some:
        yield b"[%b]" % b",".join(some)


def _ids(response: requests.Response, body: bytes) -> list[str]:
    ids = parsed(response, body).get("job_ids")
    if not isinstance(ids, list):
        raise UnexpectedAnswer(f'{response.url} answers JSON without "job_ids"')
    return ids


class Collecting:
    """The outcomes of jobs as they end, each once; who is still running is asked for again.

    `timeout` is how many seconds to wait for each next outcome.
    """

    def __init__(self, connection: Connection, jobs: Sequence[Job], timeout: float | None) -> None:
        self._connection = connection
        self._timeout = timeout
        self._left = list(jobs)
        self._until = 0.0

    def outcomes(self) -> Iterator[Outcome]:
        """Yield them; raise TimedOut, or what keeps the server from being asked."""
        connection, pace = self._connection, self._connection.pace
        failures = 0
        self._until = connection.until(self._timeout)
        while self._left:
            some, self._left = self._left[:MOST_JOBS], self._left[MOST_JOBS:]
            began, brought, passing = pace.clock(), False, None
            again: list[Job] = []
            place = 0
            try:
                with closing(self._lines(some)) as lines:
                    for fields in lines:
                        job, place = some[place], place + 1
                        if fields["status"] in ("running", "later"):
                            # The server puts off what one answer has no room for.
                            brought |= fields["status"] == "later"
                            again.append(job)
                            continue
                        brought = True
                        yield _outcome(job, fields)
                        self._until = connection.until(self._timeout)
            except Passing as error:
                passing = error
            # An answer that broke off has fewer lines than jobs were asked for. What still runs is
            # asked for last, so that it holds up nobody.
            self._left = [*some[place:], *self._left, *again]
            failures = 0 if brought else failures + 1
            if passing is not None:
                connection.rest(passing, max(1, failures), self._until, patient=True)
            elif self._left and not brought:
                self._wait(began, failures)

    def _wait(self, began: float, failures: int) -> None:
        """Go on after a round in which no job ended, or raise TimedOut."""
        pace = self._connection.pace
        now = pace.clock()
        if now >= self._until:
            ids = [job.id for job in self._left]
            told = f"{len(ids):,} jobs are not done yet; they go on"
            if len(ids) == 1:
                told = f"{ids[0]} is not done yet; it goes on"
            raise TimedOut(f"{told}, so ask again", job_ids=ids)
        if pace.is_at_once(began):
            pace.sleep(min(pace.pause(failures), self._until - now))

    def _lines(self, jobs: Sequence[Job]) -> Generator[Data]:
        """Yield a line for each job, in order, while they come; fewer where they break off."""
        body = json.dumps({"job_ids": [job.id for job in jobs]}).encode()
        asked = ApiRequest("POST", "/api/batch/results", body, waits=True)
        with self._connection.opened(asked, self._until) as response:
            for place, line in enumerate(_split(response.iter_content(_PIECE_BYTES))):
                fields = parsed(response, line)
                if place == len(jobs) or fields.get("job_id") != jobs[place].id:
                    raise UnexpectedAnswer(f"{response.url} answers of other jobs than were asked")
                if fields.get("status") not in _STATUSES:
                    raise UnexpectedAnswer(f"{response.url} answers lines that tell of no job")
                yield fields


def _split(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines; the start of one that breaks off is none."""
    rest: list[bytes] = []
    for piece in pieces:
        *lines, last = piece.split(b"\n")
        for line in lines:
            yield b"".join([*rest, line])
            rest = []
        rest.append(last)


def _outcome(job: Job, fields: Data) -> Outcome:
    if fields["status"] != "error":
        return Outcome(job, answer_of(fields.get("data")), None)
    reason, code = str(fields.get("reason")), str(fields.get("code", ""))
    error: StatsError
    if code in ("unknown-job", "expired-job", "lost-job"):
        error = UnknownJob(f"{job.id}: {reason}")
        error.code = code
    else:
        error = failure(job.id, reason, cancelled=code == "job-cancelled")
    return Outcome(job, None, error)
