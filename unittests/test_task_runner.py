"""The pool: what is accepted runs, once; what a task raises ends there; shutdown loses nothing."""

import gc
import logging
import sys
import threading
import weakref
from collections.abc import Iterator
from itertools import count

import pytest

from app.concurrency.semaphore import LifoSemaphore
from app.errors import ShuttingDown
from app.task_runner import RunningTask, TaskRunner, ThreadPool
from unittests.helpers.waiting import PATIENCE, eventually

LOG = logging.Logger("silent")
LOG.addHandler(logging.NullHandler())


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Make threads change places as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(name="unstarted")
def pool_whose_threads_never_start(monkeypatch: pytest.MonkeyPatch) -> ThreadPool:
    """Give a pool of two runners, to be run by the test: its logic with no concurrency at all."""
    monkeypatch.setattr(TaskRunner, "start", lambda _self: None)
    return ThreadPool(2, LOG)


def test_tasks_run_in_order_and_sentinels_come_behind_them(unstarted: ThreadPool) -> None:
    ran: list[int] = []
    for number in range(5):
        unstarted.submit(lambda number=number: ran.append(number))  # type: ignore[misc]
    unstarted.close()
    first, second = unstarted.runners
    first.run()  # takes all five, and a sentinel
    assert ran == [0, 1, 2, 3, 4]
    second.run()  # takes the other sentinel


def test_the_stop_is_reported_once_when_the_last_runner_ends(unstarted: ThreadPool) -> None:
    reports: list[list[str]] = []
    unstarted.close(reports.append)
    unstarted.close(reports.append)
    first, second = unstarted.runners
    first.run()
    assert reports == []
    second.run()
    assert reports == [[]]
    unstarted.close(reports.append)
    assert reports == [[]]


def test_a_pool_without_threads_stops_when_its_last_task_has_run() -> None:
    pool, reports = ThreadPool(0, LOG), list[list[str]]()
    inside, gate = threading.Event(), threading.Event()

    def park() -> None:
        inside.set()
        gate.wait(PATIENCE)

    client = threading.Thread(target=pool.submit, args=(park,))
    client.start()
    assert inside.wait(PATIENCE)
    pool.close(reports.append)
    assert reports == []
    gate.set()
    client.join(PATIENCE)
    assert reports == [[]]
    idle = ThreadPool(0, LOG)
    idle.close(reports.append)
    assert reports == [[], []]


@pytest.mark.parametrize("threads", [0, 1])
def test_a_join_in_vain_reports_the_stragglers_and_their_end_reports_nothing_more(
    threads: int,
) -> None:
    pool, reports = ThreadPool(threads, LOG), list[list[str]]()
    inside, gate = threading.Event(), threading.Event()

    def park() -> None:
        inside.set()
        gate.wait(PATIENCE)

    client = threading.Thread(target=pool.submit, args=(park,), name="Client")
    client.start()
    assert inside.wait(PATIENCE)
    pool.close(reports.append)
    stragglers = pool.join(0.01)
    assert stragglers == ["TaskRunner-1" if threads else "Client"]
    gate.set()
    client.join(PATIENCE)
    assert pool.join(PATIENCE) == []
    assert reports == [stragglers]


def test_a_closed_pool_refuses_and_says_so() -> None:
    pool = ThreadPool(1, LOG)
    assert pool.accepting
    pool.close()
    assert not pool.accepting
    with pytest.raises(ShuttingDown):
        pool.submit(lambda: None)
    assert pool.join(PATIENCE) == []


@pytest.mark.parametrize(
    "error",
    [
        ValueError,
        MemoryError,
        RecursionError,
        SystemExit,
        KeyboardInterrupt,
        GeneratorExit,
        StopIteration,
        BaseException,
    ],
)
@pytest.mark.parametrize("threads", [0, 1])
def test_a_worker_outlives_what_a_task_raises(error: type[BaseException], threads: int) -> None:
    pool, after = ThreadPool(threads, LOG), threading.Event()

    def raise_it() -> None:
        raise error("on purpose")

    pool.submit(raise_it)
    pool.submit(after.set)
    assert after.wait(PATIENCE)
    assert all(runner.is_alive() for runner in pool.runners)
    pool.close()
    assert pool.join(PATIENCE) == []


def test_an_idle_worker_keeps_nothing_of_its_last_task() -> None:
    class Payload:
        """Something to refer to."""

    pool, ran = ThreadPool(1, LOG), threading.Event()
    payload = Payload()
    gone = weakref.ref(payload)

    def task(held: Payload = payload) -> None:
        assert held
        ran.set()

    pool.submit(task)
    assert ran.wait(PATIENCE)
    del payload, task
    # The worker has nothing else to do, and so nothing to put in the task's place.
    eventually(lambda: gc.collect() is not None and gone() is None)
    pool.close()
    pool.join(PATIENCE)


