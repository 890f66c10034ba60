"""One connection: answers in order, to readers however slow, and each within its time."""

import asyncio
import functools
import gc
import logging
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator
from http import HTTPStatus
from typing import Any, ParamSpec

import pytest
import uvloop
from flask import Flask

from app.concurrency.deadlines import Deadlines
from app.concurrency.wait import Wait
from app.http.body import MOST_BYTES
from app.http.bridge import Bridge
from app.http.connection import Connection
from app.http.connections import Connections
from app.http.error_handlers import Problem
from app.http.request import Request
from app.http.responses import AfterWait, OnThread, Part, Pause, Reply, Response, Slow, Stream
from unittests.helpers.loop_client import Wire, asked, bridge_of, connections_of, response_of
from unittests.helpers.waiting import PATIENCE

P = ParamSpec("P")
CLOSE = b"Connection: close\r\n"
LENGTH = 2 * MOST_BYTES  # of the longest body
AHEAD = 64 * 1024  # what may be sent ahead
SECONDS = 0.01  # where a time limit is to be over soon


def on_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test on an event loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), PATIENCE))

    return run


async def turns() -> None:
    """Let all run that is ready on the loop, and what becomes ready by that."""
    for _ in range(20):
        await asyncio.sleep(0)


async def until(happened: Callable[[], Any]) -> None:
    """Let the loop go on until something has happened."""
    while not happened():
        await asyncio.sleep(0)


def get(path: str, headers: bytes = b"", version: str = "1.1") -> bytes:
    """Return a request for a path."""
    return f"GET {path} HTTP/{version}\r\nHost: a\r\n".encode() + headers + b"\r\n"


