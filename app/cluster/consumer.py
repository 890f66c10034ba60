"""Celery's consumer, which reconnects to Redis soon, and notices a connection that is stuck."""

import logging
import time
import warnings
from collections.abc import Callable
from typing import Any

from celery.exceptions import CPendingDeprecationWarning
from celery.worker import state
from celery.worker.consumer import Consumer
from redis.exceptions import ConnectionError as RedisConnectionError

_log = logging.getLogger(__name__)

# Celery tries after 2 seconds, then 4, and so on up to 30. Workers have to be back sooner.
_RETRY_SECONDS = 0.5

# Seconds between two checks whether messages arrive, and how many of them have to fail in a row
# until the connection counts as stuck.
CHECK_SECONDS = 1.0
FAILED_CHECKS = 3


class StuckDetector:
    """Finds out whether messages wait for long in Redis, and none of them arrives."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next_check = 0.0
        self._received = -1
        self._failed_checks = 0

    def is_stuck(self, received: int, busy: bool, messages_wait: Callable[[], bool]) -> bool:
        """Tell whether the connection is stuck, and start to count anew where it is.

        `received` is how many messages have arrived so far; while the worker is `busy`, it takes
        none. `messages_wait` is called once for each check, as it asks Redis.
        """
        now = self._clock()
        if now < self._next_check:
            return False
        self._next_check = now + CHECK_SECONDS
        idle = received == self._received and not busy
        self._received = received
        self._failed_checks = self._failed_checks + 1 if idle and messages_wait() else 0
        if self._failed_checks < FAILED_CHECKS:
            return False
        self._failed_checks = 0
        return True


class ReconnectingConsumer(Consumer):  # type: ignore[misc]
    """A consumer that tries to connect every half second, for as long as it takes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._detector = StuckDetector()
        super().__init__(*arguments, **options)

    def ensure_connected(self, conn: Any) -> Any:
        """Return the connection once there is one."""

        def count_attempt(_error: Exception, _interval: float) -> None:
            self.broker_connection_retry_attempt += 1

        return conn.ensure_connection(
            count_attempt,
            None,
            interval_start=_RETRY_SECONDS,
            interval_step=0,
            interval_max=_RETRY_SECONDS,
            callback=_maybe_shutdown,
        )

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Close a connection that broke."""
        try:
            with warnings.catch_warnings():
                # It warns that tasks are not cancelled. That is meant: they are safe to run twice.
                warnings.simplefilter("ignore", CPendingDeprecationWarning)
                super().on_connection_error_after_connected(exc)
        except Exception as error:  # noqa: BLE001
            # While Redis is down, kombu cannot give back messages on a connection that it has
            # closed (AttributeError), which would end the worker. They are not needed: the janitor
            # finds their jobs.
            _log.warning("closing the connection: %r", error)

    def register_with_event_loop(self, hub: Any) -> None:
        """Check from time to time whether messages arrive."""
        super().register_with_event_loop(hub)
        hub.on_tick.add(self._check_connection)

    def _check_connection(self) -> None:
        """Raise RedisConnectionError where the connection is stuck; then Celery reconnects.

        A request to Redis that the network has lost is never sent again otherwise.
        """
        if self.task_consumer is None:
            return
        received, busy = sum(state.total_count.values()), bool(state.reserved_requests)
        if self._detector.is_stuck(received, busy, self._messages_wait):
            raise RedisConnectionError("messages wait, and none arrives")

    def _messages_wait(self) -> bool:
        channel = self.task_consumer.channel
        with channel.conn_or_acquire() as client:
            return any(client.llen(queue.name) for queue in self.task_consumer.queues)


def _maybe_shutdown() -> None:
    # Imported late, as Celery does it: it needs state that the worker sets up late.
    from celery.worker.state import maybe_shutdown

    maybe_shutdown()
