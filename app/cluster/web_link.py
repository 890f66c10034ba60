"""The way to Redis from a web process: from its event loop, and from its threads."""

import logging
from collections.abc import Sequence
from typing import Any

from app.cluster import greenlets
from app.cluster.async_connection import AsyncConnection
from app.cluster.link import Command, Link


class WebLink(Link):
    """A Link on which plain functions that were called on the loop wait without a thread."""

    def __init__(
        self, url: str, seconds: float, log: logging.Logger, *, power: bool = False
    ) -> None:
        super().__init__(url, seconds, log, power=power)
        self._async_connection = AsyncConnection(url, seconds, self.first_commands)

    def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        if greenlets.can_wait():
            return greenlets.wait(self._async_connection.ask_all(commands))
        return super()._exchange(commands)
