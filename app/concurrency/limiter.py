"""Limits how many threads do work that takes much of the machine, and how many wait to do it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Overloaded
from app.messages import reasons


class Limiter:
    """So many may work at a time, and so many wait; one more is refused with Overloaded."""

    def __init__(self, working: int, waiting: int) -> None:
        self._inside = threading.Semaphore(working + waiting)
        self._working = threading.Semaphore(working)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it for the length of a with block."""
        if not self._inside.acquire(blocking=False):
            raise Overloaded(reasons.TOO_MANY_LARGE())
        try:
            with self._working:
                yield
        finally:
            self._inside.release()
