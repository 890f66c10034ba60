"""What a job is, and the registry of all jobs with its id counter."""

import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from app.errors import UnknownJob
from app.result_store import Digest


class JobStatus(Enum):
    """Where a job stands. It only ever moves down this list; the last two are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"


class Parameters(NamedTuple):
    """What a job asks, as data: the question's full text, and a state where one is needed."""

    statistic: str
    question: str
    state: str | None


@dataclass(slots=True)
class Job:
    """One accepted job. Only JobRegistry changes `status` and the fields below it."""

    number: int
    parameters: Parameters
    accepted_at: float
    status: JobStatus = JobStatus.QUEUED
    ended_at: float | None = None
    digest: Digest | None = None
    dataset: str | None = None
    reason: str | None = None
    deaths: int = 0  # of processes, while they ran this job

    @property
    def id(self) -> str:
        """The id that clients see."""
        return f"job_id_{self.number}"

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self.status is JobStatus.DONE or self.status is JobStatus.ERROR


class JobRegistry:
    """All jobs by number, the counter of their ids, and their states."""

    def __init__(self) -> None:
        # Guards every field below, and the changing fields of each Job. Held for a few
        # statements, never while calling out. Whoever finishes the last unfinished job notifies
        # those who wait for the registry to be idle.
        self._idle = threading.Condition(threading.Lock())
        self._jobs: dict[int, Job] = {}
        self._last = 0
        self._unfinished = 0

    def add(self, parameters: Parameters) -> Job:
        """Return a new queued job with the next id; no two calls get the same."""
        now = time.time()
        with self._idle:
            self._last += 1
            job = self._jobs[self._last] = Job(self._last, parameters, now)
            self._unfinished += 1
            return job

    def restore(self, job: Job) -> None:
        """Take in a job that an earlier process accepted; ids go on after the highest seen."""
        with self._idle:
            self._jobs[job.number] = job
            self._last = max(self._last, job.number)
            self._unfinished += not job.finished

    def skip_to(self, number: int) -> None:
        """Never give out an id up to and including `number`."""
        with self._idle:
            self._last = max(self._last, number)

    def withdraw(self, job: Job) -> None:
        """Forget a job whose acceptance could not be kept; its id is not given again."""
        with self._idle:
            if self._jobs.pop(job.number, None) and not job.finished:
                self._ended()

    def start(self, job: Job) -> None:
        """Mark a job as running."""
        with self._idle:
            job.status = JobStatus.RUNNING

    def finish(self, job: Job, digest: Digest, dataset: str) -> None:
        """Mark a job as done. Its result must be readable by now: readers look at once."""
        with self._idle:
            job.digest, job.dataset = digest, dataset
            self._end(job, JobStatus.DONE)

    def fail(self, job: Job, reason: str) -> None:
        """Mark a job as failed, for `reason`."""
        with self._idle:
            job.reason = reason
            self._end(job, JobStatus.ERROR)

    def _end(self, job: Job, status: JobStatus) -> None:
        if not job.finished:
            job.status = status
            job.ended_at = time.time()
            self._ended()

    def _ended(self) -> None:
        self._unfinished -= 1
        if not self._unfinished:
            self._idle.notify_all()

    def get(self, number: int) -> Job:
        """Return the job of this number; raise UnknownJob when there is none."""
        job = self._jobs.get(number)  # atomic: takes no lock
        if job is None:
            raise UnknownJob
        return job

    def snapshot(self) -> list[Job]:
        """Return all jobs, in order of id."""
        with self._idle:
            jobs = list(self._jobs.values())
        # Nearly in order already (only restored ones may not be), which makes sorting cheap.
        return sorted(jobs, key=lambda job: job.number)

    @property
    def last(self) -> int:
        """The highest number ever given, 0 when none was."""
        with self._idle:
            return self._last

    @property
    def unfinished(self) -> int:
        """How many jobs are accepted and not finished."""
        with self._idle:
            return self._unfinished

    def wait_idle(self, seconds: float | None) -> bool:
        """Wait until no job is unfinished; return False when `seconds` pass first."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._unfinished, seconds)
