"""Counts requests of clients in memory, for the library `limits`."""

import threading
import time
from collections import OrderedDict

from limits.storage import Storage

# Clients that are counted at a time: some 30 MB. A client of IPv6 may have many networks.
_MOST = 100_000


class _Count:
    """How often, and until when that counts, on the monotonic clock: that is never put back."""

    __slots__ = ("number", "until")

    def __init__(self, number: int, until: float) -> None:
        self.number = number
        self.until = until


class MemoryRateStorage(Storage):
    """Counts in bounded memory: where there are too many clients, the first of them go.

    The storage in memory that `limits` has keeps everybody, looks at all of them from a thread of
    its own, and starts a new one each time.
    """

    def __init__(self, most: int = _MOST) -> None:
        super().__init__()
        self._most = most
        # Guards the field below. Nobody waits on it.
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors that it may raise, of which there are none of its own."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up and return how many there are; the first is forgotten after so many seconds."""
        now = time.monotonic()
        with self._lock:
            count = self._counts.get(key)
            if count is not None and count.until > now:
                count.number += amount
                return count.number
            self._counts[key] = _Count(amount, now + expiry)
            self._counts.move_to_end(key)
            self._forget(now)
            return amount

    def _forget(self, now: float) -> None:
        """Forget the oldest where their time is over, or there are too many. The lock is held."""
        while self._counts:
            key, count = next(iter(self._counts.items()))
            if count.until > now and len(self._counts) <= self._most:
                return
            del self._counts[key]

    def get(self, key: str) -> int:
        """Return how many there are."""
        with self._lock:
            count = self._counts.get(key)
            return count.number if count is not None and count.until > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """Return until when they count, in seconds since 1970."""
        with self._lock:
            count = self._counts.get(key)
        return time.time() + (0.0 if count is None else count.until - time.monotonic())

    def check(self) -> bool:
        """Tell whether it works."""
        return True

    def reset(self) -> int:
        """Forget all; return how many there were."""
        with self._lock:
            number = len(self._counts)
            self._counts.clear()
            return number

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._lock:
            self._counts.pop(key, None)
