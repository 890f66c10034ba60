"""The results on disk: one file for each finished job, there as a whole or not at all.

To create a file is the costliest step of a small job, and most jobs ask what was asked before. So
each answer is written once, and every further job with that answer gets a hard link to the file of
the first: one step, which cannot be half done, and a million jobs take the room of their distinct
answers. The files are read-only, so that nobody changes an answer through one of its names by
mistake. Where the file system cannot link, each job gets a file of its own.
"""

import contextlib
import os
import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from app.durable_files import Draft, is_draft
from app.errors import ResultsFolderError, StorageError
from app.job import Digest, digest_of

# Of so many answers the files are known at a time.
_MOST_ANSWERS = 4096
_READ_ONLY = 0o444
_NAME = re.compile(r"job_id_([1-9][0-9]{0,17})\.json", re.ASCII)


@dataclass(slots=True)
class _AnswerFile:
    """A result's file, which others of the same answer are linked to, and when it was written."""

    path: str
    inode: int
    modified: int
    look_again: float = 0.0  # when to ask next whether somebody changed it


class ResultStore:
    """Files `<folder>/<job_id>.json`."""

    def __init__(
        self,
        folder: Path,
        *,
        look_seconds: float = 0.1,
        most_bytes: int = 32 * 2**20,
    ) -> None:
        """Create the folder where it is missing; raise ResultsFolderError when that fails.

        At most so many seconds pass until it is noticed that somebody changed an answer's file: to
        ask for each link would double its cost, and a result is compared with its digest when it is
        read. `most_bytes` of answers are kept in memory, to find their files by.
        """
        self.folder = folder
        self._look_seconds = look_seconds
        self._most_bytes = most_bytes
        self._prefix = os.path.join(folder, "")
        # Guards changes of `_known`, not files. As in BoundedCache, a look takes no lock.
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, _AnswerFile] = OrderedDict()
        self._bytes = 0  # of their keys
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultsFolderError(f"results folder {folder}: {error.strerror}") from None
        # Of versions before 2.0: further names of results, which stay.
        shutil.rmtree(folder / ".answers", ignore_errors=True)

    def write(self, job_id: str, body: bytes) -> None:
        """Store a result; raise StorageError when the disk does not take it.

        The folder is created again when somebody has removed it.
        """
        target = f"{self._prefix}{job_id}.json"
        file = self._known.get(body)
        try:
            if file is None or not (self._is_unchanged(file) and _link(file, target)):
                self._remember(body, self._write_new(body, target))
        except OSError as error:
            raise StorageError.from_os("the result could not be written", error) from error

    def has(self, body: bytes) -> bool:
        """Tell whether an answer has a file, so that `write` takes one link."""
        return body in self._known  # atomic: takes no lock

    def _is_unchanged(self, file: _AnswerFile) -> bool:
        """Return whether nobody removed or changed an answer's file."""
        now = time.monotonic()
        if now >= file.look_again:
            try:
                found = os.stat(file.path)
                if (found.st_ino, found.st_mtime_ns) != (file.inode, file.modified):
                    return False
            except OSError:
                return False
            file.look_again = now + self._look_seconds
        return True

    def _write_new(self, body: bytes, target: str) -> _AnswerFile:
        """Write a new file."""
        try:
            return self._write_file(body, target, hidden=False)
        except OSError:
            # Somebody removed the folder, or the file system has no files without a name.
            self.folder.mkdir(parents=True, exist_ok=True)
            return self._write_file(body, target, hidden=True)

    def _write_file(self, body: bytes, target: str, *, hidden: bool) -> _AnswerFile:
        draft = Draft(self.folder, _READ_ONLY, hidden=hidden)
        try:
            # With os alone: each layer above it would show in the time that a job takes.
            rest = memoryview(body)
            while rest:
                rest = rest[os.write(draft.descriptor, rest) :]
            draft.rename(target)
            written = os.fstat(draft.descriptor)
            return _AnswerFile(target, written.st_ino, written.st_mtime_ns)
        finally:
            draft.discard()
            os.close(draft.descriptor)

    def _remember(self, body: bytes, file: _AnswerFile) -> None:
        with self._lock:
            self._bytes += len(body) if self._known.pop(body, None) is None else 0
            self._known[body] = file
            while len(self._known) > _MOST_ANSWERS or self._bytes > self._most_bytes:
                oldest, _ = self._known.popitem(last=False)
                self._bytes -= len(oldest)

    def sweep(self, older_than: float = 0.0) -> None:
        """Remove what a process that died may have left half done.

        Where others may be writing, that is what nobody has changed for so many seconds.
        """
        before = time.time() - older_than
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                if is_draft(entry.name):
                    with contextlib.suppress(OSError):
                        if not older_than or entry.stat().st_mtime < before:
                            os.unlink(entry)

    def highest(self) -> int:
        """Return the highest number of a job whose result lies here, 0 when there is none."""
        highest = 0
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                match = _NAME.fullmatch(entry.name)
                highest = max(highest, int(match[1]) if match else 0)
        return highest

    def remove(self, job_id: str) -> None:
        """Remove a result, if it is there and can be removed."""
        with contextlib.suppress(OSError):
            os.unlink(f"{self._prefix}{job_id}.json")

    def read(self, job_id: str, digest: Digest) -> bytes | None:
        """Return a stored result, or None when it is missing, cut short, altered or unreadable."""
        try:
            # Not blocking: what lies under the name may be no file.
            path = f"{self._prefix}{job_id}.json"
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            try:
                # One byte more than expected, so that a file that grew is noticed too.
                body = os.read(descriptor, digest.size + 1)
                if digest_of(body) == digest:
                    return body
                self._forget(os.fstat(descriptor).st_ino)
            finally:
                os.close(descriptor)
        except OSError:
            pass
        return None

    def _forget(self, inode: int) -> None:
        """Link no more results to a file that is altered, whatever the time of its last change.

        So the next result of this answer is written anew: a failing disk changes no times.
        """
        with self._lock:
            for body in [body for body, file in self._known.items() if file.inode == inode]:
                del self._known[body]
                self._bytes -= len(body)


def _link(file: _AnswerFile, target: str) -> bool:
    """Give an answer's file a further name; return False when it cannot have it.

    That is so when somebody removed the file, when it has all the names that the file system
    allows, and where there are no links at all.
    """
    try:
        try:
            os.link(file.path, target)
        except FileExistsError:
            # An old copy, damaged or of an earlier run of the same job, is replaced in one step.
            draft = f"{os.path.dirname(target)}/.{secrets.token_hex(8)}.new"
            os.link(file.path, draft)
            try:
                os.rename(draft, target)
            finally:
                # It is left where both names were of the same file, or a folder has the name.
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(draft)
    except OSError:
        return False
    return True
