"""The way to Redis: each question within its time, and one clear error where it fails.

Once Redis did not answer it counts as down: questions fail at once, instead of each waiting in
turn, until a thread that asks now and then has got an answer.
"""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoScriptError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswerInTime
from redis.retry import Retry

from app.cluster.scripts import Scripts
from app.errors import RedisMissing, SettingsError, StoreUnavailable

# What is asked: a command with its arguments.
Command = Sequence[str | bytes | float]

# Seconds from try to try while Redis is down.
_TRY_AGAIN = 0.25

# Seconds that Redis has to be there when a process starts.
_STARTS = 10.0

NO_AOF = (
    "Redis does not keep what it is told on disk: set `appendonly yes` there (docs/scaling.md);"
    " without it, accepted jobs would be lost with its process"
)

NO_FSYNC = (
    "Redis may lose what it accepted in a power cut: set `appendfsync always` there, or leave out"
    " `--journal power` (docs/scaling.md)"
)


class NotPersistent(NoConnection):
    """A Redis that may forget what it has accepted."""


# After these, a connection and what was asked on it are done with.
BROKEN = (NoConnection, NoAnswerInTime, OSError)


class Link:
    """The connections to one Redis, and whether it is down. May be used from any thread."""

    def __init__(
        self, url: str, seconds: float, log: logging.Logger, *, power: bool = False
    ) -> None:
        """Redis at `url` has so many seconds to take a connection, and for each answer.

        With `power`, one that may lose what it accepted in a power cut is not used.
        """
        self._power = power
        self._log = log
        self._scripts = Scripts()
        # No command is sent twice by the library: it might be carried out twice.
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._on_connect,
            protocol=2,
            max_connections=1000,
        )
        self._pool = self.client.connection_pool
        place = self._pool.connection_kwargs
        self.database = int(place.get("db") or 0)
        self.place = f"{place.get('host')}:{place.get('port')}/{self.database}"
        # Guards the field below where it changes; not held while calling out.
        self._lock = threading.Lock()
        self._trouble = ""  # why Redis counts as down
        self._refusal = ""  # what it refused last, which the log has been told
        self._closed = threading.Event()

    @property
    def trouble(self) -> str:
        """Why Redis counts as down; empty where it does not."""
        return self._trouble

    def check(self) -> None:
        """Raise StoreUnavailable where Redis counts as down."""
        if self._trouble:
            raise StoreUnavailable(self._trouble)

    def ask(self, *command: str | bytes | float) -> Any:
        """Return the answer to a command: bytes, a number, None, or a list of these.

        Raises StoreUnavailable where it fails; whether it was carried out is not known then.
        """
        return self.ask_all([command])[0]

    def run(self, script: str, *arguments: str | bytes | float) -> Any:
        """Return what a script of `lua/` returns, which Redis runs as one step; raises as `ask`."""
        return self.ask("EVALSHA", self._scripts.sha(script), 0, *arguments)

    def ask_all(self, commands: Sequence[Command]) -> list[Any]:
        """Return the answers to commands that go together; raises as `ask` does."""
        self.check()
        try:
            replies = self._exchange(commands)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                # Somebody had Redis forget them; what was asked of them was not carried out.
                self._exchange(self.first_commands())
                replies = [
                    self._exchange([command])[0] if isinstance(reply, NoScriptError) else reply
                    for command, reply in zip(commands, replies, strict=True)
                ]
        except (*BROKEN, RedisError) as error:
            raise self._failed(error) from error
        for reply in replies:
            if isinstance(reply, RedisError):
                raise self._failed(reply) from reply
        return replies

    def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        """Return an answer, or a RedisError, for each command."""
        connection: Any = self._pool.get_connection()
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            replies: list[Any] = []
            for _ in commands:
                try:
                    replies.append(connection.read_response())
                except ResponseError as error:
                    replies.append(error)
            return replies
        except BaseException:
            connection.disconnect()
            raise
        finally:
            self._pool.release(connection)

    def connect(self) -> None:
        """Wait until Redis answers, which may be starting, too; raise RedisMissing if it does not.

        While it reads its data, which may take minutes, the time does not count. Raises
        SettingsError where it answers, but cannot be used as it is set up.
        """
        deadline = time.monotonic() + _STARTS
        while True:
            try:
                self.client.ping()
                return
            except (RedisError, OSError) as error:
                if isinstance(error, NotPersistent | AuthenticationError):
                    raise SettingsError(self._reason(error)) from error
                late = time.monotonic() > deadline
                if late and not isinstance(error, BusyLoadingError):
                    raise RedisMissing(self._reason(error)) from error
            self._closed.wait(_TRY_AGAIN)

    def stop_trying(self) -> None:
        """Have no thread try again where Redis is down. Can be repeated."""
        self._closed.set()

    def _failed(self, error: Exception) -> StoreUnavailable:
        """Take note of what a question met, and return what is told of it."""
        reason = self._reason(error)
        if isinstance(error, BROKEN):
            self._mark_down(reason)
        elif reason != self._refusal:
            self._refusal = reason
            self._log.error("%s", reason)
        return StoreUnavailable(reason)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, NotPersistent):
            return str(error)
        if isinstance(error, AuthenticationError):
            return f"Redis at {self.place} does not take the password"
        if isinstance(error, BusyLoadingError):
            return f"Redis at {self.place} is reading its data"
        if isinstance(error, NoAnswerInTime):
            return f"Redis at {self.place} does not answer"
        if isinstance(error, BROKEN):
            return f"Redis at {self.place} cannot be reached"
        # Its disk is full (MISCONF), or its memory (OOM), or it is a replica (READONLY).
        return f"Redis refused: {str(error).partition(' script: ')[0][:200]}"

    def _mark_down(self, reason: str) -> None:
        with self._lock:
            known, self._trouble = bool(self._trouble), reason
        if not known:
            self._log.error("%s; trying again", reason)
            threading.Thread(target=self._until_up, name="Redis", daemon=True).start()

    def _until_up(self) -> None:
        while not self._closed.is_set():
            try:
                # Those that are open may be of the process that died.
                self._pool.disconnect(inuse_connections=False)
                self.client.ping()
            except (RedisError, OSError) as error:
                self._trouble = self._reason(error)
                self._closed.wait(_TRY_AGAIN)
                continue
            self._log.info("Redis at %s answers again", self.place)
            with self._lock:
                self._trouble = ""
            return

    def _on_connect(self, connection: Any) -> None:
        """Open a connection, look that what is told on it is kept, and make the scripts known.

        A Redis that was started anew, without its file perhaps, is met on a new connection.
        """
        connection.on_connect()
        for command in self.first_commands():
            connection.send_command(*command)
            check_persistence(connection.read_response())

    def first_commands(self) -> list[Command]:
        """Return what is to be asked first on each connection."""
        commands: list[Command] = [("INFO", "persistence")]
        if self._power:
            commands.append(("CONFIG", "GET", "appendfsync"))
        return commands + [("SCRIPT", "LOAD", source) for source in self._scripts.sources]


def check_persistence(told: Any) -> None:
    """Look at an answer to one of `first_commands`.

    Raises NotPersistent where Redis told that it may forget what it accepts; while it reads its
    data after a start it says so, too, but then BusyLoadingError is raised.
    """
    if isinstance(told, list) and told[1:] != [b"always"]:
        raise NotPersistent(NO_FSYNC)
    if not isinstance(told, bytes):
        return
    if b"loading:1" in told:
        raise BusyLoadingError("loading")
    if b"aof_enabled:0" in told:
        raise NotPersistent(NO_AOF)
