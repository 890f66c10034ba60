"""Responses that wait, or take a thread: what they hold is released however they end."""

import asyncio
import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.concurrency.wait import Wait
from app.http.bridge import WsgiBridge
from app.http.connections import Connections
from app.http.responses import (
    AfterWait,
    OnThread,
    Part,
    PartsBody,
    Pause,
    Reply,
    Response,
    Stream,
    Work,
)
from app.job_service import JobService
from unittests.helpers.app import running_app, service_of

GET: dict[str, Any] = {"REQUEST_METHOD": "GET"}


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


def plain(service: JobService) -> Response:
    return AfterWait(taken(service), 30.0, lambda: Reply(b"{}"))


def on_thread(service: JobService) -> Response:
    return OnThread(lambda: plain(service))


def after_another_wait(service: JobService) -> Response:
    over = Wait(0)
    return AfterWait(over, 30.0, lambda: on_thread(service))


def in_a_stream(service: JobService) -> Response:
    def parts() -> Generator[Part]:
        wait = taken(service)
        try:
            yield b"one"
            yield Pause(wait, 30.0)
            yield b"two"
        finally:
            wait.close()

    return OnThread(lambda: Stream(parts(), "text/plain"))


def no_start(_line: str, _headers: list[tuple[str, str]], _error: Any = None) -> Any:
    """Start a response that nobody reads."""


def body_of(response: Response) -> PartsBody:
    body = response(GET, no_start)
    assert isinstance(body, PartsBody)
    return body


def until_pause(parts: Iterator[Part]) -> Pause:
    """Take parts until one is a pause of a wait that is not over, and return it."""
    for part in parts:
        if isinstance(part, Work):
            part.run()
        elif isinstance(part, Pause):
            over: list[bool] = []
            part.wait.when_over(lambda: over.append(True))  # noqa: B023
            if not over:
                return part
    raise AssertionError("it did not pause")


KINDS = (plain, on_thread, after_another_wait, in_a_stream)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seat_is_free_when_the_client_leaves(
    kind: Callable[[JobService], Response], service: JobService
) -> None:
    body = body_of(kind(service))
    until_pause(body.parts)
    assert not seat_is_free(service)
    body.close()
    assert seat_is_free(service)
    body.close()
    assert seat_is_free(service)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seat_is_free_when_all_is_sent(
    kind: Callable[[JobService], Response], service: JobService
) -> None:
    body = body_of(kind(service))
    pause = until_pause(body.parts)
    pause.wait.wake()
    assert list(body)
    body.close()
    assert seat_is_free(service)


def test_the_seat_is_free_when_nothing_was_read(service: JobService) -> None:
    body = body_of(plain(service))
    assert not seat_is_free(service)
    body.close()
    assert seat_is_free(service)


def test_the_seat_is_free_when_the_response_cannot_be_made(service: JobService) -> None:
    def broken() -> Response:
        raise MemoryError

    wait = taken(service)
    body = body_of(OnThread(lambda: AfterWait(wait, 30.0, broken)))
    until_pause(body.parts).wait.wake()
    with pytest.raises(MemoryError):
        list(body)
    body.close()
    assert seat_is_free(service)


class Headers(dict[str, str]):
    """The headers of a request."""


class Get:
    """A GET as Granian gives it, from a client that leaves as soon as it is waited for."""

    method, path, query_string, server, client = "GET", "/", "", "localhost:5000", "127.0.0.1:6000"
    scheme, http_version = "http", "1.1"
    headers = Headers()

    async def client_disconnect(self) -> None:
        """Return at once: the client has left."""


@pytest.mark.parametrize("kind", KINDS)
def test_the_bridge_frees_the_seat_of_a_client_that_left(
    kind: Callable[[JobService], Response], service: JobService
) -> None:
    class Transport(Get):
        """Takes what is streamed."""

        def response_stream(self, *_: object) -> "Transport":
            return self

        async def send_bytes(self, _data: bytes) -> None:
            """Take a part."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        return kind(service)(environ, start_response)

    log, connections = logging.Logger("bridge"), Connections(0, 16)
    bridge = WsgiBridge(app, lambda _path: 0, lambda _: None, 1.0, log, connections)
    with suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(bridge(Get(), Transport()), 20.0))  # type: ignore[arg-type]
    assert seat_is_free(service)
    assert bridge.quiet(-1.0)
