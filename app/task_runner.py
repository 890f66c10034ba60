"""A hand-rolled thread pool: a Queue of tasks, a Semaphore of permits, and TaskRunner threads.

It runs any closure and knows nothing of jobs. One rule holds it together: the semaphore has as
many permits as the queue has items, sentinels included. So whoever gets a permit finds an item,
and nothing ever asks the queue how long it is.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import NamedTuple

from app.concurrency.semaphore import LifoSemaphore
from app.errors import ShuttingDown

Task = Callable[[], object]
OnStop = Callable[[list[str]], None]


def _stop() -> None:
    """The sentinel: queued once for each runner behind all accepted work, never called."""


class TaskRunner(threading.Thread):
    """One worker: takes tasks until it takes the sentinel, and outlives whatever a task raises."""

    def __init__(
        self,
        name: str,
        queue: "SimpleQueue[Task]",
        semaphore: LifoSemaphore,
        ended: Callable[[], None],
        log: logging.Logger,
        first: Task | None = None,
    ) -> None:
        """Run `first` before what is queued; call `ended` after the sentinel."""
        # Daemonic, so that a task that never ends cannot keep the process from exiting.
        super().__init__(name=name, daemon=True)
        self._queue = queue
        self._semaphore = semaphore
        self._ended = ended
        self._log = log
        self._first = first
        # Guards the two fields below. Nobody waits on it.
        self._lock = threading.Lock()
        self._task_number = 0  # counts beginnings and ends of tasks: odd while one runs
        self._abandoned = False

    def run(self) -> None:
        """Run tasks until the sentinel comes."""
        while True:
            task, self._first = self._first, None
            if task is None:
                self._semaphore.acquire()
                task = self._queue.get()
            if task is _stop:
                self._ended()
                return
            with self._lock:
                self._task_number += 1
            run_task(task, self._log)
            # An idle worker must not keep the last job, and all that it refers to, alive.
            del task
            with self._lock:
                self._task_number += 1
                if self._abandoned:
                    return

    @property
    def task_number(self) -> int:
        """Tells the task that runs now from all others of this runner."""
        with self._lock:
            return self._task_number

    def abandon(self, task_number: int) -> bool:
        """Have the runner end after this very task.

        Returns False when the task is over already, or the runner was abandoned before.
        """
        with self._lock:
            if self._task_number != task_number or self._abandoned:
                return False
            self._abandoned = True
            return True

    def reclaim(self) -> None:
        """Have the runner go on after all."""
        with self._lock:
            self._abandoned = False

    @property
    def abandoned(self) -> bool:
        """Whether another runner has taken this one's place."""
        with self._lock:
            return self._abandoned


def run_task(task: Task, log: logging.Logger) -> None:
    """Run `task`; what it raises, SystemExit and MemoryError included, ends here, in the log."""
    try:
        task()
    except BaseException:
        log.exception("a task raised in %s", threading.current_thread().name)


class RunningTask(NamedTuple):
    """One task of one runner."""

    runner: TaskRunner
    number: int


