"""Celery's consumer, which bears with a Redis that is away, and asks for it often."""

import logging
from typing import Any

from celery.worker.consumer import Consumer

_log = logging.getLogger(__name__)

# Celery asks after 2 seconds, then 4, and so on up to 30; workers shall be back sooner than that.
_TRY_AGAIN = 0.5


class PatientConsumer(Consumer):  # type: ignore[misc]
    """A consumer that tries to connect every half second, for as long as it takes."""

    def ensure_connected(self, conn: Any) -> Any:
        """Return the connection once there is one."""

        def tell(error: Exception, interval: float) -> None:
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
            super().on_connection_error_after_connected(exc)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # While Redis is down, kombu cannot give back messages on a connection that it has
            # closed (AttributeError), which would end the worker. They are not needed: their jobs
            # are found without them.
            _log.warning("letting go of the connection: %r", error)


def _maybe_shutdown() -> None:
    # Imported here, as Celery does it: it asks for state that the worker sets up late.
    from celery.worker.state import maybe_shutdown

    maybe_shutdown()
