"""The connections of the HTTP server: how many there may be, and how long each may take."""

import asyncio
import time
from collections.abc import Iterator
from email.utils import formatdate
from itertools import chain
from typing import TYPE_CHECKING

from app.concurrency.deadlines import Deadlines

if TYPE_CHECKING:
    from app.http.connection import Connection

# For a client to read the last answer on a connection, and to close that; while it reads, it may
# take longer.
_LAST_SECONDS = 30.0
# Bodies of megabytes that are read at a time; the others wait for their turn to be read.
_LARGE_BODIES = 32


class Connections:
    """All connections. Lives on one event loop, so it needs no lock.

    Where there are too many, one goes on which nothing is being answered and all was read: one of a
    stranger, who has never sent a request that the server takes, before one of somebody who is
    known. Then go strangers who still read; and where there are none, the newest has no place.
    """

    def __init__(self, most: int, idle_seconds: float, body_seconds: float) -> None:
        """`most` is how many there may be.

        A request has `idle_seconds` to begin and for its headers, and `body_seconds` for its body.
        """
        self.closing = False  # whether responses ask clients to close their connections
        self.idle = Deadlines["Connection"](idle_seconds, lambda one: one.close_unless_read())
        self.bodies = Deadlines["Connection"](body_seconds, lambda one: one.refuse_body())
        self.last = Deadlines["Connection"](_LAST_SECONDS, lambda one: one.close_unless_read())
        self._most = most
        self._strangers: dict[Connection, None] = {}  # the first that came first
        self._known: dict[Connection, None] = {}  # the first that asked longest ago
        self._large: set[Connection] = set()  # whose large bodies are read
        self._queue: dict[Connection, None] = {}  # whose large bodies wait for that
        self.answered = 0  # how many requests were answered, or broke off
        self._answering = 0
        self._date = (0, "")

    def opened(self, one: "Connection") -> None:
        """Take a new connection, and let another go where there are too many, or this one."""
        self._strangers[one] = None
        if len(self._strangers) + len(self._known) > self._most:
            idle = (each for each in self._all() if not (each.is_busy or each.unsent))
            reading = (each for each in self._strangers if not each.is_busy)
            next((each for each in chain(idle, reading) if each is not one), one).close()

    def closed(self, one: "Connection") -> None:
        """Forget a connection that has ended. Can be repeated."""
        self._strangers.pop(one, None)
        self._known.pop(one, None)
        self.end_large_body(one)
        for deadlines in (self.idle, self.bodies, self.last):
            deadlines.stop(one)

    def note_known(self, one: "Connection") -> None:
        """Note that the client of a connection may ask this server."""
        if one in self._known:
            del self._known[one]
        elif one in self._strangers:
            del self._strangers[one]
        else:
            return  # it has left
        self._known[one] = None  # the last of them to go

    def begin_large_body(self, one: "Connection") -> bool:
        """Tell whether a large body may be read now; where not, `read_on` is called later.

        Can be repeated.
        """
        if one not in self._large:
            if self._queue or len(self._large) == _LARGE_BODIES:
                self._queue[one] = None
                return False
            self._large.add(one)
        return True

    def is_queued(self, one: "Connection") -> bool:
        """Tell whether the large body of a connection waits for its turn."""
        return one in self._queue

    def end_large_body(self, one: "Connection") -> None:
        """Note that a large body was read, or will not be, and let the next one be read."""
        self._queue.pop(one, None)
        if one in self._large:
            self._large.remove(one)
            if self._queue:
                following = next(iter(self._queue))
                del self._queue[following]
                self._large.add(following)
                asyncio.get_running_loop().call_soon(following.read_on)

    def begin(self) -> None:
        """Note that a request is being answered."""
        self._answering += 1

    def end(self) -> None:
        """Note that its answer is on its way."""
        self._answering -= 1
        self.answered += 1

    def note_answer(self) -> None:
        """Note that a request was answered at once."""
        self.answered += 1

    @property
    def is_quiet(self) -> bool:
        """Whether no request is being read or answered."""
        return not (self._answering or len(self.bodies))

    @property
    def is_at_work(self) -> bool:
        """Whether an answer is being made, or waited for, whose client takes what is sent."""
        return any(one.is_busy and not one.unsent for one in self._all())

    def unsent(self) -> int:
        """Return how many bytes of answers the clients have not taken yet."""
        return sum(one.unsent for one in self._all())

    def _all(self) -> "Iterator[Connection]":
        return chain(self._strangers, self._known)

    def date(self) -> str:
        """Return the time as responses tell it."""
        now = int(time.time())
        if self._date[0] != now:
            self._date = now, formatdate(now, usegmt=True)
        return self._date[1]
