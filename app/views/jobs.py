"""Jobs: submitting one, listing them, what is known of one, the rows behind it, cancelling."""

from collections.abc import Callable, Generator, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from app import json_bytes
from app.answers.formats import csv_of, ndjson_of, parquet_of
from app.answers.rows import rows_of
from app.concurrency.limiter import Limiter
from app.errors import BadRequest
from app.http.body import check_declared, parse_object
from app.http.language import language_of
from app.http.paths import absolute_root
from app.http.plain_flask import View
from app.http.query import Query
from app.http.request import Request
from app.http.responses import OnThread, Reply, Response, Stream, done
from app.http.submit_headers import idempotency_key, preferred_wait
from app.job import Job, JobStatus
from app.job_service import JobService
from app.messages import reasons
from app.statistics.parameters import DATASET
from app.statistics.statistic import Statistic
from app.statistics.table import Table
from app.views.dataset_names import DatasetNames, of_datasets
from app.views.formats import MEDIA_TYPES, TABLE_FORMATS, disposition
from app.views.job_details import details
from app.views.job_ids import find_number, job_number
from app.views.submitted import result_within, submitted

if TYPE_CHECKING:
    import polars as pl

# The statuses of the contract: a job that is queued is `running`, a cancelled one is an `error`.
_STATUSES = ("running", "done", "error")
_FINAL = {status: json_bytes.encode(status.value) for status in (JobStatus.DONE, JobStatus.ERROR)}
_RUNNING = json_bytes.encode("running")
# A longer list of jobs is made in parts, each of which takes some milliseconds. One of up to so
# many parts is made on a thread and sent as a whole; of more, each part is sent as it is made.
JOBS_A_PART = 1000
_PARTS_AS_A_WHOLE = 10
# Rows are made into JSON so many at a time: in between, others have the interpreter.
_ROWS_A_SLICE = 2000

_ROW_WRITERS: "Mapping[str, Callable[[pl.DataFrame, Table], bytes]]" = MappingProxyType(
    {
        "csv": lambda rows, _: csv_of(rows),
        "ndjson": lambda rows, _: ndjson_of(rows),
        "parquet": parquet_of,
    }
)


class JobPage(NamedTuple):
    """Which jobs to list: those after an id, at most so many or all.

    Those with a status or any, and of a dataset or any.
    """

    after: int
    status: str | None
    dataset: str | None
    limit: int | None


class JobViews:
    """The views of jobs. What takes a while is done on a thread."""

    def __init__(self, service: JobService, limiter: Limiter) -> None:
        """`limiter` is of the requests that make large answers."""
        self._service = service
        self._limiter = limiter
        self._names = DatasetNames(service, limiter)

    def submit(self, statistic: Statistic[Any]) -> View:
        """Return the view that accepts jobs of one statistic."""
        service = self._service

        def view(request: Request) -> Response:
            key, seconds = idempotency_key(request), preferred_wait(request)
            if not key:  # a submit that is repeated gets its job also where none is taken
                service.check_ready()  # whatever the body is
            check_declared(request)
            body = Query(request).complete(parse_object(request.body), DATASET)
            answers, asked = service.catalogue.chosen(statistic, body)

            def reply() -> Response:
                job = service.accept(answers.request(statistic, asked), key)
                accepted = submitted(request, job)
                if seconds is None:
                    return accepted
                return result_within(seconds, service, job, accepted)

            # To see whether the dataset can answer may take a look at its rows: milliseconds.
            return reply() if answers.is_quick(statistic, asked) else OnThread(reply)

        return view

    def list_jobs(self, request: Request) -> Response:
        """List jobs with their statuses, in order of id."""
        page = _job_page(Query(request))
        if page.dataset is None or self._names.are_known([page.dataset]):
            return self._listed(page)
        name = page.dataset

        def reply() -> Response:
            self._names.check([name])
            return self._listed(page)

        return OnThread(reply)

    def _listed(self, page: JobPage) -> Response:
        jobs = self._service.list(page.after, unfinished=page.status == "running")
        fits: Callable[[Job], bool] | None = None
        if page.dataset is not None:
            fits = of_datasets([page.dataset], self._service.catalogue.name_of)
        parts = _list_parts(jobs, page, fits)
        first = next(parts)
        return Reply(first) if _is_last(first) else OnThread(lambda: _longer(first, parts))

    def num_jobs(self, _request: Request) -> Reply:
        """Count the jobs that are accepted and not finished."""
        return Reply(b'{"status":"done","num_jobs":%d}' % self._service.unfinished)

    def job(self, request: Request, job_id: str) -> Response:
        """Show what a job asked, how and when it was answered, and how to ask it again."""
        job = self._service.job(job_number(request, job_id))
        base_url = absolute_root(request) or f"{request.scheme}://{request.server}"
        has_token = "authorization" in request.headers

        def reply() -> Reply:
            language = language_of(request)
            told = details(job, self._service, base_url, language, has_token=has_token)
            return Reply(done(told))

        return OnThread(reply)

    def rows(self, request: Request, job_id: str) -> Response:
        """Return the very rows of the dataset that went into a job's answer."""
        wanted = Query(request).one_of("format", TABLE_FORMATS) or "json"
        job = self._service.job(job_number(request, job_id))

        def reply() -> Reply:
            with self._limiter.turn():
                rows, about = rows_of(job, self._service.catalogue)
                if wanted == "json":
                    return Reply(_rows_as_json(rows, about))
                content = _ROW_WRITERS[wanted](rows, about)
                headers = [disposition(wanted, f"{job.id}_rows")]
                return Reply(content, headers=headers, content_type=MEDIA_TYPES[wanted])

        return OnThread(reply)

    def cancel(self, request: Request, job_id: str) -> Reply:
        """Cancel a job that is still queued."""
        number = job_number(request, job_id)
        self._service.cancel(number)
        return Reply(b'{"status":"cancelled","job_id":"job_id_%d"}' % number)


