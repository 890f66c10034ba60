"""What the dataset holds and how a job came to its answer, over HTTP."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app import json_bytes
from app.crowd import Crowd
from app.data_ingestor import DataIngestor
from app.discovery import about_dataset, categories, questions, states
from app.explanations import explain, rows_of
from app.job_service import JobService
from app.jobs import Job
from app.query_strings import answer_format, job_number
from app.renderings import TABLE_FORMATS, download
from app.request_log import JOB_ID
from app.responses import Laborious, Reply, Response
from app.source_note import read_note

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# Each may have megabytes, several times over while it is written.
_MOST_ROWS = 4

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?", re.ASCII)


def _base_url(environ: "WSGIEnvironment") -> str:
    """Return the address that the client reaches this server by."""
    host = environ.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host):
        host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ['wsgi.url_scheme']}://{host}"


class Exploring:
    """The views, over one JobService. What takes a while is done on a thread."""

    def __init__(self, service: JobService) -> None:
        self._service = service
        self._crowd = Crowd(_MOST_ROWS, "the rows of many jobs are being told already")

    def dataset(self, _environ: "WSGIEnvironment") -> Response:
        """Tell what the dataset holds, where it is from, and what to beware of."""
        answers = self._service.answers
        # Beside a file that was just downloaded it may come a moment later.
        note = read_note(answers.dataset.path)

        def told(dataset: DataIngestor) -> dict[str, Any]:
            return about_dataset(dataset, answers.loaded_at, note)

        return self._discovered(f"dataset {note}", told)

    def questions(self, _environ: "WSGIEnvironment") -> Response:
        """List the questions: topic, which direction is better and why, the years asked."""
        return self._discovered("questions", questions)

    def states(self, _environ: "WSGIEnvironment") -> Response:
        """List the states, the district, the territories and the nation."""
        return self._discovered("states", states)

    def categories(self, _environ: "WSGIEnvironment") -> Response:
        """List the stratification categories and their strata, and which of them overlap."""
        return self._discovered("categories", categories)

    def _discovered(self, what: str, tell: Callable[[DataIngestor], Any]) -> Response:
        answers = self._service.answers

        def make() -> bytes:
            return json_bytes.encode({"status": "done", "data": tell(answers.dataset)})

        return Laborious(lambda: Reply(answers.once(what, make)))

    def reload(self, _environ: "WSGIEnvironment") -> Response:
        """Read the dataset's file again; jobs that run finish on the one that they began with."""

        def reply() -> Reply:
            changed = self._service.dataset.reload()
            dataset = self._service.answers.dataset
            told = {"changed": changed, "rows": dataset.rows, "sha256": dataset.digest}
            return Reply(json_bytes.encode({"status": "done", "data": told}))

        return Laborious(reply)

    def job(self, environ: "WSGIEnvironment", job_id: str) -> Response:
        """Tell what a job asked, how and when it was answered, and how to ask it again."""
        job, base_url = self._job(environ, job_id), _base_url(environ)

        def reply() -> Reply:
            told = explain(job, self._service, base_url)
            return Reply(json_bytes.encode({"status": "done", "data": told}))

        return Laborious(reply)

    def rows(self, environ: "WSGIEnvironment", job_id: str) -> Response:
        """Tell the very rows of the dataset that went into a job's answer."""
        wanted = answer_format(environ, TABLE_FORMATS)
        job, answers = self._job(environ, job_id), self._service.answers

        def reply() -> Reply:
            with self._crowd.place():
                table = rows_of(job, answers)
                if wanted == "json":
                    return Reply(json_bytes.encode({"status": "done", "data": table.as_json()}))
                return download(wanted, table, f"{job.id}_rows")

        return Laborious(reply)

    def _job(self, environ: "WSGIEnvironment", job_id: str) -> Job:
        number = job_number(job_id)
        environ[JOB_ID] = f"job_id_{number}"
        return self._service.job(number)
