"""Celery's consumer, which bears with a Redis that is away, and asks for it often."""

import logging
import time
import warnings
from typing import Any

from celery.exceptions import CPendingDeprecationWarning
from celery.worker import state
from celery.worker.consumer import Consumer
from redis.exceptions import ConnectionError as NoConnection

_log = logging.getLogger(__name__)

# Celery asks after 2 seconds, then 4, and so on up to 30; workers shall be back sooner than that.
_TRY_AGAIN = 0.5

# Seconds from look to look whether messages arrive, and looks that show the same until that is
# taken for a fault.
_LOOK = 1.0
_SAME_LOOKS = 3


class ReconnectingConsumer(Consumer):  # type: ignore[misc]
    """A consumer that tries to connect every half second, for as long as it takes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._look_at = 0.0
        self._same_looks = 0
        self._taken = -1
        super().__init__(*arguments, **options)

    def ensure_connected(self, conn: Any) -> Any:
        """Return the connection once there is one."""

        def tell(_error: Exception, _interval: float) -> None:
            self.broker_connection_retry_attempt += 1

        return conn.ensure_connection(
            tell,
            None,
            interval_start=_TRY_AGAIN,
            interval_step=0,
            interval_max=_TRY_AGAIN,
            callback=_maybe_shutdown,
        )

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of a connection that broke."""
        try:
            with warnings.catch_warnings():
                # That tasks are not cancelled then, which is meant: they are safe to run twice.
                warnings.simplefilter("ignore", CPendingDeprecationWarning)
                super().on_connection_error_after_connected(exc)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # While Redis is down, kombu cannot give back messages on a connection that it has
            # closed (AttributeError), which would end the worker. They are not needed: their jobs
            # are found without them.
            _log.warning("letting go of the connection: %r", error)

    def register_with_event_loop(self, hub: Any) -> None:
        """Look from time to time whether messages arrive."""
        super().register_with_event_loop(hub)
        hub.on_tick.add(self._look)

    def _look(self) -> None:
        """Raise NoConnection where messages wait for long and none is taken: then it reconnects.

        A question to Redis that got lost with the network is never asked again otherwise.
        """
        now = time.monotonic()
        if now < self._look_at or self.task_consumer is None:
            return
        self._look_at = now + _LOOK
        taken = sum(state.total_count.values())
        idle = taken == self._taken and not state.reserved_requests
        self._taken = taken
        self._same_looks = self._same_looks + 1 if idle and self._messages_wait() else 0
        if self._same_looks >= _SAME_LOOKS:
            self._same_looks = 0
            raise NoConnection("messages wait, and none arrives")

    def _messages_wait(self) -> bool:
        channel = self.task_consumer.channel
        with channel.conn_or_acquire() as client:
            return any(client.llen(queue.name) for queue in self.task_consumer.queues)


def _maybe_shutdown() -> None:
    # Imported here, as Celery does it: it asks for state that the worker sets up late.
    from celery.worker.state import maybe_shutdown

    maybe_shutdown()