def _job_page(query: Query) -> JobPage:
    """Return which jobs `?status=`, `?dataset=`, `?after=` and `?limit=` ask for."""
    status, after = query.text("status"), query.text("after")
    if status is not None and status not in _STATUSES:
        raise BadRequest(reasons.A_STATUS())
    limit = query.whole_number("limit")
    number = 0 if after in (None, "0", "job_id_0") else find_number(after)
    if number is None:
        raise BadRequest(reasons.A_JOB_ID(name="after"))
    return JobPage(number, status, query.single(DATASET), limit)


def _list_parts(
    jobs: Iterator[Job], page: JobPage, fits: Callable[[Job], bool] | None
) -> Generator[bytes]:
    """Yield the answer of /api/jobs in parts; some may be empty, and a short answer is one.

    With `fits`, only of jobs for which it is true.
    """
    wanted = page.status and json_bytes.encode(page.status)
    listed, start, more = 0, b'{"status":"done","data":[', True
    size = JOBS_A_PART
    while more:
        if page.limit is not None and wanted is None and fits is None:
            size = min(JOBS_A_PART, page.limit - listed)  # all of these are listed
        some = list(islice(jobs, size))
        rows = [
            b'{"job_id_%d":%b}' % (job.number, status)
            for job in some
            if ((status := _FINAL.get(job.status, _RUNNING)) == wanted or wanted is None)
            and (fits is None or fits(job))
        ]
        if page.limit is not None:
            del rows[page.limit - listed :]
        comma = b"," if listed and rows else b""
        listed += len(rows)
        more = len(some) == size and listed != page.limit
        yield start + comma + b",".join(rows) + (b"" if more else b"]}")
        start = b""


def _longer(first: bytes, others: Generator[bytes]) -> Reply | Stream:
    """Return a list of more than one part."""
    content = b"".join([first, *islice(others, _PARTS_AS_A_WHOLE - 1)])
    if _is_last(content):
        return Reply(content)
    return Stream(_with_first(content, others), "application/json")


def _is_last(part: bytes) -> bool:
    """Tell whether a list ends with a part."""
    return part.endswith(b"]}")


def _with_first(first: bytes, others: Iterator[bytes]) -> Generator[bytes]:
    yield first
    yield from others


def _rows_as_json(rows: "pl.DataFrame", about: Table) -> bytes:
    """Return rows as the data of an answer, in the form of an answer's table."""
    header = about.as_json()
    slices = (json_bytes.encode(part.rows())[1:-1] for part in rows.iter_slices(_ROWS_A_SLICE))
    return b'{"status":"done","data":{"columns":%b,"rows":[%b],"about":%b}}' % (
        json_bytes.encode(header["columns"]),
        b",".join(slices),
        json_bytes.encode(header["about"]),
    )
