"""How a job ends: settled once, noted or on record, and only then visible in its status.

| how it ends | when that is on record |
| --- | --- |
| with a result | with the journal's next line: without it the job runs again, to the same end |
| in an error | at once, and where that fails the log says so |
| cancelled | at once and as durably as the journal promises, or not at all: its client is told |
"""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial

from app.errors import StorageError
from app.job import CANCELLED, Done, Failed, Job, JobStatus
from app.job_service import log_end
from app.metrics import Metrics
from app.threads.journal import Journal
from app.threads.records import Record
from app.threads.registry import JobRegistry


class JobEndings:
    """Ends jobs, and records what happens to them."""

    def __init__(
        self, registry: JobRegistry, journal: Journal, metrics: Metrics, log: logging.Logger
    ) -> None:
        self._registry = registry
        self._journal = journal
        self._metrics = metrics
        self._log = log

    def fail(self, job: Job, reason: str, began: float) -> bool:
        """End a job as failed; return False where its end is settled already.

        `began` is when it began to run, on the monotonic clock.
        """
        if not self._registry.claim(job, Failed(job.number, reason, self._registry.now(job))):
            return False
        self.finish(job, began)
        return True

    def cancel(self, job: Job) -> bool:
        """End a job as cancelled; return False where it is not queued any more.

        Raises StorageError where that could not be recorded; then it is queued as before.
        """
        end = Failed(job.number, CANCELLED, self._registry.now(job), cancelled=True)
        if not self._registry.claim(job, end, JobStatus.QUEUED):
            return False
        try:
            # Its client is told that it will not run, whatever happens.
            self._journal.append(end, promise=True)
        except StorageError:
            self._registry.disclaim(job)
            self._metrics.storage_failed("journal")
            raise
        self.show(job, time.monotonic())
        return True

    def finish(self, job: Job, began: float) -> None:
        """Record how a job ends, and only then change its status."""
        try:
            if isinstance(job.end, Done):
                # Should the process die before this is written, the job runs again, with the same
                # result. So it can wait for the next write.
                self._journal.note(job.end)
            elif job.end is not None:
                self.record(job.end)
        finally:
            self.show(job, began)

    def show(self, job: Job, began: float) -> None:
        """Give a job the status of its end, which is on record, or could not be recorded."""
        self._finish(job)
        self._tell(job, time.monotonic() - began)

    def show_results(self, jobs: Mapping[Job, float]) -> None:
        """Note that jobs have results, and only then change their statuses.

        Each comes with the seconds that it ran.
        """
        try:
            for job in jobs:
                if isinstance(job.end, Done):
                    self._journal.note(job.end)
        finally:
            self._finish(*jobs)
            for job, ran in jobs.items():
                self._tell(job, ran)

    def _finish(self, *jobs: Job) -> None:
        if self._registry.finish(*jobs):
            self.attempt(jobs[-1].id, self._journal.write_notes)

    def _tell(self, job: Job, ran: float) -> None:
        began_at = job.started_at or (job.end.at if job.end is not None else job.accepted_at)
        waited = max(0.0, began_at - job.accepted_at)
        log_end(self._log, job.id, job.status.value, ran, job.runner or "no thread", waited)
        cancelled = isinstance(job.end, Failed) and job.end.cancelled
        status = "cancelled" if cancelled else job.status.value
        times = None if job.started_at is None else (waited, ran)
        self._metrics.job_ended(job.request.statistic, status, times)

    def record(self, record: Record) -> None:
        """Write a record about a job. Nothing is lost where that fails: the job would run again."""
        self.attempt(f"job_id_{record.number}", partial(self._journal.append, record))

    def attempt(self, subject: str, step: Callable[[], None]) -> None:
        """Change the journal; log an error, which begins with `subject`, where that fails."""
        try:
            step()
        except StorageError as error:
            self._metrics.storage_failed("journal")
            self._log.error("%s: %s", subject, error)
