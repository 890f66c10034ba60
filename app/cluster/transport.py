"""Celery's way to Redis, by which messages still go to workers when the memory of Redis is full.

Then Redis refuses commands that may take memory, and all within MULTI, but for scripts that say
that they are to run nevertheless. A job was accepted while there was room, so its message has to
pass.
"""

from contextlib import suppress
from typing import Any

from kombu.transport import redis
from kombu.utils.json import dumps
from redis.exceptions import OutOfMemoryError

from app.cluster.scripts import ALWAYS

_PUT = f"{ALWAYS}return redis.call('LPUSH', ARGV[1], ARGV[2])"


class Channel(redis.Channel):
    """A channel whose messages have no priorities, and do not expire."""

    # Redis does not keep messages until they are acknowledged: the janitor finds the jobs of those
    # that are lost.
    ack_emulation = False

    def _size(self, queue: str) -> Any:
        with self.conn_or_acquire() as client:
            return client.llen(queue)

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        with self.conn_or_acquire() as client:
            client.eval(_PUT, 0, queue, dumps(message))  # type: ignore[no-untyped-call]

    def _queue_bind(self, *binding: str) -> None:
        # Messages go to queues by name: bindings are for who controls workers, as Flower does.
        with suppress(OutOfMemoryError):
            super()._queue_bind(*binding)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """The transport that has such channels."""

    Channel = Channel
