"""webserver.log: one event is one line, whatever a client sends.

Times are UTC, in ISO 8601 with a Z. The file rotates by size. A log that cannot be written (disk
full, folder gone) loses lines, never the server.

Whoever logs only appends to a list in memory; one thread formats and writes what has gathered,
every 20 ms while there is something. A write for each line would make every request give up the
interpreter several times, which cost a third of the throughput. What that risks is the last 20 ms
of lines when the process is killed; a clean exit loses none.
"""

import contextlib
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from app.errors import SettingsError

LOGGER_NAME = "webserver"

_GATHER_SECONDS = 0.02
# While the disk takes nothing, so many lines wait; then the oldest go, and a line tells how many.
_MOST_WAITING = 100_000


def one_line(text: str) -> str:
    """Return `text` with every character escaped that could end, forge or hide part of a line."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


class OneLineFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO message`, with a traceback, if any, on the same line.

    Used by one thread. Keeps the latest second as text: lines of the same second share it.
    """

    _second = -1
    _stamp = ""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        if int(record.created) != self._second:
            self._second = int(record.created)
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self._second))
        message = record.getMessage()
        if record.exc_text:
            message = f"{message}\n{record.exc_text}"
        milliseconds = int(record.created % 1 * 1000)
        level = logging.getLevelName(record.levelno)
        return f"{self._stamp}.{milliseconds:03}Z {level} {one_line(message)}"


class GatheringHandler(logging.Handler):
    """Takes records at once; a thread of its own writes them, many at a time, to rotating files."""

    def __init__(self, path: Path, max_bytes: int, files: int) -> None:
        super().__init__()
        self._file = RotatingFileHandler(
            path, maxBytes=max_bytes, backupCount=files, encoding="utf-8"
        )
        self._size = path.stat().st_size
        # Appending to and popping from a deque is atomic: the threads that log take no lock.
        self._waiting: deque[logging.LogRecord] = deque()
        self._lost = 0
        self._written = 0  # of the batch that is being written
        self._something = threading.Event()
        self._closing = threading.Event()
        # Held by whoever writes what has gathered: the thread, or `flush`.
        self._writing = threading.Lock()
        self._writer = threading.Thread(target=self._write_on, name="LogWriter", daemon=True)
        self._writer.start()

    def handle(self, record: logging.LogRecord) -> bool:
        """Take a record; never blocks and never raises."""
        # The caller's exception is only at hand now, and would keep its frames alive.
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        self._waiting.append(record)
        if not self._something.is_set():
            self._something.set()
        return True

    def _write_on(self) -> None:
        while not self._closing.is_set():
            self._something.wait()
            self._closing.wait(_GATHER_SECONDS)
            self._something.clear()
            self.flush()

    def flush(self) -> None:
        """Write what has gathered. What the disk does not take stays for the next time."""
        with self._writing:
            while self._waiting:
                batch = self._next_batch()
                try:
                    self._write(batch)
                except Exception:  # pylint: disable=broad-exception-caught
                    self._waiting.extendleft(reversed(batch[self._written :]))
                    self._drop_stream()
                    with contextlib.suppress(OSError):
                        # No half line stays in front of the next one.
                        os.truncate(self._file.baseFilename, self._size)
                    while len(self._waiting) > _MOST_WAITING:
                        self._waiting.popleft()
                        self._lost += 1
                    return

    def _next_batch(self) -> list[logging.LogRecord]:
        count = min(len(self._waiting), 1000)
        return [self._waiting.popleft() for _ in range(count)]

    def _write(self, batch: list[logging.LogRecord]) -> None:
        lines = [self._line(record) for record in batch]
        if self._lost:
            lines.insert(0, b"%b ERROR %d lines were lost\n" % (lines[0][:24], self._lost))
        self._written = 0
        fitting: list[bytes] = []
        room = self._file.maxBytes - self._size
        for line in lines:
            if self._file.maxBytes and len(line) > room and (self._size or fitting):
                self._write_lines(fitting)
                self._written += len(fitting)
                self._roll_over()
                room, fitting = self._file.maxBytes, []
            room -= len(line)
            fitting.append(line)
        self._write_lines(fitting)
        self._written = len(batch)
        self._lost = 0

    def _roll_over(self) -> None:
        # Where the file cannot be renamed, the log goes on in it.
        with contextlib.suppress(OSError):
            self._file.doRollover()
            self._size = 0

    def _write_lines(self, lines: list[bytes]) -> None:
        if self._file.stream is None or not Path(self._file.baseFilename).exists():
            self._drop_stream()
            self._file.stream = open(self._file.baseFilename, "a", encoding="utf-8")  # noqa: SIM115
            self._size = self._file.stream.tell()
        text = b"".join(lines)
        self._file.stream.buffer.write(text)
        self._file.stream.flush()
        self._size += len(text)

    def _line(self, record: logging.LogRecord) -> bytes:
        try:
            line = self.format(record)
        except Exception:  # pylint: disable=broad-exception-caught
            record.msg, record.args = f"a line could not be formatted: {record.msg!r}", ()
            line = self.format(record)
        return f"{line}\n".encode("utf-8", "backslashreplace")

    def _drop_stream(self) -> None:
        """Let go of the file: a stream that failed would try its unwritten text again and again."""
        stream, self._file.stream = self._file.stream, None
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()

    def close(self) -> None:
        """Write what is left and close the file. Can be repeated."""
        self._closing.set()
        self._something.set()
        self._writer.join()
        self.flush()
        self._file.close()
        super().close()


class LineRecord(logging.LogRecord):
    """A record of what a line tells and nothing more.

    The parent's looks up thread, process and source file, which costs more than all else.
    """

    def __init__(self, level: int, msg: object, args: Any, exc_info: Any) -> None:
        # pylint: disable=super-init-not-called
        self.created = time.time()
        self.levelno = level
        self.msg, self.args = str(msg), args
        self.exc_info, self.exc_text, self.stack_info = exc_info, None, None


class LineLogger(logging.Logger):
    """A logger of LineRecords."""

    def _log(  # pylint: disable=too-many-positional-arguments
        self, level: int, msg: object, args: Any, exc_info: Any = None,
        extra: Mapping[str, object] | None = None, stack_info: bool = False, stacklevel: int = 1,
    ) -> None:  # fmt: skip
        """Hand a LineRecord to the handlers: without looking up the caller, which no line tells."""
        if isinstance(exc_info, BaseException):
            exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
        elif exc_info and not isinstance(exc_info, tuple):
            exc_info = sys.exc_info()
        record = LineRecord(level, msg, args, exc_info)
        for handler in self.handlers:
            handler.handle(record)


def open_log(path: Path, max_bytes: int, files: int) -> logging.Logger:
    """Return a logger that writes to `path` alone; raise SettingsError when it cannot be opened.

    The logger belongs to its caller: it is in no global table, so two apps in one process do not
    see each other's.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise SettingsError(f"log {path}: expected a file")  # which rotating would rename
        handler = GatheringHandler(path, max_bytes, files)
    except OSError as error:
        raise SettingsError(f"log {path}: {error.strerror}") from None
    handler.setFormatter(OneLineFormatter())
    log = LineLogger(LOGGER_NAME, logging.INFO)
    log.addHandler(handler)
    return log


def close_log(log: logging.Logger) -> None:
    """Write what is left and close the log's file."""
    for handler in list(log.handlers):
        handler.close()
        log.removeHandler(handler)
