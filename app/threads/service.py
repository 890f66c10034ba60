"""The default executor: threads of this process, a journal and files.

What happens until a job's client has its id is here, in order: the id, the journal, the queue. How
it is run is in `runner.py`, how it ends in `endings.py`, and what the next process takes up in
`recovery.py`.

A job is data first (`JobRequest`); the closure that the pool runs is built from it here. So what
the journal holds is enough to run a job again, and a stored result that is lost can be computed
again: a statistic is a pure function of the dataset and its parameters.
"""

import logging
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from app.answers.compute import Answer
from app.answers.shared_answers import SharedAnswers
from app.concurrency.metered_locks import Owners
from app.concurrency.trace import RunSteps, Step, Trace
from app.concurrency.wait import Wait
from app.errors import ShuttingDown, StorageError, StoreUnavailable
from app.job import Done, Job, JobCounts, JobRequest, Outcome
from app.job_service import (
    LETHAL,
    MOST_DEATHS,
    JobService,
    Limits,
    too_late_to_cancel,
)
from app.metrics import Metrics
from app.task_runner import Task, ThreadPool
from app.threads.crash_marks import CrashMarks
from app.threads.endings import JobEndings
from app.threads.history import accepted, accepted_batch, records_of
from app.threads.journal import Journal
from app.threads.records import Died, Last, Record, Withdrawn
from app.threads.recovery import Recovery
from app.threads.registry import JobRegistry
from app.threads.results import Results
from app.threads.runner import JobRunner
from app.threads.submit_keys import SubmitKeys

# A journal of more lines than this is rewritten at the start: then finished jobs share lines.
_SLOW_TO_READ = 20_000

_ALL = 2**63  # more jobs than there can be
# Jobs that are forgotten at a time: after others, at least as many as end together; and by chores.
_FEW = 100
_MANY = 1000

# At most so long the log of the pool's stop waits for submits that lost a race with the drain.
_WITHDRAWAL_SECONDS = 1.0


