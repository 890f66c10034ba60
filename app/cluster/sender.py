"""Sends accepted jobs to the workers, many in one message, on a thread of its own.

A job is accepted once Redis has it, so a message that is lost loses no job: it is sent again
(`keeper.py`). So no client waits for Celery, and jobs that are accepted while a message is on its
way go together with the next one.
"""

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from celery import Celery
from kombu.exceptions import OperationalError

from app.analyses import ANALYSES
from app.cluster.celery_app import TASK
from app.cluster.keys import BATCHES, QUEUE
from app.jobs import Job, Parameters

# Jobs in a message: small ones are not worth one each; of those that look at the rows of the
# dataset, a few, so that they are spread over the workers.
_SMALL_JOBS = 50
_LARGE_JOBS = 4

# Seconds between messages: each costs Celery a millisecond here and another one in the worker.
_GATHER = 0.005

# Seconds more where a message could not be sent.
_TRY_AGAIN = 0.25


class _Sent(NamedTuple):
    number: int
    parameters: Parameters
    queue: str
    dataset: str
    alone: bool


class Sender(threading.Thread):
    """A thread that sends what it is given."""

    def __init__(self, celery: Celery, job_seconds: float, log: logging.Logger) -> None:
        """A job may run for `job_seconds`, 0 is for ever."""
        super().__init__(name="Sender", daemon=True)
        self._celery = celery
        self._job_seconds = job_seconds
        self._log = log
        self._jobs: deque[_Sent] = deque()  # its changes are atomic
        self._some = threading.Semaphore(0)  # a permit for each call of `send`, and for the end
        self._stopping = False
        self._pause = threading.Event()  # never set: to wait on
        self._next_at = 0.0  # when the next message may be sent, on the monotonic clock

    def send(self, jobs: Iterable[Job], dataset: str, *, together: bool = False) -> None:
        """Have jobs sent to the workers of a dataset.

        Those that were accepted `together` go to a queue of their own; workers take from both in
        turn, so nobody waits for the end of a batch. A job whose runner died goes alone: should it
        be what kills them, it takes no other along.
        """
        queue = (BATCHES if together else QUEUE) + dataset
        self._jobs.extend(
            _Sent(job.number, job.parameters, queue, dataset, job.deaths > 0) for job in jobs
        )
        self._some.release()

    def run(self) -> None:
        """Send until stopped."""
        while True:
            self._some.acquire()
            # What comes within a moment after the last message goes together, and so does what
            # came while it was sent.
            self._pause.wait(max(0.0, self._next_at - time.monotonic()))
            while self._some.acquire(blocking=False):
                pass
            stopping = self._stopping
            jobs = [self._jobs.popleft() for _ in range(len(self._jobs))]
            unsent = [job for chunk in _chunks(jobs) if not self._publish(chunk) for job in chunk]
            self._next_at = time.monotonic() + _GATHER
            if stopping:
                return
            if unsent:
                self._jobs.extendleft(reversed(unsent))
                self._next_at += _TRY_AGAIN
                self._some.release()

    def _publish(self, chunk: Sequence[_Sent]) -> bool:
        """Send a message; return False where that is to be tried again."""
        asked = [[job.number, *job.parameters] for job in chunk]
        try:
            self._celery.send_task(
                TASK,
                (chunk[0].dataset, asked, self._job_seconds),
                queue=chunk[0].queue,
                ignore_result=True,
                argsrepr=f"{len(asked)} jobs",  # Celery would write them all out
                kwargsrepr="",
            )
        except OperationalError:
            return False
        except Exception:  # pylint: disable=broad-exception-caught
            # The keeper finds them.
            self._log.exception("sending %d jobs raised; they will be sent again", len(chunk))
        return True

    def stop(self, seconds: float) -> None:
        """Send what is left, at most for so long, and end. Can be repeated."""
        self._stopping = True
        self._some.release()
        with suppress(RuntimeError):  # it was never started
            self.join(seconds)


def _chunks(jobs: Sequence[_Sent]) -> Iterator[list[_Sent]]:
    """Yield what goes into one message each, in order."""
    parts: dict[tuple[str, bool], list[_Sent]] = defaultdict(list)
    for job in jobs:
        if job.alone:
            yield [job]
            continue
        kind = job.queue, job.parameters.statistic in ANALYSES
        parts[kind].append(job)
        if len(parts[kind]) == (_LARGE_JOBS if kind[1] else _SMALL_JOBS):
            yield parts.pop(kind)
    yield from parts.values()
