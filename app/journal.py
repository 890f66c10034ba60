"""The durable record of what was accepted, so that a 200 survives the death of the process.

`<results>/.journal/journal.log` is a log of lines that only grows:

    1a2b3c4d ["accepted",7,"state_mean","Percent of ...","Ohio",1767225600.5]

eight hexadecimal digits of CRC-32, a space, and the record as JSON. The first line names the
format and its version. A line is written by one system call, before its client gets an answer, so
it outlives `kill -9`; a torn last line was never acknowledged, and is cut at the next start.

One process at a time holds a journal (flock); another that tries is told so.
"""

import contextlib
import fcntl
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app import json_bytes
from app.errors import ResultsFolderError, StorageError

FORMAT = ["journal", 1]

# How often to ask whether somebody removed the file. Asking for each record would double the cost
# of writing it.
_LOOK_SECONDS = 0.02


class Accepted(NamedTuple):
    """A job was accepted; `at` is in seconds since 1970, as every time here."""

    number: int
    statistic: str
    question: str
    state: str | None
    at: float


class Died(NamedTuple):
    """A process died while it ran this job; written down by the next one."""

    number: int


class Done(NamedTuple):
    """A job's result was stored: its size and CRC-32, and the digest of the dataset it is of."""

    number: int
    size: int
    crc: int
    dataset: str
    at: float


class Failed(NamedTuple):
    """A job failed, and why."""

    number: int
    reason: str
    at: float


class Withdrawn(NamedTuple):
    """A job's client got no id after all."""

    number: int


Record = Accepted | Died | Done | Failed | Withdrawn

_KINDS: dict[str, Callable[..., Record]] = {
    "accepted": Accepted,
    "died": Died,
    "done": Done,
    "failed": Failed,
    "withdrawn": Withdrawn,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def _line(content: object) -> bytes:
    body = json_bytes.encode(content)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def _encode(record: Record) -> bytes:
    return _line((_NAMES[type(record)], *record))


def _content(line: bytes) -> list[Any] | None:
    """Return what a line holds, or None when the line is not whole."""
    if line[8:9] != b" " or line[-1:] != b"\n" or b"%08x" % zlib.crc32(line[9:-1]) != line[:8]:
        return None
    content: list[Any] = json_bytes.decode(line[9:-1])
    return content


class Journal:
    """An open journal: read once, then appended to.

    `history`, to be set by whoever knows it, tells what the journal should hold by now. It is asked
    only when the file was removed under the running server, to write down all that is still known.
    """

    history: Callable[[], Iterable[Record]] = staticmethod(tuple)

    def __init__(self, results: Path, look_seconds: float = _LOOK_SECONDS) -> None:
        """Open or create the journal; raise ResultsFolderError when it cannot be used."""
        self.folder = results / ".journal"
        self.path = self.folder / "journal.log"
        self._look_seconds = look_seconds
        # Guards the file and the fields below; held while a line is written, never while
        # calling out of this object. Nobody waits on it.
        self._lock = threading.Lock()
        self._descriptor = -1
        self._size = 0  # of the file's good part, in bytes
        self._torn = False  # whether the file may be longer than that
        self._look_again = 0.0  # when to ask next whether the file is still in its place
        try:
            self._open()
        except OSError as error:
            raise ResultsFolderError(f"journal {self.path}: {error.strerror or error}") from None

    def _open(self) -> None:
        """Open the file, take its lock, and write the first line when it is new."""
        self.folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise OSError("another server uses this results folder") from None
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        self._identity = (status.st_dev, status.st_ino)
        self._size = status.st_size
        if not self._size:
            self._write(_line(FORMAT))

    def replay(self) -> Iterator[Record]:
        """Yield all records, in the order they were written; then cut a torn end off the file.

        A line that is damaged elsewhere is passed over. Raises ResultsFolderError for a journal
        of another format. To be called once, before the first `append`.
        """
        end = good = 0
        with open(self.path, "rb") as file:
            for line in file:
                end += len(line)
                content = _content(line)
                if content is None:
                    continue
                if content[0] in _KINDS:
                    yield _KINDS[content[0]](*content[1:])
                elif content != FORMAT:
                    raise ResultsFolderError(
                        f"journal {self.path}: expected format {FORMAT}, found {content}"
                    )
                good = end
        if good < end:
            os.ftruncate(self._descriptor, good)
            self._size = good
            if not good:
                self._write(_line(FORMAT))

    def append(self, *records: Record) -> None:
        """Write records, as one; raise StorageError when the disk does not take them."""
        line = b"".join(map(_encode, records))
        try:
            with self._lock:
                if self._in_place():
                    self._write(line)
                    return
            # Asked outside the lock: it takes the registry's.
            history = b"".join(map(_encode, self.history()))
            with self._lock:
                if not self._in_place():
                    self._open()
                    self._write(history)
                self._write(line)
        except OSError as error:
            raise StorageError.from_os("the job could not be recorded", error) from error

    def _in_place(self) -> bool:
        """Tell whether the open file is still the one at the journal's path."""
        now = time.monotonic()
        if now < self._look_again:
            return True
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            return False
        if (status.st_dev, status.st_ino) != self._identity:
            return False
        self._look_again = now + self._look_seconds
        return True

    def _write(self, data: bytes) -> None:
        """Append `data` as a whole, or leave the file as it was and raise OSError."""
        if self._torn:
            self._cut()
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            # A part of a record must not stay in front of the next one. Where this fails too,
            # it is tried again before the next record is written.
            self._torn = True
            with contextlib.suppress(OSError):
                self._cut()
            raise
        self._size += len(data)

    def _cut(self) -> None:
        os.ftruncate(self._descriptor, self._size)
        self._torn = False

    def close(self) -> None:
        """Close the file and let go of its lock."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
