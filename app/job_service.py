"""The one place that knows the order of steps between a question and its answer.

A job is data first (`Parameters`); the closure that the pool runs is built from it here. So what
the journal holds is enough to run a job again, and a stored result that is lost can be computed
again: a statistic is a pure function of the dataset and its parameters.
"""

import logging
import time
from functools import partial
from typing import NamedTuple

from app import json_bytes
from app.answer_cache import AnswerCache
from app.data_ingestor import DataIngestor
from app.errors import BadRequest, ShuttingDown, StatsError, StorageError
from app.jobs import Job, JobRegistry, JobStatus, Parameters
from app.journal import Died, Done, Failed, Journal, Record, Withdrawn
from app.recovery import accepted, jobs_of, records_of
from app.result_store import ResultStore, digest_of
from app.running_marks import RunningMarks
from app.statistics import STATISTICS
from app.task_runner import ThreadPool

# All answers to the nine statistics on CDC's release take a few megabytes.
_MOST_ANSWER_BYTES = 64 * 2**20

# A job that was running as often when the process died is given no further chance to kill it.
MOST_DEATHS = 3

UNEXPECTED = "the job failed unexpectedly; webserver.log tells more"
LETHAL = f"the job was running {MOST_DEATHS} times when the server died; it is not run again"
LOST = "the stored result is gone, and the dataset has changed since it was computed; ask again"


class Outcome(NamedTuple):
    """What can be told of a job now: its status, and its result (JSON) or why it failed."""

    status: JobStatus
    result: bytes = b""
    reason: str = ""


