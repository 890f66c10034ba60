"""A download in the making: a file of what came so far, and a note of what it is a part of.

What the note vouches for is on the device before the note is, so a later run can go on from there,
whatever ended this one. Bytes beyond it are cut off.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from app.durable_files import move_into_place, storage_errors, write_whole
from app.json_bytes import DecodeError, decode, encode
from app.output_files import mode_of


class PartFile:
    """The part file `path`, with its note in `path` + ".json".

    `size` is the number of bytes in it, `kept` how many of them a later run can count on. `state`
    is what else a later run must know; it reaches the disk with the next `keep`. Methods raise
    StorageError when the disk does not take something.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = self.kept = 0
        self.state: dict[str, Any] = {}
        self._note = path.with_name(path.name + ".json")
        self._about: Mapping[str, Any] = {}
        self._file: BinaryIO | None = None

    @property
    def is_there(self) -> bool:
        """Whether an earlier run kept something, of this download or of another one."""
        return self._note.exists()

    def take_up(self, about: Mapping[str, Any]) -> None:
        """Go on from what an earlier run kept of just this, or else begin.

        `about` says what is downloaded, as JSON can say it: whatever makes it another thing must
        be in it.
        """
        self._about = about
        note = self._read_note()
        with storage_errors(self.path):
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
            there = os.fstat(self._file.fileno()).st_size
        if note is None or there < note["bytes"]:
            self.begin()
            return
        self.state = note["state"]
        self._cut(note["bytes"])
        self.kept = self.size

    def begin(self) -> None:
        """Throw away what is there and begin with nothing."""
        self.state = {}
        self.kept = 0
        with storage_errors(self._note):
            self._note.unlink(missing_ok=True)
        self._cut(0)

    def append(self, content: bytes) -> None:
        """Add bytes at the end."""
        assert self._file
        with storage_errors(self.path):
            self._file.write(content)
        self.size += len(content)

    def keep(self) -> None:
        """Make sure that a later run can go on from here."""
        assert self._file
        with storage_errors(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())
        note = {"about": self._about, "bytes": self.size, "state": self.state}
        with storage_errors(self._note):
            write_whole(self._note, encode(note))
        self.kept = self.size

    def flush(self) -> None:
        """Let readers of the file see all of it."""
        assert self._file
        with storage_errors(self.path):
            self._file.flush()

    def close(self) -> None:
        """Close the file; what was not kept is lost to later runs."""
        if self._file:
            # Bytes that the disk does not take are of no use to anyone now.
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def discard(self) -> None:
        """Remove the file and its note."""
        self.close()
        with storage_errors(self.path):
            self._note.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def become(self, target: Path) -> None:
        """Take the place of `target`, and its mode, in one step; all of it must have been kept."""
        self.close()
        with storage_errors(target):
            mode = mode_of(target)
            if mode is not None:
                self.path.chmod(mode)
            move_into_place(self.path, target)
            self._note.unlink(missing_ok=True)

    def _cut(self, size: int) -> None:
        assert self._file
        with storage_errors(self.path):
            self._file.seek(size)
            self._file.truncate()
        self.size = size

    def _read_note(self) -> dict[str, Any] | None:
        """Return the note of an earlier run, where it is of the same download."""
        try:
            note = decode(self._note.read_bytes())
        except (OSError, DecodeError):
            return None
        match note:
            case {"about": about, "bytes": int(size), "state": dict()}:
                return note if about == self._about and size >= 0 else None
        return None
