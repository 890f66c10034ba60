"""The HTTP contract: parse, validate, call JobService, answer.

Views are plain (`http/plain_flask.py`): they get the request's environ and return a Reply. Bodies
are put together as bytes, once: what was stored is sent as it was stored.
"""

import logging
from collections.abc import Generator, Iterator
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from werkzeug.exceptions import MethodNotAllowed

from app import json_bytes
from app.charts.drawer import Drawer
from app.charts.kinds import KINDS
from app.concurrency.limiter import Limiter
from app.errors import NoAnswer
from app.http.body import check_declared, parse_object, text_field
from app.http.plain_flask import View
from app.http.query import JobPage, answer_format, chart_kind, job_number, job_page, wait_seconds
from app.http.request_log import BODY, JOB_ID
from app.http.responses import Header, Later, OnThread, Reply, Response, Stream
from app.job import Job, JobStatus, Outcome
from app.job_service import JobService
from app.metrics import metrics_text
from app.statistics.course import STATISTICS, Statistic
from app.statistics.registry import ANALYSES, NamedAnalysis
from app.views.activity import Activity
from app.views.batches import Batches
from app.views.datasets import Exploring
from app.views.renderings import FORMATS, rendered

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_OUTWARD = {status: json_bytes.encode(status.value) for status in (JobStatus.DONE, JobStatus.ERROR)}
_RUNNING = json_bytes.encode("running")
# Large answers that are made at a time, and that wait: each has megabytes, several times over
# while it is written, and takes the interpreter from all others.
_WORKING, _WAITING = 2, 16
# A longer list of jobs is sent in parts, between which other requests are served.
_JOBS_A_PART = 10_000


def _number(environ: "WSGIEnvironment", job_id: str) -> int:
    number = job_number(job_id)
    environ[JOB_ID] = f"job_id_{number}"
    return number


def _submitted(environ: "WSGIEnvironment", job: Job) -> Reply:
    environ[JOB_ID] = job.id
    return Reply(b'{"job_id":"%b"}' % job.id.encode())


def _running(wanted: str, *headers: Header) -> Reply:
    # Whoever asks for a file would take a 200 for it.
    status = HTTPStatus.OK if wanted == "json" else HTTPStatus.ACCEPTED
    return Reply(b'{"status":"running"}', status, headers)


def _listing(jobs: Iterator[Job], asked: JobPage) -> Generator[bytes]:
    """Yield the answer of /api/jobs in parts; some may be empty, and a short answer is one."""
    wanted = asked.status and json_bytes.encode(asked.status)
    told, start, more = 0, b'{"status":"done","data":[', True
    while more:
        some = list(islice(jobs, _JOBS_A_PART))
        rows = [
            b'{"job_id_%d":%b}' % (job.number, status)
            for job in some
            if (status := _OUTWARD.get(job.status, _RUNNING)) == wanted or wanted is None
        ]
        if asked.limit is not None:
            del rows[asked.limit - told :]
        comma = b"," if told and rows else b""
        told += len(rows)
        more = len(some) == _JOBS_A_PART and told != asked.limit
        yield start + comma + b",".join(rows) + (b"" if more else b"]}")
        start = b""


def _with_first(first: bytes, others: Iterator[bytes]) -> Generator[bytes]:
    yield first
    yield from others


