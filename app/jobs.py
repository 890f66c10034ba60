"""What a job is, and the registry of all jobs with its id counter."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from app.errors import ExpiredJob, QueueFull, UnknownJob
from app.journal_records import Done, Failed


class JobStatus(Enum):
    """Where a job stands. It only ever moves down this list; the last two are final."""

    NEW = "new"  # not acknowledged yet
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"


class Parameters(NamedTuple):
    """What a job asks, as data: the question's full text, and a state where one is needed."""

    statistic: str
    question: str
    state: str | None


@dataclass(slots=True, eq=False)
class Job:
    """One accepted job. Only JobRegistry changes `status` and the fields below it."""

    number: int
    parameters: Parameters
    accepted_at: float
    status: JobStatus = JobStatus.NEW
    started_at: float | None = None
    # How it ends. Whoever sets it, under the registry's lock, is the one to end the job; the
    # status follows once that is on record and the result can be read.
    end: Done | Failed | None = None
    deaths: int = 0  # of processes, while they ran this job

    @property
    def id(self) -> str:
        """The id that clients see."""
        return f"job_id_{self.number}"

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self.status is JobStatus.DONE or self.status is JobStatus.ERROR


def status_of(end: Done | Failed | None) -> JobStatus:
    """Return the status of a job that ends like this."""
    return JobStatus.DONE if isinstance(end, Done) else JobStatus.ERROR


class JobRegistry:
    """All jobs by number, the counter of their ids, and their states."""

    def __init__(self, most_unfinished: int) -> None:
        self._most_unfinished = most_unfinished
        # Guards every field below, and the changing fields of each Job. Held for a few
        # statements, never while calling out. Whoever finishes the last unfinished job notifies
        # those who wait for the registry to be idle.
        self._idle = threading.Condition(threading.Lock())
        self._jobs: dict[int, Job] = {}
        self._finished: deque[Job] = deque()  # in the order in which they ended
        self._withdrawn: set[int] = set()
        self._last = 0
        self._unfinished = 0

    def add(self, parameters: Parameters) -> Job:
        """Return a new job with the next id; no two calls get the same.

        Raises QueueFull when as many jobs are unfinished as may be.
        """
        now = time.time()
        with self._idle:
            if self._unfinished >= self._most_unfinished:
                raise QueueFull(self._unfinished)
            self._last += 1
            job = self._jobs[self._last] = Job(self._last, parameters, now)
            self._unfinished += 1
            return job

    def restore(self, job: Job) -> None:
        """Take in a job that an earlier process accepted; ids go on after the highest seen."""
        with self._idle:
            self._jobs[job.number] = job
            self._last = max(self._last, job.number)
            if job.finished:
                self._finished.append(job)
            else:
                self._unfinished += 1

    def skip_to(self, number: int) -> None:
        """Never give out an id up to and including `number`."""
        with self._idle:
            self._last = max(self._last, number)

    def queue(self, job: Job) -> None:
        """Mark a job as queued: it is on record now."""
        with self._idle:
            job.status = JobStatus.QUEUED

    def withdraw(self, job: Job) -> None:
        """Forget a job that its client will not get; its id is not given again."""
        with self._idle:
            if job.end is None:
                del self._jobs[job.number]
                self._withdrawn.add(job.number)
                self._one_less()

    def start(self, job: Job) -> bool:
        """Mark a queued job as running; return False when it was ended meanwhile."""
        with self._idle:
            if job.end is not None:
                return False
            job.status = JobStatus.RUNNING
            job.started_at = time.time()
            return True

    def claim(self, job: Job, end: Done | Failed, status: JobStatus | None = None) -> bool:
        """Settle how a job ends; return False when that is settled already.

        The one caller that gets True is the one to call `finish`. With `status`, only while the
        job has it.
        """
        with self._idle:
            if job.end is not None or (status is not None and job.status is not status):
                return False
            job.end = end
            return True

    def finish(self, job: Job) -> None:
        """Give a job the status of its end. A result must be readable by now: readers look."""
        with self._idle:
            job.status = status_of(job.end)
            self._finished.append(job)
            self._one_less()

    def _one_less(self) -> None:
        self._unfinished -= 1
        if not self._unfinished:
            self._idle.notify_all()

    def expire(self, most_finished: int, ended_before: float, most: int = 1000) -> list[Job]:
        """Forget the finished jobs that ended first, and return them, at most `most` at a time.

        Those over `most_finished` in number go, and those that ended before a time.
        """
        expired: list[Job] = []
        with self._idle:
            while self._finished and len(expired) < most:
                job = self._finished[0]
                too_old = job.end is not None and job.end.at < ended_before
                if len(self._finished) <= most_finished and not too_old:
                    break
                self._finished.popleft()
                del self._jobs[job.number]
                expired.append(job)
        return expired

    def get(self, number: int) -> Job:
        """Return the job of this number.

        Raises UnknownJob when there was none, and ExpiredJob when it is not kept any more.
        """
        job = self._jobs.get(number)  # atomic: takes no lock
        if job is None:
            with self._idle:
                expired = number <= self._last and number not in self._withdrawn
            raise ExpiredJob if expired else UnknownJob
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
    def count(self) -> int:
        """How many jobs are known."""
        return len(self._jobs)

    @property
    def unfinished(self) -> int:
        """How many jobs are accepted and not finished."""
        with self._idle:
            return self._unfinished

    def wait_idle(self, seconds: float | None) -> bool:
        """Wait until no job is unfinished; return False when `seconds` pass first."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._unfinished, seconds)
