"""The durable record of what was accepted, so that a 200 survives the death of the process.

`<results>/.journal/journal.log` is a log of lines that only grows (`threads/records.py`). A line is
written by one system call before its client gets an answer, so it outlives `kill -9`; a torn last
line was never acknowledged, and is cut at the next start. At level `power` the answer also waits
until the line is on the device; clients that wait at the same time share one flush.

From time to time the file is written anew, shorter: what is known of each job that is still kept.
One process at a time holds a journal (flock); another that tries is told so.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from app.errors import ResultsFolderError, StorageError
from app.job import Done
from app.threads.records import Record, decode, encode, ended, first_line, is_whole

# How often to ask whether somebody removed the file. Asking for each record would double the cost
# of writing it.
_LOOK_SECONDS = 0.02

# In place of a file's device and inode, once the device failed to take what was written to it.
_DISTRUSTED = (0, 0)

# A file below this size is never written anew while the server runs.
_LEAST_REWRITTEN = 16 * 2**20


class Journal:
    """An open journal: read once, then appended to.

    `history`, to be set by whoever knows it, tells what the journal should hold by now. It is asked
    when the file was removed under the running server, and when it is written anew.
    """

    history: Callable[[], Iterable[Record]] = staticmethod(tuple)

    def __init__(
        self, results: Path, *, power: bool = False, look_seconds: float = _LOOK_SECONDS
    ) -> None:
        """Open or create the journal; raise ResultsFolderError when it cannot be used."""
        self.folder = results / ".journal"
        self.path = self.folder / "journal.log"
        self._power = power
        self._look_seconds = look_seconds
        # Guards the file and the fields below; held while a line is written, never while calling
        # out of this object. Those who need a line on the device wait on it for whoever flushes.
        self._lock = threading.Condition(threading.Lock())
        self._descriptor = -1
        # What goes out with the next line. Appending is atomic; only who holds the lock takes.
        self._notes: deque[Done] = deque()
        self._size = 0  # of the file's good part, in bytes
        self._torn = False  # whether the file may be longer than that
        self._flushed = 0  # how much of it is on the device
        self._flushing = False
        self._rewriting = False
        self._rewrite_at = _LEAST_REWRITTEN
        self.damaged = 0  # lines that `replay` passed over
        self.incomplete = False  # whether it found less than was written
        self._look_again = 0.0  # when to ask next whether the file is still in its place
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._adopt(self._open(self.path))
            if power:
                self._flush()
                self._flush_folders()
        except OSError as error:
            raise ResultsFolderError(f"journal {self.path}: {error.strerror or error}") from None

    def _open(self, path: Path, flags: int = 0) -> int:
        """Open a file and take its lock."""
        flags |= os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise OSError("another server uses this results folder") from None
            raise
        return descriptor

    def _adopt(self, descriptor: int) -> None:
        """Make an open file the journal, and write its first line when it is new."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        self._identity = (status.st_dev, status.st_ino)
        self._size, self._flushed, self._torn = status.st_size, 0, False
        if not self._size:
            self._write(first_line())

    def replay(self) -> Iterator[Record]:
        """Yield all records, in the order they were written; then cut a torn end off the file.

        A line that is damaged elsewhere is passed over, and the file as it was is kept beside
        (`damaged`). Raises ResultsFolderError for a journal of another format. To be called once,
        before the first `append`.
        """
        end = good = 0
        with open(self.path, "rb") as file:
            for line in file:
                end += len(line)
                if is_whole(line):
                    try:
                        record = decode(line)
                    except ResultsFolderError as error:
                        raise ResultsFolderError(f"journal {self.path}: {error}") from None
                    if record is not None:
                        yield record
                    good = end
                elif line.endswith(b"\n"):
                    self.damaged += 1  # not torn by a death: that takes the last line's end
        if self.damaged:
            shutil.copyfile(self.path, self.path.with_suffix(".damaged"))
        self.incomplete = bool(self.damaged) or good < end
        if good < end:
            os.ftruncate(self._descriptor, good)
            self._size, self._flushed = good, 0
            if not good:
                self._write(first_line())
        self._rewrite_at = max(_LEAST_REWRITTEN, 2 * self._size)

    def append(self, record: Record, *, promise: bool = False) -> None:
        """Write a record; raise StorageError when the disk does not take it.

        With `promise`, it is as durable as the journal's level says when this returns. Without,
        that may come later.
        """
        line = encode(record)
        try:
            with self._lock:
                in_place = self._in_place()
                if in_place:
                    self._write_with_notes(line)
            if not in_place:
                self._rewrite(lambda: not self._in_place())
                with self._lock:
                    self._write_with_notes(line)
            if promise and self._power:
                self._flush()
        except OSError as error:
            raise StorageError.from_os("the job could not be recorded", error) from error

    def note(self, record: Done) -> None:
        """Have a record written with the next one that comes, or by `write_notes`."""
        self._notes.append(record)

    def write_notes(self) -> None:
        """Write what was noted; raise StorageError when the disk does not take it."""
        try:
            with self._lock:
                if self._notes and self._descriptor >= 0 and self._in_place():
                    self._write_with_notes(b"")
        except OSError as error:
            raise StorageError.from_os("results could not be recorded", error) from error

    def ensure(self) -> None:
        """Write the file anew if somebody removed it, and what was noted.

        Raises StorageError when that fails.
        """
        try:
            with self._lock:
                self._look_again = 0.0
                in_place = self._descriptor < 0 or self._in_place()
            if not in_place:
                self._rewrite(lambda: not self._in_place())
        except OSError as error:
            raise StorageError.from_os("the journal could not be written anew", error) from error
        self.write_notes()

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
            _write_all(self._descriptor, data)
        except OSError:
            # A part of a record must not stay in front of the next one. Where this fails too,
            # it is tried again before the next record is written.
            self._torn = True
            with contextlib.suppress(OSError):
                self._cut()
            raise
        self._size += len(data)

    def _write_with_notes(self, line: bytes) -> None:
        notes = [self._notes.popleft() for _ in range(len(self._notes))]
        try:
            self._write(encode(ended(notes)) + line if notes else line)
        except OSError:
            self._notes.extendleft(reversed(notes))
            raise

    def _cut(self) -> None:
        os.ftruncate(self._descriptor, self._size)
        self._torn = False

    def _flush(self) -> None:
        """Return once all that is written by now is on the device; one thread flushes for all."""
        with self._lock:
            wanted, file = self._size, self._identity
            while self._flushed < wanted and self._identity == file:
                if self._flushing:
                    self._lock.wait()
                    continue
                self._flushing, reached, descriptor = True, self._size, self._descriptor
                self._lock.release()
                try:
                    os.fdatasync(descriptor)
                except OSError:
                    # What the kernel could not write it may have dropped: trust nothing of this
                    # file, and write a new one before the next record.
                    self._lock.acquire()
                    self._flushing, self._identity, self._look_again = False, _DISTRUSTED, 0.0
                    self._lock.notify_all()
                    raise
                self._lock.acquire()
                self._flushing = False
                if self._identity == file:
                    self._flushed = max(self._flushed, reached)
                self._lock.notify_all()
            if self._identity == _DISTRUSTED:
                raise OSError(errno.EIO, os.strerror(errno.EIO))

    @property
    def bloated(self) -> bool:
        """Whether the file has grown so much that writing it anew is worth the while."""
        return self._size > self._rewrite_at and not self._rewriting

    def rewrite(self) -> None:
        """Write the file anew from what is known now; raise StorageError when that fails.

        Records may be appended meanwhile.
        """
        try:
            self._rewrite(lambda: True)
        except OSError as error:
            with self._lock:  # not again at once
                self._rewrite_at = 2 * max(self._size, self._rewrite_at)
            raise StorageError.from_os("the journal could not be written anew", error) from error

    def _rewrite(self, needed: Callable[[], bool]) -> None:
        """Replace the file by what `history` tells, and what came since it was asked.

        Somebody else may be at it: then wait, and start again only if it is still `needed`.
        """
        with self._lock:
            while self._rewriting:
                self._lock.wait()
            if not needed():
                return
            self._rewriting = True
            since = self._size
        new = self.path.with_suffix(".new")
        descriptor = -1
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = self._open(new, os.O_TRUNC)
            _write_all(descriptor, first_line())
            records = iter(self.history())  # takes the registry's lock, and not under ours
            while part := b"".join(map(encode, islice(records, 1000))):
                _write_all(descriptor, part)
            os.fdatasync(descriptor)
            with self._lock:
                self._finish_rewrite(new, descriptor, since)
                descriptor = -1
        finally:
            if descriptor >= 0:
                os.close(descriptor)
            with self._lock:
                self._rewriting = False
                self._lock.notify_all()

    def _finish_rewrite(self, new: Path, descriptor: int, since: int) -> None:
        while self._flushing:
            self._lock.wait()  # whoever flushes still uses the old file
        # Which is open here even where its name is gone.
        tail = os.pread(self._descriptor, self._size - since, since)
        _write_all(descriptor, tail)
        if self._power:
            os.fdatasync(descriptor)
        os.rename(new, self.path)
        if self._power:
            self._flush_folders()
        self._adopt(descriptor)
        self._rewrite_at = max(_LEAST_REWRITTEN, 2 * self._size)

    def _flush_folders(self) -> None:
        """Put the names of the file and its folders on the device."""
        for folder in (self.folder, self.folder.parent, self.folder.parent.parent):
            _flush_folder(folder)

    def close(self) -> None:
        """Put everything on the device, close the file and let go of its lock."""
        with self._lock:
            if self._descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.fdatasync(self._descriptor)
                os.close(self._descriptor)
                self._descriptor = -1


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
