"""Waiting for jobs: woken once, and nothing is left behind."""

import threading

import pytest

from app.concurrency.wait import Wait
from app.concurrency.watches import Watches
from unittests.helpers.waiting import PATIENCE


def test_a_closed_wait_frees_its_place_once() -> None:
    freed: list[str] = []
    wait = Wait(1)
    wait.when_closed(lambda: freed.append("place"))
    wait.close()
    wait.close()
    assert freed == ["place"]


def test_a_wait_is_over_once_however_often_it_is_woken() -> None:
    calls: list[str] = []
    wait = Wait(2)
    wait.when_over(lambda: calls.append("over"))
    wait.ended()
    assert not calls
    wait.wake()
    wait.wake()
    wait.ended()
    assert calls == ["over"]
    wait.when_over(lambda: calls.append("at once"))
    assert calls == ["over", "at once"]


def test_a_thread_sleeps_until_the_wait_is_over() -> None:
    wait = Wait(1)
    sleeper = threading.Thread(target=wait.sleep, args=(PATIENCE,))
    sleeper.start()
    wait.ended()
    sleeper.join(PATIENCE)
    assert not sleeper.is_alive()
    Wait(0).sleep(PATIENCE)  # nothing is left to wait for
    Wait(1).sleep(0)  # no time is left


def test_who_stopped_waiting_is_not_called_and_leaves_nothing_behind() -> None:
    watches, calls = Watches(), list[str]()
    one, other = watches.watch([1, 2]), watches.watch([1])
    one.when_over(lambda: calls.append("one"))
    other.when_over(lambda: calls.append("other"))
    one.close()
    one.close()
    watches.ended([1, 2])
    watches.ended([1])
    assert calls == ["other"]
    other.close()
    assert not watches.watched()


@pytest.mark.parametrize("closed", [False, True])
def test_who_waits_for_a_change_is_woken_by_a_release(closed: bool) -> None:
    watches, calls = Watches(), list[str]()
    wait = watches.wait_for_change()
    wait.when_over(lambda: calls.append("over"))
    watches.ended([1, 2, 3])
    if closed:
        wait.close()
    watches.release()
    assert calls == ([] if closed else ["over"])
    watches.wait_for_change().when_over(lambda: calls.append("later"))
    assert calls[-1] == "later"
