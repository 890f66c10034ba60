"""Sends accepted jobs to the workers, many in one message, on a thread of its own.

A job is accepted once Redis has it, so a message that is lost loses no job: it is sent again
(`janitor.py`). So no client waits for Celery, and jobs that are accepted while a message is on its
way go together with the next one.
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

# Jobs in a message: small ones are not worth one each; of those that look at the rows of the
# dataset, a few, so that they are spread over the workers.
_SMALL_JOBS = 100
_LARGE_JOBS = 4

# Seconds between messages where jobs come quickly one after another: each message costs Celery a
# millisecond here and another one in the worker.
_GATHER = 0.005

# Seconds more where a message could not be sent.
_TRY_AGAIN = 0.25


class _Sent(NamedTuple):
    number: int
    request: JobRequest
    dataset: str
    together: bool
    alone: bool


class Publisher(threading.Thread):
    """A thread that sends what it is given."""

    def __init__(
        self, celery: Celery, statistics: Registry, job_seconds: float, log: logging.Logger
    ) -> None:
        """A job may run for `job_seconds`, 0 is for ever."""
        super().__init__(name="Publisher", daemon=True)
        self._celery = celery
        self._job_seconds = job_seconds
        self._small = frozenset(name for name, one in statistics.items() if one.is_quick)
        self._log = log
        self._singles: deque[_Sent] = deque()  # their changes are atomic
        self._batches: deque[_Sent] = deque()
        self._some = threading.Semaphore(0)  # a permit for each call of `send`, and for the end
        self._stopping = threading.Event()

    def send(self, jobs: Iterable[Job], dataset: str, *, together: bool = False) -> None:
        """Have jobs sent to the workers of a dataset.

        Those that were accepted `together` go to a queue of their own; workers take from both in
        turn, so nobody waits for the end of a batch. A job whose runner died goes alone: should it
        be what kills them, it takes no other along.
        """
        (self._batches if together else self._singles).extend(
            _Sent(job.number, job.request, dataset, together, job.deaths > 0) for job in jobs
        )
        self._some.release()

    def run(self) -> None:
        """Send until stopped."""
        while True:
            self._some.acquire()
            while self._some.acquire(blocking=False):
                pass
            many = len(self._singles) + len(self._batches) > 1
            if not self._send_all():
                self._stopping.wait(_TRY_AGAIN)
                self._some.release()
            if self._stopping.is_set():
                return
            if many:
                # There is more to come: what comes in a moment goes together.
                self._stopping.wait(_GATHER)

    def _send_all(self) -> bool:
        """Send what there is; return False where some could not be sent."""
        while jobs := self._take():
            chunks = list(_chunks(jobs, self._small))
            for sent, chunk in enumerate(chunks):
                if not self._publish(chunk):
                    source = self._batches if chunk[0].together else self._singles
                    source.extendleft(
                        job for unsent in reversed(chunks[sent:]) for job in reversed(unsent)
                    )
                    return False
        return True

    def _take(self) -> list[_Sent]:
        """Return the next jobs to send: all single ones, or else some of a batch."""
        if self._singles:
            return [self._singles.popleft() for _ in range(len(self._singles))]
        return [self._batches.popleft() for _ in range(min(_SMALL_JOBS, len(self._batches)))]

    def _publish(self, chunk: Sequence[_Sent]) -> bool:
        """Send a message; return False where that is to be tried again."""
        asked = [[job.number, *job.request] for job in chunk]
        try:
            self._celery.send_task(
                TASK,
                (chunk[0].dataset, asked, self._job_seconds),
                queue=(BATCHES if chunk[0].together else QUEUE) + chunk[0].dataset,
                ignore_result=True,
                argsrepr=f"{len(asked)} jobs",  # Celery would write them all out
                kwargsrepr="",
            )
        except OperationalError:
            return False
        except Exception:  # pylint: disable=broad-exception-caught
            # The janitor finds them.
            self._log.exception("sending %d jobs raised; they will be sent again", len(chunk))
        return True

    def stop(self, seconds: float) -> None:
        """Send what is left, at most for so long, and end. Can be repeated."""
        self._stopping.set()
        self._some.release()
        with suppress(RuntimeError):  # it was never started
            self.join(seconds)


def _chunks(jobs: Sequence[_Sent], small: Collection[str]) -> Iterator[list[_Sent]]:
    """Yield what goes into one message each, in order; `small` are statistics that take little."""
    parts: dict[tuple[str, bool, bool], list[_Sent]] = defaultdict(list)
    for job in jobs:
        if job.alone:
            yield [job]
            continue
        large = job.request.statistic not in small
        kind = job.dataset, job.together, large
        parts[kind].append(job)
        if len(parts[kind]) == (_LARGE_JOBS if large else _SMALL_JOBS):
            yield parts.pop(kind)
    yield from parts.values()
