"""The journal's file: it grows by whole lines, and is replaced by a new one where that is needed.

What the lines hold is not its business. Other programs may remove, replace or truncate the file at
any time: then it is not appended to any more, and its owner writes it anew.
"""

import contextlib
import errno
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from app.concurrency.trace import Step, Trace
from app.durable_files import Draft, flush_folder

# In place of a file's device and inode: it was closed, or the device failed to take what was
# written to it.
_NOT_USABLE = (0, 0)


class JournalFile:
    """An open file that belongs to this process alone. Any thread may call its methods."""

    def __init__(
        self, path: Path, head: bytes, *, power: bool, look_seconds: float, trace: Trace
    ) -> None:
        """Open or create the file; a new one begins with `head`. Raises OSError.

        With `power`, what it holds at first is on the device when this returns, and so is all of a
        file that takes its place. So often it is asked whether `path` still leads to this file, and
        whether that is as long as it was left. `trace` is told of writes and flushes.
        """
        self._path = path
        self._head = head
        self._power = power
        self._look_seconds = look_seconds
        self._trace = trace
        # Guards the fields below; not held while calling out, nor while `flush` waits for the
        # device. Threads wait on it until another has flushed, or replaced the file.
        self._lock = threading.Condition(threading.Lock())
        self._flushing = False
        self._replacing = False
        self._hidden = False  # whether a draft needs a name: see `Draft`
        descriptor = open_locked(path)
        self._use(descriptor, os.fstat(descriptor).st_size)
        try:
            if not self._size:
                self._write(head)
            if power:
                self.flush()
                self._flush_folders()
        except OSError:
            self.close()
            raise

    def _use(self, descriptor: int, size: int) -> None:
        """Take an open file, which `path` leads to, and its size as far as this process knows."""
        status = os.fstat(descriptor)
        self._descriptor = descriptor
        self._identity = (status.st_dev, status.st_ino)
        self._look_again = time.monotonic() + self._look_seconds
        self._size = size  # of its whole lines, in bytes
        self._torn = False  # whether the file may be longer than that
        self._flushed = 0  # how much of it is known to be on the device

    @property
    def size(self) -> int:
        """How long the file is, in bytes."""
        return self._size

    @property
    def replacing(self) -> bool:
        """Whether a thread is replacing the file."""
        return self._replacing

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, while nobody writes; the last one may lack its end."""
        with open(self._descriptor, "rb", closefd=False) as file:
            file.seek(0)
            yield from file

    def cut(self, size: int) -> None:
        """Keep the first `size` bytes alone."""
        with self._lock:
            os.ftruncate(self._descriptor, size)
            self._size, self._flushed = size, min(self._flushed, size)
            if not size:
                self._write(self._head)

    def append(self, data: bytes) -> bool:
        """Write `data` at the end; where the disk does not take all of it, raise OSError.

        Then the file is as it was. Returns False, with nothing written, where somebody else has
        removed, replaced or truncated the file, or it is not usable.
        """
        with self._lock:
            began = time.monotonic() if self._trace.on else 0.0
            in_place = self._in_place()
            if in_place:
                self._write(data)
            ended = time.monotonic() if began else 0.0
        if began:
            self._trace.add(Step("journal", "write", began, ended, detail=f"{len(data)} bytes"))
        return in_place

    def is_in_place(self) -> bool:
        """Ask whether the file is in its place; if so, `append` does not ask for a moment."""
        now = time.monotonic()
        if now + self._look_seconds / 2 < self._look_again:
            return True
        with self._lock:
            return self._looked(now)

    def _in_place(self) -> bool:
        now = time.monotonic()
        # To ask the kernel each time would double the cost of a line.
        return now < self._look_again or self._looked(now)

    def _looked(self, now: float) -> bool:
        """Ask the kernel whether the file is in its place, and remember that where it is."""
        is_there = self._is_there()
        if is_there:
            self._look_again = now + self._look_seconds
        return is_there

    def _is_there(self) -> bool:
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return False
        longer = status.st_size - self._size
        if (status.st_dev, status.st_ino) != self._identity or longer < 0:
            return False
        return not longer or self._torn

    def _write(self, data: bytes) -> None:
        if self._torn:
            self._cut_torn()
        try:
            _write_all(self._descriptor, data)
        except OSError:
            # Half a line must not stay in front of the next one. Where this fails too, it is tried
            # again before the next line is written.
            self._torn = True
            with contextlib.suppress(OSError):
                self._cut_torn()
            raise
        self._size += len(data)

    def _cut_torn(self) -> None:
        # Where somebody has truncated the file, this would fill it with zeros.
        if os.fstat(self._descriptor).st_size > self._size:
            os.ftruncate(self._descriptor, self._size)
        self._torn = False

    def flush(self) -> None:
        """Return once all that is written by now is on the device; raise OSError when it fails.

        Of the threads that call this at the same time, one flushes for all.
        """
        with self._lock:
            wanted = self._size
            self._lock.wait_for(
                lambda: not self._flushing or self._flushed >= wanted or not self._usable
            )
            if self._flushed >= wanted:
                return
            if not self._usable:  # another thread's flush failed, which was to be this one's too
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            self._flushing, reached, descriptor = True, self._size, self._descriptor
        done = False
        try:
            os.fdatasync(descriptor)
            done = True
        finally:
            with self._lock:
                self._flushing = False
                if done:
                    self._flushed = max(self._flushed, reached)
                else:
                    # The kernel may have dropped what it could not write: nothing of this file is
                    # trusted, and a new one is written before the next line.
                    self._make_unusable()
                self._lock.notify_all()

    @property
    def _usable(self) -> bool:
        return self._identity != _NOT_USABLE

    def _make_unusable(self) -> None:
        self._identity, self._look_again = _NOT_USABLE, 0.0

    def is_lost(self) -> bool:
        """Ask whether the open file cannot be used as it is: somebody has truncated it, say."""
        with self._lock:
            return self._descriptor >= 0 and not self._is_there()

    def replace(self, content: Callable[[], Iterable[bytes]], *, if_lost: bool = False) -> bool:
        """Replace the file by one that has `content`, and what is appended while it is written.

        Raises OSError when that fails; then the file is as it was, or is not usable. One thread at
        a time does this, others wait for it. With `if_lost`, nothing happens where the file is in
        its place, perhaps since another thread has replaced it, and this returns False.
        """
        with self._lock:
            self._lock.wait_for(lambda: not self._replacing)
            if if_lost and self._is_there():
                return False
            if self._descriptor < 0:
                raise OSError(errno.EBADF, "the journal is closed")
            self._replacing, since = True, self._size
        draft: Draft | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = Draft(self._path.parent, 0o644, hidden=self._hidden)
            fcntl.flock(draft.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Counted, not asked for: somebody may truncate the new file at once.
            size = 0
            for part in chain((self._head,), content()):
                _write_all(draft.descriptor, part)
                size += len(part)
            os.fdatasync(draft.descriptor)
            with self._lock:
                self._lock.wait_for(lambda: not self._flushing)  # that thread uses the old file
                self._change_over(draft, size, since)
                draft = None
            return True
        except OSError:
            self._hidden = True  # the file system may have no files without a name
            raise
        finally:
            if draft is not None:
                os.close(draft.descriptor)
                draft.discard()
            with self._lock:
                self._replacing = False
                self._lock.notify_all()

    def _change_over(self, draft: Draft, size: int, since: int) -> None:
        """Put a new file in place, with what was appended to the old one since it had a size.

        `size` is how much the new one has so far.
        """
        # The old one is open here even where its name is gone.
        appended = os.pread(self._descriptor, self._size - since, since)
        if len(appended) != self._size - since:
            raise OSError(errno.EIO, "the journal was truncated while it was rewritten")
        _write_all(draft.descriptor, appended)
        if self._power:
            os.fdatasync(draft.descriptor)
        self._rename(draft)
        if self._power:
            try:
                self._flush_folders()
            except OSError:
                # Which of the two the name leads to after a power cut nobody knows: one more is
                # written before the next line.
                self._make_unusable()
                raise
        os.close(self._descriptor)
        self._use(draft.descriptor, size + len(appended))
        if self._power:
            self._flushed = self._size

    def _rename(self, draft: Draft) -> None:
        """Give a draft the file's name; raise OSError where a file of another server has it."""
        in_the_way = -1
        if _identity(self._path) != _identity(self._descriptor):
            # Held until the draft, which is locked, is in its place: so no server can begin with
            # the file in between.
            in_the_way = open_locked(self._path)
        try:
            draft.rename(self._path)
        finally:
            if in_the_way >= 0:
                os.close(in_the_way)

    def _flush_folders(self) -> None:
        """Put the names of the file and of the folders that were made for it on the device."""
        for folder in self._path.parents[:2]:
            flush_folder(folder)

    def close(self) -> None:
        """Put everything on the device, if it takes it, and close the file. Can be repeated."""
        with self._lock:
            self._lock.wait_for(lambda: not self._flushing)
            if self._descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.fdatasync(self._descriptor)
                    self._flushed = self._size
                os.close(self._descriptor)
                self._descriptor = -1
                self._make_unusable()


def open_locked(path: Path) -> int:
    """Open or create a file to append to, which no other process has; raise OSError if one has."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _identity(path) == _identity(descriptor):
                return descriptor
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise OSError("another server uses this results folder") from None
            raise
        os.close(descriptor)  # it was removed or replaced before it was locked


def _identity(file: Path | int) -> tuple[int, int] | None:
    """Return what no other file has; None where there is no file of this name."""
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
