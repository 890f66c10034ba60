"""The one place that knows the order of steps between a question and its answer.

A job is data first (`Parameters`); the closure that the pool runs is built from it here. So what
the journal holds is enough to run a job again, and a stored result that is lost can be computed
again: a statistic is a pure function of the dataset and its parameters.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import NamedTuple

from app.errors import ShuttingDown, StatsError, StorageError, TooLateError
from app.jobs import Job, JobRegistry, JobStatus, Parameters
from app.journal import Journal
from app.journal_records import Died, Done, Failed, Record, Withdrawn
from app.recovery import Recovery, accepted, accepted_batch, records_of
from app.results import Outcome, Results
from app.running_marks import RunningMarks
from app.tallies import Tallies
from app.task_runner import ThreadPool, Turn, run_task
from app.waits import Wait

# A journal of more lines than this is written anew at the start: then finished jobs share lines.
_SLOW_TO_READ = 20_000

# So many jobs of a batch run before others have their turn.
_JOBS_A_TASK = 50

_ALL = 2**63  # more jobs than there can be

# A job that was running as often when the process died is given no further chance to kill it.
MOST_DEATHS = 3

UNEXPECTED = "the job failed unexpectedly; webserver.log tells more"
LETHAL = f"the job was running {MOST_DEATHS} times when the server died; it is not run again"
CANCELLED = "cancelled before it ran"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a job may run, how many finished ones are kept for how long; 0 is for ever.

    `waiters` is how many requests may wait for jobs to end.
    """

    job_seconds: float
    keep_jobs: int
    keep_days: float
    waiters: int


class _Run(NamedTuple):
    """A running job's place in the pool, its start, and the jobs of its task that come after it."""

    turn: Turn | None
    began: float
    rest: deque[Job] | None


