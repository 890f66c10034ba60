"""One connection of HTTP/1.1: requests in, answers out, in the same order.

A request is answered once it is whole, so that who sends half of one keeps nobody else waiting.
What is known at once is written at once; only what takes longer gets a task of its own.
"""

import asyncio
import logging
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any, cast

from app.errors import Overloaded
from app.http.body import MOST_BYTES, too_large
from app.http.bridge import Bridge, ClientLeft
from app.http.connections import Connections
from app.http.error_handlers import Problem
from app.http.long_headers import without_long_lists
from app.http.request import Request, host_and_port
from app.http.request_parser import Incoming, RequestParser
from app.http.response_writer import ResponseWriter
from app.http.responses import Reply, Response, Stream, without_body
from app.messages import reasons

# Requests are looked for in so many bytes at a time, so that few wait to be answered.
_BYTES_A_LOOK = 16 * 1024
# What comes while one is being answered is taken up to here. The rest is left to the kernel.
_MOST_AHEAD = 64 * 1024
# Answers that are written one after another until others have their turn.
_ANSWERS_A_TURN = 16
_LONGEST_SHOWN = 1000
_FAILED = "the server failed unexpectedly"


class Connection(asyncio.Protocol):
    """One connection. Lives on one event loop, so it needs no lock.

    What it shares with others is in `connections`: `idle`, `bodies` and `last` are the time limits
    for a request to begin, for its body, and for the last answer to be read; and bodies of
    megabytes are read a few at a time.
    """

    def __init__(self, bridge: Bridge, connections: Connections, log: logging.Logger) -> None:
        self.is_busy = False  # whether a request is being answered that takes longer
        self._bridge = bridge
        self._connections = connections
        self._log = log
        self._ahead = b""  # what came meanwhile
        self._is_paused = False  # whether what comes is left to the kernel
        self._is_large = False  # whether the body that comes is one of megabytes
        self._goes_on_later = False  # whether others have their turn before the next answer
        self._is_ending = False  # whether the last answer is written, or none will be
        self._unsent_before = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._loop = asyncio.get_running_loop()
        self._left: asyncio.Future[None] = self._loop.create_future()
        client = _shown(transport.get_extra_info("peername"))
        server = _shown(transport.get_extra_info("sockname"))
        self._parser = RequestParser(client, server, self._wants_body)
        self._writer = ResponseWriter(self._transport, self._bridge, self._connections, self._left)
        self._connections.idle.start(self)
        self._connections.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent, and answer what is whole."""
        if self._is_ending:
            return
        if self._is_behind() or len(data) > _BYTES_A_LOOK:
            self._ahead += data
        else:
            self._feed(data)
        if not self._goes_on_later:
            self._go_on()

    def eof_received(self) -> bool:
        """Note that the client sends nothing more: it counts as one that has left."""
        if self._is_ending:
            return False
        self._set_left()
        self._end_if_left()
        return True  # it ends with the last answer

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc  # in what way it broke
        if self._parser.reading is not None:
            self._note_left(self._parser.reading)
        self._is_ending = True
        self._parser.end()
        self._parser.whole.clear()
        self._ahead = b""
        self._set_left()
        self.resume_writing()
        self._connections.closed(self)

    def pause_writing(self) -> None:
        """Note that the client does not read as fast as it is sent to."""
        self._writer.hold_up()
        self._unsent_before = self.unsent  # from now on, it shows by this whether it reads
        self._connections.idle.start(self)

    def resume_writing(self) -> None:
        """Go on: it has read nearly all."""
        if self._writer.is_held_up:
            self._writer.go_on()
            if self.is_busy:
                self._connections.idle.stop(self)
            else:
                self._go_on()

    @property
    def unsent(self) -> int:
        """How many bytes of answers the client has not taken yet."""
        return self._transport.get_write_buffer_size()

    def close(self) -> None:
        """End the connection, whatever the client still sends or has not read."""
        self._writer.reset_if_begun()
        self._is_ending = True
        self._set_left()
        self._transport.abort()
        self._connections.closed(self)

    def close_unless_read(self) -> None:
        """End the connection, unless the client goes on reading answers that are written."""
        if not self.unsent or self.unsent == self._unsent_before:
            self.close()
            return
        self._unsent_before = self.unsent
        (self._connections.last if self._is_ending else self._connections.idle).start(self)

    def read_on(self) -> None:
        """Read a large body: it is its turn."""
        if self._parser.reading is not None:
            self._connections.bodies.start(self)
        self._go_on()

    def refuse_body(self) -> None:
        """Answer a request whose body takes too long."""
        request = self._parser.reading
        if request is None:
            return
        request.unread = Problem.of_status(HTTPStatus.REQUEST_TIMEOUT, reasons.BODY_TOO_SLOW())
        if self._connections.is_queued(self):
            request.unread = Problem.of(Overloaded(reasons.TOO_MANY_BODIES()))
        self._parser.cut()
        self._go_on()

    def _wants_body(self, request: Request) -> bool:
        """Decide whether the body of a request is read; note why it is not."""
        self._end_large_body()
        declared = request.headers.get("content-length")
        if declared is None:
            # From here it does not show whether a chunked body came to its end or broke off.
            reason = reasons.BODY_IN_CHUNKS()
            request.unread = Problem.of_status(HTTPStatus.LENGTH_REQUIRED, reason)
            return False
        length, most = int(declared), self._bridge.most_bytes(request.path)
        if self._bridge.refusal(request) is not None:
            return False
        if length > most:
            request.unread = too_large(most)
            return False
        self._is_large = length > MOST_BYTES
        # A client that is not told, as behind other requests, sends it a moment later.
        is_next = not (self._parser.whole or self.is_busy or self._parser.is_old)
        if is_next and request.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _go_on(self) -> None:
        """Answer what came, in order, up to what takes longer."""
        answered = 0
        while not (self.is_busy or self._is_ending or self._writer.is_held_up):
            if self._parser.whole:
                if answered == _ANSWERS_A_TURN:
                    self._goes_on_later = True
                    self._loop.call_soon(self._go_on_now)
                    break
                self._serve(self._parser.whole.popleft())
                answered += 1
            elif self._ahead and self._may_read():
                data, self._ahead = self._ahead[:_BYTES_A_LOOK], self._ahead[_BYTES_A_LOOK:]
                self._feed(data)
            else:
                break
        self._end_if_left()
        self._limit()

    def _go_on_now(self) -> None:
        self._goes_on_later = False
        self._go_on()

    def _end_if_left(self) -> None:
        """End the connection of a client that has left, where nothing is to be answered."""
        if not self._left.done() or self.is_busy or self._ahead or self._parser.whole:
            return
        if self._parser.reading is not None:
            self._note_left(self._parser.reading)
        self._end()

    def _is_behind(self) -> bool:
        """Tell whether there is something to do before what comes next."""
        return bool(
            self.is_busy
            or self._ahead
            or self._parser.whole
            or self._writer.is_held_up
            or self._is_large
        )

    def _may_read(self) -> bool:
        """Tell whether what came may be looked at: large bodies are read a few at a time."""
        return not self._is_large or self._connections.begin_large_body(self)

    def _end_large_body(self) -> None:
        if self._is_large:
            self._is_large = False
            self._connections.end_large_body(self)

    def _limit(self) -> None:
        """Limit what a client may send ahead, and how long it may take for a body."""
        if (len(self._ahead) > _MOST_AHEAD) != self._is_paused and not self._is_ending:
            self._is_paused = not self._is_paused
            if self._is_paused:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()
        is_read = self._parser.reading is None
        if is_read:
            self._end_large_body()
        idle, bodies = self._connections.idle, self._connections.bodies
        is_timed = not (is_read or self.is_busy or self._writer.is_held_up)
        if is_timed and self not in bodies:
            idle.stop(self)
            bodies.start(self)
        elif self in bodies and not is_timed:
            bodies.stop(self)
            if not (self.is_busy or self._is_ending):
                idle.start(self)

    def _feed(self, data: bytes) -> None:
        """Have what came read."""
        try:
            self._parser.feed(data)
        except Exception:  # noqa: BLE001
            self._log.exception("reading a request raised")
            self._parser.refuse(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILED)

    def _serve(self, incoming: Incoming) -> None:
        """Answer a request, or begin to."""
        request = incoming.request
        if request is None:
            assert incoming.problem is not None
            self._log.info("refused a connection: %s", incoming.problem.reason)
            self._write(incoming, incoming.problem.reply(None))
            return
        try:
            response = self._bridge.answer(request)
            self._note(request)
            if isinstance(response, Reply):
                self._write(incoming, response)
                self._connections.note_answer()
                return
        except Exception:  # noqa: BLE001
            self._fail(incoming, request)
            return
        self.is_busy = True
        self._connections.idle.stop(self)
        self._connections.begin()
        self._task = self._loop.create_task(self._serve_longer(incoming, request, response))

    async def _serve_longer(
        self, incoming: Incoming, request: Request, response: Response | Awaitable[Response]
    ) -> None:
        """Answer a request whose answer takes longer, and then what came meanwhile."""
        try:
            if isinstance(response, Awaitable):
                response = await response
                self._note(request)
            # Its body may have megabytes, and the response may wait for half a minute.
            request.body = b""
            while not isinstance(response, Reply | Stream):
                response = await self._bridge.next(response, self._left)
            if isinstance(response, Reply):
                self._write(incoming, response)
            else:
                self._written(is_last=await self._writer.stream(incoming, response))
        except ClientLeft:
            self._note_left(request)
            self.close()
        except Exception:  # noqa: BLE001
            self._fail(incoming, request)
        finally:
            self.is_busy = False
            self._connections.end()
        self._go_on()

    def _fail(self, incoming: Incoming, request: Request) -> None:
        """Answer what could not be answered otherwise, and end the connection."""
        self._log.exception("serving %s %s raised", request.method, request.path[:_LONGEST_SHOWN])
        if self._writer.began:
            self.close()
            return
        problem = Problem.of_status(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILED)
        head = without_long_lists({"accept": request.headers.get("accept", "")})
        reply = problem.reply(head.get("accept"))
        if request.method == "HEAD":
            reply = without_body(reply)
        self._write(incoming._replace(is_last=True), reply)

    def _write(self, incoming: Incoming, reply: Reply) -> None:
        """Write a whole response, if there is still somebody to read it."""
        if not self._is_ending:
            self._written(is_last=self._writer.write(incoming, reply))

    def _written(self, *, is_last: bool) -> None:
        """Wait for the next request behind an answer, or end; the server may stop meanwhile."""
        if is_last or self._connections.closing:
            self._end()
        else:
            self._connections.idle.start(self)

    def _end(self) -> None:
        """Let the client read what was written, and close the connection.

        What it still sends is read and thrown away: otherwise the kernel would throw away what it
        has not read yet.
        """
        if self._is_ending:
            return
        self._is_ending = True
        self._parser.end()
        self._ahead = b""
        self._connections.idle.stop(self)
        self._connections.last.start(self)
        if self._left.done():
            self._transport.close()
            return
        if self._is_paused:
            self._transport.resume_reading()
        self._transport.write_eof()

    def _note(self, request: Request) -> None:
        if request.trusted:
            self._connections.note_known(self)

    def _note_left(self, request: Request) -> None:
        path = request.path[:_LONGEST_SHOWN]
        self._log.info("%s %s: the client left", request.method, path)

    def _set_left(self) -> None:
        if not self._left.done():
            self._left.set_result(None)


def _shown(name: Any) -> str:
    """Return an address and a port as a text."""
    if not isinstance(name, tuple):
        return ""  # it has left already
    return host_and_port(*name[:2])
