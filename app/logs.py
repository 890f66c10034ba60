"""webserver.log: one event is one line, whatever a client sends.

Times are UTC, in ISO 8601 with a Z. The file rotates by size. A log that cannot be written (disk
full, folder gone) loses lines, never the server.

Whoever logs only appends to a list in memory; one thread formats and writes what has gathered,
every 20 ms while there is something. A write for each line would make every request give up the
interpreter several times, which cost a third of the throughput. What that risks is the last 20 ms
of lines when the process is killed; a clean exit loses none.
"""

import codecs
import contextlib
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from app.errors import SettingsError

LOGGER_NAME = "webserver"

_GATHER_SECONDS = 0.02
# While the disk takes nothing, so many lines wait; then the oldest go, and a line says how many.
_MOST_WAITING = 100_000
# So much goes to the disk at a time: once there is room again, what waits need not fit as a whole.
_MOST_AT_ONCE = 64 * 1024


def one_line(text: str) -> str:
    """Return `text` with every character escaped that could end, forge or hide part of a line."""
    if text.isprintable():
        return text
    # Not by the codec's name: it would be looked up in a file, which may not be to be had at the
    # moment (no descriptors), and then never again.
    return "".join(
        char if char.isprintable() else codecs.unicode_escape_encode(char)[0].decode("ascii")
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


class LogFile:
    """A file of whole lines. Before it grows over a size it is renamed, and a new one begun."""

    def __init__(self, path: Path, max_bytes: int, files: int) -> None:
        """Open or create the file, and keep so many older ones; `max_bytes` 0 is no limit.

        Raises OSError.
        """
        self._path = path.absolute()
        self._max_bytes = max_bytes
        self._files = files
        self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._descriptor = os.open(self._path, flags, 0o666)
        self._size = os.fstat(self._descriptor).st_size
        self._room = self._max_bytes - self._size

    def write(self, lines: deque[bytes]) -> None:
        """Write lines, and remove from the front those that are written.

        Raises OSError when the disk does not take all; it has whole lines then, too.
        """
        while lines:
            if not self._in_place():
                self.close()
                self._open()
            elif self._max_bytes and len(lines[0]) > self._room and self._size:
                self._rotate()
            part = self._first_that_fit(lines)
            try:
                self._write_all(b"".join(part))
            except BaseException:
                with contextlib.suppress(OSError):
                    # No half line stays in front of the next one.
                    if os.fstat(self._descriptor).st_size > self._size:
                        os.ftruncate(self._descriptor, self._size)
                raise
            for _ in part:
                lines.popleft()

    def _in_place(self) -> bool:
        """Tell whether the open file is the one of this name, and as long as it was left.

        Other programs remove logs, rename them and begin new ones, or truncate them.
        """
        if self._descriptor < 0:
            return False
        try:
            named, opened = os.stat(self._path), os.fstat(self._descriptor)
        except FileNotFoundError:
            return False
        return os.path.samestat(named, opened) and named.st_size >= self._size

    def _first_that_fit(self, lines: deque[bytes]) -> list[bytes]:
        room = min(self._room, _MOST_AT_ONCE) if self._max_bytes else _MOST_AT_ONCE
        part, room = [lines[0]], room - len(lines[0])
        for line in islice(lines, 1, None):
            room -= len(line)
            if room < 0:
                break
            part.append(line)
        return part

    def _write_all(self, text: bytes) -> None:
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._size += len(text)
        self._room -= len(text)

    def _rotate(self) -> None:
        # Where the file cannot be renamed, the log goes on in it.
        with contextlib.suppress(OSError):
            for number in range(self._files, 1, -1):
                with contextlib.suppress(FileNotFoundError):
                    os.replace(f"{self._path}.{number - 1}", f"{self._path}.{number}")
            os.replace(self._path, f"{self._path}.1")
        self.close()
        self._open()
        self._room = self._max_bytes

    def close(self) -> None:
        """Close the file. Can be repeated."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class BatchHandler(logging.Handler):
    """Takes records at once; a thread of its own writes them to a LogFile, many at a time."""

    def __init__(self, file: LogFile) -> None:
        super().__init__()
        # Told, while somebody wants to know, when a write began and ended (on the monotonic clock)
        # and how many lines it was of.
        self.on_written: Callable[[float, float, int], None] | None = None
        # Python promises that any thread may change a deque's ends: those that log take no lock.
        self._records: deque[logging.LogRecord] = deque()
        self._some = threading.Event()
        self._closing = threading.Event()
        # Guards the fields below. Held by whoever writes what has gathered: the thread, or `flush`.
        self._writing = threading.Lock()
        self._file = file
        self._lines: deque[bytes] = deque()  # not written yet
        self._lost = 0
        self._writer = threading.Thread(target=self._write_on, name="LogWriter", daemon=True)
        self._writer.start()

    def handle(self, record: logging.LogRecord) -> bool:
        """Take a record; never blocks and never raises."""
        # The caller's exception is only at hand now, and would keep its frames alive.
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        self._records.append(record)
        if not self._some.is_set():
            self._some.set()
        return True

    def _write_on(self) -> None:
        while not self._closing.is_set():
            self._some.wait()
            self._closing.wait(_GATHER_SECONDS)
            self._some.clear()
            with contextlib.suppress(Exception):  # no memory, say: the thread goes on
                self.flush()

    def flush(self) -> None:
        """Write what has gathered. What the disk does not take stays for the next time."""
        with self._writing:
            began, lines = time.monotonic(), len(self._records)
            for _ in range(lines):
                self._lines.append(self._line(self._records.popleft()))
            with contextlib.suppress(Exception):
                self._write_lines()
            while len(self._lines) > _MOST_WAITING:
                self._lines.popleft()
                self._lost += 1
        if self.on_written is not None and lines:
            self.on_written(began, time.monotonic(), lines)

    def _write_lines(self) -> None:
        if self._lost and self._lines:
            notice = b"%b ERROR %d lines were lost\n" % (self._lines[0][:24], self._lost)
            self._file.write(deque([notice]))
            self._lost = 0
        self._file.write(self._lines)

    def _line(self, record: logging.LogRecord) -> bytes:
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001
            record.msg, record.args = f"a line could not be formatted: {record.msg!r}", ()
            record.exc_text = None
            line = self.format(record)
        return f"{line}\n".encode("utf-8", "backslashreplace")

    def close(self) -> None:
        """Write what is left and close the file. Can be repeated."""
        self._closing.set()
        self._some.set()
        self._writer.join()
        self.flush()
        self._file.close()
        super().close()


class LineRecord(logging.LogRecord):
    """A record of what a line has, and nothing more.

    The parent class looks up thread, process and source file, which costs more than all else.
    """

    def __init__(self, level: int, msg: object, args: Any, exc_info: Any) -> None:
        self.created = time.time()
        self.levelno = level
        self.msg, self.args = str(msg), args
        self.exc_info, self.exc_text, self.stack_info = exc_info, None, None


class LineLogger(logging.Logger):
    """A logger of LineRecords."""

    def _log(
        self, level: int, msg: object, args: Any, exc_info: Any = None,
        extra: Mapping[str, object] | None = None, stack_info: bool = False, stacklevel: int = 1,
    ) -> None:  # fmt: skip
        """Pass a LineRecord to the handlers: without looking up the caller, which no line has."""
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
        handler = BatchHandler(LogFile(path, max_bytes, files))
    except OSError as error:
        raise SettingsError(f"log {path}: {error.strerror}") from None
    handler.setFormatter(OneLineFormatter())
    log = LineLogger(LOGGER_NAME, logging.INFO)
    log.addHandler(handler)
    return log


def tell_of_writes(log: logging.Logger, call: Callable[[float, float, int], None]) -> None:
    """Have `call` told of each write of a log: see `BatchHandler.on_written`."""
    for handler in log.handlers:
        if isinstance(handler, BatchHandler):
            handler.on_written = call


def flush_log(log: logging.Logger) -> None:
    """Write what has gathered, so that whoever is told of it next can read it."""
    for handler in log.handlers:
        handler.flush()


def close_log(log: logging.Logger) -> None:
    """Write what is left and close the log's file."""
    for handler in list(log.handlers):
        handler.close()
        log.removeHandler(handler)
