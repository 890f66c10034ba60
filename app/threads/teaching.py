"""The parts of a server that teaches: as of any other, but steps of single jobs are in slow motion.

With `--teach` alone, `build.py` takes these in the place of their parents. Before each step of a
job its thread asks `SlowMotion`, which lets it go on at once, later, or when somebody says so.
"""

import threading
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from typing import Any

from app.concurrency.slow_motion import SlowMotion
from app.errors import BadRequest, StatsError, TooLateError
from app.job import Done, Job, JobRequest
from app.task_runner import Task, TaskRunner, ThreadPool
from app.threads.crash_marks import CrashMarks
from app.threads.journal import Journal
from app.threads.records import Accepted, Batch, Record
from app.threads.registry import JobRegistry
from app.threads.results import Results
from app.threads.service import ThreadService

# Threads that submit jobs as clients do, so that a queue builds up.
_CLIENTS = 8
_QUESTIONS = 4  # of each statistic


def slow_motion() -> SlowMotion:
    """Return what holds up the threads of a server."""
    return SlowMotion(lambda: isinstance(threading.current_thread(), TaskRunner))


class SlowRegistry(JobRegistry):
    """Gives an id, step by step."""

    def __init__(self, slow: SlowMotion, *rest: Any) -> None:
        super().__init__(*rest)
        self._slow = slow

    def add(self, request: JobRequest) -> Job:
        """Return a new job with the next id."""
        self._slow.step("id")
        return super().add(request)


class SlowJournal(Journal):
    """Records what is accepted, and how it ended, step by step."""

    def __init__(self, slow: SlowMotion, *rest: Any, **more: Any) -> None:
        super().__init__(*rest, **more)
        self._slow = slow

    def append(self, *records: Record, promise: bool = False) -> None:
        """Write records."""
        if isinstance(records[0], Accepted | Batch):
            self._slow.step("journal", records[0].number)
        super().append(*records, promise=promise)

    def note(self, record: Done) -> None:
        """Have a record written with the next one; then the job's status becomes `done`."""
        self._slow.step("done", record.number)
        super().note(record)


class SlowPool(ThreadPool):
    """Queues a task and takes it, step by step."""

    def __init__(self, slow: SlowMotion, *rest: Any) -> None:
        self._slow = slow  # before its threads start
        super().__init__(*rest)

    def submit(self, task: Task) -> None:
        """Queue a task."""
        number = _number_in(task)
        self._slow.step("queue", number)
        super().submit(partial(self._take, task, number))

    def _take(self, task: Task, number: int) -> None:
        self._slow.step("take", number)
        task()


def _number_in(task: Task) -> int:
    """Return the number of the job that a task is of, 0 of a task of many."""
    first = task.args[0] if isinstance(task, partial) and task.args else None
    return first.number if isinstance(first, Job) else 0


class SlowMarks(CrashMarks):
    """Begins a job; then the next step is its answer."""

    def __init__(self, slow: SlowMotion, *rest: Any) -> None:
        super().__init__(*rest)
        self._slow = slow

    def begin(self, number: int, slot: int = -1) -> int:
        """Mark a job as running."""
        slot = super().begin(number, slot)
        self._slow.step("answer", number)
        return slot


class SlowResults(Results):
    """Writes a result, step by step."""

    def __init__(self, slow: SlowMotion, *rest: Any) -> None:
        super().__init__(*rest)
        self._slow = slow

    def keep(self, job: Job, body: bytes) -> bool:
        """Store a result; return whether that is done."""
        self._slow.step("file", job.number)
        return super().keep(job, body)


class TeachingService(ThreadService):
    """A service that can be slowed down, with clients of its own."""

    def __init__(self, slow: SlowMotion, *rest: Any) -> None:
        super().__init__(*rest)
        self.slow_motion = slow

    @property
    def writes_wait(self) -> bool:
        """Return True: whoever submits may be held up."""
        return True

    def send(self, count: int) -> None:
        """Have clients submit so many mixed jobs, one after another each."""
        jobs = islice(cycle(self._mixed()), count)
        shares: list[list[JobRequest]] = [[] for _ in range(_CLIENTS)]
        for place, request in enumerate(jobs):
            shares[place % _CLIENTS].append(request)
        for number, share in enumerate(shares, 1):
            if share:
                name = f"Client-{number}"
                threading.Thread(target=self._submit, args=(share,), name=name, daemon=True).start()

    def _submit(self, requests: list[JobRequest]) -> None:
        for request in requests:
            try:
                self.accept(request)
            except StatsError as error:  # it drains, or the queue is full
                self._log.error("refused a job of slow motion: %s", error)
                return

    def _mixed(self) -> Iterator[JobRequest]:
        """Yield a few requests of each statistic, in turn."""
        each = [self._asking(name) for name in self.catalogue.statistics]
        for _ in range(_QUESTIONS):
            for some in each:
                yield from islice(some, 1)

    def _asking(self, name: str) -> Iterator[JobRequest]:
        statistic = self.catalogue.statistics[name]
        answers = self.catalogue.default(statistic)
        own = dict(statistic.example)
        others = [{**own, "question": text} for text in answers.dataset.tables]
        for body in [own, *others] if "question" in own else [own]:
            try:
                yield answers.request(statistic, body)
            except BadRequest:
                continue

    def cancel_queued(self) -> int:
        """Cancel the jobs that are queued, and return how many were."""
        cancelled = 0
        for job in list(self.list(unfinished=True)):
            try:
                self.cancel(job.number)
                cancelled += 1
            except TooLateError:
                continue
        return cancelled

    def close(self, seconds: float) -> bool:
        """Let nobody be held up any more, and close."""
        self.slow_motion.end()
        return super().close(seconds)
