"""The HTTP contract: parse, validate, call JobService, answer.

Bodies are put together as bytes, once: what was stored is sent as it was stored.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed

from app import json_bytes
from app.bodies import check_declared, parse_object, text_field
from app.errors import ShuttingDown, UnknownJob
from app.job_service import JobService
from app.jobs import JobStatus
from app.metrics import metrics_text
from app.request_log import BODY, JOB_ID
from app.statistics import STATISTICS, Statistic

# ASCII digits only, matched in full, before an id comes near a path.
_JOB_ID = re.compile(r"(?:job_id_)?([1-9][0-9]{0,17})", re.ASCII)
_OUTWARD = {status: json_bytes.encode(status.value) for status in (JobStatus.DONE, JobStatus.ERROR)}
_RUNNING = json_bytes.encode("running")

View = Callable[..., Response]


def answer(body: bytes, status: int = HTTPStatus.OK) -> Response:
    """Return a JSON response."""
    return Response(body, status, mimetype="application/json")


def service() -> JobService:
    """Return the job service of the app that serves this request."""
    jobs: JobService = current_app.extensions["job_service"]
    return jobs


def _number(job_id: str) -> int:
    """Return the number in a job id; raise UnknownJob when it is none."""
    match = _JOB_ID.fullmatch(job_id)
    if match is None:
        raise UnknownJob
    request.environ[JOB_ID] = f"job_id_{match[1]}"
    return int(match[1])


def submit_view(statistic: Statistic) -> View:
    """Return the view that accepts jobs of one statistic."""

    def view() -> Response:
        environ, jobs = request.environ, service()
        if not jobs.accepting:
            raise ShuttingDown  # whatever the body is
        check_declared(environ)
        content = parse_object(environ[BODY])
        question = text_field(content, "question")
        state = text_field(content, "state") if statistic.needs_state else None
        job_id = environ[JOB_ID] = jobs.submit(statistic.name, question, state).id
        return answer(b'{"job_id":"%b"}' % job_id.encode())

    return view


def get_results(job_id: str) -> Response:
    """Tell a job's status, and its result once it is done."""
    outcome = service().outcome(_number(job_id))
    if outcome.status is JobStatus.DONE:
        return answer(b'{"status":"done","data":%b}' % outcome.result)
    if outcome.status is JobStatus.ERROR:
        return answer(json_bytes.encode({"status": "error", "reason": outcome.reason}))
    return answer(b'{"status":"running"}')


def list_jobs() -> Response:
    """List all jobs with their statuses, in order of id."""
    rows = (
        b'{"%b":%b}' % (job.id.encode(), _OUTWARD.get(job.status, _RUNNING))
        for job in service().list()
    )
    return answer(b'{"status":"done","data":[%b]}' % b",".join(rows))


def cancel(job_id: str) -> Response:
    """Cancel a job that is still queued."""
    number = _number(job_id)
    service().cancel(number)
    return answer(b'{"status":"cancelled","job_id":"job_id_%d"}' % number)


def num_jobs() -> Response:
    """Count the jobs that are accepted and not finished."""
    return answer(b'{"status":"done","num_jobs":%d}' % service().unfinished)


def graceful_shutdown() -> Response:
    """Take no new jobs; tell whether accepted ones remain."""
    if request.method == "HEAD":
        # A request that only looks must change nothing.
        raise MethodNotAllowed(["GET", "POST"])
    service().drain()
    return answer(b'{"status":"running"}' if service().unfinished else b'{"status":"done"}')


def health() -> Response:
    """Tell whether the server takes jobs."""
    if service().accepting:
        return answer(b'{"status":"ok"}')
    return answer(b'{"status":"error","reason":"shutting down"}', HTTPStatus.SERVICE_UNAVAILABLE)


def metrics() -> Response:
    """Tell Prometheus what the server does and did."""
    jobs = service()
    unfinished, running = jobs.unfinished, jobs.running
    now = {
        "stats_jobs_queued": ("Jobs that wait for a thread", max(0, unfinished - running)),
        "stats_jobs_running": ("Jobs that run; as many threads are busy", running),
        "stats_jobs_kept": ("Jobs that can be asked for", jobs.kept),
        "stats_accepting": ("1 while new jobs are taken, else 0", int(jobs.accepting)),
    }
    return Response(
        metrics_text(jobs.tallies.copy(), now), content_type="text/plain; version=0.0.4"
    )


def index() -> Response:
    """Tell what the server is and where its routes are described."""
    return answer(
        json_bytes.encode(
            {
                "name": "Le Stats Sportif",
                "about": "Statistics on nutrition, physical activity and obesity in the United"
                " States. POST a question, get a job_id, collect the answer from"
                " /api/get_results/<job_id>.",
                "try_it": "/openapi",
                "description": "/openapi/openapi.json",
                "health": "/api/health",
            },
            option=json_bytes.PRETTY,
        )
    )


def blueprint() -> Blueprint:
    """Return the blueprint of all routes of the contract."""
    routes = Blueprint("api", __name__)
    for name, statistic in STATISTICS.items():
        routes.add_url_rule(f"/api/{name}", name, submit_view(statistic), methods=["POST"])
    routes.add_url_rule("/api/get_results/<job_id>", view_func=get_results)
    routes.add_url_rule("/api/jobs", view_func=list_jobs)
    routes.add_url_rule("/api/jobs/<job_id>", view_func=cancel, methods=["DELETE"])
    routes.add_url_rule("/api/num_jobs", view_func=num_jobs)
    routes.add_url_rule(
        "/api/graceful_shutdown", view_func=graceful_shutdown, methods=["GET", "POST"]
    )
    routes.add_url_rule("/api/health", view_func=health)
    routes.add_url_rule("/metrics", view_func=metrics)
    routes.add_url_rule("/", view_func=index)
    routes.add_url_rule("/index", view_func=index)
    return routes
