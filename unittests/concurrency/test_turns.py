"""Clients take turns: who asks much does not keep others waiting."""

import threading
from collections.abc import Callable
from functools import partial

import pytest

from app.concurrency.turns import Turns
from app.errors import Overloaded, ShuttingDown
from app.task_runner import TaskRunner, ThreadPool
from unittests.helpers.thread_service import SILENT
from unittests.helpers.waiting import PATIENCE, eventually


class Step:
    """A task that does something, or keeps why it was given up."""

    def __init__(self, call: Callable[..., object], *arguments: object) -> None:
        self._call = partial(call, *arguments)
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do it."""
        self._call()

    def give_up(self, error: BaseException) -> None:
        """Note why."""
        self.error = error


def test_clients_take_turns() -> None:
    pool, gate, ran = ThreadPool(1, SILENT), threading.Event(), list[str]()
    turns = Turns(pool, 1)
    turns.submit(Step(gate.wait, PATIENCE), "first")
    for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
        turns.submit(Step(ran.append, name), name[0])
    gate.set()
    pool.close()
    assert not pool.join(PATIENCE)
    assert ran == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


def test_no_client_has_all_threads() -> None:
    pool, gate, ran = ThreadPool(2, SILENT), threading.Event(), threading.Event()
    turns = Turns(pool, 2, 1)
    for _ in range(5):
        turns.submit(Step(gate.wait, PATIENCE), "greedy")
    turns.submit(Step(ran.set), "other")
    assert ran.wait(PATIENCE)
    turns.submit(Step(ran.clear), "other")
    eventually(lambda: not ran.is_set())
    gate.set()
    pool.close()
    assert not pool.join(PATIENCE)


def test_who_has_no_name_may_have_all() -> None:
    pool, both = ThreadPool(2, SILENT), threading.Barrier(2)
    turns = Turns(pool, 2, 1)
    for _ in range(2):
        turns.submit(Step(both.wait, PATIENCE), "")
    pool.close()
    assert not pool.join(PATIENCE)
    assert not both.broken


def test_after_the_end_what_was_accepted_runs_and_nothing_else() -> None:
    pool, gate, ran = ThreadPool(1, SILENT), threading.Event(), list[int]()
    turns = Turns(pool, 1)
    turns.submit(Step(gate.wait, PATIENCE), "a")
    turns.submit(Step(ran.append, 1), "b")
    pool.close()
    with pytest.raises(ShuttingDown):
        turns.submit(Step(ran.append, 2), "c")
    gate.set()
    assert not pool.join(PATIENCE)
    assert ran == [1]


def test_what_takes_too_long_is_given_up_and_others_run() -> None:
    pool, gate, ran = ThreadPool(1, SILENT), threading.Event(), threading.Event()
    turns, stuck = Turns(pool, 1), Step(gate.wait, PATIENCE)
    turns.submit(stuck, "a")
    turns.submit(Step(ran.set), "b")
    turns.end_overdue(1000)
    assert stuck.error is None
    assert not ran.is_set()

    def given_up() -> BaseException | None:
        turns.end_overdue(0)
        return stuck.error

    eventually(given_up)
    assert isinstance(stuck.error, Overloaded)
    assert ran.wait(PATIENCE)
    # A second one that is stuck is waited for: each that is left behind takes a processor.
    again, after = Step(gate.wait, PATIENCE), threading.Event()
    turns.submit(again, "a")
    turns.submit(Step(after.set), "b")
    turns.end_overdue(0)
    assert again.error is None
    gate.set()
    assert after.wait(PATIENCE)
    pool.close()
    assert not pool.join(PATIENCE)


def test_where_no_thread_is_to_be_had_all_are_given_up_and_the_old_ones_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, gate = ThreadPool(2, SILENT), threading.Event()
    turns, stuck = Turns(pool, 2), [Step(gate.wait, PATIENCE) for _ in range(2)]
    for number, step in enumerate(stuck):
        turns.submit(step, str(number))

    def no_thread(_runner: TaskRunner) -> None:
        raise RuntimeError("can't start new thread")

    def given_up() -> bool:
        turns.end_overdue(0)
        return all(step.error for step in stuck)

    with monkeypatch.context() as patch:
        patch.setattr(TaskRunner, "start", no_thread)
        eventually(given_up)
    gate.set()
    together = threading.Barrier(3)  # both threads take tasks as before
    for number in range(2):
        turns.submit(Step(together.wait, PATIENCE), str(number))
    together.wait(PATIENCE)
    pool.close()
    assert not pool.join(PATIENCE)


def test_without_threads_a_task_runs_at_once() -> None:
    pool, ran = ThreadPool(0, SILENT), list[int]()
    turns = Turns(pool, 1)
    for number in range(3):
        turns.submit(Step(ran.append, number), "a")
    assert ran == [0, 1, 2]