def post(path: str, length: int, headers: bytes = b"") -> bytes:
    """Return the head of a request with a body."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n".encode()
        + headers
        + b"\r\n"
    )


def refusal(request: Request) -> Problem | None:
    """Return why a request is refused whatever it sends."""
    is_refused = request.path == "/forbidden"
    return Problem.of_status(HTTPStatus.FORBIDDEN, "no") if is_refused else None


class OneWay(Wire):
    """What the server may stop writing to; to close it at once would lose what was written."""

    def close(self) -> None:
        """Fail."""
        raise AssertionError


class Line:
    """A connection. Requests to `/wait` are answered once `wait` is over, the others at once."""

    def __init__(
        self,
        connections: Connections | None = None,
        respond: Callable[[Request], Response] | None = None,
    ) -> None:
        self.wait, self.wire = Wait(1), OneWay()
        self.connections = connections or connections_of()
        bridge = Bridge(respond or self._respond, lambda _path: LENGTH, refusal)
        self.connection = Connection(bridge, self.connections, logging.getLogger("line"))
        self.connection.connection_made(self.wire)
        self.send = self.connection.data_received

    def _respond(self, request: Request) -> Response:
        if request.unread is not None:
            return request.unread.reply(None)
        reply = Reply(f"<{request.path} {len(request.body)}>".encode())
        return AfterWait(self.wait, PATIENCE, lambda: reply) if request.path == "/wait" else reply

    def has_sent_all(self) -> bool:
        """Tell whether the end of a stream was sent."""
        return self.wire.over.is_set() or self.wire.sent.endswith(b"0\r\n\r\n")

    @property
    def told(self) -> list[str]:
        """What was answered until now: the path and the length of the body of each request."""
        return [part.partition(b">")[0].decode() for part in self.wire.sent.split(b"\n<")[1:]]


@on_loop
async def test_answers_come_in_the_order_of_the_requests_though_the_first_has_to_wait() -> None:
    line = Line()
    line.send(get("/0") + get("/wait") + get("/2"))
    line.send(post("/3", 5) + b"hello" + get("/4", CLOSE))
    await turns()
    assert line.told == ["/0 0"]
    line.wait.ended()
    await line.wire.over.wait()
    assert line.told == ["/0 0", "/wait 0", "/2 0", "/3 5", "/4 0"]
    assert line.wire.sent.count(b"connection: close") == 1


@on_loop
async def test_who_asks_much_at_once_lets_others_have_their_turn() -> None:
    line = Line()
    other = Line(line.connections)
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: line.send(b"".join(get(f"/{number}") for number in range(100))))
    loop.call_soon(lambda: other.send(get("/other")))
    await until(lambda: other.told)
    assert 0 < len(line.told) <= 16
    await until(lambda: len(line.told) == 100)
    assert line.told == [f"/{number} 0" for number in range(100)]


@on_loop
async def test_little_is_taken_ahead_and_all_of_it_is_answered() -> None:
    line, ahead = Line(), 0
    line.send(get("/wait"))
    for number in range(80):
        assert line.wire.reads == (ahead <= AHEAD)
        request = get(f"/{number}", b"X: " + b"x" * 1000 + b"\r\n")
        line.send(request)
        ahead += len(request)
    assert not line.wire.reads
    line.wait.ended()
    await until(lambda: len(line.told) == 81)
    assert line.told[1:] == [f"/{number} 0" for number in range(80)]
    assert line.wire.reads


@on_loop
async def test_who_does_not_read_gets_no_further_answers_until_they_do() -> None:
    line = Line()
    line.connection.pause_writing()
    line.send(get("/1") + get("/2"))
    line.send(b"".join(get("/x", b"X: " + b"x" * 1000 + b"\r\n") for _ in range(80)))
    await turns()
    assert line.told == []
    assert not line.wire.reads
    line.connection.resume_writing()
    await until(lambda: len(line.told) == 82)
    assert line.told[:3] == ["/1 0", "/2 0", "/x 0"]
    assert line.wire.reads


def streaming(parts: Generator[Part]) -> Callable[[Request], Response]:
    """Return what answers with parts."""
    return lambda _request: Stream(parts, "text/plain")


def counted(made: list[int]) -> Generator[Part]:
    """Return parts, and note which were made; the last is noted when they end."""
    try:
        for number in range(1000):
            made.append(number)
            yield b"part"
    finally:
        made.append(-1)


@on_loop
async def test_a_stream_waits_for_a_slow_reader() -> None:
    made: list[int] = []
    line = Line(respond=streaming(counted(made)))
    line.send(get("/", CLOSE))
    await until(lambda: len(made) == 2)
    line.connection.pause_writing()
    await turns()
    assert len(made) <= 3
    line.connection.resume_writing()
    await line.wire.over.wait()
    assert response_of(line.wire.sent)[1] == b"part" * 1000


@on_loop
async def test_what_takes_a_while_of_a_stream_is_made_on_a_thread_and_others_are_answered() -> None:
    gate, made = threading.Event(), [""]

    def parts() -> Generator[Part]:
        yield Slow()
        made[0] = threading.current_thread().name
        assert gate.wait(PATIENCE)
        yield b"one"
        yield threading.current_thread().name.encode()

    line, other = Line(respond=streaming(parts())), Line()
    line.send(get("/", CLOSE))
    await until(lambda: made[0])
    other.send(get("/other"))
    assert other.told == ["/other 0"]
    gate.set()
    await line.wire.over.wait()
    assert made[0].startswith("Request")
    assert response_of(line.wire.sent)[1] == b"one" + threading.current_thread().name.encode()


@on_loop
async def test_a_stream_ends_when_its_slow_reader_leaves() -> None:
    made: list[int] = []
    line = Line(respond=streaming(counted(made)))
    line.send(get("/"))
    await until(lambda: made)
    line.connection.pause_writing()
    line.connection.connection_lost(ConnectionResetError())
    await until(lambda: line.connections.is_quiet)
    assert made[-1] == -1
    assert len(made) < 10


@on_loop
async def test_a_stream_is_in_chunks_or_ends_with_the_connection() -> None:
    for version, header, ends in (
        *(("1.1", header, False) for header in (b"", b"Connection: keep-alive\r\n")),
        ("1.1", CLOSE, True),
        *(("1.0", header, True) for header in (b"", b"Connection: keep-alive\r\n", CLOSE)),
    ):
        parts: list[Part] = [b"", b"one", b"", Pause(Wait(0), PATIENCE), b"x" * 17]
        line = Line(respond=streaming(part for part in parts))
        line.send(get("/", header, version))
        await until(line.has_sent_all)
        head, _, body = line.wire.sent.partition(b"\r\n\r\n")
        is_closed = line.wire.over.is_set()
        assert (b"connection: close" in head) == is_closed == ends, (version, header)
        assert (b"transfer-encoding: chunked" in head) == (version == "1.1")
        chunks = b"3\r\none\r\n11\r\n" + b"x" * 17 + b"\r\n0\r\n\r\n"
        assert body == (chunks if version == "1.1" else b"one" + b"x" * 17)
        assert not line.wire.is_aborted


def breaking(*parts: bytes) -> Generator[Part]:
    """Return parts, and then fail."""
    yield from parts
    raise ZeroDivisionError("a secret")


@pytest.mark.parametrize(("version", "end"), [("1.1", b"3\r\none\r\n"), ("1.0", b"one")])
@on_loop
async def test_a_stream_that_breaks_off_does_not_look_whole(version: str, end: bytes) -> None:
    line = Line(respond=streaming(breaking(b"one")))
    line.send(get("/", version=version) + get("/next"))
    await line.wire.over.wait()
    assert line.wire.is_aborted
    assert line.wire.sent.partition(b"\r\n\r\n")[2] == end


def test_a_head_is_answered_without_a_body(app: Flask) -> None:
    for path in ("/", "/api/jobs", "/api/health", "/api/jobs?format=csv"):
        sent = f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        head, _, body = asked(lambda: bridge_of(app), sent.encode()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), path
        assert body == b"", path


def fails(_request: Request) -> Response:
    raise ZeroDivisionError("a secret")


def with_header(value: str) -> Callable[[Request], Response]:
    """Return what answers with a header."""
    return lambda _request: Reply(b"", headers=[("x", value)])


def later(respond: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Return what answers likewise, after a wait."""
    return lambda request: AfterWait(Wait(0), PATIENCE, lambda: respond(request))


