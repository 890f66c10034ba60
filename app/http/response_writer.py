"""Writes the responses of one connection: heads, bodies, and streams at the pace of the client."""

import asyncio
import socket
import struct
from collections.abc import Generator, Sequence

from app.http.bridge import Bridge, ClientLeft, until_over
from app.http.connections import Connections
from app.http.request_parser import Incoming
from app.http.responses import STATUS_LINES, Header, Part, Pause, Reply, Slow, Stream

# A body of this size or more is not copied to stand behind its head.
_LARGE = 64 * 1024
# Of a socket that is closed: nothing more is sent, but that it is over.
_RESET = struct.pack("ii", 1, 0)


class ResponseWriter:
    """Writes to one connection. Lives on one event loop, so it needs no lock."""

    def __init__(
        self,
        transport: asyncio.Transport,
        bridge: Bridge,
        connections: Connections,
        left: "asyncio.Future[None]",
    ) -> None:
        """`left` is done once the client has left."""
        self.began = False  # whether a response has begun that is sent in parts
        self._transport = transport
        self._bridge = bridge
        self._connections = connections
        self._left = left
        self._room: asyncio.Future[None] | None = None  # until the client has read more

    @property
    def is_held_up(self) -> bool:
        """Whether the client does not read as fast as it is sent to."""
        return self._room is not None

    def hold_up(self) -> None:
        """Send no further part until `go_on`."""
        self._room = asyncio.get_running_loop().create_future()

    def go_on(self) -> None:
        """Send on: the client has read nearly all, or has left."""
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def write(self, incoming: Incoming, reply: Reply) -> bool:
        """Write a whole response; return whether it says that it is the last one."""
        is_last = incoming.is_last or self._connections.closing
        head = self._head(incoming, reply.status, reply.all_headers(), is_last=is_last)
        if len(reply.body) < _LARGE:
            self._transport.write(head + reply.body)
        else:
            self._transport.write(head)
            self._transport.write(reply.body)
        return is_last

    async def stream(self, incoming: Incoming, response: Stream) -> bool:
        """Write a response whose body is made meanwhile; return whether it says it is the last one.

        Raises ClientLeft where the client leaves before its end, and what making a part raises.
        """
        headers = response.all_headers()
        # Where it cannot be sent in chunks, its end is that of the connection.
        is_last = incoming.is_last or incoming.is_old or self._connections.closing
        if not incoming.is_old:
            headers.append(("transfer-encoding", "chunked"))
        try:
            head = self._head(incoming, response.status, headers, is_last=is_last)
            while (part := await self._next(response.parts)) is not None:
                if self._left.done():
                    raise ClientLeft
                if isinstance(part, Pause):
                    await until_over(part.wait, part.seconds, self._left)
                    continue
                if not self.began:  # until now, it could turn out to be an error
                    self.began = True
                    self._transport.write(head)
                if part and incoming.is_old:
                    self._transport.write(part)
                elif part:
                    self._transport.writelines((b"%x\r\n" % len(part), part, b"\r\n"))
                # Others have their turn, too.
                await (self._room or asyncio.sleep(0))
        finally:
            response.parts.close()
        if self._left.done():
            raise ClientLeft
        if not self.began:
            self._transport.write(head)
        if not incoming.is_old:
            self._transport.write(b"0\r\n\r\n")
        self.began = False
        return is_last

    async def _next(self, parts: Generator[Part]) -> bytes | Pause | None:
        """Have the next part of a body made; return None where there is none."""
        part = await self._bridge.called(next, parts, None)
        while isinstance(part, Slow):
            part = await self._bridge.on_thread(next, parts, None)
        return part

    def _head(
        self, incoming: Incoming, status: int, headers: Sequence[Header], *, is_last: bool
    ) -> bytes:
        """Return the first line and the headers of a response."""
        lines = [f"HTTP/1.1 {STATUS_LINES[status]}", f"date: {self._connections.date()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if is_last:
            lines.append("connection: close")
        elif incoming.is_old:
            lines.append("connection: keep-alive")
        text = "\r\n".join(lines)
        if text.count("\n") + text.count("\r") != 2 * (len(lines) - 1):
            raise ValueError("a header with a line break")
        return f"{text}\r\n\r\n".encode("latin-1")

    def reset_if_begun(self) -> None:
        """Have the end of the connection reset it where a response has begun, which is not whole.

        To a client of HTTP/1.0 it would look so, for its end is that of the connection.
        """
        if self.began and (connection := self._transport.get_extra_info("socket")) is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.began = False