class ThreadService(JobService):
    """Runs jobs on a pool's threads, records them in a journal, stores results as files."""

    def __init__(
        self,
        registry: JobRegistry,
        results: Results,
        pool: ThreadPool,
        journal: Journal,
        marks: CrashMarks,
        limits: Limits,
        metrics: Metrics,
        log: logging.Logger,
        trace: Trace,
    ) -> None:
        """Take the parts. The journal is made before the others: it locks the results folder."""
        # Threads of their own, for the system lets both go on: neither jobs nor answers that no job
        # is made for wait for the others' queue.
        threads = len(pool.runners)
        self._readers = ThreadPool(SharedAnswers.threads_for(threads), log, "Reader")
        shared = SharedAnswers(self._readers, threads)
        identity = secrets.token_hex(8)
        super().__init__(results.catalogue, metrics, limits.waiters, identity, shared, trace)
        self._registry = registry
        self._results = results
        self._pool = pool
        self._journal = journal
        self._marks = marks
        self._limits = limits
        self._log = log
        self._keys = SubmitKeys(registry.get)
        self._endings = JobEndings(registry, journal, metrics, log)
        self._runner = JobRunner(
            registry,
            results,
            pool,
            marks,
            self._endings,
            limits.job_seconds,
            self._after_each,
            trace,
            log,
        )
        trace.measure(self._lock_owners)
        journal.history = self._history
        journal.restored = lambda: log.info(
            "the journal's file was removed or changed by somebody else; it was written anew"
        )

    def _history(self) -> Iterator[Record]:
        """Return what the journal should hold by now."""
        jobs, packed = self._registry.snapshot()
        return records_of(jobs, self._registry.counts.last, self._keys.snapshot(), packed)

    def accept(self, request: JobRequest, key: str = "") -> Job:
        """Accept a job and return it, on record and queued."""
        if key:
            return self.submit_batch([request], key)[0]
        self.check_ready()
        began = time.monotonic() if self.trace.on else 0.0
        answer = self._results.at_hand(request)
        job = self._registry.add(request)
        if answer is None:
            self._accept([job], accepted(job), partial(self._runner.run_one, job), began)
        else:
            self._end_at_once(job, answer, began)
        return job

    def _end_at_once(self, job: Job, answer: Answer, began: float) -> None:
        """Accept a new job and end it on this thread: its answer and a file of that are there.

        A hand-over to a runner would take longer than what is left to do.
        """
        try:
            self._pool.run(partial(self._accept_and_end, job, answer, began))
        except (StorageError, ShuttingDown) as error:
            self._withdraw([job], error)
            raise

    def _accept_and_end(self, job: Job, answer: Answer, began: float) -> None:
        started = time.monotonic()
        done = Done(job.number, *answer.digest, answer.version, self._registry.now(job))
        self._journal.append(accepted(job), done, promise=True)
        recorded = time.monotonic() if began else 0.0
        steps = RunSteps(self.trace, job.number, job.request.statistic, 0.0) if began else None
        self._registry.start_to_end((job, done))
        if steps:
            steps.done("answer", "cached")
        try:
            self._results.keep(job, answer.body)
        finally:
            if steps:
                steps.done("file")
            self._endings.show(job, started)
        if steps:
            steps.done("done", job.status.value)
            steps.ended()
            self._trace_submit([job], began, started, recorded, queued=False)
        self._after_each()

    def submit_batch(self, requests: Sequence[JobRequest], key: str = "") -> Sequence[Job]:
        """Accept jobs together and return them, on record and queued."""
        if not key:
            return self._accept_batch(requests)
        return self._keys.once(key, requests, lambda: self._accept_batch(requests, key))

    def _accept_batch(self, requests: Sequence[JobRequest], key: str = "") -> Sequence[Job]:
        self.check_ready()
        began = time.monotonic() if self.trace.on else 0.0
        jobs = self._registry.add_all(requests, key)
        if key:
            self._keys.note(key, jobs)
        record = accepted_batch(jobs, key)
        self._accept(jobs, record, partial(self._runner.run_each, deque(jobs)), began)
        return jobs

    def _accept(self, jobs: Sequence[Job], record: Record, task: Task, began: float) -> None:
        """Put new jobs on record, then in the queue; where either fails, take them back.

        `began` is when their ids began to be given, 0 where nobody looks.
        """
        given = time.monotonic() if began else 0.0
        try:
            self._journal.append(record, promise=True)
            recorded = time.monotonic() if began else 0.0
            self._registry.queue(*jobs)
            self._pool.submit(task)
        except (StorageError, ShuttingDown) as error:
            self._withdraw(jobs, error)
            raise
        if began:
            self._trace_submit(jobs, began, given, recorded)

    def _trace_submit(
        self,
        jobs: Sequence[Job],
        began: float,
        given: float,
        recorded: float,
        *,
        queued: bool = True,
    ) -> None:
        ended = time.monotonic()
        whole = Step(
            threading.current_thread().name, "submit", began, ended, jobs[0].number, len(jobs)
        )
        self.trace.add(whole._replace(name="id", ended=given))
        self.trace.add(whole._replace(name="journal", began=given, ended=recorded))
        if queued:
            self.trace.add(whole._replace(name="queue", began=recorded))
        self.trace.add(whole._replace(detail=jobs[0].request.statistic))

    def _lock_owners(self) -> Owners:
        """Return whose locks are worth a look."""
        return {
            "JobRegistry": self._registry,
            "JournalFile": self._journal.file,
            "ThreadPool": self._pool,
            "LifoSemaphore": self._pool.semaphore,
            **{runner.name: runner for runner in self._pool.runners},
            "CrashMarks": self._marks,
            "ResultStore": self._results.store,
            "Metrics": self.metrics,
        }

    def _withdraw(self, jobs: Sequence[Job], error: Exception) -> None:
        """Take back jobs that their client will not get; their record may be on disk or not."""
        if isinstance(error, StorageError):
            self.metrics.storage_failed("journal")
        self._registry.withdraw(*jobs)
        self._endings.record(Withdrawn(jobs[-1].number, len(jobs)))

    def cancel(self, number: int) -> Job:
        """End a queued job and return it.

        Raises UnknownJob when there is none, TooLateError when it is not queued any more, and
        StorageError when its end could not be recorded; then it is queued as before.
        """
        job = self._registry.get(number)
        try:
            cancelled = self._endings.cancel(job)
        except StorageError:
            # A runner may have passed it over meanwhile. Where no more tasks are taken, it is left
            # for the next start.
            with suppress(ShuttingDown):
                self._pool.submit(partial(self._runner.run_one, job))
            raise
        if not cancelled:
            raise too_late_to_cancel(job)
        return job

    def job(self, number: int) -> Job:
        """Return a job; raise UnknownJob when there is none."""
        return self._registry.get(number)

    def is_ready(self, number: int) -> bool:
        """Tell whether `outcome` takes microseconds; raise UnknownJob when there is no job."""
        return self._results.is_ready(self._registry.get(number))

    def outcome(self, number: int) -> Outcome:
        """Return a job's status, and its result or failure; raise UnknownJob for no job."""
        return self._results.outcome(self._registry.get(number))

    def _watch(self, numbers: Sequence[int]) -> Wait:
        return self._registry.watch(numbers)

    def _watch_all(self) -> Wait:
        return self._registry.wait_for_change()

    def list(self, after: int = 0, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs after an id, in order: all, or those that are not finished."""
        if unfinished:
            return (job for job in self._registry.unfinished_jobs() if job.number > after)
        return self._registry.after(after)

    def newest(self, before: int, *, unfinished: bool = False) -> Iterator[Job]:
        """Return the jobs before an id, the newest first: all, or those that are not finished."""
        return self._registry.before(before, unfinished=unfinished)

    @property
    def writes_wait(self) -> bool:
        """Whether a record may wait: for the device, or until the whole journal is rewritten.

        Those that wait for the device at one time share a flush.
        """
        return self._journal.may_wait

    @property
    def pool(self) -> ThreadPool:
        """The threads that run the jobs."""
        return self._pool

    @property
    def job_counts(self) -> JobCounts:
        """How many jobs there are."""
        return self._registry.counts

    @property
    def most_unfinished(self) -> int:
        """How many jobs may be accepted and not finished."""
        return self._registry.most_unfinished

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the jobs that run at this moment."""
        return self._runner.running

    @property
    def runners(self) -> Sequence[str]:
        """The names of the threads for jobs."""
        return [runner.name for runner in self._pool.runners]

    @property
    def permits(self) -> int:
        """The free permits of the pool's semaphore at this moment."""
        return self._pool.semaphore.free

    @property
    def runs_on(self) -> str:
        """How many threads there are."""
        return f"{self.workers} threads"

    @property
    def accepting(self) -> bool:
        """Whether new jobs are taken."""
        return self._pool.accepting

    def check_health(self) -> None:
        """Raise ShuttingDown or StoreUnavailable where a new job would be refused."""
        self.check_ready()
        if self._journal.failure:
            raise StoreUnavailable(self._journal.failure)

    def check_store(self) -> None:
        """Do nothing: they are in this process."""

    def run_chores(self) -> None:
        """Do what is due from time to time.

        Jobs that take too long are ended, old ones forgotten, and a journal that somebody removed
        or changed is rewritten.
        """
        self.trace.rest()
        self._runner.end_overdue()
        self.shared.end_overdue(self._limits.job_seconds)
        self._forget_old()
        self._registry.pack()
        self.metrics.count()
        self._endings.attempt("journal", self._journal.ensure)
        if self._journal.failure:
            # Find out whether the disk takes records again: clients may stay away until it does.
            self._journal.try_again(Last(self._registry.counts.last))
        self._results.write_missing(self._registry.has)

    def _after_each(self) -> None:
        most = self._limits.keep_jobs or _ALL
        if self._limits.keep_days or self._registry.counts.finished > most:
            # This may be the event loop's thread: what takes longer is left to the chores.
            self._forget_some(_FEW)

    def _forget_old(self) -> None:
        """Forget finished jobs beyond the limits, and rewrite the journal when it has grown."""
        while self._forget_some(_MANY):
            pass
        if self._journal.bloated:
            self._endings.attempt("journal", self._journal.rewrite)

    def _forget_some(self, most: int) -> bool:
        """Forget some finished jobs beyond the limits; return whether there were any."""
        keep, days, now = self._limits.keep_jobs or _ALL, self._limits.keep_days, time.time()
        expired = self._registry.expire(keep, now - days * 86400 if days else 0.0, most)
        for job in expired:
            self._results.remove(job)
            if job.end is not None and job.end.at > now:
                # By its end, which a wrong clock gave it, the next start would keep it.
                self._journal.outdate()
            if job.key:
                self._keys.forget(job)
        return bool(expired)

    def recover(self) -> None:
        """Take up what an earlier process left: finished jobs answer, unfinished ones run again."""
        found = Recovery(self._journal.replay())
        self._registry.skip_to(found.last + self._journal.most_lost_ids)
        if self._journal.incomplete or not found.last:
            # The journal does not have all: no id that a result lies under is given again.
            self._registry.skip_to(self._results.highest())
        if self._journal.damaged:
            self._log.error(
                "damaged lines in the journal: %d; their jobs are unknown, and the file as it was"
                " is kept as .journal.damaged",
                self._journal.damaged,
            )
        if self._marks.died:
            self._results.sweep()
        for number in self._marks.left:
            if number in found.jobs:
                found.jobs[number].deaths += 1
                self._endings.record(Died(number))
        self._keys.restore(found.keys())
        unfinished = [found.jobs[number] for number in sorted(found.jobs)]
        self._registry.restore(unfinished, found.packed)
        self._forget_old()
        if found.records > _SLOW_TO_READ or self._journal.outdated or self._journal.damaged:
            # For the next start, which would find the same damage; and a version that could not
            # read what is added from now on must not take the file for its own.
            self._endings.attempt("journal", self._journal.rewrite)
        for job in unfinished:
            if job.deaths >= MOST_DEATHS:
                self._endings.fail(job, LETHAL, time.monotonic())
            else:
                self._pool.submit(partial(self._runner.run_one, job))
        if kept := self._registry.counts.kept:
            self._log.info("recovered jobs: %d, of which unfinished: %d", kept, len(unfinished))
        names = Counter(job.request.dataset for job in unfinished)
        for name in sorted(names.keys() - {"", *self.catalogue.answers}):
            self._log.error(
                'dataset "%s" is not served: %d unfinished jobs that ask it fail', name, names[name]
            )

    def drain(self) -> None:
        """Take no new jobs from now on; accepted ones go on. Can be repeated."""
        if self._pool.accepting:
            self._log.info("draining: %d jobs to finish", self.unfinished)
        self._readers.close()
        self._pool.close(self._log_stop)

    def _log_stop(self, stragglers: Sequence[str]) -> None:
        """Log the pool's stop: once, whether a drain came to its end, or `close` to its limit."""
        if stragglers:
            self._log.error("threads that did not end in time: %s", ", ".join(stragglers))
        else:
            # All accepted jobs have ended; a submit that came too late may not have withdrawn its.
            self._registry.wait_idle(_WITHDRAWAL_SECONDS)
        self._log.info("pool stopped, %d jobs left for the next start", self.unfinished)

    def close(self, seconds: float) -> bool:
        """Drain, wait at most `seconds` for accepted jobs, and let go of the files.

        Returns False when jobs were left; they run at the next start. Can be repeated.
        """
        deadline = time.monotonic() + seconds
        self.drain()
        try:
            idle = self._registry.wait_idle(seconds)
            self._pool.join(max(0.0, deadline - time.monotonic()))
            self._readers.join(max(0.0, deadline - time.monotonic()))
            return idle
        finally:
            self._registry.release()
            self._endings.attempt("journal", self._journal.ensure)
            self._journal.close()
            self._marks.close()
