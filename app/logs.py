"""webserver.log: one event is one line, whatever a client sends.

Times are UTC, in ISO 8601 with a Z. The file rotates by size. A log that cannot be written (disk
full, folder gone) loses lines, never the server.
"""

import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.errors import SettingsError

LOGGER_NAME = "webserver"


def one_line(text: str) -> str:
    """Return `text` with every character escaped that could end, forge or hide part of a line."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


class OneLineFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO message`, with a traceback, if any, on the same line."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        return one_line(super().format(record))


class QuietRotatingFileHandler(RotatingFileHandler):
    """Rotates by size; stays silent when the disk does not take a line.

    The parent asks the file system about the file before each line; this one keeps count.
    """

    def __init__(self, path: Path, max_bytes: int, files: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=files, encoding="utf-8")
        self._size = path.stat().st_size

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, rotating first when the file is full."""
        try:
            line = self.format(record) + "\n"
            self._size += len(line)
            if self.maxBytes and self._size > self.maxBytes:
                self.doRollover()
                self._size = len(line)
            if self.stream is None:
                self.stream = self._open()
            self.stream.write(line)
            self.stream.flush()
        except Exception:  # pylint: disable=broad-exception-caught
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Drop the line: nothing that a log does may fail a request or a job."""
        # A stream that failed keeps the unwritten line and would fail again at each flush.
        stream, self.stream = self.stream, None
        try:
            if stream is not None:
                stream.close()
        except OSError:
            pass


def open_log(path: Path, max_bytes: int, files: int) -> logging.Logger:
    """Return a logger that writes to `path` alone; raise SettingsError when it cannot be opened.

    The logger belongs to its caller: it is in no global table, so two apps in one process do not
    see each other's.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = QuietRotatingFileHandler(path, max_bytes, files)
    except OSError as error:
        raise SettingsError(f"log {path}: {error.strerror}") from None
    handler.setFormatter(OneLineFormatter())
    log = logging.Logger(LOGGER_NAME, logging.INFO)
    log.addHandler(handler)
    return log


def close_log(log: logging.Logger) -> None:
    """Flush and close the log's file."""
    for handler in list(log.handlers):
        handler.close()
        log.removeHandler(handler)
