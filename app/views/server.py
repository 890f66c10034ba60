"""The server itself: its health, its numbers, and its end."""

from werkzeug.exceptions import MethodNotAllowed

from app.http.request import Request
from app.http.responses import Reply
from app.job_service import JobService
from app.metrics import metrics_text


class ServerViews:
    """The views of the server."""

    def __init__(self, service: JobService) -> None:
        self._service = service

    def graceful_shutdown(self, request: Request) -> Reply:
        """Take no new jobs; return whether accepted ones remain."""
        if request.method == "HEAD":
            # A request that only looks must change nothing.
            raise MethodNotAllowed(["GET", "POST"])
        self._service.drain()
        remain = self._service.unfinished
        return Reply(b'{"status":"running"}' if remain else b'{"status":"done"}')

    def health(self, _request: Request) -> Reply:
        """Return whether the server takes jobs."""
        self._service.check_health()
        return Reply(b'{"status":"ok"}')

    def metrics(self, _request: Request) -> Reply:
        """Return the numbers of the server, for Prometheus."""
        jobs = self._service
        counts, running = jobs.job_counts, len(jobs.running)
        now = {
            "stats_jobs_queued": ("Jobs that wait for a worker", counts.queued(running)),
            "stats_jobs_running": ("Jobs that run", running),
            "stats_jobs_kept": ("Jobs that can be asked for", counts.kept),
            "stats_workers": ("Jobs that can run at a time", jobs.workers),
            "stats_accepting": ("1 while new jobs are taken, else 0", int(jobs.accepting)),
        }
        rows = {
            (name, answers.version): answers.dataset.rows
            for name, answers in jobs.catalogue.answers.items()
        }
        text = metrics_text(jobs.collect_metrics(), now, rows)
        return Reply(text, content_type="text/plain; version=0.0.4")
