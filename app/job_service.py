"""What routes can ask of the jobs, whichever executor carries them out.

A job is data first (`JobRequest`), so any executor can run it: `threads/service.py` has threads of
this process, a journal and files; `cluster/service.py` has Celery's workers, and Redis.
"""

import logging
import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.answers.catalogue import Catalogue
from app.answers.shared_answers import SharedAnswers
from app.concurrency.trace import Trace
from app.concurrency.wait import Wait
from app.errors import ShuttingDown, TooLateError, UnknownJob
from app.job import Job, JobCounts, JobRequest, Outcome
from app.messages import reasons
from app.metrics import Metrics

if TYPE_CHECKING:
    from limits.storage import Storage

# A job that was running as often when its process died is not run again: it may have killed them.
MOST_DEATHS = 3

# Why there is no answer, in the words that clients get from either executor.
LETHAL = reasons.DIED_TOO_OFTEN(times=MOST_DEATHS)
LOST = reasons.LOST()
UNEXPECTED = reasons.FAILED_UNEXPECTEDLY()


def took_too_long(seconds: float) -> str:
    """Return why a job failed that may take so many seconds, and took longer."""
    return reasons.TOOK_TOO_LONG(seconds=f"{seconds:g}")


def log_end(
    log: logging.Logger, job_id: str, status: str, ran: float, runner: str, waited: float
) -> None:
    """Log that a job has ended, which ran and waited for so many seconds."""
    log.info(
        "%s %s after %.1f ms on %s, %.1f ms in the queue",
        job_id,
        status,
        ran * 1e3,
        runner,
        waited * 1e3,
    )