@on_loop
async def test_what_fails_or_has_a_line_break_in_a_header_is_an_error_and_the_end() -> None:
    for respond in (
        fails,
        later(fails),
        streaming(breaking()),
        with_header("a secret\r\nx: b"),
        with_header("a secret\nx: b"),
        later(with_header("a secret\rx: b")),
    ):
        line = Line(respond=respond)
        line.send(get("/") + get("/next"))
        await line.wire.over.wait()
        response, body = response_of(line.wire.sent)
        assert (response.status, response.headers["connection"]) == (500, "close")
        assert b"the server failed unexpectedly" in body
        assert b"secret" not in line.wire.sent
        assert line.wire.sent.count(b"HTTP/1.1 ") == 1
        assert not line.wire.is_aborted


@on_loop
async def test_who_asks_whether_to_send_a_body_is_told_so_before_it_comes() -> None:
    line = Line()
    line.send(post("/a", 5, b"Expect: 100-Continue\r\n"))
    assert line.wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.send(b"hello")
    assert line.told == ["/a 5"]


@on_loop
async def test_a_body_that_is_not_wanted_is_thrown_away() -> None:
    for path, length, answer in (
        ("/a", LENGTH + 1, b"the body is larger than 128 KiB"),
        ("/forbidden", 5, b"</forbidden 0>"),
    ):
        for expect in (b"", b"Expect: 100-continue\r\n"):
            line = Line()
            line.send(post(path, length, expect))
            await line.wire.over.wait()  # what the client sends is still read
            line.send(bytes(200_000) + get("/next"))
            assert answer in line.wire.sent, (path, expect)
            assert line.wire.sent.count(b"HTTP/1.1 ") == 1
            assert line.wire.reads
            assert not line.wire.is_aborted