class Api:
    """The views, over one JobService.

    `drawer` draws charts, `limiter` is of those that make large answers.
    """

    def __init__(self, service: JobService, drawer: Drawer, limiter: Limiter) -> None:
        self._service = service
        self._drawer = drawer
        self._limiter = limiter

    def submit(self, statistic: Statistic) -> View:
        """Return the view that accepts jobs of one statistic."""
        service = self._service

        def view(environ: "WSGIEnvironment") -> Reply:
            content = self._content(environ)
            question = text_field(content, "question")
            state = text_field(content, "state") if statistic.needs_state else None
            return _submitted(environ, service.submit(statistic.name, question, state))

        return view

    def ask(self, analysis: NamedAnalysis) -> View:
        """Return the view that accepts jobs of one statistic that explains itself."""
        service = self._service

        def view(environ: "WSGIEnvironment") -> Response:
            content = self._content(environ)

            def reply() -> Reply:
                parameters = service.answers.analysis_parameters(analysis.name, content)
                return _submitted(environ, service.accept(parameters))

            # Whether the dataset can answer takes a look at its rows, which is milliseconds.
            return OnThread(reply)

        return view

    def _content(self, environ: "WSGIEnvironment") -> dict[str, Any]:
        """Return the body of a submit."""
        self._service.check_ready()  # whatever the body is
        check_declared(environ)
        return parse_object(environ[BODY])

    def get_results(self, environ: "WSGIEnvironment", job_id: str) -> Response:
        """Tell a job's status, and its result once it is done."""
        number = _number(environ, job_id)
        seconds = wait_seconds(environ)
        wanted = answer_format(environ, FORMATS)
        if not self._service.is_ready(number):
            return OnThread(
                lambda: self._told(environ, number, self._service.outcome(number), wanted)
            )
        outcome = self._service.outcome(number)
        if not seconds or outcome.status is not JobStatus.RUNNING:
            return self._told(environ, number, outcome, wanted)
        wait = self._service.wait_for([number])
        if wait is None:
            return _running(wanted, ("Retry-After", "1"))

        def reply() -> Response:
            return self._told(environ, number, self._service.outcome(number), wanted)

        return Later(wait, seconds, reply)

    def _told(
        self, environ: "WSGIEnvironment", number: int, outcome: Outcome, wanted: str
    ) -> Response:
        """Return what get_results answers, in a format."""
        if outcome.status is not JobStatus.DONE:
            if outcome.status is not JobStatus.ERROR:
                return _running(wanted)
            if wanted != "json":
                raise NoAnswer(outcome.reason)
            return Reply(json_bytes.encode({"status": "error", "reason": outcome.reason}))
        chart = chart_kind(environ, KINDS)
        form = "" if wanted == "json" else f"-{wanted}-{chart or ''}"
        tag = ("ETag", f'"{outcome.digest.crc:08x}-{outcome.digest.size:x}{form}"')
        known = environ.get("HTTP_IF_NONE_MATCH", "")
        if tag[1] in known or known == "*":
            return Reply(b"", HTTPStatus.NOT_MODIFIED, [tag])
        if wanted == "json":
            return Reply(b'{"status":"done","data":%b}' % outcome.result, headers=[tag])
        job, dataset = self._service.job(number), self._service.answers.dataset

        def reply() -> Reply:
            with self._limiter.turn():
                return rendered(job, outcome.result, dataset, self._drawer, wanted, chart, tag)

        return OnThread(reply)

    def list_jobs(self, environ: "WSGIEnvironment") -> Response:
        """List jobs with their statuses, in order of id."""
        asked = job_page(environ)
        running = asked.status == "running"
        parts = _listing(self._service.list(asked.after, unfinished=running), asked)
        first = next(parts)
        if first.endswith(b"]}"):
            return Reply(first)
        return Stream(_with_first(first, parts), "application/json")

    def cancel(self, environ: "WSGIEnvironment", job_id: str) -> Reply:
        """Cancel a job that is still queued."""
        number = _number(environ, job_id)
        self._service.cancel(number)
        return Reply(b'{"status":"cancelled","job_id":"job_id_%d"}' % number)

    def num_jobs(self, _environ: "WSGIEnvironment") -> Reply:
        """Count the jobs that are accepted and not finished."""
        return Reply(b'{"status":"done","num_jobs":%d}' % self._service.unfinished)

    def graceful_shutdown(self, environ: "WSGIEnvironment") -> Reply:
        """Take no new jobs; tell whether accepted ones remain."""
        if environ["REQUEST_METHOD"] == "HEAD":
            # A request that only looks must change nothing.
            raise MethodNotAllowed(["GET", "POST"])
        self._service.drain()
        remain = self._service.unfinished
        return Reply(b'{"status":"running"}' if remain else b'{"status":"done"}')

    def health(self, _environ: "WSGIEnvironment") -> Reply:
        """Tell whether the server takes jobs."""
        self._service.check_ready()
        return Reply(b'{"status":"ok"}')

    def metrics(self, _environ: "WSGIEnvironment") -> Reply:
        """Tell Prometheus what the server does and did."""
        jobs = self._service
        standing, running = jobs.standing, len(jobs.running)
        queued = max(0, standing.unfinished - running)
        now = {
            "stats_jobs_queued": ("Jobs that wait for a worker", queued),
            "stats_jobs_running": ("Jobs that run", running),
            "stats_jobs_kept": ("Jobs that can be asked for", standing.kept),
            "stats_workers": ("Jobs that can run at a time", jobs.workers),
            "stats_accepting": ("1 while new jobs are taken, else 0", int(jobs.accepting)),
        }
        text = metrics_text(jobs.counts(), now)
        return Reply(text, content_type="text/plain; version=0.0.4")


def blueprint(service: JobService, drawer: Drawer, log: logging.Logger) -> Blueprint:
    """Return the blueprint of all routes of the contract."""
    limiter = Limiter(_WORKING, _WAITING)
    api, batches = Api(service, drawer, limiter), Batches(service, log)
    exploring, activity = Exploring(service, limiter), Activity(service)
    routes = Blueprint("api", __name__)

    def add(rule: str, view: View, *methods: str) -> None:
        # Flask calls the views of its routes with the arguments in their paths alone; these are
        # called by PlainFlask, with the environ before them.
        routes.add_url_rule(rule, view.__name__, view, methods=methods or ["GET"])

    for name, statistic in STATISTICS.items():
        routes.add_url_rule(f"/api/{name}", name, api.submit(statistic), methods=["POST"])
    for name, analysis in ANALYSES.items():
        routes.add_url_rule(f"/api/{name}", name, api.ask(analysis), methods=["POST"])
    add("/api/get_results/<job_id>", api.get_results)
    add("/api/batch", batches.batch, "POST")
    add("/api/batch/results", batches.batch_results, "POST")
    add("/api/jobs", api.list_jobs)
    add("/api/jobs/<job_id>", exploring.job)
    add("/api/jobs/<job_id>", api.cancel, "DELETE")
    add("/api/jobs/<job_id>/rows", exploring.rows)
    add("/api/dataset", exploring.dataset)
    add("/api/dataset/reload", exploring.reload, "POST")
    add("/api/questions", exploring.questions)
    add("/api/states", exploring.states)
    add("/api/categories", exploring.categories)
    add("/api/activity", activity.activity)
    add("/api/num_jobs", api.num_jobs)
    add("/api/graceful_shutdown", api.graceful_shutdown, "GET", "POST")
    add("/api/health", api.health)
    add("/metrics", api.metrics)
    return routes
