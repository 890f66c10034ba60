"""Counts requests of clients in Redis, for the library `limits`: once for all web processes.

Its own storage for Redis would keep the event loop waiting for each answer, which the client of
this program does not.
"""

import time
from contextlib import suppress

from app.cluster.keys import COUNT
from app.cluster.redis_client import RedisClient
from app.concurrency.rate_storage import MemoryRateStorage
from app.errors import StoreUnavailable


class RedisRateStorage(MemoryRateStorage):
    """Counts in Redis; while it is down, in the memory of this process."""

    def __init__(self, redis: RedisClient) -> None:
        super().__init__()
        self._redis = redis

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count up and return how many there are; the first is forgotten after so many seconds."""
        with suppress(StoreUnavailable):
            return int(self._redis.run_script("count_request", key, expiry, amount))
        return super().incr(key, expiry, amount)

    def get(self, key: str) -> int:
        """Return how many there are."""
        with suppress(StoreUnavailable):
            return int(self._redis.execute("GET", f"{COUNT}{key}") or 0)
        return super().get(key)

    def get_expiry(self, key: str) -> float:
        """Return until when they count."""
        with suppress(StoreUnavailable):
            return time.time() + max(0, int(self._redis.execute("TTL", f"{COUNT}{key}")))
        return super().get_expiry(key)
