"""Answers that no job is made for: computed once for all who ask at the same time, in turn."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Generic, TypeVar

from app.answers.compute import Answer, Answers
from app.concurrency.turns import Pool, Turns
from app.errors import Overloaded, RateLimited, ShuttingDown
from app.job import JobRequest
from app.messages import reasons

T = TypeVar("T")

# What is under way at a time, each for any number of clients; and how often one client may wait
# that has a name.
_MOST = 256
_MOST_EACH = 32
_DRAWING = 1  # charts at a time: they are drawn in one process


class _Shared(Generic[T]):
    """Something to be computed, for all who want it."""

    def __init__(self, compute: Callable[[], T], ended: Callable[[], None]) -> None:
        """`ended` is called when it was computed, before those who wait are told."""
        self.future: Future[T] = Future()
        self.clients: set[str] = set()  # the lock of SharedAnswers guards it
        self._to_do = deque([compute])  # one thread alone gets it out
        self._ended = ended

    def run(self) -> None:
        """Compute it, unless it was begun in the turn of another client."""
        try:
            compute = self._to_do.popleft()
        except IndexError:
            return
        try:
            result = compute()
        except BaseException as error:  # noqa: BLE001
            self._ended()
            self.give_up(error)
        else:
            self._ended()
            with suppress(InvalidStateError):  # it was given up
                self.future.set_result(result)

    def give_up(self, error: BaseException) -> None:
        """Tell who waits why there is no answer."""
        with suppress(InvalidStateError):
            self.future.set_exception(error)


class SharedAnswers:
    """Computes answers, and files of them, on a pool of threads: each once at a time.

    An answer is a function of the dataset and of what it is asked alone, so one is as good for
    everybody who asks the same. Clients have their turns one after another.
    """

    def __init__(self, pool: Pool, threads: int) -> None:
        """`threads` of the pool compute, and of one client all but one; another one draws."""
        self._computing = Turns(pool, max(1, threads), max(1, threads - 1))
        self._drawing = Turns(pool, _DRAWING)
        # Guards the fields below; not held while calling out.
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, _Shared[object]] = {}
        self._waiting: Counter[str] = Counter()  # requests of each client

    @staticmethod
    def threads_for(computing: int) -> int:
        """Return how many threads a pool needs of which so many compute; with none, none."""
        return computing + _DRAWING if computing else 0

    def answer(self, answers: Answers, request: JobRequest, client: str = "") -> Future[Answer]:
        """Return the future of an answer; it may raise what `Answers.answer` does.

        `client` tells those apart who have to take turns; without a name, it is one who may ask as
        much as all together. Raises ShuttingDown; Overloaded where as many answers are computed as
        may; RateLimited where too many requests of this client wait.
        """
        key = answers.version, request.statistic, request.parameters
        return self._future(self._computing, key, lambda: answers.answer(request), client)

    def file(
        self, key: Hashable, make: Callable[[], T], client: str = "", *, is_drawn: bool
    ) -> Future[T]:
        """Return the future of what `make` returns or raises, which has a key; raises as above."""
        return self._future(self._drawing if is_drawn else self._computing, key, make, client)

    def _future(
        self, turns: Turns, key: Hashable, compute: Callable[[], T], client: str
    ) -> Future[T]:
        with self._lock:
            self._check(client)
            shared = self._under_way.get(key)
            is_new = shared is None
            if shared is None:
                if len(self._under_way) >= _MOST:
                    raise Overloaded(reasons.TOO_MANY_ANSWERS())
                shared = _Shared(compute, lambda: self._forget(key))
                self._under_way[key] = shared
            # Whoever asks what another has asked before does not wait for the other's turn.
            joins = client not in shared.clients
            shared.clients.add(client)
            self._waiting[client] += 1
        shared.future.add_done_callback(lambda _: self._release(client))
        if joins:
            try:
                turns.submit(shared, client)
            except ShuttingDown as error:
                if is_new:  # else it is in the turn of another
                    self._forget(key)
                    shared.give_up(error)
                    raise
        return shared.future  # type: ignore[return-value]  # a key is of one type of result

    def end_overdue(self, seconds: float) -> None:
        """Give up what has been computed for longer; 0 is for ever."""
        if seconds:
            self._computing.end_overdue(seconds)
            self._drawing.end_overdue(seconds)

    def _check(self, client: str) -> None:
        if client and self._waiting[client] >= _MOST_EACH:
            most = f'"waiting";q={_MOST_EACH};qu="concurrent-requests"'
            reason = reasons.YOURS_WAIT(most=_MOST_EACH)
            raise RateLimited(reason, 1, most, '"waiting";r=0;t=1')

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            self._under_way.pop(key, None)

    def _release(self, client: str) -> None:
        with self._lock:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client]
