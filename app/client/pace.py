"""How long the client waits before it tries again, and by what clock."""

import email.utils
import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Pauses between tries, in seconds, and the clock that they are measured by.

    `first` bounds the first pause, and each one after it is bounded by twice as much, up to
    `longest`. `most_asked` bounds a pause that the server asks for. A server that is silent for
    `silence` beyond what it was asked to wait is given up, as is one that takes longer than
    `connect` for a connection.
    """

    first: float = 0.25
    longest: float = 10.0
    most_asked: float = 60.0
    connect: float = 5.0
    silence: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time  # which dates are compared with
    chance: Callable[[], float] = random.random

    def pause(self, failures: int, asked: float | None = None) -> float:
        """Return how long to wait after so many failures in a row.

        What the server asks for, else anything up to the bound (full jitter), so that many who
        failed together do not come back together.
        """
        if asked is not None:
            return min(asked, self.most_asked)
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30)) * self.chance()

    def asked(self, retry_after: str | None) -> float | None:
        """Return the seconds that a Retry-After header asks for, given as such or as a date."""
        text = (retry_after or "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - self.now())
        except (ValueError, OverflowError):
            return None
