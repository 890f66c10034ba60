"""The second executor: jobs in Redis, run by Celery's workers. A web process keeps nothing."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from app.answers.current_dataset import CurrentDataset
from app.cluster.janitor import Janitor
from app.cluster.link import Link
from app.cluster.publisher import Publisher
from app.cluster.shared_jobs import SharedEnd, SharedJobs, missing
from app.cluster.subscriber import Subscriber
from app.concurrency.cache import BoundedCache
from app.concurrency.wait import Wait
from app.concurrency.watches import Watches
from app.errors import BadRequest, QueueFull, ShuttingDown, StoreUnavailable, TooLateError
from app.job import Job, JobCounts, JobRequest, JobStatus, Outcome
from app.job_service import CANCELLED, LOST, JobService, Limits
from app.result_store import ResultStore
from app.tallies import Tallies

_NOT_HERE = (
    "the dataset has changed, and is not reloaded in a cluster: start workers with the new one,"
    " then web processes (docs/scaling.md)"
)

# Of many outcomes, so many are asked for at a time.
_JOBS_A_PAGE = 200


class ClusterService(JobService):
    """One web process of any number."""

    waits_for_network = True

    def __init__(
        self,
        dataset: CurrentDataset,
        link: Link,
        jobs: SharedJobs,
        publisher: Publisher,
        janitor: Janitor,
        watches: Watches,
        subscriber: Subscriber,
        answers: BoundedCache[bytes],
        files: ResultStore | None,
        most_unfinished: int,
        limits: Limits,
        tallies: Tallies,
        log: logging.Logger,
    ) -> None:
        """Take the parts; `answers` holds those that were asked for lately, by their SHA-256.

        Where workers write results to `files` too, those of forgotten jobs are removed.
        """
        # The same in all web processes: what a client heard of one, it may ask of another.
        super().__init__(dataset, tallies, limits.waiters, link.place)
        self._link = link
        self._jobs = jobs
        self._publisher = publisher
        self._janitor = janitor
        self._watches = watches
        self._subscriber = subscriber
        self._bodies = answers
        self._files = files
        self._most_unfinished = most_unfinished
        self._keep_seconds = limits.keep_seconds
        self._log = log
        self._draining = False  # whether the service takes no jobs, as far as known here
        self._closing = False  # whether this process takes none
        self._refused = ""  # why Redis takes none, where it does not

    def reload(self) -> bool:
        """Return False for a file that has not changed; raise DatasetError for one that has.

        Workers and other web processes would keep the dataset that they have.
        """
        return self.dataset.reload(unless=_NOT_HERE)

    def accept(self, request: JobRequest) -> Job:
        """Accept a job and return it, on record in Redis."""
        return self._accept([request])[0]

    def submit_batch(self, requests: Sequence[JobRequest]) -> list[Job]:
        """Accept jobs together and return them, on record in Redis."""
        if len(requests) > self._most_unfinished:
            raise BadRequest(f"at most {self._most_unfinished} jobs may wait at a time (--queue)")
        return self._accept(requests)

    def _accept(self, requests: Sequence[JobRequest]) -> list[Job]:
        if self._closing:
            raise ShuttingDown
        version = self.answers.version
        try:
            jobs = self._jobs.accept(requests, version, self._most_unfinished, self._keep_seconds)
        except ShuttingDown:
            self._draining = True
            raise
        self._publisher.send(jobs, version, together=len(jobs) > 1)
        return jobs

    def cancel(self, number: int) -> Job:
        """End a queued job and return it."""
        status = self._jobs.cancel(number, CANCELLED)
        job = self.job(number)
        if status != JobStatus.QUEUED.value:
            standing = "ended" if job.finished else "running"
            raise TooLateError(f"{job.id} is {standing} already and cannot be cancelled")
        return job

    def job(self, number: int) -> Job:
        """Return a job as it stands now."""
        return self._jobs.get(number).job

    def is_ready(self, number: int) -> bool:
        """Return True: only an answer that was lost in Redis is computed, and that is rare."""
        return True

    def outcome(self, number: int) -> Outcome:
        """Return what can be told of a job now."""
        end = self._jobs.end(number)
        return self._told(number, end, self._answers_of([end]))

    def outcomes(self, numbers: Sequence[int]) -> Iterator[Outcome | Exception]:
        """Yield what can be told of some jobs, asked for many at a time."""
        for start in range(0, len(numbers), _JOBS_A_PAGE):
            page = numbers[start : start + _JOBS_A_PAGE]
            try:
                ends = self._jobs.ends(page)
                last = self._jobs.last() if None in ends else 0
                answers = self._answers_of(ends)
            except StoreUnavailable as error:
                yield from [error] * len(page)
                continue
            for number, end in zip(page, ends, strict=True):
                try:
                    if end is None:
                        raise missing(number, last)
                    yield self._told(number, end, answers)
                except Exception as error:  # pylint: disable=broad-exception-caught
                    yield error

    def _answers_of(self, ends: Iterable[SharedEnd | None]) -> dict[str, bytes]:
        """Return the answers of some jobs by their SHA-256, those that are there."""
        wanted = {end.answer for end in ends if end is not None and end.answer}
        answers = {sha: body for sha in wanted if (body := self._bodies.get(sha)) is not None}
        missing = list(wanted - answers.keys())
        for sha, body in zip(missing, self._jobs.answers(missing) if missing else (), strict=True):
            if body is not None:
                answers[sha] = body
                self._bodies.put(sha, body, len(body))
        return answers

    def _told(self, number: int, end: SharedEnd, answers: Mapping[str, bytes]) -> Outcome:
        if end.status is JobStatus.ERROR:
            return Outcome(JobStatus.ERROR, reason=end.reason)
        if end.status is not JobStatus.DONE:
            return Outcome(JobStatus.RUNNING)
        body = answers.get(end.answer)
        if body is None:
            return self._computed_again(number, end)
        return Outcome(JobStatus.DONE, body, digest=end.digest)

    def _computed_again(self, number: int, end: SharedEnd) -> Outcome:
        answers = self.answers
        if end.dataset != answers.version:
            return Outcome(JobStatus.ERROR, reason=LOST)
        answer = answers.answer(self._jobs.get(number).job.request)
        self._log.info("job_id_%d: the stored answer was gone; computed again", number)
        return Outcome(JobStatus.DONE, answer.body, digest=answer.digest)

    def _watch(self, numbers: Sequence[int]) -> Wait:
        wait = self._watches.watch(numbers)
        try:
            self._subscriber.tell_ended(numbers)  # those that ended before it was watched
        except BaseException:
            wait.close()
            raise
        return wait

    def _watch_all(self) -> Wait:
        return self._watches.wait_for_change()

    def list(self, after: int = 0, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs after an id, in order."""
        if unfinished:
            jobs = self._jobs.those_of(self._jobs.unfinished())
            return (job for job in jobs if job.number > after)
        return self._jobs.those_of(self._jobs.after(after))

    def newest(self, before: int, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs before an id, the newest first."""
        if unfinished:
            jobs = self._jobs.those_of(self._jobs.unfinished(descending=True))
            return (job for job in jobs if job.number < before)
        return self._jobs.those_of(self._jobs.before(before))

    @property
    def standing(self) -> JobCounts:
        """Which jobs there are, in numbers."""
        return self._jobs.standing()

    @property
    def most_unfinished(self) -> int:
        """How many jobs may be accepted and not finished."""
        return self._most_unfinished

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the jobs that run at this moment; those of a chunk begin together."""
        return tuple(self._jobs.running())

    @property
    def workers(self) -> int:
        """How many worker processes live."""
        return self._janitor.runners()

    @property
    def runs_on(self) -> str:
        """Where the jobs are."""
        return f"jobs in Redis at {self._link.place}, run by Celery"

    @property
    def accepting(self) -> bool:
        """Whether new jobs are taken, as far as this process knows."""
        return not (self._draining or self._closing or self._link.trouble or self._refused)

    def check_ready(self) -> None:
        """Raise ShuttingDown where no new jobs are taken, StoreUnavailable where Redis is down."""
        if self._draining or self._closing:
            raise ShuttingDown
        self.check_store()
        if self._refused:
            raise StoreUnavailable(self._refused)

    def check_store(self) -> None:
        """Raise StoreUnavailable where Redis is down."""
        self._link.check()

    def counts(self) -> Tallies:
        """Return what was done: jobs by the whole service, everything else by this process."""
        tallies = self.tallies.copy()
        self._jobs.count(tallies)
        return tallies

    def run_chores(self) -> None:
        """Do what is due from time to time, unless Redis is down."""
        with suppress(StoreUnavailable):
            self._draining, forgotten = self._janitor.run_chores()
            if self._files is not None:
                for number in forgotten:
                    self._files.remove(f"job_id_{number}")
            self._subscriber.look()
            self._look_whether_it_takes_jobs()

    def _look_whether_it_takes_jobs(self) -> None:
        """Find out whether Redis refuses jobs, for want of memory or disk, before clients do."""
        try:
            self._jobs.accept([], self.answers.version, self._most_unfinished, 0)
            self._refused = ""
        except StoreUnavailable as error:
            self._refused = str(error)
        except (QueueFull, ShuttingDown):
            self._refused = ""

    def drain(self) -> None:
        """Have the whole service take no new jobs from now on."""
        self._janitor.drain()
        if not self._draining:
            self._log.info("draining the service")
        self._draining = True

    def close(self, seconds: float) -> bool:
        """Let this process take no new jobs; what it accepted is with the workers.

        Returns True: nothing of it depends on this process.
        """
        self._closing = True
        self._publisher.stop(seconds)
        self._subscriber.stop()
        self._watches.release()
        with suppress(StoreUnavailable):
            self._janitor.leave()
        self._link.stop_trying()
        return True
