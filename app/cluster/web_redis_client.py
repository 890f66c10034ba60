"""The Redis client of a web process, for its event loop as well as for its threads."""

import logging
from collections.abc import Sequence
from typing import Any

from app.cluster import greenlets
from app.cluster.async_connection import AsyncConnection
from app.cluster.redis_client import Command, RedisClient


class WebRedisClient(RedisClient):
    """A RedisClient that waits in a greenlet where it is called on the event loop."""

    def __init__(
        self, url: str, seconds: float, log: logging.Logger, *, power: bool = False
    ) -> None:
        super().__init__(url, seconds, log, power=power)
        self._async_connection = AsyncConnection(url, seconds, self.setup_commands)

    def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        if greenlets.can_wait():
            return greenlets.wait(self._async_connection.execute_all(commands))
        return super()._exchange(commands)
