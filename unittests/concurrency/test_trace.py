"""Steps are recorded while somebody looks, in a ring; locks are measured, and work, meanwhile."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

from app.concurrency.trace import LOOK_SECONDS, Step, Trace
from unittests.helpers.clock import Clock


class Counter:
    """Something with a lock of its own, under which it counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def add(self) -> None:
        with self._lock:
            count = self.count
            self.count = count + 1


def test_it_records_for_a_minute_after_somebody_looked() -> None:
    clock = Clock()
    trace = Trace(clock=clock.now)
    assert not trace.on
    for _ in range(2):
        trace.look()
        clock.sleep(LOOK_SECONDS - 1)
        trace.rest()
        assert trace.on
    clock.sleep(2)
    trace.rest()
    assert not trace.on


def test_the_last_steps_are_there() -> None:
    trace = Trace(most=3)
    for number in range(1, 6):
        trace.add(Step("lane", "run", 0.0, 1.0, number))
    steps, total = trace.latest()
    assert ([step.number for step in steps], total) == ([3, 4, 5], 5)
    assert [step.number for step in trace.latest(2).steps] == [4, 5]
    trace.add(Step("log", "write", 0.0, 1.0))  # of no job
    assert trace.changes == 5


def test_a_lock_guards_while_its_measuring_begins_and_ends() -> None:
    counter, late = Counter(), itertools.count(step=2 * LOOK_SECONDS)  # each look was long ago
    trace = Trace(clock=lambda: float(next(late)))
    trace.measure(lambda: {"Counter": counter})
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            trace.look()
            trace.rest()

    def count() -> None:
        for _ in range(2000):
            counter.add()

    with ThreadPoolExecutor(5) as threads:
        looking = threads.submit(look)
        counting = [threads.submit(count) for _ in range(4)]
        for one in counting:
            one.result()
        over.set()
        looking.result()
    assert counter.count == 8000
    assert list(trace.locks) == []


def test_how_a_lock_is_used_is_told() -> None:
    counter, trace = Counter(), Trace()
    trace.measure(lambda: {"Counter": counter})
    counter.add()
    trace.look()
    for _ in range(3):
        counter.add()
    (use,) = trace.locks
    assert (use.name, use.taken, use.contended) == ("Counter", 3, 0)
    assert use.longest > 0
