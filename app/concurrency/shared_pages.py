"""Pages that many ask for at the same moment, and that are made once for all of them."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import NamedTuple

from app.concurrency.cache import BoundedCache

_MOST_BYTES = 8 * 2**20


class Page(NamedTuple):
    """A page as bytes, the state of things that it tells, and when its making began.

    Things are looked at after `began`, on the monotonic clock, and `state` before the rest.
    """

    began: float
    state: str
    body: bytes


class SharedPages:
    """The latest pages, by what was asked."""

    def __init__(self) -> None:
        self._made = BoundedCache[Page](_MOST_BYTES)
        # Guards who makes a page; not held while it is made.
        self._lock = threading.Lock()
        self._making: dict[Hashable, Future[None]] = {}

    def known(self, asked: Hashable, since: float, state: str) -> bytes | None:
        """Return a page that tells how things stand: begun since a time, or of this state."""
        page = self._made.get(asked)
        fits = page is not None and (page.began >= since or page.state == state)
        return page.body if page is not None and fits else None

    def page(self, asked: Hashable, since: float, make: Callable[[], tuple[str, bytes]]) -> bytes:
        """Return a page that was begun since a time; `make` returns its state and bytes.

        Blocks while another thread makes it, and raises what `make` raises there.
        """
        own = Future[None]()
        while True:
            with self._lock:
                page = self._made.get(asked)
                if page is not None and page.began >= since:
                    return page.body
                made = self._making.setdefault(asked, own)
            if made is own:
                return self._make(asked, own, make)
            made.result()  # what was begun too early is not taken, but made again

    def _make(
        self, asked: Hashable, future: Future[None], make: Callable[[], tuple[str, bytes]]
    ) -> bytes:
        began = time.monotonic()
        try:
            state, body = make()
            self._made.put(asked, Page(began, state, body), len(body))
        except BaseException as error:
            self._ended(asked)
            future.set_exception(error)
            raise
        self._ended(asked)
        future.set_result(None)
        return body

    def _ended(self, asked: Hashable) -> None:
        with self._lock:
            del self._making[asked]
