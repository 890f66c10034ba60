"""Draws charts in a process of its own.

The library holds Python's global lock for as long as it draws, up to a second: drawn in the
server's own process, a chart would have everybody wait. A process can be ended, too, and its
memory, some hundreds of megabytes, comes back when nobody draws.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO, Any

from app import json_bytes
from app.charts.drawing_process import DRAWN, HEAD, PNG, SVG
from app.errors import DrawingError, DrawingTimeout, ShuttingDown
from app.installation import ROOT
from app.messages import reasons

_PROGRAM = (sys.executable, "-m", "app.charts.drawing_process")


class Drawer:
    """Draws one chart after another; the process starts with the first of them.

    Any thread may ask; it waits until the charts before its own are drawn.
    """

    def __init__(self, seconds: float = 20.0, program: Sequence[str] = _PROGRAM) -> None:
        """Give a drawing up after so many seconds; `program` is the process that draws."""
        self._program = program
        self._seconds = seconds
        # Guards the pipes of the process, and which process it is. Held while a chart is drawn:
        # the others wait for nothing else than their turn.
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._retired = False
        self._used = time.monotonic()

    def svg(self, chart: dict[str, Any]) -> bytes:
        """Return a chart as SVG; raise DrawingError for one that cannot be drawn in time."""
        return self._draw(SVG, chart)

    def png(self, chart: dict[str, Any]) -> bytes:
        """Return a chart as PNG; raise DrawingError for one that cannot be drawn in time."""
        return self._draw(PNG, chart)

    def rest(self, idle_seconds: float) -> None:
        """End the process if nothing was drawn for so long. It starts again when needed."""
        if self._lock.acquire(blocking=False):
            try:
                if time.monotonic() - self._used >= idle_seconds:
                    self._end()
            finally:
                self._lock.release()

    def retire(self) -> None:
        """Draw what is being drawn, and nothing after it: who waits is refused."""
        self._retired = True

    def close(self) -> None:
        """Retire, and end the process, and with it what it draws."""
        self.retire()
        process = self._process
        if process is not None:
            process.kill()  # whoever waits for its answer stops waiting
        with self._lock:
            self._end()

    @property
    def process_id(self) -> int | None:
        """The id of the process, or None when none is running."""
        process = self._process
        return None if process is None else process.pid

    def _draw(self, kind: bytes, chart: dict[str, Any]) -> bytes:
        content = json_bytes.encode(chart)
        request = HEAD.pack(kind, len(content)) + content
        with self._lock:
            try:
                # Somebody may end the process, but hardly twice.
                answer = self._asked(request) or self._asked(request)
            finally:
                self._used = time.monotonic()
        if answer is None:
            raise DrawingError(reasons.DRAWER_ENDED())
        verdict, drawing = answer
        if verdict != DRAWN:
            raise DrawingError(drawing.decode())
        return drawing

    def _asked(self, request: bytes) -> tuple[bytes, bytes] | None:
        """Return what the process answers, or None when it ended before.

        Raises DrawingTimeout for a drawing too long in the making, whose process is ended here.
        """
        if self._retired:
            raise ShuttingDown
        late = threading.Event()
        try:
            process = self._running()
        except OSError as error:  # no descriptors, no memory
            raise DrawingError(reasons.DRAWER_NOT_STARTED()) from error

        def end() -> None:
            late.set()
            process.kill()

        alarm = threading.Timer(self._seconds, end)
        alarm.daemon = True
        alarm.start()
        try:
            return _exchange(process, request)
        except OSError as error:
            self._end()
            if late.is_set():
                raise DrawingTimeout(
                    reasons.DRAWN_TOO_SLOWLY(seconds=f"{self._seconds:g}")
                ) from error
            return None
        finally:
            alarm.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            # A session of its own: a Ctrl-C is the server's to handle, which may have to draw yet.
            self._process = subprocess.Popen(
                self._program,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _exchange(process: "subprocess.Popen[bytes]", request: bytes) -> tuple[bytes, bytes]:
    """Return what the process answers; raise OSError when it ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    process.stdin.flush()
    verdict, length = HEAD.unpack(_read(process.stdout, HEAD.size))
    return verdict, _read(process.stdout, length)


def _read(pipe: IO[bytes], length: int) -> bytes:
    content = pipe.read(length)
    if len(content) < length:
        raise BrokenPipeError("the process that draws ended")
    return content
