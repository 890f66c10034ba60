"""One connection to Redis for the event loop of a web process.

Commands that are sent while others are under way gather, and then go together as one pipeline. So
many clients cost little more than one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.connection import DefaultParser
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.cluster.redis_client import CONNECTION_ERRORS, Command, check_persistence

# Seconds without commands after which the connection is checked before it is used again.
_IDLE_SECONDS = 0.2


class _Request(NamedTuple):
    commands: Sequence[Command]
    replies: "asyncio.Future[list[Any]]"


class _Parser(DefaultParser):  # type: ignore[misc,valid-type]
    """Reads answers, and tells each time that some bytes of them have come."""

    def __init__(self, on_bytes: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_bytes = on_bytes

    async def read_from_socket(self) -> Any:
        """Wait for bytes."""
        came = await super().read_from_socket()
        self._on_bytes()
        return came


class AsyncConnection:
    """The connection of one event loop. Only the loop's thread uses it, so it needs no lock."""

    def __init__(
        self,
        url: str,
        seconds: float,
        setup_commands: Callable[[], Sequence[Command]],
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        """Redis at `url` may be silent for so many seconds while there are answers to come.

        The `setup_commands` are sent first whenever the connection is opened.
        """
        self._seconds = seconds
        self._setup_commands = setup_commands
        self._idle_seconds = idle_seconds
        pool = Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._on_connect,
            protocol=2,
            parser_class=partial(_Parser, self._on_bytes),
        ).connection_pool
        self._make_connection = pool.make_connection
        self._connection: Any = None
        self._used_at = 0.0
        self._limit: asyncio.Timeout | None = None  # of the pipeline that is under way
        self._waiting: list[_Request] = []
        self._task: asyncio.Task[None] | None = None

    def execute_all(self, commands: Sequence[Command]) -> Awaitable[list[Any]]:
        """Return a future of the answers to some commands; one that failed has a RedisError.

        The future raises one of CONNECTION_ERRORS where there are no answers.
        """
        loop = asyncio.get_running_loop()
        request = _Request(commands, loop.create_future())
        self._waiting.append(request)
        if self._task is None:
            self._task = loop.create_task(self._send_all())
        return request.replies

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                pipeline, self._waiting = self._waiting, []
                try:
                    async with asyncio.timeout(self._seconds) as self._limit:
                        await self._send(pipeline)
                except TimeoutError:
                    # Redis is silent: requests that came meanwhile fail, too.
                    late, self._waiting = [*pipeline, *self._waiting], []
                    await self._fail(late, RedisTimeoutError("no answer in time"))
                except Exception as error:  # noqa: BLE001
                    await self._fail(pipeline, error)
        finally:
            self._task = None

    async def _fail(self, requests: Sequence[_Request], error: Exception) -> None:
        connection, self._connection = self._connection, None
        for request in requests:
            if not request.replies.done():
                request.replies.set_exception(error)
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _send(self, pipeline: Sequence[_Request]) -> None:
        if self._connection is None:
            self._connection = self._make_connection()  # type: ignore[no-untyped-call]
        connection = self._connection
        if connection.is_connected and await self._was_closed(connection):
            await connection.disconnect(nowait=True)
        if not connection.is_connected:
            await connection.connect()
        packed = b"".join(
            pack_command(tuple(command))  # type: ignore[arg-type]  # of any length, not of one
            for request in pipeline
            for command in request.commands
        )
        await connection.send_packed_command(packed, check_health=False)
        for request in pipeline:
            replies: list[Any] = []
            for _ in request.commands:
                try:
                    replies.append(await connection.read_response())
                except ResponseError as error:
                    replies.append(error)
            if not request.replies.done():
                request.replies.set_result(replies)

    def _on_bytes(self) -> None:
        # Large answers may take longer than Redis may be silent.
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._seconds)

    async def _was_closed(self, connection: Any) -> bool:
        """Tell whether Redis has closed a connection that was not used for a while."""
        now = time.monotonic()
        idle, self._used_at = now - self._used_at, now
        if idle < self._idle_seconds:
            return False
        try:
            # There is something to read only at the end of the stream, for nothing was asked.
            return bool(await connection.can_read())
        except CONNECTION_ERRORS:
            return True

    async def _on_connect(self, connection: Any) -> None:
        await connection.on_connect()
        for command in self._setup_commands():
            await connection.send_command(*command)
            check_persistence(await connection.read_response())
