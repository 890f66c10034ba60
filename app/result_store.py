"""The results on disk: one file for each finished job, there as a whole or not at all."""

import contextlib
import os
import threading
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from app.errors import ResultsFolderError, StorageError


class Digest(NamedTuple):
    """What tells whether a stored result is whole: its length in bytes and its CRC-32."""

    size: int
    crc: int


def digest_of(body: bytes) -> Digest:
    """Return what a stored copy of `body` must measure up to."""
    return Digest(len(body), zlib.crc32(body))


class ResultStore:
    """Files `<folder>/<job_id>.json`, the latest of which are kept in memory too.

    The files need no lock: each name is written by one thread, and appears by an atomic rename.
    """

    def __init__(self, folder: Path, most_kept_bytes: int = 64 * 2**20) -> None:
        """Create the folder where it is missing; raise ResultsFolderError when that fails."""
        self.folder = folder
        # The latest results by job id, oldest first, at most `_most_kept` bytes of them.
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._most_kept = most_kept_bytes
        # Guards the three fields above where they change. Nobody waits on it.
        self._lock = threading.Lock()
        self._prefix = os.path.join(folder, "")
        # Out of reach of `rm -rf results/*`, and never mistaken for a result.
        self._draft_prefix = os.path.join(folder, ".draft-")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for draft in folder.glob(".draft-*"):
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise ResultsFolderError(f"results folder {folder}: {error.strerror}") from None

    def write(self, job_id: str, body: bytes) -> None:
        """Store a result; raise StorageError when the disk does not take it.

        It can be read either way. The folder is made anew when somebody has removed it.
        """
        self._keep(job_id, body)
        draft = f"{self._draft_prefix}{job_id}-{threading.get_ident()}"
        try:
            try:
                self._write(draft, job_id, body)
            except FileNotFoundError:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._write(draft, job_id, body)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise StorageError.from_os("the result could not be written", error) from error

    def _keep(self, job_id: str, body: bytes) -> None:
        with self._lock:
            self._kept_bytes += len(body) - len(self._kept.pop(job_id, b""))
            self._kept[job_id] = body
            while self._kept_bytes > self._most_kept:
                self._kept_bytes -= len(self._kept.popitem(last=False)[1])

    def _write(self, draft: str, job_id: str, body: bytes) -> None:
        # Plain system calls: this is the costliest step of a small job, and each layer shows.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            rest = memoryview(body)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)
        os.rename(draft, f"{self._prefix}{job_id}.json")

    def read(self, job_id: str, digest: Digest) -> bytes | None:
        """Return a stored result, or None when it is missing, cut short, altered or unreadable."""
        kept = self._kept.get(job_id)  # atomic: takes no lock
        if kept is not None:
            return kept
        try:
            descriptor = os.open(f"{self._prefix}{job_id}.json", os.O_RDONLY | os.O_CLOEXEC)
            try:
                # One byte more than expected, so that a file that grew is noticed too.
                body = os.read(descriptor, digest.size + 1)
            finally:
                os.close(descriptor)
        except OSError:
            return None
        return body if digest_of(body) == digest else None
