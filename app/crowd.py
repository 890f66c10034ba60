"""Work of which only so much is done at a time, and the rest refused."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Overloaded


class Crowd:
    """Places for so many; raises Overloaded, with `what` there is too much of, for one more."""

    def __init__(self, most: int, what: str) -> None:
        self._what = what
        self._places = threading.Semaphore(most)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Have a place for the length of a with block."""
        if not self._places.acquire(blocking=False):
            raise Overloaded(f"{self._what}; try again in a moment")
        try:
            yield
        finally:
            self._places.release()
