"""The results on disk: one file for each finished job, there as a whole or not at all."""

import contextlib
import os
import threading
import zlib
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
    """Files `<folder>/<job_id>.json`.

    Needs no lock: each name is written by one thread, and files appear by an atomic rename.
    """

    def __init__(self, folder: Path) -> None:
        """Create the folder where it is missing; raise ResultsFolderError when that fails."""
        self.folder = folder
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

        The folder is made anew when somebody has removed it.
        """
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
