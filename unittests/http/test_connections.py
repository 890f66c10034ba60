"""All connections: who goes where there are too many, and whose large bodies are read."""

import threading
import time
from email.utils import parsedate_to_datetime

import pytest

from app.http.body import MOST_BYTES
from app.http.connections import Connections
from app.http.request import Request
from app.http.responses import Reply, Response
from unittests.helpers.loop_client import connections_of
from unittests.helpers.waiting import PATIENCE
from unittests.http.test_connection import LENGTH, Line, get, on_loop, post, until

AT_A_TIME = 32  # large bodies
HEAD = post("/large", LENGTH)


class Room:
    """A server with room for so many, and who came, in this order: each a letter.

    `s` is a stranger, `k` somebody known, `w` and `W` are such who wait for an answer.
    """

    def __init__(self, callers: str) -> None:
        self.connections = connections_of(most=len(callers))
        self.lines: list[Line] = []
        for kind in callers:
            line = self.comes()
            if kind in "kW":
                self.connections.note_known(line.connection)
            line.send(get("/wait" if kind in "wW" else "/"))

    def comes(self) -> Line:
        """Have one more come, and let those go who have to."""
        self.lines.append(Line(self.connections))
        for line in self.lines:
            if line.wire.is_aborted:
                line.connection.connection_lost(None)
        return self.lines[-1]

    @property
    def gone(self) -> list[int]:
        """The numbers of those who had to go."""
        return [number for number, line in enumerate(self.lines) if line.wire.is_aborted]


@on_loop
async def test_strangers_are_let_go_where_there_are_too_many() -> None:
    for callers, gone in (
        ("sss", [0, 1]),
        ("kkk", [0, 3]),
        ("kss", [1, 2]),
        ("wss", [1, 2]),
        ("sWs", [0, 2]),
        ("www", [3, 4]),
        ("WwW", [3, 4]),
    ):
        room = Room(callers)
        assert room.gone == [], callers
        for number in (1, 2):
            room.comes()
            assert room.gone == gone[:number], callers


@on_loop
async def test_several_that_come_at_once_each_take_a_place() -> None:
    room = Room("sss")
    for _ in range(2):  # before it shows that somebody has gone
        room.lines.append(Line(room.connections))
    assert room.gone == [0, 1]


@on_loop
async def test_who_still_reads_an_answer_goes_last() -> None:
    room = Room("ss")
    room.lines[0].wire.unsent = 1000
    room.comes()
    assert room.gone == [1]


@on_loop
async def test_who_was_answered_may_have_to_go() -> None:
    room = Room("ww")
    room.lines[1].wait.ended()
    await until(lambda: room.lines[1].told)
    room.comes()
    assert room.gone == [1]


@on_loop
async def test_who_left_before_it_was_known_takes_no_room() -> None:
    gate = threading.Event()

    def known_late(request: Request) -> Response:
        gate.wait(PATIENCE)
        request.trusted = True
        return Reply(b"")

    connections = connections_of(most=3)
    for _ in range(2):
        line = Line(connections, known_late)
        line.send(post("/late", LENGTH) + bytes(LENGTH))
        assert line.connection.is_busy  # on a thread, as large bodies are
        line.connection.connection_lost(None)
    gate.set()
    await until(lambda: connections.is_quiet)
    lines = [Line(connections) for _ in range(3)]
    assert not any(line.wire.is_aborted for line in lines)


@on_loop
async def test_who_has_left_takes_no_room() -> None:
    room = Room("kws")
    for line in room.lines:
        line.connection.connection_lost(None)
    for _ in range(3):
        room.comes()
    assert room.gone == []


def large(connections: Connections, number: int) -> list[Line]:
    """Have so many begin to send large bodies; each has sent the first byte of it."""
    lines = [Line(connections) for _ in range(number)]
    for line in lines:
        line.send(HEAD)
        line.send(b"x")
    return lines


async def send_rest(line: Line) -> None:
    """Send the rest of a large body, in small pieces, and wait for the answer."""
    left = LENGTH - 1
    while left:
        line.send(bytes(piece := min(left, 4096)))
        left -= piece
    await until(lambda: line.told)


@on_loop
async def test_large_bodies_take_turns() -> None:
    lines = large(connections_of(most=64), AT_A_TIME + 2)
    *_, next_one, last = lines
    for line in lines:
        line.send(bytes(100_000))
    # Those who wait for their turn send no more than a little ahead.
    assert [line.wire.reads for line in lines] == [True] * AT_A_TIME + [False] * 2
    lines[0].send(bytes(LENGTH - 100_001))
    await until(lambda: lines[0].told)
    assert (next_one.wire.reads, last.wire.reads) == (True, False)
    lines[1].connection.connection_lost(None)
    await until(lambda: last.wire.reads)
    for line in lines[2:]:
        line.send(bytes(LENGTH - 100_001))
        await until(lambda line=line: line.told)  # type: ignore[misc]
        assert line.told == [f"/large {LENGTH}"]


