"""Responses that wait, or take a thread: what they hold is released however they end."""

import asyncio
import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest

from app.concurrency.wait import Wait
from app.http.bridge import Bridge
from app.http.connections import Connections
from app.http.request import Request
from app.http.responses import AfterWait, OnThread, Part, Pause, Reply, Response, Stream, known
from app.http.rsgi import Headers
from app.http.wsgi import send
from app.job_service import JobService
from unittests.helpers.app import running_app, service_of
from unittests.helpers.loop_client import GivenHeaders, Transport


@pytest.fixture(name="service")
def service_with_one_seat(tmp_path: Path) -> Iterator[JobService]:
    """Give the service of an app in which one request may wait at a time."""
    with running_app(tmp_path, waiters=1) as app:
        yield service_of(app)


def taken(service: JobService) -> Wait:
    """Take the seat and return its wait."""
    wait = service.wait_for_change()
    assert wait is not None
    return wait


def seat_is_free(service: JobService) -> bool:
    """Tell whether another request may wait; leaves it as it was."""
    wait = service.wait_for_change()
    if wait is None:
        return False
    wait.close()
    return True


def plain(service: JobService, seconds: float) -> Response:
    return AfterWait(taken(service), seconds, lambda: Reply(b"{}"))


def on_thread(service: JobService, seconds: float) -> Response:
    return OnThread(lambda: plain(service, seconds))


def after_another_wait(service: JobService, seconds: float) -> Response:
    over = Wait(0)
    return AfterWait(over, 30.0, lambda: on_thread(service, seconds))


def in_a_stream(service: JobService, seconds: float) -> Response:
    def parts() -> Generator[Part]:
        with closing(taken(service)) as wait:
            yield b"one"
            yield Pause(wait, seconds)
            yield b"two"

    return OnThread(lambda: Stream(parts(), "text/plain"))


def that_cannot_be_made(service: JobService, seconds: float) -> Response:
    def broken() -> Response:
        raise MemoryError

    return AfterWait(taken(service), seconds, broken)


Kind = Callable[[JobService, float], Response]
KINDS = (plain, on_thread, after_another_wait, in_a_stream)


class Get:
    """A GET as Granian gives it."""

    method, path, query_string, server, client = "GET", "/", "", "localhost:5000", "127.0.0.1:6000"
    scheme = "http"
    headers: Headers = GivenHeaders({})


class LeavingClient(Transport):
    """A client that leaves as soon as it is waited for."""

    async def client_disconnect(self) -> None:
        """Return at once: the client has left."""


def served(respond: Callable[[Request], Response], client: Transport) -> bytes:
    """Have the bridge serve a request of a client; return what it was sent."""
    log, connections = logging.Logger("bridge"), Connections(0, 16)
    bridge = Bridge(respond, lambda _path: 0, lambda _: None, 1.0, log, connections)
    asyncio.run(asyncio.wait_for(bridge(Get(), client), 20.0))
    assert bridge.quiet(-1.0)
    return b"".join(client.parts)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bridge_frees_the_seat_of_a_client_that_left(kind: Kind, service: JobService) -> None:
    assert served(lambda _: kind(service, 30.0), LeavingClient({})) in (b"", b"one")
    assert seat_is_free(service)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seat_is_free_when_all_is_sent(kind: Kind, service: JobService) -> None:
    body = b"onetwo" if kind is in_a_stream else b"{}"
    assert served(lambda _: kind(service, 0.0), Transport({})) == body
    assert seat_is_free(service)
    parts = send(known(kind(service, 0.0)), lambda *_: lambda _: None)
    assert b"".join(parts) == body
    assert seat_is_free(service)


def test_a_client_of_a_wsgi_server_leaves_amid_a_stream(service: JobService) -> None:
    parts = send(known(in_a_stream(service, 30.0)), lambda *_: lambda _: None)
    assert next(iter(parts)) == b"one"
    assert not seat_is_free(service)
    assert isinstance(parts, Generator)
    parts.close()
    assert seat_is_free(service)


def test_the_seat_is_free_when_the_response_cannot_be_made(service: JobService) -> None:
    client = Transport({})
    served(lambda _: that_cannot_be_made(service, 0.0), client)
    assert client.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert seat_is_free(service)
    with pytest.raises(MemoryError):
        known(that_cannot_be_made(service, 0.0))
    assert seat_is_free(service)
