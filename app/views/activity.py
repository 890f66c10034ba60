"""What the server does and did: its workers, its queue, and its jobs, the newest first.

A request may wait until that changes (`?since=`, `?wait=`); it takes no thread meanwhile.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from functools import partial
from typing import Any, NamedTuple

from app.answers.catalogue import Catalogue
from app.answers.descriptions import words
from app.concurrency.cache import BoundedCache
from app.concurrency.changes import Changes
from app.concurrency.limiter import Limiter
from app.errors import BadRequest
from app.http.language import language_of
from app.http.query import Query
from app.http.request import Request
from app.http.responses import Header, OnThread, Reply, Response, done
from app.job import Job, JobCounts, JobRequest
from app.job_service import JobService
from app.messages import reasons
from app.statistics.parameters import DATASET
from app.version import VERSION
from app.views.dataset_names import DatasetNames, of_datasets
from app.views.job_details import STATUSES, outline, status_text
from app.views.job_ids import AFTER_ALL, find_number
from app.views.job_search import Turn, slices
from app.views.watching import when_changed

_ANY = frozenset(STATUSES)
_JOBS_A_PAGE, _MOST_JOBS_A_PAGE = 50, 200
_MOST_TEXT = 200
_UNFINISHED = frozenset({"queued", "running"})
SEARCHING, WAITING = 1, 16
_MOST_BYTES = 8 * 2**20  # of answers that are kept


class _Now(NamedTuple):
    """How things stand. Where nothing of this differs from before, nothing has changed meanwhile.

    A job that begins to run changes `running`, and never leads back to what was there before.
    """

    counts: JobCounts
    running: tuple[int, ...]
    accepting: bool
    versions: tuple[str, ...]
    answers: tuple[tuple[str, int], ...]


class ActivityPage(NamedTuple):
    """Which jobs to show, of those before an id: at most so many that fit.

    `statuses`, `statistics` and `datasets` are empty where any will do; `parts`, in folded case,
    are all in what was asked. Sentences are in `language`.
    """

    statuses: frozenset[str]
    statistics: frozenset[str]
    datasets: frozenset[str]
    parts: tuple[str, ...]
    before: int
    limit: int
    language: str


def _activity_page(query: Query, catalogue: Catalogue, language: str) -> ActivityPage:
    """Return which jobs a request asks for."""
    text = " ".join((query.text("text") or "").split()).casefold()
    if len(text) > _MOST_TEXT:
        raise BadRequest(reasons.LONG_TEXT(most=_MOST_TEXT))
    parts = tuple(text.replace(",", " ").split())
    limit = query.whole_number("limit", _MOST_JOBS_A_PAGE) or _JOBS_A_PAGE
    before = query.text("before")
    number = AFTER_ALL if before is None else find_number(before)
    if number is None:
        raise BadRequest(reasons.A_JOB_ID(name="before"))
    statuses = query.several_of("status", STATUSES)
    statistics = query.several_of("statistic", tuple(catalogue.statistics))
    datasets = query.several(DATASET)
    return ActivityPage(statuses, statistics, datasets, parts, number, limit, language)


class ActivityViews:
    """The view of the server's activity, and of its jobs."""

    def __init__(self, service: JobService) -> None:
        self._service = service
        self._limiter = Limiter(SEARCHING, WAITING)
        self._names = DatasetNames(service, self._limiter)
        # Answers by what was asked, and the state that they have.
        self._answers = BoundedCache[bytes](_MOST_BYTES)
        # One thread makes the answers of all who wait, so it need not wait for a turn.
        self._changes = Changes[ActivityPage](
            self._state, lambda asked: self._make(asked, nullcontext)
        )

    def activity(self, request: Request) -> Response:
        """Show what the server does, and its jobs, the newest first; or wait for a change."""
        query = Query(request)
        page = _activity_page(query, self._service.catalogue, language_of(request))
        respond = partial(self._respond, page)
        # A name that no job was seen to have may be misspelt, which is not to be waited for.
        if query.wait_seconds() and not self._names.are_known(page.datasets):
            return respond()
        return when_changed(self._service, self._changes, query, page, respond)

    def _respond(self, asked: ActivityPage, *headers: Header) -> Response:
        body = self._answers.get((asked, self._state()))
        if body is not None:
            return Reply(body, headers=headers)

        def reply() -> Reply:
            self._names.check(asked.datasets)
            return Reply(self._make(asked, self._limiter.turn), headers=headers)

        return OnThread(reply)

    def _now(self) -> _Now:
        jobs = self._service
        versions = tuple(one.version for one in jobs.catalogue.answers.values())
        answers = tuple(jobs.metrics.answers_by_kind.items())
        return _Now(jobs.job_counts, jobs.running, jobs.accepting, versions, answers)

    def _state(self, now: _Now | None = None) -> str:
        """Return a text that is another one whenever anything has changed."""
        content = f"{self._service.identity} {now or self._now()}".encode()
        return hashlib.blake2b(content, digest_size=9).hexdigest()

    def _make(self, asked: ActivityPage, turn: Turn) -> bytes:
        """Return the answer, with a page that is at least as new as the state in it.

        Who looks at many jobs for it goes on once `turn` lets it.
        """
        now = self._now()
        state = self._state(now)
        running = len(now.running)
        queued = now.counts.queued(running)
        content = {
            "accepting": now.accepting,
            "version": VERSION,
            "workers": {"total": self._service.workers, "busy": running},
            "queue": {"waiting": queued, "limit": self._service.most_unfinished},
            "jobs": {
                "kept": now.counts.kept,
                "queued": queued,
                "running": running,
                "finished": now.counts.finished,
            },
            "answers": dict(now.answers),
            "state": state,
            **self._page(asked, turn),
        }
        body = done(content)
        self._answers.put((asked, state), body, len(body))
        return body

    def _page(self, asked: ActivityPage, turn: Turn) -> dict[str, Any]:
        """Return the jobs asked for, which one the next page goes on from, how many were seen."""
        fitting, statuses = _fitting(asked, self._service.catalogue), asked.statuses or _ANY
        # Jobs that are not finished are few, and found without the others.
        unfinished = bool(asked.statuses) and asked.statuses <= _UNFINISHED
        jobs = self._service.newest(asked.before, unfinished=unfinished)
        rows: list[dict[str, Any]] = []
        searched, last = 0, ""
        with closing(slices(jobs, turn, asked.limit + 1)) as found:
            for some in found:
                searched += len(some)
                for job in fitting(some):
                    if len(rows) == asked.limit:
                        return {"page": rows, "before": rows[-1]["job_id"], "searched": searched}
                    row = outline(job, self._service.catalogue, asked.language)
                    if row["status"] in statuses:  # still
                        rows.append(row)
                last = some[-1].id
        was_given_up = next(jobs, None) is not None
        return {"page": rows, "before": last if was_given_up else None, "searched": searched}


class _Found(dict[JobRequest, bool]):
    """Whether all parts are in what was asked; looked for once, for many jobs ask the same."""

    def __init__(self, parts: Sequence[str], catalogue: Catalogue) -> None:
        super().__init__()
        self._parts = parts
        self._catalogue = catalogue

    def __missing__(self, request: JobRequest) -> bool:
        asked = words(request, self._catalogue).casefold()
        self[request] = found = all(part in asked for part in self._parts)
        return found


def _fitting(asked: ActivityPage, catalogue: Catalogue) -> Callable[[list[Job]], list[Job]]:
    """Return what returns those of some jobs that are asked for."""
    found = _Found(asked.parts, catalogue)
    of_dataset = of_datasets(asked.datasets, catalogue.name_of)

    def fitting(jobs: list[Job]) -> list[Job]:
        if asked.statuses:
            jobs = [job for job in jobs if status_text(job) in asked.statuses]
        if asked.statistics:
            jobs = [job for job in jobs if job.request.statistic in asked.statistics]
        if asked.datasets:
            jobs = list(filter(of_dataset, jobs))
        if asked.parts:
            jobs = [job for job in jobs if found[job.request]]
        return jobs

    return fitting
