"""What the dataset holds and how a job came to its answer, over HTTP."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from app import json_bytes
from app.answers.answers import Answers
from app.answers.discovery import about_dataset, categories, questions, states
from app.answers.formats import csv_of, ndjson_of, parquet_of
from app.concurrency.limiter import Limiter
from app.data_ingestor import DataIngestor
from app.http.query import answer_format, job_number
from app.http.request_log import JOB_ID
from app.http.responses import OnThread, Reply, Response
from app.job import Job
from app.job_service import JobService
from app.statistics.table import Table
from app.views.explanations import explain, rows_of
from app.views.renderings import TABLE_FORMATS, download

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# Rows are made into JSON so many at a time: in between, others have the interpreter.
_ROWS_A_SLICE = 2000

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)


def _base_url(environ: "WSGIEnvironment") -> str:
    """Return the address that the client reaches this server by."""
    host = environ.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host):
        host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


_WRITERS: Mapping[str, Callable[[pl.DataFrame, Table], bytes]] = MappingProxyType(
    {
        "csv": lambda rows, _: csv_of(rows),
        "ndjson": lambda rows, _: ndjson_of(rows),
        "parquet": parquet_of,
    }
)


def _as_json(rows: pl.DataFrame, about: Table) -> bytes:
    """Return rows as the data of an answer; like an answer's table, whose rows they are."""
    told = about.as_json()
    columns, about_rows = json_bytes.encode(told["columns"]), json_bytes.encode(told["about"])
    slices = (json_bytes.encode(part.rows())[1:-1] for part in rows.iter_slices(_ROWS_A_SLICE))
    cells = b",".join(slices)
    return b'{"status":"done","data":{"columns":%b,"rows":[%b],"about":%b}}' % (
        columns,
        cells,
        about_rows,
    )


def _discovered(answers: Answers, what: str, tell: Callable[[DataIngestor], Any]) -> Response:
    """Return what is told of one dataset, made once for it."""

    def make() -> bytes:
        return json_bytes.encode({"status": "done", "data": tell(answers.dataset)})

    return OnThread(lambda: Reply(answers.once(what, make)))


class Exploring:
    """The views, over one JobService. What takes a while is done on a thread."""

    def __init__(self, service: JobService, limiter: Limiter) -> None:
        """`limiter` is of those that make large answers."""
        self._service = service
        self._limiter = limiter

    def dataset(self, _environ: "WSGIEnvironment") -> Response:
        """Tell what the dataset holds, where it is from, and what to beware of."""
        answers = self._service.answers
        # Beside a file that was just downloaded it may come a moment later.
        notes = answers.dataset.notes()

        def told(dataset: DataIngestor) -> dict[str, Any]:
            return about_dataset(dataset, answers.loaded_at, notes)

        return _discovered(answers, f"dataset {notes}", told)

    def questions(self, _environ: "WSGIEnvironment") -> Response:
        """List the questions: topic, which direction is better and why, the years asked."""
        return _discovered(self._service.answers, "questions", questions)

    def states(self, _environ: "WSGIEnvironment") -> Response:
        """List the states, the district, the territories and the nation."""
        return _discovered(self._service.answers, "states", states)

    def categories(self, _environ: "WSGIEnvironment") -> Response:
        """List the stratification categories and their strata, and which of them overlap."""
        return _discovered(self._service.answers, "categories", categories)

    def reload(self, _environ: "WSGIEnvironment") -> Response:
        """Read the dataset's file again; jobs that run finish on the one that they began with."""

        def reply() -> Reply:
            changed = self._service.reload()
            dataset = self._service.answers.dataset
            told = {"changed": changed, "rows": dataset.rows, "sha256": dataset.digest}
            return Reply(json_bytes.encode({"status": "done", "data": told}))

        return OnThread(reply)

    def job(self, environ: "WSGIEnvironment", job_id: str) -> Response:
        """Tell what a job asked, how and when it was answered, and how to ask it again."""
        job, base_url = self._job(environ, job_id), _base_url(environ)

        def reply() -> Reply:
            told = explain(job, self._service, base_url)
            return Reply(json_bytes.encode({"status": "done", "data": told}))

        return OnThread(reply)

    def rows(self, environ: "WSGIEnvironment", job_id: str) -> Response:
        """Tell the very rows of the dataset that went into a job's answer."""
        wanted = answer_format(environ, TABLE_FORMATS)
        job, answers = self._job(environ, job_id), self._service.answers

        def reply() -> Reply:
            with self._limiter.turn():
                rows, about = rows_of(job, answers)
                if wanted == "json":
                    return Reply(_as_json(rows, about))
                name = f"{job.id}_rows.{wanted}"
                return download(wanted, _WRITERS[wanted](rows, about), name)

        return OnThread(reply)

    def _job(self, environ: "WSGIEnvironment", job_id: str) -> Job:
        number = job_number(job_id)
        environ[JOB_ID] = f"job_id_{number}"
        return self._service.job(number)
