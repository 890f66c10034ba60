"""Waiting for a change: all are woken soon, few at a time, and nobody waits for what cannot be."""

import threading
import time
from collections import Counter
from itertools import pairwise

import pytest

from app.concurrency.changes import Changes, Watcher
from app.concurrency.wait import Wait
from unittests.helpers.waiting import PATIENCE, eventually


class Place:
    """Watchers of one Changes, whose first look is taken once all are there."""

    def __init__(self, count: int, *, questions: int = 1) -> None:
        self.state = "new"
        self.made: Counter[str] = Counter()
        self.woken: list[Watcher[str]] = []
        self.pauses: list[tuple[float, int]] = []  # and how many were woken before each
        self.all_there = threading.Event()
        self.changes = Changes[str](lambda: self.state, self.make, self.sleep)
        for number in range(count):
            self.watch(f"question {number % questions}")
        self.all_there.set()

    def make(self, asked: str) -> bytes:
        """Answer a question."""
        self.made[asked] += 1
        return f"answer to {asked}".encode()

    def sleep(self, seconds: float) -> None:
        """Take hardly any time."""
        assert self.all_there.wait(PATIENCE)
        self.pauses.append((seconds, len(self.woken)))
        time.sleep(0.001)

    def watch(self, asked: str, known: str = "known") -> Watcher[str]:
        """Add a watcher."""
        watcher = Watcher(Wait(1), known, asked)

        def wake() -> None:
            self.woken.append(watcher)
            watcher.wait.close()

        watcher.wait.when_over(wake)
        self.changes.watch(watcher)
        return watcher


@pytest.mark.parametrize("count", [1, 5, 40, 151, 2000])
def test_however_many_watch_all_are_woken_within_about_a_second(count: int) -> None:
    place = Place(count)
    eventually(lambda: len(place.woken) == count)
    between = [(seconds, woken) for seconds, woken in list(place.pauses) if 0 < woken < count]
    assert sum(seconds for seconds, _ in between) <= 1
    steps = [0, *(woken for _, woken in between), count]
    together = [later - earlier for earlier, later in pairwise(steps)]
    assert max(together) <= max(5, count / 25)


def test_an_answer_is_made_once_for_all_who_ask_for_it_and_the_rarest_last() -> None:
    place = Place(0)
    place.all_there.clear()
    for asked in ("rare", *["usual"] * 20, "other", *["usual"] * 20):
        place.watch(asked)
    place.all_there.set()
    eventually(lambda: len(place.woken) == 42)
    assert place.made == {"rare": 1, "usual": 1, "other": 1}
    assert {watcher.asked for watcher in place.woken[:40]} == {"usual"}
    assert all(watcher.answer == f"answer to {watcher.asked}".encode() for watcher in place.woken)


def test_who_knows_the_state_waits_on() -> None:
    place = Place(0)
    knows = place.watch("question", known="new")
    other = place.watch("question")
    eventually(lambda: place.woken)
    assert place.woken == [other]
    place.state = "newer"
    eventually(lambda: len(place.woken) == 2)
    assert knows.answer == b"answer to question"


def test_the_thread_ends_when_nobody_waits_and_begins_again() -> None:
    def threads() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "Changes"]

    others = threads()  # of other tests
    place = Place(3)
    eventually(lambda: len(place.woken) == 3)
    eventually(lambda: not set(threads()) - set(others))
    place.watch("question")
    eventually(lambda: len(place.woken) == 4)


def test_nobody_waits_for_what_cannot_be_found_out_or_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: object) -> bytes:
        raise OSError

    def woken(changes: Changes[str]) -> Watcher[str]:
        watcher, over = Watcher(Wait(1), "known", "question"), threading.Event()
        watcher.wait.when_over(over.set)
        changes.watch(watcher)
        assert over.wait(PATIENCE)
        watcher.wait.close()
        return watcher

    assert woken(Changes(lambda: str(fail()), lambda _: b"answer")).answer == b"answer"
    assert woken(Changes(lambda: "new", fail)).answer is None

    def no_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        changes = Changes[str](lambda: "known", lambda _: b"answer")
        assert woken(changes).answer is None
    # Who comes later finds one again.
    assert woken(Changes(lambda: "new", lambda _: b"answer")).answer == b"answer"