@on_loop
async def test_what_was_sent_ahead_of_the_last_answer_is_thrown_away() -> None:
    line = Line()
    line.send(get("/wait", CLOSE))
    line.send(get("/next") * 4000)
    assert not line.wire.reads
    line.wait.ended()
    await line.wire.over.wait()
    assert line.wire.reads
    assert line.told == ["/wait 0"]


@on_loop
async def test_who_begins_no_request_in_time_is_let_go() -> None:
    for sent in (b"", get("/"), get("/wait"), b"GET / HTTP/1.1\r\nHost: a\r\nX: "):
        line = Line(connections_of(seconds=SECONDS))
        line.wait.ended()
        line.send(sent)
        await line.wire.over.wait()
        assert line.wire.is_aborted, sent


@on_loop
async def test_who_waits_for_an_answer_or_sends_a_body_is_not_idle() -> None:
    connections = Connections(16, SECONDS, PATIENCE)
    waiting, sending = Line(connections), Line(connections)
    waiting.send(get("/wait"))
    sending.send(post("/slow", 5))
    for _ in range(2):
        await Line(connections).wire.over.wait()
    waiting.wait.ended()
    sending.send(b"hello")
    await until(lambda: waiting.told)
    assert (waiting.told, sending.told) == (["/wait 0"], ["/slow 5"])


@pytest.mark.parametrize("length", [5, LENGTH])
@on_loop
async def test_a_body_that_does_not_come_in_time_is_refused(length: int) -> None:
    line = Line(Connections(16, PATIENCE, SECONDS))
    leaver = Line(line.connections)
    for each in (leaver, line):
        each.send(post("/slow", length) + b"hell")
    leaver.connection.connection_lost(None)
    await line.wire.over.wait()
    assert response_of(line.wire.sent)[0].status == 408
    assert not line.wire.is_aborted


@on_loop
async def test_a_large_body_that_had_no_turn_in_time_is_not_too_slow() -> None:
    connections = Connections(64, PATIENCE, SECONDS)
    lines = [Line(connections) for _ in range(33)]
    for line in lines:
        line.send(post("/large", LENGTH))
        line.send(b"x")
    lines[-1].connection.refuse_body()
    for line in lines:
        await line.wire.over.wait()
    statuses = [response_of(line.wire.sent)[0].status for line in lines]
    assert statuses == [408] * 32 + [503]


@on_loop
async def test_a_body_that_came_in_time_leaves_no_limit_behind() -> None:
    errors: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: errors.append(told))
    connections = Connections(64, PATIENCE, SECONDS)
    lines = [Line(connections) for _ in range(33)]
    for line in lines:
        line.send(post("/large", LENGTH))
        line.send(b"x")
    lines[-1].send(bytes(LENGTH - 1))  # all of it, while it waits for its turn
    lines[0].connection.connection_lost(None)
    await until(lambda: lines[-1].told)
    for line in lines[1:-1]:
        await line.wire.over.wait()
    other = Line(connections)  # overdue after all that were there before
    other.send(post("/other", 5))
    await other.wire.over.wait()
    assert errors == []


@on_loop
async def test_a_body_is_not_too_slow_while_the_request_before_it_is_answered() -> None:
    line = Line(Connections(16, PATIENCE, SECONDS))
    line.send(get("/wait") + post("/b", 5))
    line.send(b"hello")
    for _ in range(2):
        other = Line(line.connections)
        other.send(post("/slow", 5))
        await other.wire.over.wait()
    line.wait.ended()
    await until(lambda: line.wire.sent.count(b"HTTP/1.1 ") == 2)
    assert line.told == ["/wait 0", "/b 5"]


@on_loop
async def test_who_still_reads_an_answer_is_not_idle() -> None:
    line = Line(connections_of(seconds=SECONDS))
    line.wire.unsent = 1000
    line.send(get("/"))
    other = Line(line.connections)
    await other.wire.over.wait()
    assert not line.wire.is_aborted