@on_loop
async def test_who_leaves_while_bodies_take_turns_keeps_nobody_waiting() -> None:
    lines = large(connections_of(most=128), 2 * AT_A_TIME + 1)
    last = lines.pop()
    # First those go who wait for their turn, then those whose turn it is.
    for line in reversed(lines):
        line.connection.connection_lost(None)
    await send_rest(last)
    assert last.told == [f"/large {LENGTH}"]


@on_loop
async def test_a_large_body_that_is_given_up_makes_room_for_the_next() -> None:
    lines = large(connections_of(most=64), AT_A_TIME + 1)
    lines[-1].send(bytes(100_000))
    assert not lines[-1].wire.reads
    lines[0].connection.refuse_body()
    await until(lambda: lines[-1].wire.reads)


@on_loop
async def test_large_bodies_in_one_piece_give_their_places_back() -> None:
    connections = connections_of(most=64)
    for _ in range(AT_A_TIME + 1):
        line = Line(connections)
        line.send(HEAD + bytes(LENGTH))
        await until(lambda line=line: line.told)  # type: ignore[misc]
        assert line.told == [f"/large {LENGTH}"]


@on_loop
async def test_however_many_wait_for_their_turn_each_has_it() -> None:
    connections = connections_of(most=1000)
    lines = large(connections, AT_A_TIME)
    # More than there may be calls within each other.
    waiting = [Line(connections) for _ in range(500)]
    smallest = MOST_BYTES + 1  # of those that take turns
    for line in waiting:
        line.send(post("/large", smallest) + bytes(smallest))
    for line in lines:
        line.connection.connection_lost(None)
    await until(lambda: all(line.told for line in waiting))


@on_loop
async def test_a_place_is_free_once_its_body_is_whole_whatever_follows() -> None:
    connections = connections_of(most=64)
    lines = large(connections, AT_A_TIME)
    for line in lines:
        line.send(bytes(LENGTH - 1) + post("/small", 5))
        await until(lambda line=line: line.told)  # type: ignore[misc]
    last = Line(connections)
    last.send(HEAD + bytes(LENGTH))
    await until(lambda: last.told)


@on_loop
async def test_small_bodies_do_not_wait_for_large_ones() -> None:
    connections = connections_of(most=64)
    large(connections, AT_A_TIME + 1)
    line = Line(connections)
    line.send(post("/small", 5) + b"hello")
    assert line.told == ["/small 5"]


@on_loop
async def test_it_is_not_quiet_while_a_body_comes() -> None:
    connections = connections_of()
    line = Line(connections)
    line.send(post("/b", 5))
    assert not connections.is_quiet
    line.send(b"hello")
    assert connections.is_quiet


@on_loop
async def test_it_is_quiet_once_all_is_answered() -> None:
    connections = connections_of()
    line = Line(connections)
    assert (connections.is_quiet, connections.answered) == (True, 0)
    line.send(get("/"))
    assert (connections.is_quiet, connections.answered) == (True, 1)
    assert not connections.is_at_work
    line.send(get("/wait"))
    assert (connections.is_quiet, connections.answered) == (False, 1)
    assert connections.is_at_work
    line.wire.unsent = 1  # what waits is not the answer, but the client
    assert not connections.is_at_work
    line.wait.ended()
    await until(lambda: connections.is_quiet)
    assert connections.answered == 2
    assert line.told == ["/ 0", "/wait 0"]


@on_loop
async def test_what_clients_have_not_read_is_known() -> None:
    room = Room("ks")
    assert room.connections.unsent() == 0
    for line in room.lines:
        line.wire.unsent = 100
    assert room.connections.unsent() == 200
    room.lines[0].connection.connection_lost(None)
    assert room.connections.unsent() == 100


@on_loop
async def test_a_server_that_stops_asks_clients_to_close() -> None:
    line, other = Line(connections := connections_of()), Line(connections)
    line.send(get("/wait"))
    connections.closing = True
    line.wait.ended()
    other.send(get("/other") + get("/next"))
    await line.wire.over.wait()
    for each in (line, other):
        assert b"connection: close" in each.wire.sent
        assert len(each.told) == 1


def test_the_date_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    connections = connections_of()
    assert abs(parsedate_to_datetime(connections.date()).timestamp() - time.time()) < PATIENCE
    for now, date in ((0.0, "00"), (0.9, "00"), (1.0, "01"), (59.5, "59")):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        assert connections.date() == f"Thu, 01 Jan 1970 00:00:{date} GMT"