def too_late_to_cancel(job: Job) -> TooLateError:
    """Return the error for a job that is not queued any more."""
    why = reasons.ENDED_ALREADY if job.finished else reasons.RUNNING_ALREADY
    return TooLateError(why(job=job.id))


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a job may run, how many finished ones are kept for how long; 0 is for ever.

    `waiters` is how many requests may wait for jobs to end.
    """

    job_seconds: float
    keep_jobs: int
    keep_days: float
    waiters: int

    @property
    def keep_seconds(self) -> int:
        """How long a finished job is kept, in whole seconds; 0 is for ever."""
        return math.ceil(self.keep_days * 86400)


class JobService(ABC):
    """Submits, cancels, answers, lists and drains jobs.

    Where a service has to ask another process, each of its methods and properties but `catalogue`,
    `metrics` and `most_unfinished` may raise StoreUnavailable.
    """

    # Whether its methods may wait for the network: then the loop must not call them directly.
    waits_for_network = False

    @property
    def writes_wait(self) -> bool:
        """Whether submits and cancellations may wait for a disk now: then they need a thread."""
        return False

    def __init__(
        self,
        catalogue: Catalogue,
        metrics: Metrics,
        waiters: int,
        identity: str,
        shared: SharedAnswers,
        trace: Trace,
    ) -> None:
        """At most `waiters` requests may wait at a time.

        `identity` tells jobs of this service from those of another that had the same numbers;
        `shared` are the answers that no job is made for; `trace` has the steps of this process.
        """
        self.catalogue = catalogue
        self.shared = shared
        self.trace = trace
        self.metrics = metrics
        self._waiters = threading.Semaphore(waiters)
        self.identity = identity

    def reload(self, name: str | None = None) -> Collection[str]:
        """Read a dataset again, or all of them; return the names of those that have changed.

        Raises UnknownName, DatasetError where one cannot be used, and Busy while another reload is
        under way; then all datasets are as they were.
        """
        return self.catalogue.reload(name)

    @abstractmethod
    def accept(self, request: JobRequest, key: str = "") -> Job:
        """Accept a job and return it; `request` is as `Answers.request` returns it.

        When this returns, the job is on record and will run. Raises ShuttingDown, QueueFull, and
        StorageError when the job could not be recorded; then nothing was accepted.

        With a key, it returns the job that was submitted with the same key before, as long as that
        is kept, also where new ones are refused. Raises KeyReused where that asked something else.
        """

    @abstractmethod
    def submit_batch(self, requests: Sequence[JobRequest], key: str = "") -> Sequence[Job]:
        """Accept jobs together, all or none, and return them; their ids follow one another.

        `requests` are as `Answers.request` returns them. It takes a key, and raises, as `accept`
        does.
        """

    @abstractmethod
    def cancel(self, number: int) -> Job:
        """End a queued job and return it.

        Raises UnknownJob when there is none, TooLateError when it is not queued any more.
        """

    @abstractmethod
    def job(self, number: int) -> Job:
        """Return a job; raise UnknownJob when there is none."""

    def some_jobs(self, numbers: Sequence[int]) -> Sequence[Job]:
        """Return those of some jobs that there are."""
        found = []
        for number in numbers:
            with suppress(UnknownJob):
                found.append(self.job(number))
        return found

    @abstractmethod
    def is_ready(self, number: int) -> bool:
        """Tell whether `outcome` computes nothing; raise UnknownJob when there is no job."""

    @abstractmethod
    def outcome(self, number: int) -> Outcome:
        """Return a job's status, and its result or failure; raise UnknownJob for no job."""

    def outcomes(self, numbers: Sequence[int]) -> Iterator[Outcome | Exception | None]:
        """Yield for each of some jobs what `outcome` would return or raise.

        None where it may have to compute (`is_ready`): that is left to the caller.
        """
        for number in numbers:
            try:
                yield self.outcome(number) if self.is_ready(number) else None
            except Exception as error:  # noqa: BLE001
                yield error

    def wait_for(self, numbers: Sequence[int]) -> Wait | None:
        """Return a wait for those of these jobs that are unfinished, to be closed after use.

        None when as many requests wait as may.
        """
        return self._seated(lambda: self._watch(numbers))

    def wait_for_change(self) -> Wait | None:
        """Return a wait that is over when it is woken, to be closed after use.

        None when as many requests wait as may.
        """
        return self._seated(self._watch_all)

    def wait_for_answer(self, future: Future[Any]) -> Wait | None:
        """Return a wait for an answer of `shared`, to be closed after use.

        None when as many requests wait as may.
        """

        def begin() -> Wait:
            wait = Wait(1)
            future.add_done_callback(lambda _: wait.ended())
            return wait

        return self._seated(begin)

    def _seated(self, begin: Callable[[], Wait]) -> Wait | None:
        if not self._waiters.acquire(blocking=False):
            return None
        try:
            wait = begin()
        except BaseException:
            self._waiters.release()
            raise
        wait.when_closed(self._waiters.release)
        return wait

    @abstractmethod
    def _watch(self, numbers: Sequence[int]) -> Wait:
        """Return a wait for those of these jobs that are unfinished."""

    @abstractmethod
    def _watch_all(self) -> Wait:
        """Return a wait that is over when it is woken."""

    @abstractmethod
    def list(self, after: int = 0, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs after an id, in order: all, or those that are not finished."""

    @abstractmethod
    def newest(self, before: int, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs before an id, the newest first: all, or those that are not finished."""

    @property
    @abstractmethod
    def job_counts(self) -> JobCounts:
        """How many jobs there are."""

    @property
    @abstractmethod
    def most_unfinished(self) -> int:
        """How many jobs may be accepted and not finished."""

    @property
    @abstractmethod
    def running(self) -> tuple[int, ...]:
        """The numbers of the jobs that run at this moment."""

    @property
    def workers(self) -> int:
        """How many jobs can run at a time; 0 where each runs inside its request."""
        return len(self.runners)

    @property
    @abstractmethod
    def runners(self) -> Sequence[str]:
        """The names of what runs jobs: threads, or processes that are alive."""

    @property
    def permits(self) -> int | None:
        """The free permits of the pool's semaphore; None where there is no pool."""
        return None

    @property
    def webs(self) -> Sequence[str]:
        """The names of the processes that take requests, where there may be several."""
        return ()

    @property
    @abstractmethod
    def runs_on(self) -> str:
        """What jobs run on, in a few words for the log."""

    @property
    def unfinished(self) -> int:
        """How many jobs are accepted and not finished."""
        return self.job_counts.unfinished

    @property
    @abstractmethod
    def accepting(self) -> bool:
        """Whether new jobs are taken, as far as this process knows; it never raises."""

    def rate_storage(self) -> "Storage":
        """Return what counts the requests of each client, for the library `limits`."""
        from app.concurrency.rate_storage import MemoryRateStorage

        return MemoryRateStorage()

    def check_ready(self) -> None:
        """Raise ShuttingDown where no new jobs are taken."""
        if not self.accepting:
            raise ShuttingDown

    def check_health(self) -> None:
        """Raise why a new job would be refused at the moment, as far as that is known."""
        self.check_ready()

    def collect_metrics(self) -> Metrics:
        """Return what was done so far, at one moment."""
        return self.metrics.copy()

    @abstractmethod
    def check_store(self) -> None:
        """Raise StoreUnavailable where jobs cannot be asked for at the moment."""

    @abstractmethod
    def run_chores(self) -> None:
        """Do what is due from time to time."""

    @abstractmethod
    def drain(self) -> None:
        """Take no new jobs from now on; accepted ones go on. Can be repeated."""

    @abstractmethod
    def close(self, seconds: float) -> bool:
        """Let this process take no new jobs, and let go of what it holds. Can be repeated.

        Jobs that run in this process have at most `seconds` to end. Returns False when some were
        left; they run at the next start.
        """
