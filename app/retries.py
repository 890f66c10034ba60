"""When a request is sent again: the pauses, the clock, and what is read of a failure."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

_LONGEST_ASKED = 10**9  # seconds; urllib3 would cut what is longer than six hours
_AT_ONCE = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """Pauses between tries, in seconds, and the clock that they are measured by.

    `first` bounds the first pause, and each one after it is bounded by twice as much, up to
    `longest`. `most_asked` bounds a pause that the server asks for. A try fails when a connection
    takes longer than `connect`, or when the server is silent for `silence` (beyond what it was
    asked to wait).
    """

    first: float = 0.25
    longest: float = 10.0
    most_asked: float = 60.0
    connect: float = 5.0
    silence: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def pause(self, failures: int, asked: float | None = None) -> float:
        """Return how long to wait after so many failures in a row.

        What the server asks for, else anything up to the bound (full jitter), so that many who
        failed together do not come back together.
        """
        if asked is not None:
            return min(asked, self.most_asked)
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30)) * self.chance()

    def is_at_once(self, began: float) -> bool:
        """Tell whether an answer that says "running" came too soon to have been waited for.

        So it is where as many requests wait as may: who asks again at once would ask for ever.
        """
        return self.clock() - began < _AT_ONCE


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds that a Retry-After header asks for, given as such or as a date."""
    try:
        text = response.headers["Retry-After"]
        return Retry(retry_after_max=_LONGEST_ASKED).parse_retry_after(text)
    except (KeyError, InvalidHeader, ValueError, OverflowError):
        return None


def root_cause(error: BaseException) -> str:
    """Return the innermost of the causes of a failed request: it says it in the fewest words."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(inner, BaseException):
            return str(getattr(error, "strerror", None) or error)[:200]
        error = inner