class JobService:
    """Submits, cancels, answers, lists, tends, drains and recovers jobs."""

    def __init__(
        self,
        registry: JobRegistry,
        results: Results,
        pool: ThreadPool,
        journal: Journal,
        marks: RunningMarks,
        limits: Limits,
        tallies: Tallies,
        log: logging.Logger,
    ) -> None:
        """Take the parts. The journal comes first to life: it locks the results folder."""
        self.answers = results.answers
        self._registry = registry
        self._results = results
        self._pool = pool
        self._journal = journal
        self._marks = marks
        self._limits = limits
        self.tallies = tallies
        self._log = log
        self._waiters = threading.Semaphore(limits.waiters)
        # Its changes are atomic.
        self._running: dict[Job, _Run] = {}
        journal.history = lambda: records_of(registry.snapshot(), registry.last)

    def submit(self, statistic: str, question: str, state: str | None) -> Job:
        """Accept a job and return it.

        When this returns, the job is on record and queued. Raises UnknownName or BadRequest for a
        question that the dataset cannot answer, ShuttingDown, QueueFull, and StorageError when the
        job could not be recorded; then nothing was accepted.
        """
        parameters = self.answers.parameters(statistic, question, state)
        if not self._pool.accepting:
            raise ShuttingDown
        job = self._registry.add(parameters)
        try:
            self._journal.append(accepted(job), promise=True)
        except StorageError:
            self.tallies.storage_failed("journal")
            self._withdraw(job)
            raise
        self._registry.queue(job)
        try:
            self._pool.submit(partial(self._run_one, job))
        except ShuttingDown:
            self._withdraw(job)
            raise
        return job

    def submit_batch(self, asked: Sequence[Parameters]) -> list[Job]:
        """Accept jobs together, all or none, and return them; their ids follow one another.

        `asked` are as `answers.parameters` returns them. Raises what `submit` raises.
        """
        if not self._pool.accepting:
            raise ShuttingDown
        jobs = self._registry.add_all(asked)
        try:
            self._journal.append(accepted_batch(jobs), promise=True)
        except StorageError:
            self.tallies.storage_failed("journal")
            self._withdraw(*jobs)
            raise
        self._registry.queue(*jobs)
        try:
            self._pool.submit(partial(self._run_each, deque(jobs)))
        except ShuttingDown:
            self._withdraw(*jobs)
            raise
        return jobs

    def _withdraw(self, *jobs: Job) -> None:
        """Take back jobs that their client will not get; their record may be on disk or not."""
        self._registry.withdraw(*jobs)
        self._record(Withdrawn(jobs[-1].number, len(jobs)))

    def _run_each(self, jobs: deque[Job]) -> None:
        """Carry out some jobs of a batch, one after another, and queue again for the others.

        So one runner at a time works for a batch, and jobs that are submitted meanwhile need not
        wait for its end: two runners would only take the interpreter from each other, at each file
        that one of them makes. Should a job not end in time, the others are for the runner that
        takes this one's place.
        """
        turn = self._pool.turn()
        for done in count(1):
            try:
                job = jobs.popleft()
            except IndexError:
                return
            run_task(partial(self._run, job, turn, jobs), self._log)
            if turn is not None and turn.runner.given_up:
                return  # the rest is another's
            if done % _JOBS_A_TASK == 0 and turn is not None:
                with suppress(ShuttingDown):  # then they go on here
                    self._pool.submit(partial(self._run_each, jobs))
                    return

    def _run_one(self, job: Job) -> None:
        self._run(job, self._pool.turn())

    def _run(self, job: Job, turn: Turn | None, rest: deque[Job] | None = None) -> None:
        """Carry out a job: whatever happens, its end is settled when this returns."""
        if not self._registry.start(job):
            return  # cancelled
        began = time.monotonic()
        self._running[job] = _Run(turn, began, rest)
        mark = self._marks.begin(job.number)
        try:
            answer = self.answers.answer(job.parameters)
            done = Done(job.number, *answer.digest, self.answers.version, time.time())
            if self._registry.claim(job, done):
                try:
                    self._results.keep(job, answer.body)
                finally:  # its end is settled: nobody else would give it a status
                    self._finish(job, began)
        except StatsError as error:
            self._fail(job, str(error), began)
        except BaseException:  # pylint: disable=broad-exception-caught
            self._log.exception("%s raised", job.id)
            self._fail(job, UNEXPECTED, began)
        finally:
            self._marks.end(mark)
            self._running.pop(job, None)
        if self._limits.keep_days or self._registry.finished > (self._limits.keep_jobs or _ALL):
            self._forget_old()

    def _fail(self, job: Job, reason: str, began: float, status: JobStatus | None = None) -> bool:
        """End a job as failed; return False where its end is settled already."""
        failed = Failed(job.number, reason, time.time())
        if not self._registry.claim(job, failed, status):
            return False
        self._finish(job, began)
        return True

    def _finish(self, job: Job, began: float) -> None:
        """Write down how a job ends, and only then give it the status."""
        try:
            if isinstance(job.end, Done):
                # May be lost with the process: the job would run again, with the same result. So
                # it can wait for the next write.
                self._journal.note(job.end)
            elif job.end is not None:
                self._record(job.end)
        finally:
            last = self._registry.finish(job)
        if last:
            self._attempt(job.id, self._journal.write_notes)
        ran = time.monotonic() - began
        self._log.info("%s %s after %.1f ms", job.id, job.status.value, ran * 1e3)
        waited = max(0.0, (job.started_at or time.time()) - job.accepted_at)
        self.tallies.job_ended(job.parameters.statistic, job.status.value, waited, ran)

    def _record(self, record: Record) -> None:
        """Journal what happened to a job. That it fails is no loss: the job would run again."""
        self._attempt(f"job_id_{record.number}", partial(self._journal.append, record))

    def _attempt(self, whose: str, step: Callable[[], None]) -> None:
        """Do something to the journal that is no loss when it fails; the log tells whose it was."""
        try:
            step()
        except StorageError as error:
            self.tallies.storage_failed("journal")
            self._log.error("%s: %s", whose, error)

    def cancel(self, number: int) -> Job:
        """End a queued job and return it.

        Raises UnknownJob when there is none, TooLateError when it is not queued any more.
        """
        job = self._registry.get(number)
        if not self._fail(job, CANCELLED, time.monotonic(), JobStatus.QUEUED):
            standing = "ended" if job.finished else "running"
            raise TooLateError(f"{job.id} is {standing} already and cannot be cancelled")
        return job

    def outcome(self, number: int) -> Outcome:
        """Return what can be told of a job now; raise UnknownJob when there is none."""
        return self._results.outcome(self._registry.get(number))

    def wait_for(self, numbers: Sequence[int]) -> Wait | None:
        """Return a wait for those of these jobs that are unfinished, to be closed after use.

        None when as many requests wait as may.
        """
        if not self._waiters.acquire(blocking=False):
            return None
        wait = self._registry.watch(numbers)
        wait.when_closed(self._waiters.release)
        return wait

    def list(self, after: int = 0, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs after an id, in order: all, or those that are not finished."""
        if unfinished:
            return (job for job in self._registry.unfinished_jobs() if job.number > after)
        return self._registry.after(after)

    @property
    def unfinished(self) -> int:
        """How many jobs are accepted and not finished."""
        return self._registry.unfinished

    @property
    def running(self) -> int:
        """How many jobs run at this moment."""
        return len(self._running)

    @property
    def kept(self) -> int:
        """How many jobs are known, finished ones included."""
        return self._registry.count

    @property
    def accepting(self) -> bool:
        """Whether new jobs are taken."""
        return self._pool.accepting

    def tend(self) -> None:
        """Do what is due from time to time.

        Jobs that take too long are ended, old ones forgotten, and a journal that somebody removed
        is written anew.
        """
        limit = self._limits.job_seconds
        for job, run in list(self._running.items()):
            if not limit or time.monotonic() - run.began <= limit:
                continue
            failed = Failed(job.number, f"the job took longer than {limit:g} seconds", time.time())
            if self._registry.claim(job, failed):
                self._running.pop(job, None)
                try:
                    if run.turn is not None:
                        rest = partial(self._run_each, run.rest) if run.rest else None
                        self._pool.replace(run.turn, rest)
                finally:
                    self._log.error("%s: %s", job.id, failed.reason)
                    self._finish(job, run.began)
        self._forget_old()
        self.tallies.count()
        self._attempt("journal", self._journal.ensure)

    def _forget_old(self) -> None:
        """Forget finished jobs beyond the limits, and write the journal anew when it has grown."""
        keep, days = self._limits.keep_jobs or _ALL, self._limits.keep_days
        before = time.time() - days * 86400 if days else 0.0
        while expired := self._registry.expire(keep, before):
            for job in expired:
                self._results.remove(job)
        if self._journal.bloated:
            self._attempt("journal", self._journal.rewrite)

    def recover(self) -> None:
        """Take up what an earlier process left: finished jobs answer, unfinished ones run again."""
        told = Recovery(self._journal.replay())
        self._registry.skip_to(told.last)
        if self._journal.incomplete or not told.last:
            # The journal does not tell all: no id that a result lies under is given again.
            self._registry.skip_to(self._results.highest())
        if self._journal.damaged:
            self._log.error(
                "the journal has %d damaged lines; their jobs are unknown, and the file as it was"
                " is kept as journal.damaged",
                self._journal.damaged,
            )
        for number in self._marks.left:
            if number in told.jobs and told.jobs[number].end is None:
                told.jobs[number].deaths += 1
                self._record(Died(number))
        self._registry.restore(told.jobs[number] for number in sorted(told.jobs))
        self._forget_old()
        if told.records > _SLOW_TO_READ:
            self._attempt("journal", self._journal.rewrite)  # for the next start
        unfinished = [job for job in told.jobs.values() if job.end is None]
        for job in unfinished:
            if job.deaths >= MOST_DEATHS:
                self._fail(job, LETHAL, time.monotonic())
            else:
                self._pool.submit(partial(self._run_one, job))
        if told.jobs:
            self._log.info("recovered %d jobs, %d of them unfinished", self.kept, len(unfinished))

    def drain(self) -> None:
        """Take no new jobs from now on; accepted ones go on. Can be repeated."""
        if self._pool.accepting:
            self._log.info("draining: %d jobs to finish", self.unfinished)
        self._pool.close()

    def close(self, seconds: float) -> bool:
        """Drain, wait at most `seconds` for accepted jobs, and let go of the files.

        Returns False when jobs were left; they run at the next start. Can be repeated.
        """
        deadline = time.monotonic() + seconds
        self.drain()
        try:
            idle = self._registry.wait_idle(seconds)
            stragglers = self._pool.join(max(0.0, deadline - time.monotonic()))
            if stragglers:
                self._log.error("threads that did not end in time: %s", ", ".join(stragglers))
            self._log.info("pool stopped, %d jobs left for the next start", self.unfinished)
            return idle
        finally:
            self._registry.release()
            self._attempt("journal", self._journal.ensure)
            self._journal.close()
            self._marks.close()
