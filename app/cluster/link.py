"""The way to Redis: each call within its time, and one clear error where it fails.

Once Redis did not answer it counts as down: calls fail at once, instead of each waiting in turn,
until a thread that asks now and then has got an answer.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    RedisError,
)
from redis.exceptions import (
    ConnectionError as NoConnection,
)
from redis.exceptions import (
    TimeoutError as NoAnswerInTime,
)
from redis.retry import Retry

from app.errors import StoreUnavailable

T = TypeVar("T")

# Seconds from try to try while Redis is down.
_TRY_AGAIN = 0.25

NO_AOF = (
    "Redis does not keep what it is told on disk: set `appendonly yes` there (docs/scaling.md);"
    " without it, accepted jobs would be lost with its process"
)


class NotPersistent(NoConnection):
    """A Redis that may forget what it has accepted."""


class Link:
    """A client of one Redis, and whether it is down. May be used from any thread."""

    def __init__(self, url: str, seconds: float, log: logging.Logger) -> None:
        """Redis at `url` has so many seconds to take a connection, and for each answer."""
        self._log = log
        # No command is sent twice by the library: it might be carried out twice.
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=_connect,
            protocol=2,
            max_connections=1000,
        )
        place = self.client.connection_pool.connection_kwargs
        self.database = int(place.get("db") or 0)
        self.place = f"{place.get('host')}:{place.get('port')}/{self.database}"
        # Guards the two fields below; not held while calling out.
        self._lock = threading.Lock()
        self._trouble = ""  # why Redis counts as down
        self._closed = threading.Event()

    @property
    def trouble(self) -> str:
        """Why Redis counts as down; empty where it does not."""
        return self._trouble

    def check(self) -> None:
        """Raise StoreUnavailable where Redis counts as down."""
        if self._trouble:
            raise StoreUnavailable(self._trouble)

    def call(self, ask: Callable[["redis.Redis"], T]) -> T:
        """Return what `ask` returns, given the client; raise StoreUnavailable where it fails.

        Whether a command that failed was carried out is not known.
        """
        self.check()
        try:
            return ask(self.client)
        except (NoConnection, NoAnswerInTime, BusyLoadingError) as error:
            reason = self._reason(error)
            self._mark_down(reason)
            raise StoreUnavailable(reason) from error
        except RedisError as error:  # a full disk (MISCONF), no memory (OOM), a replica (READONLY)
            reason = f"Redis refused: {str(error)[:200]}"
            self._log.error("%s", reason)
            raise StoreUnavailable(reason) from error

    def connect(self, seconds: float) -> None:
        """Wait until Redis answers, at most so long; raise StoreUnavailable where it does not."""
        give_up = threading.Event()
        timer = threading.Timer(seconds, give_up.set)
        timer.start()
        try:
            while True:
                try:
                    self.client.ping()
                    return
                except (NotPersistent, AuthenticationError) as error:
                    raise StoreUnavailable(self._reason(error)) from error
                except RedisError as error:
                    if give_up.wait(_TRY_AGAIN):
                        raise StoreUnavailable(self._reason(error)) from error
        finally:
            timer.cancel()

    def stop_trying(self) -> None:
        """Have no thread try again where Redis is down. Can be repeated."""
        self._closed.set()

    def _reason(self, error: Exception) -> str:
        if isinstance(error, NotPersistent):
            return NO_AOF
        if isinstance(error, AuthenticationError):
            return f"Redis at {self.place} does not take the password"
        if isinstance(error, BusyLoadingError):
            return f"Redis at {self.place} is reading its data"
        if isinstance(error, NoAnswerInTime):
            return f"Redis at {self.place} does not answer"
        return f"Redis at {self.place} cannot be reached"

    def _mark_down(self, reason: str) -> None:
        with self._lock:
            known, self._trouble = bool(self._trouble), reason
        if not known:
            self._log.error("%s; trying again", reason)
            threading.Thread(target=self._until_up, name="Redis", daemon=True).start()

    def _until_up(self) -> None:
        while not self._closed.wait(_TRY_AGAIN):
            try:
                # Those that are open may be of the process that died.
                self.client.connection_pool.disconnect(inuse_connections=False)
                self.client.ping()
            except RedisError as error:
                self._trouble = self._reason(error)
                continue
            self._log.info("Redis at %s answers again", self.place)
            with self._lock:
                self._trouble = ""
            return


def _connect(connection: Any) -> None:
    """Open a connection, and look that what is told on it is kept.

    A Redis that was started anew, without its file perhaps, is met on a new connection.
    """
    connection.on_connect()
    connection.send_command("INFO", "persistence")
    told = connection.read_response()
    if b"loading:1" in told:  # it says that it has no AOF as long as it reads that
        raise BusyLoadingError
    if b"aof_enabled:0" in told:
        raise NotPersistent(NO_AOF)
