"""Sends accepted jobs to the workers, many in one message, on a thread of its own.

A job is accepted once Redis has it, so a message that is lost loses no job: the janitor sends it
again. So no client waits for Celery, and jobs that are accepted while a message is under way go
together in the next one.
"""

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from celery import Celery
from kombu.exceptions import OperationalError

from app.cluster.celery_app import TASK
from app.cluster.keys import BATCHES, QUEUE
from app.job import Job, JobRequest
from app.statistics.registry import Registry

# Jobs in a message. Small ones are not worth a message each; of those that read the rows of the
# dataset, a few go together, so that they are spread over the workers.
SMALL_JOBS = 200
LARGE_JOBS = 4

# Seconds between messages where single jobs come quickly one after another: for each that was sent
# or waits, up to a limit. A message costs Celery some six milliseconds of processor time, here and
# in the worker, whether it is of one job or of fifty.
_GATHER_SECONDS = 0.001
_MOST_GATHER_SECONDS = 0.03

# Seconds until a message is sent again that could not be sent.
_RETRY_SECONDS = 0.25


class _WaitingJob(NamedTuple):
    number: int
    request: JobRequest
    dataset: str
    batch: bool  # whether it goes to the queue for batches
    alone: bool  # whether it needs a message of its own


class Publisher(threading.Thread):
    """A thread that sends messages to the workers."""

    def __init__(
        self, celery: Celery, statistics: Registry, job_seconds: float, log: logging.Logger
    ) -> None:
        """A job may run for `job_seconds`, 0 is for ever."""
        super().__init__(name="Publisher", daemon=True)
        self._celery = celery
        self._job_seconds = job_seconds
        self._small = frozenset(name for name, one in statistics.items() if one.is_quick)
        self._log = log
        self._singles: deque[_WaitingJob] = deque()  # any thread may change its ends
        self._batches: deque[_WaitingJob] = deque()
        self._wake = threading.Semaphore(0)  # a permit for each time there is something to do
        self._stopping = threading.Event()

    def publish(self, jobs: Iterable[Job], dataset: str, *, batch: bool = False) -> None:
        """Have jobs sent to the workers of a dataset.

        Those of a `batch` go to a queue of their own; workers take from both in turn, so nobody
        waits for the end of a batch. A job whose runner died goes alone: should it be the one that
        kills them, it takes no other along.
        """
        (self._batches if batch else self._singles).extend(
            _WaitingJob(job.number, job.request, dataset, batch, job.deaths > 0) for job in jobs
        )
        self._wake.release()

    def run(self) -> None:
        """Send messages until stopped."""
        while True:
            self._wake.acquire()
            while self._wake.acquire(blocking=False):
                pass
            # All single jobs, and then some of a batch: neither waits for the end of the other.
            singles = len(self._singles)
            are_sent = self._send_first(singles, self._singles) and self._send_first(
                SMALL_JOBS, self._batches
            )
            are_left = bool(self._singles or self._batches)
            if self._stopping.is_set() and not (are_sent and are_left):
                return
            if are_left:
                self._wake.release()
            if not are_sent:
                self._stopping.wait(_RETRY_SECONDS)
            elif 0 < singles < SMALL_JOBS and not self._batches:
                # More are likely to come: those of the next moment go together.
                together = singles + len(self._singles)
                if together > 1:
                    self._stopping.wait(min(together * _GATHER_SECONDS, _MOST_GATHER_SECONDS))

    def _send_first(self, most: int, waiting: deque[_WaitingJob]) -> bool:
        """Send the first of some jobs; return False where some could not be: they wait again."""
        jobs = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        messages = list(_messages(jobs, self._small))
        for sent, message in enumerate(messages):
            if not self._send(message):
                waiting.extendleft(
                    job for unsent in reversed(messages[sent:]) for job in reversed(unsent)
                )
                return False
        return True

    def _send(self, message: Sequence[_WaitingJob]) -> bool:
        """Send a message; return False where it has to be sent again."""
        jobs = [[job.number, *job.request] for job in message]
        try:
            self._celery.send_task(
                TASK,
                (message[0].dataset, jobs, self._job_seconds),
                queue=(BATCHES if message[0].batch else QUEUE) + message[0].dataset,
                ignore_result=True,
                argsrepr=f"{len(jobs)} jobs",  # Celery would write them all out
                kwargsrepr="",
            )
        except OperationalError:
            return False
        except Exception:  # noqa: BLE001
            self._log.exception("a message of %d jobs: the janitor sends them again", len(jobs))
        return True

    def stop(self, seconds: float) -> None:
        """Send what is left, for so many seconds at most, and end. Can be repeated."""
        self._stopping.set()
        self._wake.release()
        with suppress(RuntimeError):  # it was never started
            self.join(seconds)


def _messages(jobs: Sequence[_WaitingJob], small: Collection[str]) -> Iterator[list[_WaitingJob]]:
    """Yield the jobs of one message each, in order; `small` are statistics that take little.

    All are single ones, or all of batches.
    """
    parts: dict[tuple[str, bool], list[_WaitingJob]] = defaultdict(list)
    for job in jobs:
        if job.alone:
            yield [job]
            continue
        large = job.request.statistic not in small
        kind = job.dataset, large
        parts[kind].append(job)
        if len(parts[kind]) == (LARGE_JOBS if large else SMALL_JOBS):
            yield parts.pop(kind)
    yield from parts.values()