class JobService:
    """Submits, answers, lists, drains and recovers jobs."""

    def __init__(
        self,
        dataset: DataIngestor,
        registry: JobRegistry,
        store: ResultStore,
        pool: ThreadPool,
        journal: Journal,
        marks: RunningMarks,
        log: logging.Logger,
    ) -> None:
        """Take the parts. The journal comes first to life: it locks the results folder."""
        self.dataset = dataset
        self._registry = registry
        self._store = store
        self._pool = pool
        self._marks = marks
        self._log = log
        self._version = dataset.digest[:16]
        self._answers = AnswerCache(_MOST_ANSWER_BYTES)
        self._journal = journal
        journal.history = lambda: records_of(registry.snapshot())

    def submit(self, statistic: str, question: str, state: str | None) -> Job:
        """Accept a job and return it.

        When this returns, the job is on record and queued. Raises UnknownName or BadRequest for a
        question that the dataset cannot answer, ShuttingDown, and StorageError when the job could
        not be recorded; then nothing was accepted.
        """
        parameters = self._parameters(statistic, question, state)
        if not self._pool.accepting:
            raise ShuttingDown
        job = self._registry.add(parameters)
        try:
            self._journal.append(accepted(job))
        except StorageError:
            self._registry.withdraw(job)
            raise
        try:
            self._pool.submit(partial(self._run, job))
        except ShuttingDown:
            self._registry.withdraw(job)
            self._record(Withdrawn(job.number))
            raise
        return job

    def _parameters(self, statistic: str, question: str, state: str | None) -> Parameters:
        needs = STATISTICS[statistic]
        table = self.dataset.question(question)
        if not table.state_means:
            raise BadRequest(f'"{table.question.text}" has no estimates within 2011-2022')
        if needs.needs_direction and table.question.lower_is_better is None:
            raise BadRequest(f"whether low or high is better is not known of {table.question.id}")
        if not needs.needs_state:
            return Parameters(statistic, table.question.text, None)
        if state is None:
            raise BadRequest('"state" is missing')
        name = self.dataset.state(state)
        if name not in table.state_means:
            raise BadRequest(
                f'{name} has no estimates for "{table.question.text}" within 2011-2022'
            )
        return Parameters(statistic, table.question.text, name)

    def _run(self, job: Job) -> None:
        """Carry out a job: whatever happens, it is done or failed when this returns."""
        began = time.perf_counter()
        mark = self._marks.begin(job.number)
        try:
            self._registry.start(job)
            body = self._answer(job.parameters)
            digest = digest_of(body)
            self._keep(job, body)
            self._record(Done(job.number, *digest, self._version, time.time()))
            self._registry.finish(job, digest, self._version)
        except StatsError as error:
            self._fail(job, str(error))
        except BaseException:  # pylint: disable=broad-exception-caught
            self._fail(job, UNEXPECTED)
            self._log.exception("%s raised", job.id)
        self._marks.end(mark)
        self._log.info(
            "%s %s after %.1f ms", job.id, job.status.value, (time.perf_counter() - began) * 1e3
        )

    def _fail(self, job: Job, reason: str) -> None:
        self._registry.fail(job, reason)
        self._record(Failed(job.number, reason, time.time()))

    def _answer(self, parameters: Parameters) -> bytes:
        """Return the answer as JSON, computed unless it is still known."""
        answer = self._answers.get(parameters)
        if answer is None:
            answer = self._compute(parameters)
            self._answers.put(parameters, answer)
        return answer

    def _compute(self, parameters: Parameters) -> bytes:
        statistic = STATISTICS[parameters.statistic]
        table = self.dataset.question(parameters.question)
        if statistic.needs_state:
            return json_bytes.encode(statistic.compute(table, parameters.state))
        return json_bytes.encode(statistic.compute(table))

    def _keep(self, job: Job, body: bytes) -> None:
        """Store a result. That it fails is no loss: it is computed again when it is asked for."""
        try:
            self._store.write(job.id, body)
        except StorageError as error:
            self._log.error("%s: %s", job.id, error)

    def _record(self, record: Record) -> None:
        """Journal what happened to a job. That it fails is no loss: the job would run again."""
        try:
            self._journal.append(record)
        except StorageError as error:
            self._log.error("job_id_%d: %s", record.number, error)

    def outcome(self, number: int) -> Outcome:
        """Return what can be told of a job now; raise UnknownJob when there is none."""
        job = self._registry.get(number)
        if job.status is JobStatus.ERROR:
            return Outcome(JobStatus.ERROR, reason=job.reason or UNEXPECTED)
        if job.status is not JobStatus.DONE or job.digest is None:
            return Outcome(job.status)
        current = job.dataset == self._version
        body = self._answers.get(job.parameters) if current else None
        body = body or self._store.read(job.id, job.digest)
        if body is not None:
            return Outcome(JobStatus.DONE, body)
        if not current:
            return Outcome(JobStatus.ERROR, reason=LOST)
        body = self._answer(job.parameters)
        self._log.info("%s: the stored result was gone or altered; computed again", job.id)
        self._keep(job, body)
        return Outcome(JobStatus.DONE, body)

    def list(self) -> list[Job]:
        """Return all jobs, in order of id."""
        return self._registry.snapshot()

    @property
    def unfinished(self) -> int:
        """How many jobs are accepted and not finished."""
        return self._registry.unfinished

    @property
    def accepting(self) -> bool:
        """Whether new jobs are taken."""
        return self._pool.accepting

    def recover(self) -> None:
        """Take up what an earlier process left: finished jobs answer, unfinished ones run again."""
        jobs, last = jobs_of(self._journal.replay())
        self._registry.skip_to(last)
        for number in self._marks.left:
            if number in jobs and not jobs[number].finished:
                jobs[number].deaths += 1
                self._record(Died(number))
        for job in jobs.values():
            self._registry.restore(job)
        unfinished = [job for job in jobs.values() if not job.finished]
        for job in unfinished:
            if job.deaths >= MOST_DEATHS:
                self._fail(job, LETHAL)
            else:
                self._pool.submit(partial(self._run, job))
        if jobs:
            self._log.info("recovered %d jobs, %d of them unfinished", len(jobs), len(unfinished))

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
        idle = self._registry.wait_idle(seconds)
        stragglers = self._pool.join(max(0.0, deadline - time.monotonic()))
        if stragglers:
            self._log.error("threads that did not end in time: %s", ", ".join(stragglers))
        self._log.info("pool stopped, %d jobs left for the next start", self.unfinished)
        self._journal.close()
        self._marks.close()
        return idle