def test_no_threads_run_the_task_in_its_submit() -> None:
    pool, ran = ThreadPool(0, LOG), []
    pool.submit(lambda: ran.append(threading.current_thread()))
    assert ran == [threading.current_thread()]


def test_as_many_tasks_run_at_once_as_there_are_threads() -> None:
    pool, gate = ThreadPool(3, LOG), threading.Event()
    inside = threading.Barrier(4)

    def park() -> None:
        inside.wait(PATIENCE)
        gate.wait(PATIENCE)

    for _ in range(3):
        pool.submit(park)
    inside.wait(PATIENCE)  # passes only when all three are inside at the same time
    gate.set()
    pool.close()
    assert pool.join(PATIENCE) == []


def test_join_names_the_stragglers_and_can_be_repeated() -> None:
    pool, gate, inside = ThreadPool(2, LOG), threading.Event(), threading.Event()

    def park() -> None:
        inside.set()
        gate.wait(PATIENCE)

    pool.submit(park)
    assert inside.wait(PATIENCE)
    pool.close()
    assert len(pool.join(0.05)) == 1
    gate.set()
    assert pool.join(PATIENCE) == []


@pytest.mark.usefixtures("quick_switches")
def test_what_was_accepted_runs_exactly_once_whatever_closes_meanwhile() -> None:
    for _ in range(30):
        pool, numbers = ThreadPool(3, LOG), count()
        accepted: list[int] = []
        ran: list[int] = []
        ready = threading.Barrier(5)

        def submit_many(
            pool: ThreadPool = pool,
            numbers: "count[int]" = numbers,
            accepted: list[int] = accepted,
            ran: list[int] = ran,
            ready: threading.Barrier = ready,
        ) -> None:
            ready.wait(PATIENCE)
            for _ in range(50):
                number = next(numbers)
                try:
                    pool.submit(lambda number=number: ran.append(number))  # type: ignore[misc]
                except ShuttingDown:
                    return
                accepted.append(number)

        clients = [threading.Thread(target=submit_many) for _ in range(4)]
        for client in clients:
            client.start()
        ready.wait(PATIENCE)
        pool.close()
        for client in clients:
            client.join(PATIENCE)
        assert pool.join(PATIENCE) == []
        assert sorted(ran) == sorted(accepted)


def test_a_stuck_runner_is_replaced_and_leaves_its_sentinel_to_the_new_one() -> None:
    pool, gate = ThreadPool(1, LOG), threading.Event()
    tasks: list[RunningTask | None] = []

    def stick() -> None:
        tasks.append(pool.running_task())
        gate.wait(PATIENCE)

    pool.submit(stick)
    task = eventually(lambda: tasks[0] if tasks else None)
    pool.replace(task)
    after = threading.Event()
    pool.submit(after.set)
    assert after.wait(PATIENCE)
    pool.close()
    assert pool.join(PATIENCE) == []
    gate.set()
    task.runner.join(PATIENCE)
    assert not task.runner.is_alive()


def test_a_runner_whose_task_is_over_is_not_replaced() -> None:
    pool, tasks = ThreadPool(1, LOG), []
    pool.submit(lambda: tasks.append(pool.running_task()))
    task = eventually(lambda: tasks[0] if tasks else None)
    eventually(lambda: task.runner.task_number != task.number)
    runners = pool.runners
    pool.replace(task)
    assert pool.runners is runners
    assert pool.running_task() is None  # this thread is no runner
    pool.close()
    assert pool.join(PATIENCE) == []


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.usefixtures("quick_switches")
def test_no_permit_is_forgotten_whoever_is_woken(threads: int) -> None:
    permits, taken = LifoSemaphore(), list[int]()

    def take(number: int) -> None:
        for _ in range(2000):
            permits.acquire()
            taken.append(number)

    takers = [threading.Thread(target=take, args=(number,)) for number in range(threads)]
    for taker in takers:
        taker.start()
    for _ in range(2000 * threads):
        permits.release()
    for taker in takers:
        taker.join(PATIENCE)
    assert len(taken) == 2000 * threads


def test_as_many_threads_run_as_there_are_tasks_that_block() -> None:
    pool, running = ThreadPool(5, LOG), threading.Barrier(6)
    for _ in range(5):
        pool.submit(lambda: running.wait(PATIENCE))
    running.wait(PATIENCE)  # would break if fewer than five ran at a time
    pool.close()
    assert pool.join(PATIENCE) == []
