"""A hand-rolled thread pool: a Queue of tasks, a Semaphore of permits, and TaskRunner threads.

It runs any closure and knows nothing of jobs. One rule holds it together: the semaphore has as
many permits as the queue has items, sentinels included. So whoever gets a permit finds an item,
and nothing ever asks the queue how long it is.
"""

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import NamedTuple

from app.concurrency.semaphore import LifoSemaphore
from app.errors import ShuttingDown

Task = Callable[[], object]


def _stop() -> None:
    """The sentinel: queued once for each runner behind all accepted work, never called."""


class TaskRunner(threading.Thread):
    """One worker: takes tasks until it takes the sentinel, and outlives whatever a task raises."""

    def __init__(
        self,
        name: str,
        queue: "SimpleQueue[Task]",
        permits: LifoSemaphore,
        log: logging.Logger,
        first: Task | None = None,
    ) -> None:
        # Daemonic, so that a task that never ends cannot keep the process from exiting.
        super().__init__(name=name, daemon=True)
        self._queue = queue
        self._semaphore = permits
        self._log = log
        self._first = first  # to run before what is queued
        # Guards the two fields below. Nobody waits on it.
        self._lock = threading.Lock()
        self._turn = 0  # counts tasks: odd while one runs
        self._given_up = False

    def run(self) -> None:
        """Run tasks until the sentinel comes."""
        while True:
            task, self._first = self._first, None
            if task is None:
                self._semaphore.acquire()
                task = self._queue.get()
            if task is _stop:
                return
            with self._lock:
                self._turn += 1
            run_task(task, self._log)
            # An idle worker must not keep the last job, and all that it refers to, alive.
            del task
            with self._lock:
                self._turn += 1
                if self._given_up:
                    return

    @property
    def turn(self) -> int:
        """What tells the task that runs now from all others of this runner."""
        with self._lock:
            return self._turn

    def give_up(self, turn: int) -> bool:
        """Have the runner end after this very task.

        Returns False when the task is over already, or the runner was given up with it before.
        """
        with self._lock:
            if self._turn != turn or self._given_up:
                return False
            self._given_up = True
            return True

    def keep(self) -> None:
        """Have the runner go on after all."""
        with self._lock:
            self._given_up = False

    @property
    def given_up(self) -> bool:
        """Whether another runner has taken this one's place."""
        with self._lock:
            return self._given_up


def run_task(task: Task, log: logging.Logger) -> None:
    """Run `task`; what it raises, SystemExit and MemoryError included, ends here, in the log."""
    try:
        task()
    except BaseException:  # pylint: disable=broad-exception-caught
        log.exception("a task raised in %s", threading.current_thread().name)


class Turn(NamedTuple):
    """One task of one runner."""

    runner: TaskRunner
    number: int


class ThreadPool:
    """A fixed number of TaskRunner threads; with none, `submit` runs the task itself."""

    def __init__(self, threads: int, log: logging.Logger) -> None:
        self._log = log
        self._queue: SimpleQueue[Task] = SimpleQueue()
        self._semaphore = LifoSemaphore()
        # Guards `_accepting`, and makes "still accepting?" and the enqueue one step, so that no
        # task can land behind the sentinels. Nobody waits on it.
        self._lock = threading.Lock()
        self._accepting = True
        self.runners = [
            self._new_runner(f"TaskRunner-{number}") for number in range(1, threads + 1)
        ]
        for runner in self.runners:
            self.start_runner(runner)

    def _new_runner(self, name: str, first: Task | None = None) -> TaskRunner:
        return TaskRunner(name, self._queue, self._semaphore, self._log, first)

    def start_runner(self, runner: TaskRunner) -> None:
        """Start one thread. Tests replace this to drive the pool's logic with no threads at all."""
        runner.start()

    @property
    def accepting(self) -> bool:
        """Whether `submit` takes tasks."""
        with self._lock:
            return self._accepting

    def submit(self, *tasks: Task) -> None:
        """Queue tasks, all or none; raise ShuttingDown once the pool was closed.

        With no threads the tasks have run when this returns.
        """
        with self._lock:
            if not self._accepting:
                raise ShuttingDown
            if self.runners:
                for task in tasks:
                    self._put(task)
                return
        for task in tasks:
            run_task(task, self._log)

    def turn(self) -> Turn | None:
        """Return what `replace` needs to know of the calling task; None outside a runner."""
        thread = threading.current_thread()
        return Turn(thread, thread.turn) if isinstance(thread, TaskRunner) else None

    def replace(self, turn: Turn, first: Task | None = None) -> None:
        """Give up a runner whose task does not end, and start another one in its place.

        The new one runs `first` before what is queued. The old one ends should its task ever do,
        and leaves its sentinel to the new one. Nothing happens when the task is over already.
        """
        if not turn.runner.give_up(turn.number):
            return
        new = self._new_runner(f"{turn.runner.name}+", first)
        try:
            self.start_runner(new)
        except BaseException:  # no thread to be had: better a slow runner than none
            turn.runner.keep()
            raise
        with self._lock:
            self.runners = [new if known is turn.runner else known for known in self.runners]

    def close(self) -> None:
        """Refuse new tasks, and let each runner end behind the accepted ones. Can be repeated."""
        with self._lock:
            if self._accepting:
                self._accepting = False
                for _ in self.runners:
                    self._put(_stop)

    def _put(self, task: Task) -> None:
        self._queue.put(task)
        self._semaphore.release()

    def join(self, seconds: float) -> list[str]:
        """Wait for the runners to end, at most `seconds` in all; return the stragglers' names."""
        deadline = time.monotonic() + seconds
        with self._lock:
            runners = self.runners  # `replace` makes a new list and leaves this one as it is
        for runner in runners:
            runner.join(max(0.0, deadline - time.monotonic()))
        return [runner.name for runner in runners if runner.is_alive()]
