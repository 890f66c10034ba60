"""The second executor: jobs in Redis, run by Celery's workers. A web process keeps very little."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from app.answers.catalogue import Catalogue
from app.answers.shared_answers import SharedAnswers
from app.cluster.janitor import Janitor
from app.cluster.publisher import Publisher
from app.cluster.recent_ends import SharedEnd
from app.cluster.redis_client import RedisClient
from app.cluster.shared_jobs import JUST_STARTED, Given, SharedJobs
from app.cluster.subscriber import Subscriber
from app.concurrency.cache import BoundedCache
from app.concurrency.trace import Step, Trace
from app.concurrency.wait import Wait
from app.concurrency.watches import Watches
from app.errors import BadRequest, QueueFull, ShuttingDown, StoreUnavailable
from app.job import Job, JobCounts, JobRequest, JobStatus, Outcome
from app.job_service import LOST, JobService, Limits, too_late_to_cancel
from app.messages import reasons
from app.metrics import Metrics
from app.result_store import ResultStore
from app.task_runner import ThreadPool

if TYPE_CHECKING:
    from limits.storage import Storage

_NO_RELOAD = (
    "a dataset has changed, and is not reloaded in a cluster: start workers with the new one,"
    " then web processes (docs/scaling.md)"
)

# Seconds between looks, at the start, whether Redis accepts jobs by now.
_LOOK_SECONDS = 0.2

# Outcomes that are read at a time; of their answers, not many more bytes than these.
_PAGE_SIZE = 200
PAGE_BYTES = 4 * 2**20


class ClusterService(JobService):
    """One web process of any number."""

    waits_for_network = True

    def __init__(
        self,
        catalogue: Catalogue,
        redis: RedisClient,
        jobs: SharedJobs,
        publisher: Publisher,
        janitor: Janitor,
        watches: Watches,
        subscriber: Subscriber,
        bodies: BoundedCache[bytes],
        files: ResultStore | None,
        readers: ThreadPool,
        threads: int,
        most_unfinished: int,
        limits: Limits,
        metrics: Metrics,
        log: logging.Logger,
        trace: Trace,
    ) -> None:
        """Take the parts; `bodies` has the answers that were read last, by their SHA-256.

        `readers` are the threads that compute answers which no job is made for, so many at a time,
        and draw.

        Where workers write results to `files`, too, those of removed jobs are deleted.
        """
        # The same in all web processes: a client may ask any of them about a job.
        shared = SharedAnswers(readers, threads)
        super().__init__(catalogue, metrics, limits.waiters, redis.address, shared, trace)
        self._readers = readers
        self._redis = redis
        self._jobs = jobs
        self._publisher = publisher
        self._janitor = janitor
        self._watches = watches
        self._subscriber = subscriber
        self._bodies = bodies
        self._files = files
        self._most_unfinished = most_unfinished
        self._job_seconds = limits.job_seconds
        self._log = log
        # Whether the service drains, as far as known here, or did with this process in it.
        self._draining = False
        self._closing = False  # whether this process accepts none
        self._refusal = ""  # why Redis accepts none, where it does not

    def reload(self, name: str | None = None) -> Collection[str]:
        """Return nothing where no file has changed; raise DatasetError for one that has.

        Workers and other web processes would keep the dataset that they have.
        """
        return self.catalogue.reload(name, unless=_NO_RELOAD)

    def accept(self, request: JobRequest, key: str = "") -> Job:
        """Accept a job and return it; Redis has it then."""
        return self._accept([request], key)[0]

    def submit_batch(self, requests: Sequence[JobRequest], key: str = "") -> list[Job]:
        """Accept jobs together and return them; Redis has them then."""
        if len(requests) > self._most_unfinished:
            raise BadRequest(reasons.MOST_JOBS(most=self._most_unfinished))
        return self._accept(requests, key)

    def _accept(self, requests: Sequence[JobRequest], key: str) -> list[Job]:
        # Others may accept jobs while this process does not; and a submit that is repeated gets its
        # jobs, which Redis knows.
        known_only = self._closing or self._draining
        if known_only and not key:
            raise ShuttingDown
        versions = [self.catalogue.of_request(request).version for request in requests]
        began = time.monotonic() if self.trace.on else 0.0
        try:
            jobs, are_new = self._jobs.accept(
                requests,
                versions,
                self._most_unfinished,
                key,
                known_only=known_only,
            )
        except ShuttingDown:
            self._draining = True
            raise
        except StoreUnavailable as error:
            self._note_refusal(error)  # chores may be late
            raise
        if not are_new:
            return jobs
        by_version: dict[str, list[Job]] = defaultdict(list)
        for job, version in zip(jobs, versions, strict=True):
            by_version[version].append(job)
        for version, some in by_version.items():
            self._publisher.publish(some, version, batch=len(jobs) > 1)
        if began:
            lane, first = threading.current_thread().name, jobs[0]
            step = Step(lane, "submit", began, time.monotonic(), first.number, len(jobs))
            self.trace.add(step._replace(detail=first.request.statistic))
        return jobs

    def cancel(self, number: int) -> Job:
        """End a queued job and return it."""
        status = self._jobs.cancel(number)
        job = self.job(number)
        if status != JobStatus.QUEUED.value:
            raise too_late_to_cancel(job)
        return job

    def job(self, number: int) -> Job:
        """Return a job as it is now."""
        return self._jobs.get(number).job

    def some_jobs(self, numbers: Sequence[int]) -> Sequence[Job]:
        """Return those of some jobs that there are."""
        return [found.job for found in self._jobs.find(numbers) if found is not None]

    def is_ready(self, number: int) -> bool:
        """Return True: an answer is computed only where Redis has lost it, and that is rare."""
        return True

    def outcome(self, number: int) -> Outcome:
        """Return the outcome of a job as it is now."""
        end = self._jobs.end(number)
        body = self._bodies.get(end.answer)
        if body is None:
            body = self._read_bodies([end]).get(end.answer)
        return self._outcome(number, end, body)

    def outcomes(self, numbers: Sequence[int]) -> Iterator[Outcome | Exception | None]:
        """Yield the outcomes of some jobs, read many at a time; None for an answer that is lost."""
        for start in range(0, len(numbers), _PAGE_SIZE):
            page = numbers[start : start + _PAGE_SIZE]
            try:
                ends = self._jobs.ends(page)
                given = self._jobs.given() if None in ends else Given(0, 0)
            except StoreUnavailable as error:
                yield from [error] * len(page)
                continue
            for part in _parts(zip(page, ends, strict=True)):
                yield from self._outcomes(part, given)

    def _outcomes(
        self, part: Sequence[tuple[int, SharedEnd | None]], given: Given
    ) -> Iterator[Outcome | Exception | None]:
        try:
            bodies = self._read_bodies([end for _, end in part])
        except StoreUnavailable as error:
            yield from [error] * len(part)
            return
        for number, end in part:
            try:
                if end is None:
                    raise given.missing(number)
                is_lost = end.status is JobStatus.DONE and end.answer not in bodies
                yield None if is_lost else self._outcome(number, end, bodies.get(end.answer))
            except Exception as error:  # noqa: BLE001
                yield error

    def _read_bodies(self, ends: Iterable[SharedEnd | None]) -> dict[str, bytes]:
        """Return the answers of some jobs, by their SHA-256, that are not lost."""
        wanted = {end.answer for end in ends if end is not None and end.answer}
        bodies = {sha: body for sha in wanted if (body := self._bodies.get(sha)) is not None}
        unread = list(wanted - bodies.keys())
        for sha, body in zip(unread, self._jobs.answers(unread) if unread else (), strict=True):
            if body is not None:
                bodies[sha] = body
                self._bodies.put(sha, body, len(body))
        return bodies

    def _outcome(self, number: int, end: SharedEnd, body: bytes | None) -> Outcome:
        if end.status is JobStatus.ERROR:
            return Outcome(JobStatus.ERROR, reason=end.reason, cancelled=end.cancelled)
        if end.status is not JobStatus.DONE:
            return Outcome(JobStatus.RUNNING)
        if body is None:
            return self._compute_again(number, end)
        return Outcome(JobStatus.DONE, body, digest=end.digest)

    def _compute_again(self, number: int, end: SharedEnd) -> Outcome:
        answers = self.catalogue.of_version(end.dataset)
        if answers is None:
            return Outcome(JobStatus.ERROR, reason=LOST)
        answer = answers.answer(self._jobs.get(number).job.request)
        self._log.info("job_id_%d: the stored answer was gone; computed again", number)
        return Outcome(JobStatus.DONE, answer.body, digest=answer.digest)

    def _watch(self, numbers: Sequence[int]) -> Wait:
        wait = self._watches.watch(numbers)
        try:
            self._subscriber.notify_ended(numbers)  # those that ended before they were watched
        except BaseException:
            wait.close()
            raise
        return wait

    def _watch_all(self) -> Wait:
        return self._watches.wait_for_change()

    def list(self, after: int = 0, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs after an id, in order."""
        if unfinished:
            jobs = self._jobs.jobs_on(self._jobs.unfinished())
            return (job for job in jobs if job.number > after)
        return self._jobs.jobs_on(self._jobs.after(after))

    def newest(self, before: int, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs before an id, the newest first."""
        if unfinished:
            jobs = self._jobs.jobs_on(self._jobs.unfinished(descending=True))
            return (job for job in jobs if job.number < before)
        return self._jobs.jobs_on(self._jobs.before(before))

    @property
    def job_counts(self) -> JobCounts:
        """How many jobs there are."""
        return self._jobs.counts()

    @property
    def most_unfinished(self) -> int:
        """How many jobs may be accepted and not finished."""
        return self._most_unfinished

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the jobs that run now; those of one message start together."""
        return tuple(self._jobs.running())

    @property
    def runners(self) -> Sequence[str]:
        """The names of the workers' processes that are alive."""
        return self._janitor.processes()

    @property
    def webs(self) -> Sequence[str]:
        """The names of the web processes that are alive."""
        return self._janitor.webs()

    @property
    def runs_on(self) -> str:
        """Where the jobs are."""
        return f"jobs in Redis at {self._redis.address}, run by Celery"

    @property
    def accepting(self) -> bool:
        """Whether new jobs are accepted, as far as this process knows."""
        return not (self._draining or self._closing or self._redis.down_because or self._refusal)

    def check_ready(self) -> None:
        """Raise ShuttingDown where no jobs are accepted, StoreUnavailable where Redis is down."""
        if self._draining or self._closing:
            raise ShuttingDown
        self.check_store()
        if self._refusal:
            raise StoreUnavailable(self._refusal)

    def check_store(self) -> None:
        """Raise StoreUnavailable where Redis is down."""
        self._redis.check()

    def collect_metrics(self) -> Metrics:
        """Return what was done: jobs by the whole service, everything else by this process."""
        metrics = self.metrics.copy()
        self._jobs.fill(metrics)
        return metrics

    def run_chores(self) -> None:
        """Do what is due from time to time; of jobs, unless Redis is down."""
        self.trace.rest()
        self.shared.end_overdue(self._job_seconds)
        self.metrics.count()
        with suppress(StoreUnavailable):
            self._draining, removed = self._janitor.run_chores()
            if self._files is not None:
                for number in removed:
                    self._files.remove(f"job_id_{number}")
            self._subscriber.check_watched()
        # Also where the chores failed: while Redis takes no changes, they cannot be done either.
        self._check_accepting()

    def rate_storage(self) -> "Storage":
        """Return what counts the requests of each client over all web processes."""
        from app.cluster.redis_rate_storage import RedisRateStorage

        return RedisRateStorage(self._redis)

    def start(self) -> None:
        """Do the first chores, and wait where Redis has just started until it accepts jobs."""
        self.run_chores()
        while self._refusal == JUST_STARTED:
            time.sleep(_LOOK_SECONDS)
            self.run_chores()

    def _check_accepting(self) -> None:
        """Find out whether Redis refuses jobs, for whatever reason, before clients do."""
        try:
            self._jobs.accept([], [], self._most_unfinished)
            self._refusal = ""
        except StoreUnavailable as error:
            self._note_refusal(error)
        except (QueueFull, ShuttingDown):
            self._refusal = ""

    def _note_refusal(self, error: StoreUnavailable) -> None:
        # Where Redis is down, its client knows when it is back.
        self._refusal = "" if self._redis.down_because else str(error)

    def drain(self) -> None:
        """Let the whole service accept no jobs from now on."""
        self._janitor.drain()
        if not self._draining:
            self._log.info("draining the service")
        self._draining = True

    def close(self, seconds: float) -> bool:
        """Let this process accept no jobs; those that it accepted are with the workers.

        Returns True: no job depends on this process.
        """
        self._closing = True
        self._readers.close()
        self._publisher.stop(seconds)
        self._subscriber.stop()
        self._watches.release()
        with suppress(StoreUnavailable):
            self._janitor.leave()
        self._redis.stop_retrying()
        self._readers.join(seconds)
        return True


def _parts(
    ends: Iterable[tuple[int, SharedEnd | None]],
) -> Iterator[Sequence[tuple[int, SharedEnd | None]]]:
    """Yield jobs, in order, whose answers are read together: Redis has so long for all of them."""
    part: list[tuple[int, SharedEnd | None]] = []
    answers: set[str] = set()  # many jobs may have the same one
    size = 0
    for number, end in ends:
        part.append((number, end))
        if end is not None and end.answer not in answers:
            answers.add(end.answer)
            size += end.digest.size
        if size >= PAGE_BYTES:
            yield part
            part, answers, size = [], set(), 0
    if part:
        yield part