class ThreadPool:
    """A fixed number of TaskRunner threads; with none, `submit` runs the task itself."""

    def __init__(self, threads: int, log: logging.Logger, name: str = "TaskRunner") -> None:
        """`name` is what its threads are called, each with a number."""
        self._log = log
        self._queue: SimpleQueue[Task] = SimpleQueue()
        self._semaphore = LifoSemaphore()
        # Guards the fields below, and makes "still accepting?" and the enqueue one step, so that no
        # task can land behind the sentinels. Nobody waits on it.
        self._lock = threading.Lock()
        self._accepting = True
        self._alive = threads  # runners that have not taken their sentinel
        self._inside: list[str] = []  # names of other threads that run a task of the pool
        self._on_stop: OnStop | None = None
        self.runners = [self._new_runner(f"{name}-{number}") for number in range(1, threads + 1)]
        for runner in self.runners:
            runner.start()

    def _new_runner(self, name: str, first: Task | None = None) -> TaskRunner:
        return TaskRunner(name, self._queue, self._semaphore, self._runner_ended, self._log, first)

    @property
    def semaphore(self) -> LifoSemaphore:
        """What has a permit for each item in the queue."""
        return self._semaphore

    @property
    def accepting(self) -> bool:
        """Whether `submit` takes tasks."""
        with self._lock:
            return self._accepting

    def submit(self, task: Task) -> None:
        """Queue a task; raise ShuttingDown once the pool was closed.

        With no threads the task has run when this returns.
        """
        if not self.runners:
            self.run(partial(run_task, task, self._log))
            return
        with self._lock:
            if not self._accepting:
                raise ShuttingDown
            self._queue.put(task)
        # The semaphore has a lock of its own, which is not taken inside this object's. So there may
        # be fewer permits than items for a moment, and never more.
        self._semaphore.release()

    def run(self, task: Task) -> None:
        """Run a task on the calling thread, at once; raise ShuttingDown once the pool was closed.

        What the task raises is the caller's. The pool has not stopped before the task has ended.
        """
        with self._lock:
            if not self._accepting:
                raise ShuttingDown
            self._inside.append(threading.current_thread().name)
        try:
            task()
        finally:
            with self._lock:
                self._inside.remove(threading.current_thread().name)
            self._report_stop_if_idle()

    def running_task(self) -> RunningTask | None:
        """Return what `replace` needs to know of the calling task; None outside a runner."""
        thread = threading.current_thread()
        return RunningTask(thread, thread.task_number) if isinstance(thread, TaskRunner) else None

    def replace(self, task: RunningTask, first: Task | None = None) -> bool:
        """Abandon a runner whose task does not end, and start another one in its place.

        The new one runs `first` before what is queued. The old one ends should its task ever do,
        and leaves its sentinel to the new one. Returns False, and does nothing, when the task is
        over already.
        """
        if not task.runner.abandon(task.number):
            return False
        new = self._new_runner(f"{task.runner.name}+", first)
        try:
            new.start()
        except BaseException:  # no thread to be had: better a slow runner than none
            task.runner.reclaim()
            raise
        with self._lock:
            self.runners = [new if known is task.runner else known for known in self.runners]
        return True

    def close(self, on_stop: OnStop | None = None) -> None:
        """Refuse new tasks, and let each runner end behind the accepted ones. Can be repeated.

        `on_stop` is called once: when all accepted tasks have run, with an empty list; or when
        `join` waits in vain for that, with the names of the threads that still run one. Only the
        first call's counts.
        """
        with self._lock:
            if not self._accepting:
                return
            self._accepting, self._on_stop = False, on_stop
            sentinels = len(self.runners)
            for _ in range(sentinels):
                self._queue.put(_stop)
        for _ in range(sentinels):
            self._semaphore.release()
        self._report_stop_if_idle()

    def join(self, seconds: float) -> list[str]:
        """Wait for the runners to end, at most `seconds` in all; return the stragglers' names."""
        deadline = time.monotonic() + seconds
        with self._lock:
            runners = self.runners  # `replace` makes a new list and leaves this one as it is
        for runner in runners:
            runner.join(max(0.0, deadline - time.monotonic()))
        stragglers = [runner.name for runner in runners if runner.is_alive()]
        with self._lock:
            stragglers += self._inside
        if stragglers:
            self._report_stop(stragglers)
        return stragglers

    def _runner_ended(self) -> None:
        with self._lock:
            self._alive -= 1
        self._report_stop_if_idle()

    def _report_stop_if_idle(self) -> None:
        with self._lock:
            idle = not (self._accepting or self._alive or self._inside)
        if idle:
            self._report_stop([])

    def _report_stop(self, stragglers: list[str]) -> None:
        with self._lock:
            on_stop, self._on_stop = self._on_stop, None
        if on_stop is not None:
            on_stop(stragglers)
