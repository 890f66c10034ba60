"""A job's result: stored, found, or computed again."""

import logging
from collections import deque
from collections.abc import Callable

from app.answers.catalogue import Catalogue
from app.answers.compute import Answer
from app.errors import StorageError
from app.job import Digest, Done, Failed, Job, JobRequest, JobStatus, Outcome
from app.job_service import LOST
from app.metrics import Metrics
from app.result_store import ResultStore

_MOST_MISSING = 100_000


class Results:
    """Results in memory, on disk, and, where both fail, from the job's request."""

    def __init__(
        self, catalogue: Catalogue, store: ResultStore, metrics: Metrics, log: logging.Logger
    ) -> None:
        self.catalogue = catalogue
        self.store = store
        self._metrics = metrics
        self._log = log
        # Jobs whose results the disk did not take, the last of them. Python promises that any
        # thread may change a deque's ends.
        self._missing: deque[Job] = deque(maxlen=_MOST_MISSING)

    def at_hand(self, request: JobRequest) -> Answer | None:
        """Return an answer that is in memory and has a file; None where it takes more than that."""
        answers = self.catalogue.answers.get(request.dataset)
        known = answers.known(request) if answers is not None else None
        return known if known is not None and self.store.has(known.body) else None

    def keep(self, job: Job, body: bytes) -> bool:
        """Store a result; return whether that is done.

        Whatever fails is logged, and nothing lost: who asks has it from memory. Where it is not
        there any more, it is computed again. `write_missing` stores it later.
        """
        try:
            self.store.write(job.id, body)
            return True
        except StorageError as error:
            self._missing.append(job)
            self._metrics.storage_failed("result")
            self._log.error("%s: %s", job.id, error)
        except Exception:  # noqa: BLE001
            self._log.exception("%s raised", job.id)
        return False

    def write_missing(self, is_kept: Callable[[int], bool]) -> None:
        """Store results that the disk did not take, of jobs that are still kept.

        Where it does not take one either, the others wait, too.
        """
        for _ in range(len(self._missing)):
            job = self._missing.popleft()
            if not isinstance(job.end, Done) or not is_kept(job.number):
                continue
            answers = self.catalogue.of_version(job.end.dataset)
            if answers is not None and not self.keep(job, answers.answer(job.request).body):
                return

    def remove(self, job: Job) -> None:
        """Remove a result from disk."""
        self.store.remove(job.id)

    def sweep(self) -> None:
        """Remove what a process that died may have left half done on disk."""
        self.store.sweep()

    def highest(self) -> int:
        """Return the highest number of a job whose result is on disk, 0 when there is none."""
        return self.store.highest()

    def is_ready(self, job: Job) -> bool:
        """Tell whether `outcome` does not have to compute what may take a while."""
        statistic = self.catalogue.statistics.get(job.request.statistic)
        if statistic is None or statistic.is_quick or not isinstance(job.end, Done):
            return True
        answers = self.catalogue.of_version(job.end.dataset)
        return answers is not None and answers.known(job.request) is not None

    def outcome(self, job: Job) -> Outcome:
        """Return a job's status, and its result or failure."""
        if not job.finished or job.end is None:
            return Outcome(JobStatus.RUNNING)
        if isinstance(job.end, Failed):
            end = job.end
            return Outcome(JobStatus.ERROR, reason=end.reason, cancelled=end.cancelled)
        answers = self.catalogue.of_version(job.end.dataset)
        known = answers.known(job.request) if answers is not None else None
        if known is not None:
            return Outcome(JobStatus.DONE, known.body, digest=known.digest)
        digest = Digest(job.end.size, job.end.crc)
        body = self.store.read(job.id, digest)
        if body is not None:
            return Outcome(JobStatus.DONE, body, digest=digest)
        if answers is None:
            return Outcome(JobStatus.ERROR, reason=LOST)
        answer = answers.answer(job.request)
        self._log.info("%s: the stored result was gone or altered; computed again", job.id)
        self.keep(job, answer.body)
        return Outcome(JobStatus.DONE, answer.body, digest=answer.digest)
