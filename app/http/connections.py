"""The connections of the HTTP server, as the kernel has them.

Granian does not say which connections there are, that a client has left which sent a byte too
many, or what of a response was read. The kernel knows: they are sockets of this process.
"""

import asyncio
import fcntl
import os
import select
import socket
import struct
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

# Of streamed responses, bytes that clients have not read yet; Granian takes all at once. Beyond
# this, a client gets its share, and more when it has read what it got before.
MOST_UNREAD = 32 * 2**20

_SECONDS = 1.0  # between two looks
_HURRIED_SECONDS = 0.02  # while a response waits to be sent
_HELD = "/proc/self/fd"


class _State(NamedTuple):
    """Whether a client has left, and whether it has read all that was sent to it."""

    left: bool
    read: bool


class Connections:
    """The connections to one port. Lives on one event loop, so it needs no lock."""

    def __init__(self, port: int, most: int) -> None:
        """`most` is how many connections there may be."""
        self._port = port
        self._most = most
        self._known: set[str] = set()
        self._answered: set[str] = set()  # strangers, since the latest look
        self._strangers: frozenset[str] = frozenset()  # at the latest look
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._unread: dict[str, int] = {}
        self._read: set[str] = set()  # who had read all at the latest look
        self._looked = asyncio.Condition()
        self._hurry = asyncio.Event()

    def note_known(self, client: str, *, lasting: bool = True) -> None:
        """Note that a client, by its address and port, may ask this server.

        Where that is not `lasting`, its connection is spared until the next look, or for as long as
        it waits for its answer.
        """
        (self._known if lasting else self._answered).add(client)

    @contextmanager
    def leaving(self, client: str) -> Iterator[asyncio.Future[None]]:
        """Give a future that is done when a client is seen to have left."""
        future = asyncio.get_running_loop().create_future()
        self._waiting[client] = future
        try:
            yield future
        finally:
            del self._waiting[client]

    async def room(self, client: str, size: int) -> None:
        """Wait until a client may be sent a part of so many bytes, and count them as unread."""
        while self._is_full(client, size):
            self._hurry.set()
            async with self._looked:
                await self._looked.wait()
        self._unread[client] = self._unread.get(client, 0) + size
        self._read.discard(client)

    def _is_full(self, client: str, size: int) -> bool:
        if client not in self._unread:
            return False
        share = MOST_UNREAD // len(self._unread)  # so that others can read while some do not
        most = max(MOST_UNREAD - sum(self._unread.values()), share - self._unread[client])
        return size > most

    async def watch(self) -> None:
        """Look at the connections from time to time, for ever."""
        took = 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), _SECONDS)
            if self._hurry.is_set():  # where looking takes long, there is time for other things
                await asyncio.sleep(max(_HURRIED_SECONDS, 5 * took))
            self._hurry.clear()
            noted = len(self._known) + len(self._answered)
            if self._waiting or self._unread or self._is_crowded() or noted > self._most:
                began = time.monotonic()
                await self.look()
                took = time.monotonic() - began

    async def look(self) -> None:
        """Look at the connections once; where there are many, let strangers go.

        Those go that were there at the look before, and have not sent a request that is answered.
        """
        many = self._is_crowded()
        welcome = self._known | self._answered | self._waiting.keys()
        self._answered = set()
        unwelcome = self._strangers - welcome if many else frozenset()
        states = await asyncio.to_thread(_look, self._port, unwelcome)
        self._strangers = frozenset(states) - self._known
        self._known.intersection_update(states)
        for client, left in self._waiting.items():
            if not left.done() and (client not in states or states[client].left):
                left.set_result(None)
        for client in list(self._unread):
            state = states.get(client)
            # Seen twice: a part may be on its way to the kernel.
            if state is None or (state.read and client in self._read):
                del self._unread[client]
        self._read = {client for client in self._unread if states[client].read}
        async with self._looked:
            self._looked.notify_all()

    def _is_crowded(self) -> bool:
        """Tell whether most of the connections that there may be are taken, or nearly."""
        try:
            return len(os.listdir(_HELD)) > self._most * 3 // 4
        except OSError:
            return False


def _look(port: int, unwelcome: frozenset[str]) -> dict[str, _State]:
    """Return the state of each connection to a port, by its client; end those of the unwelcome."""
    states = {}
    for client, connection in _connections(port):
        if client in unwelcome:
            with suppress(OSError):  # it has ended meanwhile
                connection.shutdown(socket.SHUT_RDWR)
            continue
        events = select.poll()
        events.register(connection, select.POLLRDHUP)
        unread = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]
        states[client] = _State(bool(events.poll(0)), not unread)
    return states


def _connections(port: int) -> Iterator[tuple[str, socket.socket]]:
    """Yield the connections to a port, each with its client as the HTTP server calls it."""
    for name in _held():
        # Another thread may close what is looked at; then this is none, or another connection.
        with suppress(OSError), _duplicate(int(name)) as connection:
            if connection.family in (socket.AF_INET, socket.AF_INET6) and (
                connection.getsockname()[1] == port
            ):
                host, client_port = connection.getpeername()[:2]
                shown = f"[{host}]" if ":" in host else host
                yield f"{shown}:{client_port}", connection


def _duplicate(descriptor: int) -> socket.socket:
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _held() -> list[str]:
    """Return the descriptors of this process that are sockets."""
    held = []
    with suppress(OSError):  # without /proc, none is known
        for name in os.listdir(_HELD):
            with suppress(OSError):
                if os.readlink(f"{_HELD}/{name}").startswith("socket:"):
                    held.append(name)
    return held
