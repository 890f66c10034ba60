"""How much one client may ask in a while. The library `limits` counts."""

import time
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from app.errors import RateLimited
from app.messages.message import Message

if TYPE_CHECKING:
    from limits.storage import Storage


class Rate:
    """A rate that each client has."""

    def __init__(self, name: str, text: str, storage: "Storage", reason: Message) -> None:
        """`name` is what it is of; `text` the rate, as `600/minute`; `storage` counts.

        `reason` says that it is used up.
        """
        # Imported here: a server that is not public starts without it.
        from limits import parse
        from limits.strategies import FixedWindowRateLimiter

        self._name = name
        self._reason = reason
        self._item = parse(text)
        self._limiter = FixedWindowRateLimiter(storage)

    def count(self, client: str, cost: int = 1) -> None:
        """Count a request of a client; raise RateLimited where it is one too many."""
        if self._limiter.hit(self._item, self._name, client, cost=cost):
            return
        until, _ = self._limiter.get_window_stats(self._item, self._name, client)
        most, window = self._item.amount, self._item.get_expiry()
        # Never longer than that, whatever was done to a clock meanwhile.
        seconds = min(window, max(1, ceil(until - time.time())))
        raise RateLimited(
            self._reason(most=most, window=window, seconds=seconds),
            seconds,
            f'"{self._name}";q={most};w={window}',
            f'"{self._name}";r=0;t={seconds}',
        )


class Stranger(NamedTuple):
    """The client of a request, who has no token, and what it may ask; None is as much as it likes.

    `requests` are all, `computations` those of them that are not answered from memory.
    """

    name: str
    requests: Rate | None
    computations: Rate | None

    def ask(self) -> None:
        """Count a request; raise RateLimited where it is one too many."""
        if self.requests is not None:
            self.requests.count(self.name)

    def compute(self, cost: int = 1) -> None:
        """Count what has to be computed; raise RateLimited where it is too much."""
        if self.computations is not None:
            self.computations.count(self.name, cost)

    def count_computed(self, cost: int) -> None:
        """Count what turned out to cost more when it was computed: later ones may be too much."""
        if cost:
            with suppress(RateLimited):
                self.compute(cost)
