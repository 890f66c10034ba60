"""Carries out jobs on the pool's threads, and ends those that take too long.

While a job is computed, a mark of it is in a file (`crash_marks.Mark`), so that the next process
knows which jobs ran when this one died.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from app.answers.compute import Answer
from app.concurrency.trace import RunSteps, Trace
from app.errors import ShuttingDown, StatsError
from app.job import Done, Failed, Job, JobStatus
from app.job_service import UNEXPECTED, took_too_long
from app.task_runner import RunningTask, ThreadPool, run_task
from app.threads.crash_marks import CrashMarks, Mark
from app.threads.endings import JobEndings
from app.threads.registry import JobRegistry
from app.threads.results import Results

# So many jobs of a batch run before other tasks of the pool do.
JOBS_A_TASK = 50


class _Run(NamedTuple):
    """A running job's task, its start, and the jobs of the same task that come after it."""

    task: RunningTask | None
    began: float
    rest: deque[Job] | None


class JobRunner:
    """Runs jobs as tasks of the pool."""

    def __init__(
        self,
        registry: JobRegistry,
        results: Results,
        pool: ThreadPool,
        marks: CrashMarks,
        endings: JobEndings,
        job_seconds: float,
        after_each: Callable[[], None],
        trace: Trace,
        log: logging.Logger,
    ) -> None:
        """A job may run for `job_seconds`, 0 is for ever.

        `after_each` is called after each job, or after some of a batch.
        """
        self._registry = registry
        self._results = results
        self._pool = pool
        self._marks = marks
        self._endings = endings
        self._job_seconds = job_seconds
        self._after_each = after_each
        self._trace = trace
        self._log = log
        # Changed without a lock: a dict does one change at a time, with the GIL and without it.
        self._running: dict[Job, _Run] = {}

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the jobs that run at this moment, in the order in which they began.

        One that has ended is not among them, even where its thread is not free yet; nor are those
        whose answers are at hand, which get their files.
        """
        running = list(self._running)
        return tuple(job.number for job in running if job.status is JobStatus.RUNNING)

    def run_one(self, job: Job) -> None:
        """Carry out a job."""
        with Mark(self._marks) as mark:
            self._run(job, self._pool.running_task(), mark)
        self._after_each()

    def run_each(self, jobs: deque[Job]) -> None:
        """Carry out some jobs of a batch, and queue again for the others.

        One after another is run; those whose answers are at hand end together.

        So one runner at a time works for a batch, and jobs that are submitted meanwhile need not
        wait for its end: two runners would only take the interpreter from each other, at each file
        that one of them makes. Should a job not end in time, the others are for the runner that
        takes this one's place.
        """
        task = self._pool.running_task()
        goes_on = True
        while goes_on:
            goes_on = self._run_some(jobs, task)
            run_task(self._after_each, self._log)
            if goes_on and task is not None:
                with suppress(ShuttingDown):  # then they go on here
                    self._pool.submit(partial(self.run_each, jobs))
                    return

    def _run_some(self, jobs: deque[Job], task: RunningTask | None) -> bool:
        """Carry out the next jobs of a batch; return whether this runner is to go on with it."""
        left = JOBS_A_TASK
        with Mark(self._marks) as mark:
            while left:
                known, job = self._take(jobs, left)
                left -= len(known)
                if known:
                    mark.clear()
                    run_task(partial(self._end_known, known), self._log)
                if job is not None:
                    left -= 1
                    run_task(partial(self._run, job, task, mark, jobs), self._log)
                if task is not None and task.runner.abandoned:
                    return False  # the rest is another's
                if job is None and left:
                    return False
        return bool(jobs)

    def _take(self, jobs: deque[Job], most: int) -> tuple[dict[Job, Answer], Job | None]:
        """Take the next jobs: those whose answers are at hand, then one that has to be run.

        While somebody looks at the steps, each job is run by itself.
        """
        known: dict[Job, Answer] = {}
        while len(known) < most:
            try:
                job = jobs.popleft()
            except IndexError:
                break
            answer = None
            # Whatever is raised, the job is run by itself, and ends.
            with suppress(Exception):
                answer = None if self._trace.on else self._results.at_hand(job.request)
            if answer is None:
                return known, job
            known[job] = answer
        return known, None

    def _end_known(self, known: Mapping[Job, Answer]) -> None:
        """End jobs whose answers are at hand: each gets its file, then all their statuses at once.

        Nothing is computed that could take long, or end the process; and many share what one would
        do by itself, which for a job of a batch is as much as all else.
        """
        ends = (
            Done(job.number, *answer.digest, answer.version, self._registry.now(job))
            for job, answer in known.items()
        )
        ran = dict.fromkeys(self._registry.start_to_end(*zip(known, ends, strict=True)), 0.0)
        try:
            for job in ran:
                began = time.monotonic()
                self._results.keep(job, known[job].body)
                ran[job] = time.monotonic() - began
        finally:
            if ran:
                self._endings.show_results(ran)

    def _run(
        self, job: Job, task: RunningTask | None, mark: Mark, rest: deque[Job] | None = None
    ) -> None:
        """Carry out a job: whatever happens, its end is settled when this returns.

        Its mark stays: the next job takes it over at once, or the caller clears it.
        """
        if not self._registry.start(job):
            return  # cancelled
        began = time.monotonic()
        steps = self._steps(job) if self._trace.on else None
        self._running[job] = _Run(task, began, rest)
        try:
            answers = self._results.catalogue.of_request(job.request)
            answer = answers.known(job.request)
            how = "computed" if answer is None else "cached"
            if steps:
                steps.done("take")
            if answer is None:
                mark.set(job.number)
                answer = answers.answer(job.request)
            else:  # nothing is computed that could end the process
                mark.clear()
            if steps:
                steps.done("answer", how)
            done = Done(job.number, *answer.digest, answer.version, self._registry.now(job))
            if self._registry.claim(job, done):
                try:
                    self._results.keep(job, answer.body)
                    if steps:
                        steps.done("file")
                finally:  # its end is settled: nobody else would give it a status
                    self._endings.finish(job, began)
        except StatsError as error:
            self._endings.fail(job, str(error), began)
        except BaseException:  # noqa: BLE001
            self._log.exception("%s raised", job.id)
            self._endings.fail(job, UNEXPECTED, began)
        finally:
            self._running.pop(job, None)
            if steps:
                steps.done("done", job.status.value)
                steps.ended()

    def _steps(self, job: Job) -> RunSteps:
        waited = max(0.0, (job.started_at or job.accepted_at) - job.accepted_at)
        return RunSteps(self._trace, job.number, job.request.statistic, waited)

    def end_overdue(self) -> None:
        """End the jobs that have run for too long; other runners take the places of theirs."""
        limit = self._job_seconds
        for job, run in list(self._running.items()):
            if not limit or time.monotonic() - run.began <= limit:
                continue
            failed = Failed(job.number, took_too_long(limit), self._registry.now(job))
            if self._registry.claim(job, failed):
                self._running.pop(job, None)
                try:
                    if run.task is not None:
                        rest = partial(self.run_each, run.rest) if run.rest else None
                        self._pool.replace(run.task, rest)
                finally:
                    self._log.error("%s: %s", job.id, failed.reason)
                    self._endings.finish(job, run.began)