@on_loop
async def test_who_is_not_told_to_go_on_gets_nothing_else_either() -> None:
    expecting = post("/b", 5, b"Expect: 100-continue\r\n")
    for sent in (
        get("/wait") + expecting,  # behind another request
        expecting.replace(b"1.1", b"1.0"),  # which knows no such
    ):
        line = Line()
        line.send(sent)
        await turns()
        assert line.wire.sent == b"", sent


@on_loop
async def test_nothing_is_written_to_who_has_left() -> None:
    gate, connections = threading.Event(), connections_of()

    def made() -> Reply:
        gate.wait(PATIENCE)
        return Reply(b"late")

    line = Line(connections, lambda _request: OnThread(made))
    line.send(get("/"))
    await turns()
    line.connection.connection_lost(None)
    gate.set()
    await until(lambda: connections.is_quiet)
    assert line.wire.sent == b""


@on_loop
async def test_who_asks_whether_the_connection_stays_is_told() -> None:
    for version, headers, told in (
        ("1.0", b"Connection: keep-alive\r\n", b"connection: keep-alive"),
        ("1.0", b"", b"connection: close"),
        ("1.1", CLOSE, b"connection: close"),
    ):
        line = Line()
        line.send(get("/", headers, version))
        assert told in line.wire.sent.lower(), (version, headers)
        assert line.wire.over.is_set() == (b"close" in told)


@on_loop
async def test_a_fault_after_a_stream_is_answered() -> None:
    def respond(request: Request) -> Response:
        if request.path == "/fails":
            raise ZeroDivisionError
        return Stream((part for part in (b"whole",)), "text/plain")

    line = Line(respond=respond)
    line.send(get("/stream"))
    await until(lambda: line.wire.sent.endswith(b"0\r\n\r\n"))
    line.send(get("/fails"))
    assert b"HTTP/1.1 500 " in line.wire.sent
    assert not line.wire.is_aborted


@on_loop
async def test_a_failed_head_has_no_body() -> None:
    def respond(_request: Request) -> Response:
        raise ZeroDivisionError

    line = Line(respond=respond)
    line.send(get("/").replace(b"GET", b"HEAD"))
    assert line.wire.sent.startswith(b"HTTP/1.1 500 ")
    assert line.wire.sent.endswith(b"\r\n\r\n")


@on_loop
async def test_a_stream_ends_with_its_connection_where_the_server_stops() -> None:
    gate = asyncio.Event()

    def parts() -> Generator[Part]:
        yield b"one"
        gate.set()
        yield b"two"

    line = Line(respond=lambda _request: Stream(parts(), "text/plain"))
    line.send(get("/"))
    await gate.wait()
    line.connections.closing = True
    await line.wire.over.wait()
    assert line.wire.sent.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@on_loop
