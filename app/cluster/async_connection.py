"""Carries the questions of an event loop to Redis: what is asked at one time goes together.

While one bundle is under way the next one gathers, so many clients cost little more than one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as NoAnswerInTime

from app.cluster.link import BROKEN, Command, check_persistence

# Seconds after which it is looked whether a connection is still one.
_IDLE = 0.2


class _Question(NamedTuple):
    commands: Sequence[Command]
    replies: "asyncio.Future[list[Any]]"


class AsyncConnection:
    """One connection of one event loop; lives on the loop's thread, so it needs no lock."""

    def __init__(
        self, url: str, seconds: float, first_commands: Callable[[], Sequence[Command]]
    ) -> None:
        """Redis at `url` has so many seconds for a bundle; `first_commands` open a connection."""
        self._seconds = seconds
        self._first_commands = first_commands
        pool = Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._on_connect,
            protocol=2,
        ).connection_pool
        self._make = pool.make_connection
        self._connection: Any = None
        self._used_at = 0.0
        self._questions: list[_Question] = []
        self._task: asyncio.Task[None] | None = None

    def ask_all(self, commands: Sequence[Command]) -> Awaitable[list[Any]]:
        """Return what will be the answers to some commands, a RedisError for one that failed.

        Raises one of BROKEN where they could not be had.
        """
        loop = asyncio.get_running_loop()
        question = _Question(commands, loop.create_future())
        self._questions.append(question)
        if self._task is None:
            self._task = loop.create_task(self._carry())
        return question.replies

    async def _carry(self) -> None:
        try:
            while self._questions:
                bundle, self._questions = self._questions, []
                try:
                    async with asyncio.timeout(self._seconds):
                        await self._exchange(bundle)
                except TimeoutError:
                    # Those that gathered meanwhile have waited as long, and would do so again.
                    late, self._questions = [*bundle, *self._questions], []
                    await self._fail(late, NoAnswerInTime("no answer in time"))
                except Exception as error:  # pylint: disable=broad-exception-caught
                    await self._fail(bundle, error)
        finally:
            self._task = None

    async def _fail(self, bundle: Sequence[_Question], error: Exception) -> None:
        connection, self._connection = self._connection, None
        for question in bundle:
            if not question.replies.done():
                question.replies.set_exception(error)
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _exchange(self, bundle: Sequence[_Question]) -> None:
        if self._connection is None:
            self._connection = self._make()  # type: ignore[no-untyped-call]
        connection = self._connection
        if connection.is_connected and await self._has_ended(connection):
            await connection.disconnect(nowait=True)
        if not connection.is_connected:
            await connection.connect()
        packed = b"".join(
            pack_command(tuple(each))  # type: ignore[arg-type]  # of any length, not of one
            for question in bundle
            for each in question.commands
        )
        await connection.send_packed_command(packed, check_health=False)
        for question in bundle:
            replies: list[Any] = []
            for _ in question.commands:
                try:
                    replies.append(await connection.read_response())
                except ResponseError as error:
                    replies.append(error)
            if not question.replies.done():
                question.replies.set_result(replies)

    async def _has_ended(self, connection: Any) -> bool:
        """Tell whether Redis has closed a connection that was not used for a while."""
        now = time.monotonic()
        idle, self._used_at = now - self._used_at, now
        if idle < _IDLE:
            return False
        try:
            return bool(await connection.can_read())  # the end, for nothing was asked
        except BROKEN:
            return True

    async def _on_connect(self, connection: Any) -> None:
        await connection.on_connect()
        for command in self._first_commands():
            await connection.send_command(*command)
            check_persistence(await connection.read_response())
