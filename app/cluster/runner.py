"""Runs the jobs of a message, in a worker's process."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from app.answers.answers import Answers
from app.cluster.worker_jobs import End, WorkerJobs
from app.errors import StatsError, StoreUnavailable
from app.job import Digest, JobRequest
from app.result_store import ResultStore

# What is ready is told at least so often, in seconds; what is quick is told together.
_TELL = 0.05

_BEAT = 1.0
_NOTHING = Digest(0, 0)

UNEXPECTED = "the job failed unexpectedly; the log of the worker tells more"

Asked = tuple[int, str, str]


class Terminated(SystemExit):
    """Raised in the thread that runs jobs when its process is told to end at once."""


class Runner:
    """The jobs of one process, one after another, and the thread that tells that it lives."""

    def __init__(
        self,
        answers: Answers,
        jobs: WorkerJobs,
        files: ResultStore | None,
        log: logging.Logger,
        end_process: Callable[[], None] = lambda: os._exit(1),
    ) -> None:
        """Results go to `files`, too; `end_process` ends a process whose job takes too long."""
        self._answers = answers
        self._jobs = jobs
        self._files = files
        self._log = log
        self._end_process = end_process
        # Guards the fields below; not held while calling out.
        self._lock = threading.Lock()
        self._given_up = False  # whether the job that runs was ended for taking too long
        self._ready: list[End] = []  # computed, and not told yet
        self._left: list[int] = []  # started, and not computed yet: the first one runs
        self._seconds = 0.0  # that a job may take
        self._overdue_at = float("inf")  # when the job that runs takes too long
        self._stopping = threading.Event()
        self._pulse = threading.Thread(target=self._beat, name="Pulse", daemon=True)

    def begin(self) -> None:
        """Tell from now on that this process lives."""
        self._pulse.start()

    def end(self) -> None:
        """Tell that it ends. Can be repeated."""
        self._stopping.set()
        with suppress(StoreUnavailable):
            self._jobs.leave()

    def run(self, dataset: str, asked: Sequence[Asked], seconds: float) -> None:
        """Run those jobs that are queued; each may take so many seconds, 0 is for ever."""
        if dataset != self._answers.version:
            self._log.error("refused %d jobs of the dataset %s", len(asked), dataset)
            return
        if self._given_up:
            return  # the process is about to end
        requests = {number: JobRequest.recorded(*request) for number, *request in asked}
        started = self._jobs.start(list(requests))
        with self._lock:
            self._left, self._seconds = started.copy(), seconds
        try:
            self._run_all(started, requests)
        except BaseException:
            # What is not told or given back now is found by the janitor later.
            self._overdue_at = float("inf")
            self._jobs.hurry()
            self._tell()
            self._jobs.release(self._left)
            raise

    def _run_all(self, started: Sequence[int], requests: Mapping[int, JobRequest]) -> None:
        told = time.monotonic()
        for number in started:
            now = time.monotonic()
            if now - told > _TELL:
                self._tell()
                told = now
            self._overdue_at = now + (self._seconds or float("inf"))
            end = self._run(number, requests[number])
            self._overdue_at = float("inf")
            with self._lock:
                if self._given_up:
                    return  # it took too long, and the process is about to end
                self._ready.append(end)
                self._left.pop(0)
        self._tell()

    def _run(self, number: int, request: JobRequest) -> End:
        try:
            answer = self._answers.answer(request)
            self._write(number, answer.body)
        except Terminated:
            raise
        except StatsError as error:
            return End(number, None, _NOTHING, str(error))
        except BaseException:  # pylint: disable=broad-exception-caught
            self._log.exception("job_id_%d raised", number)
            return End(number, None, _NOTHING, UNEXPECTED)
        return End(number, answer.body, answer.digest)

    def _write(self, number: int, body: bytes) -> None:
        """Write a result as a file, too. That it fails is no loss: Redis has it."""
        if self._files is not None:
            try:
                self._files.write(f"job_id_{number}", body)
            except Exception:  # pylint: disable=broad-exception-caught
                self._log.exception("job_id_%d: the file could not be written", number)

    def _tell(self) -> None:
        with self._lock:
            ready, self._ready = self._ready, []
        if not ready:
            return
        try:
            self._jobs.finish(ready)
        except BaseException:
            with self._lock:
                self._ready = ready
            raise

    def _beat(self) -> None:
        while True:
            try:
                self._jobs.beat()
            except StoreUnavailable:
                pass  # then nobody is told of anybody
            except Exception:  # pylint: disable=broad-exception-caught
                self._log.exception("the pulse raised")
            if time.monotonic() > self._overdue_at:
                self._give_up()
            if self._stopping.wait(min(_BEAT, max(0.01, self._overdue_at - time.monotonic()))):
                return

    def _give_up(self) -> None:
        """End the job that takes too long, give back the others, and end this process."""
        with self._lock:
            if time.monotonic() <= self._overdue_at:
                return  # it has just come to its end
            self._given_up = True
            number, *others = self._left
        reason = f"the job took longer than {self._seconds:g} seconds"
        self._log.error("job_id_%d: %s", number, reason)
        self._jobs.finish([*self._ready, End(number, None, _NOTHING, reason)])
        if others:
            self._jobs.release(others)
        # Nothing else ends what the job is at; Celery has another process in this one's place.
        self._end_process()