async def test_who_reads_a_stream_sees_that_it_broke_off(version: str) -> None:
    def parts() -> Generator[Part]:
        yield b"one"
        raise ZeroDivisionError

    connections, log = connections_of(), logging.Logger("broken")
    bridge = Bridge(lambda _request: Stream(parts(), "text/plain"), lambda _path: LENGTH, refusal)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(bridge, connections, log), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(get("/", version=version))
    with pytest.raises(ConnectionResetError):
        await reader.read()  # to the end
    writer.close()
    server.close()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_so_does_who_reads_it_when_its_time_is_over(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
    version: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def read_late() -> None:
        bridge = Bridge(
            lambda _: Stream(repeat(bytes(2**18)), "text/plain"), lambda _path: LENGTH, refusal
        )
        one = Connection(bridge, connections_of(), logging.getLogger("late"))
        server = await asyncio.get_running_loop().create_server(lambda: one, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(get("/", version=version))
        await reader.readexactly(1)
        await until(lambda: one.unsent)
        one.close()
        with pytest.raises(ConnectionResetError):
            await reader.read()  # to the end
        writer.close()
        server.close()

    def repeat(part: bytes) -> Generator[Part]:
        while True:
            yield part

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(asyncio.wait_for(read_late(), PATIENCE))
    assert not caplog.records  # no task has failed


@on_loop
async def test_what_has_ended_keeps_nothing() -> None:
    connections = connections_of()
    bridge = Bridge(lambda _request: Reply(b""), lambda _path: LENGTH, refusal)
    gc.disable()
    try:
        for sent in (get("/"), get("/", CLOSE), post("/large", LENGTH) + bytes(1000)):
            connection = Connection(bridge, connections, logging.Logger("ended"))
            connection.connection_made(Wire())
            connection.data_received(sent)
            connection.connection_lost(None)
            ended = weakref.ref(connection)
            del connection
            assert ended() is None  # though no collector was here
    finally:
        gc.enable()


@on_loop
async def test_all_that_came_whole_is_answered_though_nothing_follows() -> None:
    for count in (1, 17, 200):
        line = Line()
        line.wire.close = line.wire.over.set  # type: ignore[method-assign]
        line.send(b"".join(get(f"/{number}") for number in range(count)))
        line.connection.eof_received()
        await line.wire.over.wait()
        assert line.told == [f"/{number} 0" for number in range(count)]


@on_loop
async def test_who_does_not_read_is_not_listened_to_for_long() -> None:
    line = Line()
    line.connection.pause_writing()
    sent = 0
    while line.wire.reads:
        line.send(some := get("/") * 100)
        sent += len(some)
        assert sent < 2 * AHEAD
    line.connection.resume_writing()
    await until(lambda: len(line.told) == sent // len(get("/")))


@on_loop
async def test_a_stream_that_nobody_reads_ends_in_time() -> None:
    ended = asyncio.Event()

    def parts() -> Generator[Part]:
        try:
            while True:
                yield b"x"
                line.connection.pause_writing()
        finally:
            ended.set()

    line = Line(connections_of(seconds=SECONDS), lambda _request: Stream(parts(), "text/plain"))
    line.wire.abort = lambda: line.connection.connection_lost(None)  # type: ignore[method-assign]
    line.send(get("/"))
    await ended.wait()


@pytest.mark.parametrize("unsent", [[400], [300, 200, 200]])
@on_loop
async def test_who_reads_a_stream_has_time_and_who_stops_is_let_go(unsent: list[int]) -> None:
    looks, aborted = iter(unsent), asyncio.Event()
    line = Line(respond=lambda _: Stream(held_up(), "text/plain"))
    line.wire.abort = aborted.set  # type: ignore[method-assign]

    def held_up() -> Generator[Part]:
        line.wire.unsent = 400
        line.connection.pause_writing()
        yield b"x"

    def look(one: Connection) -> None:
        line.wire.unsent = next(looks)
        one.close_unless_read()

    line.connections.idle = Deadlines(SECONDS, look)
    line.send(get("/"))
    await aborted.wait()
    assert list(looks) == []


@pytest.mark.parametrize("unsent", [[0], [400, 300, 0], [400, 300, 200, 200]])
@on_loop
async def test_who_reads_the_last_answer_has_time_and_who_stops_is_let_go(
    unsent: list[int],
) -> None:
    line, looks = Line(), iter(unsent)
    aborted = asyncio.Event()
    line.wire.abort = aborted.set  # type: ignore[method-assign]

    def look(one: Connection) -> None:
        line.wire.unsent = next(looks)
        one.close_unless_read()

    line.connections.last = Deadlines(SECONDS, look)
    line.send(get("/", CLOSE))
    await aborted.wait()
    assert line.told == ["/ 0"]
    assert list(looks) == []


def test_who_leaves_in_the_middle_of_a_body_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    @on_loop
    async def leave() -> None:
        line = Line()
        line.send(post("/" + "x" * 2000, 5) + b"hell")
        line.connection.connection_lost(None)
        assert line.wire.sent == b""

    with caplog.at_level(logging.INFO):
        leave()
    assert [line.message for line in caplog.records if line.name == "line"] == [
        f"POST /{'x' * 999}: the client left"
    ]
