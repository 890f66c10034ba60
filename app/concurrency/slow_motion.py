"""Slow motion: each step of a job takes a while, or waits until somebody lets it be taken.

Only a server that is started with `--teach` has one (`threads/teaching.py`).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

# Threads of requests that may be held up at a time; further ones go on, so that some always serve.
MOST_HELD = 32


@dataclass(slots=True, eq=False)
class _Turn:
    """A thread that is about to take a step; whoever puts an item into `gate` lets it go on."""

    thread: str
    step: str
    number: int
    gate: "SimpleQueue[None]" = field(default_factory=SimpleQueue)

    def as_data(self) -> dict[str, Any]:
        job_id = f"job_id_{self.number}" if self.number else None
        return {"thread": self.thread, "step": self.step, "job_id": job_id}


class SlowMotion:
    """Holds up threads before their steps."""

    def __init__(self, is_runner: Callable[[], bool]) -> None:
        """`is_runner` tells whether the calling thread is one that runs jobs."""
        self._is_runner = is_runner
        # Guards the fields below. Who is held up waits for an item of its own, without the lock.
        self._lock = threading.Lock()
        self._seconds = 0.0  # that a step takes
        self._paused = False
        self._over = False  # whether nobody is held up any more
        self._turns: list[_Turn] = []  # in the order in which they came
        self._changes = 0

    def step(self, name: str, number: int = 0) -> None:
        """Return when the calling thread may take a step, of a job or of none."""
        turn = _Turn(threading.current_thread().name, name, number)
        with self._lock:
            if self._over or not (self._paused or self._seconds):
                return
            if not self._is_runner() and len(self._turns) >= MOST_HELD:
                return
            self._turns.append(turn)
            self._changes += 1
            seconds = None if self._paused else self._seconds
        while True:
            try:
                turn.gate.get(timeout=seconds)
                return  # whoever let it go on has taken it off the list
            except Empty:
                with self._lock:
                    if turn not in self._turns:
                        return
                    if not self._paused:  # else it waits for somebody
                        self._remove(turn)
                        return
                seconds = None

    def change(
        self,
        *,
        milliseconds: int | None = None,
        paused: bool | None = None,
        thread: str | None = None,
    ) -> bool:
        """Change how long a step takes, pause or resume, and let a thread take one step.

        `thread` is its name, empty for the one that has waited longest. Returns False, and has
        changed nothing, where no such thread is held up.
        """
        with self._lock:
            released = [turn for turn in self._turns if thread in ("", turn.thread)][:1]
            if thread is not None and not released:
                return False
            if milliseconds is not None:
                self._seconds = milliseconds / 1e3
            if paused is not None:
                self._paused = paused
            if not self._paused and (milliseconds is not None or paused is not None):
                released = self._turns  # what they waited for is not so any more
            self._changes += 1
            self._release(released)
            return True

    def end(self) -> None:
        """Hold up nobody any more."""
        with self._lock:
            self._over = True
            self._release(self._turns)

    def _release(self, turns: list[_Turn]) -> None:
        for turn in list(turns):
            self._remove(turn)
            turn.gate.put(None)

    def _remove(self, turn: _Turn) -> None:
        self._turns.remove(turn)
        self._changes += 1

    @property
    def changes(self) -> int:
        """A number that goes up with each change."""
        with self._lock:
            return self._changes

    def as_data(self) -> dict[str, Any]:
        """Return how things stand."""
        with self._lock:
            return {
                "step_ms": round(self._seconds * 1e3),
                "paused": self._paused,
                "waiting": [turn.as_data() for turn in self._turns],
                "changes": self._changes,
            }
