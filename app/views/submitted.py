"""What is answered to who submits a job: its id, or its result where that was waited for."""

from app import json_bytes
from app.errors import StatsError
from app.http.request import Request
from app.http.responses import AfterWait, Header, OnThread, Reply, Response
from app.job import Job, JobStatus
from app.job_service import JobService


def submitted(request: Request, job: Job) -> Reply:
    """Return the answer that has a job's id, and where to find what becomes of it."""
    job_id = request.job_id = job.id
    # Relative to the request's own path: there may be more before it, of a proxy.
    here = "../" if request.path.endswith("/") else ""
    headers = [
        ("location", f"{here}get_results/{job_id}"),
        ("link", f'<{here}jobs/{job_id}>; rel="describedby"'),
    ]
    return Reply(b'{"job_id":"%b"}' % job_id.encode(), headers=headers)


def result_within(seconds: int, service: JobService, job: Job, otherwise: Reply) -> Response:
    """Return the result of a job that ends within so many seconds, else the other answer.

    That, too, where the result cannot be had now: the job is accepted, whatever happens here.
    """

    def ended() -> Reply:
        try:
            outcome = service.outcome(job.number)
        except StatsError:
            return otherwise
        if outcome.status is JobStatus.DONE:
            body = b'{"job_id":"%b","status":"done","data":%b}' % (job.id.encode(), outcome.result)
        elif outcome.status is JobStatus.ERROR:
            failed = {"job_id": job.id, "status": "error", "reason": outcome.reason}
            body = json_bytes.encode(failed)
        else:
            return otherwise
        location = next(value for name, value in otherwise.headers if name == "location")
        more: list[Header] = [
            ("preference-applied", f"wait={seconds}"),
            ("content-location", location),
        ]
        return Reply(body, headers=[*otherwise.headers, *more])

    def now() -> Response:
        try:
            return ended() if service.is_ready(job.number) else OnThread(ended)
        except StatsError:
            return otherwise

    try:
        wait = service.wait_for([job.number]) if seconds else None
    except StatsError:
        return otherwise
    # Where as many wait as may, it is not waited for.
    return now() if wait is None else AfterWait(wait, seconds, now)
