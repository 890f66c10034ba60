"""Tasks of many clients, run in turn among the clients."""

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from app.errors import Overloaded, ShuttingDown
from app.messages import reasons


class Pool(Protocol):
    """The threads that run tasks."""

    @property
    def accepting(self) -> bool:
        """Whether it takes tasks."""

    def submit(self, task: Callable[[], object]) -> None:
        """Take a task to be run, or raise ShuttingDown."""

    def running_task(self) -> Any:
        """Return what `replace` needs to know of the calling task; None outside of its threads."""

    def replace(self, task: Any, first: Callable[[], object] | None = None) -> bool:
        """Have another thread take the place of one whose task does not end; it runs `first`.

        Returns False where the task is over already. Where no thread is to be had, it raises
        RuntimeError, and the old one goes on once its task ends.
        """


class Turn(Protocol):
    """What is to be done for a client, or for several who want the same."""

    def run(self) -> None:
        """Do it; must not raise. It may be called once for each client."""

    def give_up(self, error: Exception) -> None:
        """Tell who waits why it is not waited for any more."""


class _Running:
    """A task that runs: for whom, since when, and on which thread."""

    __slots__ = ("began", "client", "ended", "is_last", "on", "turn")

    def __init__(self, turn: Turn, client: str, on: Any) -> None:
        self.turn = turn
        self.client = client
        self.on = on
        self.began = time.monotonic()
        self.ended = False
        self.is_last = False  # whether its thread is to take no other from here


class Turns:
    """Hands tasks to a pool, a few at a time: after one of a client comes one of the next client.

    So however much one of them asks, another waits for what runs, and one task of each client that
    waits, too.
    """

    def __init__(self, pool: Pool, most: int, most_each: int | None = None) -> None:
        """`most` tasks run at a time; of one client that has a name, `most_each` at most."""
        self._pool = pool
        self._most = most
        self._most_each = most if most_each is None else most_each
        # Guards the fields below; not held while calling out.
        self._lock = threading.Lock()
        # By client, who comes next first; none of the queues is empty.
        self._waiting: OrderedDict[str, deque[Turn]] = OrderedDict()
        self._threads = 0  # of the pool, that take tasks from here
        self._running: dict[int, _Running] = {}
        self._of_each: Counter[str] = Counter()  # tasks that run
        self._stragglers = 0  # tasks that were given up and run still

    def submit(self, turn: Turn, client: str) -> None:
        """Have a task run when it is its client's turn; raise ShuttingDown."""
        if not self._pool.accepting:
            raise ShuttingDown
        with self._lock:
            self._waiting.setdefault(client, deque()).append(turn)
            starts = self._threads < self._most
            self._threads += starts
        if not starts:
            return
        try:
            self._pool.submit(self._run_all)
        except ShuttingDown as error:
            for other in self._left_alone():
                other.give_up(error)
            raise

    def _left_alone(self) -> list[Turn]:
        """Count a thread less; return what nobody will run, where that was the only one."""
        with self._lock:
            self._threads -= 1
            if self._threads:
                return []
            left = [turn for queue in self._waiting.values() for turn in queue]
            self._waiting.clear()
            return left

    def _run_all(self) -> None:
        """Run tasks until there is none for this thread."""
        on = self._pool.running_task()
        while (running := self._next(on)) is not None:
            try:
                running.turn.run()
            finally:
                self._end(running)
            if running.is_last:
                return  # another thread takes this one's place

    def _next(self, on: Any) -> _Running | None:
        with self._lock:
            for client, queue in self._waiting.items():
                if client and self._of_each[client] >= self._most_each:
                    continue
                turn = queue.popleft()
                if queue:
                    self._waiting.move_to_end(client)
                else:
                    del self._waiting[client]
                running = _Running(turn, client, on)
                self._running[id(running)] = running
                self._of_each[client] += 1
                return running
            self._threads -= 1
            return None

    def _end(self, running: _Running) -> None:
        """Note that a task has ended, which may have been given up before."""
        with self._lock:
            running.ended = True
            if self._running.pop(id(running), None) is None:
                self._stragglers -= 1
            else:
                self._release(running.client)

    def _release(self, client: str) -> None:
        self._of_each[client] -= 1
        if not self._of_each[client]:
            del self._of_each[client]

    def end_overdue(self, seconds: float) -> None:
        """Give up what has run for longer; other threads take the places of its threads.

        No more of these are left behind than tasks may run at a time, for they use the processor.
        """
        before = time.monotonic() - seconds
        with self._lock:
            late = [one for one in self._running.values() if one.began < before]
            late = late[: self._most - self._stragglers]
            for one in late:
                del self._running[id(one)]
                self._release(one.client)
                one.is_last = one.on is not None
            self._stragglers += len(late)
        for one in late:
            one.turn.give_up(Overloaded(reasons.NOT_WITHIN(seconds=f"{seconds:g}")))
        for one in late:
            if one.is_last and not self._replace(one):
                with suppress(ShuttingDown):
                    self._pool.submit(self._run_all)

    def _replace(self, one: _Running) -> bool:
        """Have another thread go on in place of a task's; return whether one does, or its own."""
        try:
            return self._pool.replace(one.on, self._run_all)
        except RuntimeError:
            with self._lock:
                one.is_last = one.ended
                return not one.ended
