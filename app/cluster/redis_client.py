"""The connections of one process to Redis: each command has a time limit, and errors are clear.

When Redis does not answer, it counts as down: commands fail at once, instead of waiting one after
another, until a thread that pings Redis now and then gets an answer.
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
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from app.cluster.scripts import Scripts
from app.errors import RedisMissing, SettingsError, StoreUnavailable

# A command with its arguments.
Command = Sequence[str | bytes | float]

# Seconds between two pings while Redis is down.
_RETRY_SECONDS = 0.25

# Seconds within which Redis has to answer when a process starts.
_START_SECONDS = 10.0

NO_AOF = (
    "Redis does not keep its data on disk: set `appendonly yes` there (docs/scaling.md);"
    " without it, accepted jobs would be lost with its process"
)

NO_FSYNC = (
    "Redis may lose what it accepted in a power cut: set `appendfsync always` there, or leave out"
    " `--journal power` (docs/scaling.md)"
)


class NotPersistent(RedisConnectionError):
    """A Redis that may lose what it has accepted."""


# After one of these errors, a connection cannot be used any more.
CONNECTION_ERRORS = (RedisConnectionError, RedisTimeoutError, OSError)


class RedisClient:
    """Sends commands to one Redis, and knows whether it is down. Any thread may use it."""

    def __init__(
        self, url: str, seconds: float, log: logging.Logger, *, power: bool = False
    ) -> None:
        """Redis at `url` has so many seconds to take a connection, and for each answer.

        With `power`, a Redis that may lose what it accepted in a power cut is refused.
        """
        self._power = power
        self._log = log
        self._scripts = Scripts()
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            # No command is sent twice by the library: it might be carried out twice.
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._on_connect,
            protocol=2,
            max_connections=1000,
        )
        self._pool = self.client.connection_pool
        options = self._pool.connection_kwargs
        self.database = int(options.get("db") or 0)
        self.address = f"{options.get('host')}:{options.get('port')}/{self.database}"
        # Guards whether Redis counts as down; not held while calling out. The text of that changes
        # without it, as long as it does.
        self._lock = threading.Lock()
        self._down_because = ""
        self._last_refusal = ""  # the last refusal in the log
        self._closed = threading.Event()

    @property
    def down_because(self) -> str:
        """Why Redis counts as down; empty where it does not."""
        return self._down_because

    def check(self) -> None:
        """Raise StoreUnavailable where Redis counts as down."""
        if self._down_because:
            raise StoreUnavailable(self._down_because)

    def execute(self, *command: str | bytes | float) -> Any:
        """Return the answer to a command: bytes, a number, None, or a list of these.

        Raises StoreUnavailable where it fails; then Redis may have carried it out or not.
        """
        return self.execute_all([command])[0]

    def run_script(self, name: str, *arguments: str | bytes | float) -> Any:
        """Run a script of `lua/`, and return its answer; raise as `execute` does."""
        return self.execute("EVALSHA", self._scripts.sha(name), 0, *arguments)

    def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Return the answers to commands that are sent together; raise as `execute` does."""
        self.check()
        try:
            replies = self._exchange(commands)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                # Somebody flushed the scripts; those that were called have not run.
                self._exchange(self.setup_commands())
                replies = [
                    self._exchange([command])[0] if isinstance(reply, NoScriptError) else reply
                    for command, reply in zip(commands, replies, strict=True)
                ]
        except (*CONNECTION_ERRORS, RedisError) as error:
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
        """Wait until Redis answers; raise RedisMissing if it does not within some seconds.

        The time in which it loads its data, maybe minutes, does not count. Raises SettingsError
        where it answers, but cannot be used with its settings.
        """
        deadline = time.monotonic() + _START_SECONDS
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
            self._closed.wait(_RETRY_SECONDS)

    def stop_retrying(self) -> None:
        """Let no thread ping a Redis that is down any more. Can be repeated."""
        self._closed.set()

    def _failed(self, error: Exception) -> StoreUnavailable:
        """Note why a command failed, and return the error for its caller."""
        reason = self._reason(error)
        if isinstance(error, CONNECTION_ERRORS):
            self._mark_down(reason)
        elif reason != self._last_refusal:
            self._last_refusal = reason
            self._log.error("%s", reason)
        return StoreUnavailable(reason)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, NotPersistent):
            return str(error)
        if isinstance(error, AuthenticationError):
            return f"Redis at {self.address} does not take the password"
        if isinstance(error, BusyLoadingError):
            return f"Redis at {self.address} is reading its data"
        if isinstance(error, RedisTimeoutError):
            return f"Redis at {self.address} does not answer"
        if isinstance(error, CONNECTION_ERRORS):
            return f"Redis at {self.address} cannot be reached"
        # Its disk is full (MISCONF), or its memory (OOM), or it is a replica (READONLY).
        return f"Redis refused: {str(error).partition(' script: ')[0][:200]}"

    def _mark_down(self, reason: str) -> None:
        with self._lock:
            known, self._down_because = bool(self._down_because), reason
        if not known:
            self._log.error("%s; trying again", reason)
            try:
                threading.Thread(target=self._ping_until_up, name="RedisPing", daemon=True).start()
            except RuntimeError:  # no thread to be had: the next command finds out how Redis is
                with self._lock:
                    self._down_because = ""

    def _ping_until_up(self) -> None:
        while not self._closed.is_set():
            try:
                # Open connections may lead to the process that died.
                self._pool.disconnect(inuse_connections=False)
                self.client.ping()
            except (RedisError, OSError) as error:
                self._down_because = self._reason(error)
                self._closed.wait(_RETRY_SECONDS)
                continue
            self._log.info("Redis at %s answers again", self.address)
            with self._lock:
                self._down_because = ""
            return

    def _on_connect(self, connection: Any) -> None:
        """Open a connection, check that Redis keeps its data, and load the scripts.

        On a new connection, Redis may be another process, with other settings.
        """
        connection.on_connect()
        for command in self.setup_commands():
            connection.send_command(*command)
            check_persistence(connection.read_response())

    def setup_commands(self) -> list[Command]:
        """Return the commands to send first on each connection."""
        commands: list[Command] = [("INFO", "persistence")]
        if self._power:
            commands.append(("CONFIG", "GET", "appendfsync"))
        return commands + [("SCRIPT", "LOAD", source) for source in self._scripts.sources]


def check_persistence(answer: Any) -> None:
    """Check the answer to one of `setup_commands`.

    Raises NotPersistent where Redis may lose what it accepts, and BusyLoadingError while it loads
    its data: until then it says that it keeps nothing.
    """
    if isinstance(answer, list) and answer[1:] != [b"always"]:
        raise NotPersistent(NO_FSYNC)
    if not isinstance(answer, bytes):
        return
    if b"loading:1" in answer:
        raise BusyLoadingError("loading")
    if b"aof_enabled:0" in answer:
        raise NotPersistent(NO_AOF)
