"""Large answers: a few at a time, some wait, and the rest are refused."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.concurrency.limiter import Limiter
from app.errors import Overloaded
from unittests.helpers.waiting import PATIENCE, eventually


def test_so_many_work_and_so_many_wait() -> None:
    limiter, gate, working = Limiter(2, 3), threading.Event(), threading.Semaphore(0)

    def work() -> None:
        with limiter.turn():
            working.release()
            assert gate.wait(PATIENCE)

    with ThreadPoolExecutor(20) as threads:
        tries = [threads.submit(work) for _ in range(20)]
        # Nobody leaves before the gate is open: all but five are refused.
        eventually(lambda: sum(each.done() for each in tries) == 15)
        assert all(isinstance(each.exception(), Overloaded) for each in tries if each.done())
        assert working.acquire(timeout=PATIENCE)
        assert working.acquire(timeout=PATIENCE)
        assert not working.acquire(blocking=False)  # the third waits
        gate.set()
        assert sum(each.exception(PATIENCE) is None for each in tries) == 5


def test_a_place_is_free_again_after_an_error() -> None:
    limiter = Limiter(1, 0)
    for _ in range(3):
        with pytest.raises(ValueError, match="once"), limiter.turn():
            raise ValueError("once")
    with limiter.turn(), pytest.raises(Overloaded), limiter.turn():
        pass
