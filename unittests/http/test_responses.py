"""Responses that wait, or take a thread: what they hold is released however they end."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest

from app.concurrency.wait import Wait
from app.http.bridge import Bridge
from app.http.request import Request
from app.http.responses import AfterWait, OnThread, Part, Pause, Reply, Response, Stream, known
from app.http.wsgi import send
from app.job_service import JobService
from unittests.helpers.app import running_app, service_of
from unittests.helpers.loop_client import asked, response_of


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


_GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def served(respond: Callable[[Request], Response], *, leaves: bool = False) -> bytes:
    """Have a request answered whose client may leave at once; return what is sent."""
    return asked(lambda: Bridge(respond, lambda _path: 0, lambda _: None), _GET, leaves=leaves)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bridge_frees_the_seat_of_a_client_that_left(kind: Kind, service: JobService) -> None:
    sent = served(lambda _: kind(service, 30.0), leaves=True)
    assert b"two" not in sent
    assert b"{}" not in sent
    assert seat_is_free(service)


@pytest.mark.parametrize("kind", KINDS)
def test_the_seat_is_free_when_all_is_sent(kind: Kind, service: JobService) -> None:
    body = b"onetwo" if kind is in_a_stream else b"{}"
    assert response_of(served(lambda _: kind(service, 0.0)))[1] == body
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
    response, _ = response_of(served(lambda _: that_cannot_be_made(service, 0.0)))
    assert response.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert seat_is_free(service)
    with pytest.raises(MemoryError):
        known(that_cannot_be_made(service, 0.0))
    assert seat_is_free(service)
