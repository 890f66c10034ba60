"""How a job ends: settled once, written down, and only then told by its status."""

import logging
import time
from collections.abc import Callable
from functools import partial

from app.errors import StorageError
from app.job import Done, Failed, Job, JobStatus
from app.tallies import Tallies
from app.threads.journal import Journal
from app.threads.records import Record
from app.threads.registry import JobRegistry


class JobEndings:
    """Ends jobs, and writes down what happens to them."""

    def __init__(
        self, registry: JobRegistry, journal: Journal, tallies: Tallies, log: logging.Logger
    ) -> None:
        self._registry = registry
        self._journal = journal
        self._tallies = tallies
        self._log = log

    def fail(self, job: Job, reason: str, began: float, status: JobStatus | None = None) -> bool:
        """End a job as failed; return False where its end is settled already.

        With `status`, only while the job has it. `began` is when it began to run, on the monotonic
        clock.
        """
        failed = Failed(job.number, reason, time.time())
        if not self._registry.claim(job, failed, status):
            return False
        self.finish(job, began)
        return True

    def finish(self, job: Job, began: float) -> None:
        """Write down how a job ends, and only then give it the status."""
        try:
            if isinstance(job.end, Done):
                # May be lost with the process: the job would run again, with the same result. So
                # it can wait for the next write.
                self._journal.note(job.end)
            elif job.end is not None:
                self.record(job.end)
        finally:
            last = self._registry.finish(job)
        if last:
            self.attempt(job.id, self._journal.write_notes)
        ran = time.monotonic() - began
        self._log.info("%s %s after %.1f ms", job.id, job.status.value, ran * 1e3)
        waited = max(0.0, (job.started_at or time.time()) - job.accepted_at)
        self._tallies.job_ended(job.request.statistic, job.status.value, waited, ran)

    def record(self, record: Record) -> None:
        """Journal what happened to a job. That it fails is no loss: the job would run again."""
        self.attempt(f"job_id_{record.number}", partial(self._journal.append, record))

    def attempt(self, whose: str, step: Callable[[], None]) -> None:
        """Do something to the journal that is no loss when it fails; the log tells whose it was."""
        try:
            step()
        except StorageError as error:
            self._tallies.storage_failed("journal")
            self._log.error("%s: %s", whose, error)
