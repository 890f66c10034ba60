"""What the kernel knows of connections: who left, who does not read, who is a stranger."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from app.http import connections as module
from app.http.connections import Connections
from unittests.helpers.waiting import PATIENCE

Opens = Callable[[], tuple[str, socket.socket, socket.socket]]


@pytest.fixture(name="listener", params=["127.0.0.1", "::1"])
def listening(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as listener:
        yield listener


@pytest.fixture(name="connect")
def connections_of(listener: socket.socket) -> Iterator[Opens]:
    """Give what opens a connection: its client's name, the client's end and the server's."""
    with ExitStack() as stack:

        def connect() -> tuple[str, socket.socket, socket.socket]:
            near = stack.enter_context(socket.create_connection(listener.getsockname()[:2]))
            near.settimeout(PATIENCE)
            far = stack.enter_context(listener.accept()[0])
            host, port = near.getsockname()[:2]
            return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), near, far

        yield connect


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(steps, PATIENCE))


def test_who_has_left_is_seen_though_there_is_more_to_read(
    listener: socket.socket, connect: Opens
) -> None:
    watched = Connections(listener.getsockname()[1], 1000)
    (stays, _, _), (leaves, near, _) = connect(), connect()

    async def steps() -> None:
        with watched.leaving(stays) as one, watched.leaving(leaves) as other:
            near.sendall(b"G")
            await watched.look()
            assert not other.done()
            near.close()
            await watched.look()
            assert (one.done(), other.done()) == (False, True)

    run(steps())


def test_a_stranger_is_spared_for_what_it_asked_and_while_it_waits(
    listener: socket.socket, connect: Opens
) -> None:
    (asks, first, _), (waits, second, _) = connect(), connect()
    first.setblocking(False)
    second.setblocking(False)

    async def steps() -> None:
        watched = Connections(listener.getsockname()[1], 1)
        await watched.look()
        watched.note_known(asks, lasting=False)
        with watched.leaving(waits):
            await watched.look()
            for spared in (first, second):
                with pytest.raises(BlockingIOError):
                    spared.recv(1)
            await watched.look()
            assert first.recv(1) == b""
            with pytest.raises(BlockingIOError):
                second.recv(1)
        await watched.look()
        assert second.recv(1) == b""

    run(steps())


def test_strangers_are_let_go_where_there_are_too_many(
    listener: socket.socket, connect: Opens
) -> None:
    (known, first, far), (_, second, _) = connect(), connect()

    async def steps() -> None:
        for most, gone in ((1000, False), (1, True)):
            watched = Connections(listener.getsockname()[1], most)
            watched.note_known(known)
            await watched.look()
            await watched.look()
            second.setblocking(False)
            if gone:
                assert second.recv(1) == b""
            else:
                with pytest.raises(BlockingIOError):
                    second.recv(1)

    run(steps())
    far.sendall(b"still there")
    assert first.recv(100) == b"still there"


def test_what_clients_have_not_read_is_bounded_in_sum(
    listener: socket.socket, connect: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNREAD", 1000)
    watched = Connections(listener.getsockname()[1], 1000)
    (slow, near, far), (other, _, _) = connect(), connect()
    far.setblocking(False)
    sent = 0
    try:
        while True:
            sent += far.send(bytes(65536))
    except BlockingIOError:
        pass

    async def steps() -> None:
        await watched.room(slow, 5000)  # a part that is larger than there is room for
        more = asyncio.ensure_future(watched.room(slow, 1))
        # Who reads gets one part at a time meanwhile.
        await watched.room(other, 5000)
        for _ in range(3):
            await watched.look()
            assert not more.done()
        await watched.room(other, 5000)
        for _ in range(2):
            await watched.look()
        await asyncio.to_thread(_read, near, sent)
        while not more.done():
            await watched.look()

    run(steps())


def test_who_has_left_takes_no_room(
    listener: socket.socket, connect: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNREAD", 1000)
    watched = Connections(listener.getsockname()[1], 1000)
    client, near, far = connect()

    async def steps() -> None:
        watching = asyncio.ensure_future(watched.watch())
        await watched.room(client, 5000)
        near.close()
        far.close()
        await watched.room(client, 5000)  # to find that out is for who sends it
        watching.cancel()

    run(steps())


def _read(connection: socket.socket, size: int) -> None:
    while size:
        size -= len(connection.recv(min(size, 65536)))
