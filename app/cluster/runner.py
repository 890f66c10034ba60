"""Runs the jobs of a message, in a worker's process."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from app.answers.compute import Answers
from app.cluster.worker_jobs import JobEnd, WorkerJobs
from app.errors import StatsError, StorageError, StoreUnavailable
from app.job import Digest, JobRequest, JobStatus
from app.job_service import UNEXPECTED, took_too_long
from app.result_store import ResultStore

# Computed results are sent to Redis at least so often, in seconds; those of quick jobs together.
_PUBLISH_SECONDS = 0.05

_HEARTBEAT_SECONDS = 1.0
# Seconds between tries to write the files that the folder did not take, and most of them.
_FILES_SECONDS = 1.0
_MOST_MISSING = 100_000
_SHORTEST_WAIT = 0.01
_NO_DIGEST = Digest(0, 0)
_UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)

# A job in a message: its number, and its request. One of before 2.0 names no dataset.
JobMessage = tuple[int, str, str] | tuple[int, str, str, str]


class Terminated(SystemExit):
    """Raised in the thread that runs jobs when its process has to end at once."""


class Runner:
    """Runs the jobs of one process, one after another; a thread sends its heartbeats."""

    def __init__(
        self,
        answers: Mapping[str, Answers],
        jobs: WorkerJobs,
        files: ResultStore | None,
        log: logging.Logger,
        end_process: Callable[[], None] = lambda: os._exit(1),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the answers of each dataset by its version; results are written to `files`, too.

        `end_process` ends a process whose job takes too long.
        """
        self._answers = answers
        self._jobs = jobs
        self._files = files
        self._log = log
        self._end_process = end_process
        self._clock = clock
        # Guards the three fields below: the thread that computes changes them, and that of the
        # heartbeats asks what is left before it ends the process. Not held while calling out.
        self._lock = threading.Lock()
        self._ending = False  # whether the process is about to end for a job that took too long
        self._computed: list[JobEnd] = []  # and not in Redis yet
        self._left: list[int] = []  # started and not computed yet; the first one is running
        self._seconds = 0.0  # that a job may take
        self._overdue_at = float("inf")  # when the running job takes too long
        self._stopping = threading.Event()
        self._heartbeats = threading.Thread(
            target=self._send_heartbeats, name="Heartbeat", daemon=True
        )
        # Jobs whose files the folder did not take, the last of them. Any thread may change a
        # deque's ends. A thread of its own writes them: a disk that hangs stops no heartbeats.
        self._missing: deque[int] = deque(maxlen=_MOST_MISSING)
        self._writer = threading.Thread(target=self._write_on, name="FileWriter", daemon=True)

    def begin(self) -> None:
        """Send heartbeats, and write files that are missing, from now on."""
        self._heartbeats.start()
        if self._files is not None:
            self._writer.start()

    def end(self) -> None:
        """Tell Redis that this process ends. Can be repeated."""
        self._stopping.set()
        with suppress(StoreUnavailable):
            self._jobs.leave()

    def run(self, dataset: str, messages: Sequence[JobMessage], seconds: float) -> None:
        """Run those jobs, of a version of a dataset, that are queued.

        Each may take so many seconds, 0 is for ever.
        """
        answers = self._answers.get(dataset)
        if answers is None:
            self._log.error("refused %d jobs of the dataset %s", len(messages), dataset)
            return
        if self._ending:
            return
        requests = {number: JobRequest.recorded(*request) for number, *request in messages}
        with self._lock:
            self._left, self._seconds = list(requests), seconds
        try:
            started = self._jobs.start(list(requests))
            with self._lock:
                self._left = started.copy()
            self._run_all(started, requests, answers)
        except BaseException:
            # The janitor finds later what cannot be published or released now.
            self._overdue_at = float("inf")
            self._jobs.stop_waiting()
            self._publish()
            self._jobs.release(self._left)
            raise

    def _run_all(
        self, started: Sequence[int], requests: Mapping[int, JobRequest], answers: Answers
    ) -> None:
        published_at = self._clock()
        for number in started:
            now = self._clock()
            if now - published_at > _PUBLISH_SECONDS:
                self._publish()
                published_at = now
            self._overdue_at = now + (self._seconds or float("inf"))
            end = self._run(number, requests[number], answers)
            self._overdue_at = float("inf")
            with self._lock:
                if self._ending:
                    return
                self._computed.append(end)
                self._left.pop(0)
        self._publish()

    def _run(self, number: int, request: JobRequest, answers: Answers) -> JobEnd:
        try:
            answer = answers.answer(request)
            self._write(number, answer.body)
        except Terminated:
            raise
        except StatsError as error:
            return JobEnd(number, None, _NO_DIGEST, str(error))
        except BaseException:  # noqa: BLE001
            self._log.exception("job_id_%d raised", number)
            return JobEnd(number, None, _NO_DIGEST, UNEXPECTED)
        return JobEnd(number, answer.body, answer.digest)

    def _write(self, number: int, body: bytes) -> None:
        """Write a result to a file, too. Where that fails, nothing is lost: Redis has it."""
        if self._files is not None:
            try:
                self._files.write(f"job_id_{number}", body)
            except Exception:  # noqa: BLE001
                self._log.exception("job_id_%d: the file could not be written", number)
                self._missing.append(number)

    def _write_on(self) -> None:
        while not self._stopping.wait(_FILES_SECONDS):
            self.write_missing()

    def write_missing(self) -> None:
        """Write the files that the folder did not take, of jobs that are still kept.

        Where it does not take one either, the others wait, too.
        """
        if self._files is None:
            return
        for _ in range(len(self._missing)):
            number = self._missing.popleft()
            try:
                status, body = self._jobs.result(number)
                if body is not None:
                    self._files.write(f"job_id_{number}", body)
            except (StorageError, StoreUnavailable):
                self._missing.append(number)
                return
            except Exception:  # noqa: BLE001
                self._log.exception("job_id_%d: the file is given up", number)
            else:
                if status in _UNFINISHED:  # its end is about to be published
                    self._missing.append(number)

    def _publish(self) -> None:
        with self._lock:
            computed, self._computed = self._computed, []
        if not computed:
            return
        try:
            self._jobs.finish(computed)
        except BaseException:
            with self._lock:
                self._computed = computed
            raise

    def _send_heartbeats(self) -> None:
        while True:
            self.heartbeat()
            rest = self._overdue_at - self._clock()
            if self._stopping.wait(min(_HEARTBEAT_SECONDS, max(_SHORTEST_WAIT, rest))):
                return

    def heartbeat(self) -> None:
        """Tell Redis that this process is alive, and end it where its job takes too long."""
        try:
            with self._lock:
                numbers = [*self._left, *(end.number for end in self._computed)]
            self._jobs.send_heartbeat(numbers)
        except StoreUnavailable:
            pass  # then Redis hears of no process, and the janitor takes none for dead
        except Exception:  # noqa: BLE001
            self._log.exception("the heartbeat raised")
        if self._clock() > self._overdue_at:
            self._end_overdue_job()

    def _end_overdue_job(self) -> None:
        """End the job that takes too long, release the others, and end this process."""
        with self._lock:
            if self._clock() <= self._overdue_at:
                return  # it has just ended
            self._ending = True
            number, *others = self._left
        reason = took_too_long(self._seconds)
        self._log.error("job_id_%d: %s", number, reason)
        self._jobs.finish([*self._computed, JobEnd(number, None, _NO_DIGEST, reason)])
        if others:
            self._jobs.release(others)
        # Nothing else can stop the job. Celery starts another process in place of this one.
        self._end_process()
