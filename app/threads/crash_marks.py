"""Which jobs were running when the process died: a few numbers in a mapped file.

`<results>/.journal/running` has a slot of eight bytes for each job that can run at once: the job's
number while it runs, else 0. Setting one is a store to memory, with no system call; the kernel
keeps the page when the process is killed, and the next start reads which jobs it was running.
"""

import mmap
import os
import struct
from collections import deque
from contextlib import suppress
from pathlib import Path

from app.errors import ResultsFolderError

_SLOT = struct.Struct("<q")


class CrashMarks:
    """The slots of this process. To take one, or give it back, is atomic, so there is no lock."""

    def __init__(self, folder: Path, slots: int) -> None:
        """Read what an earlier process left, then clear it; `left` are the jobs that it ran."""
        path = folder / "running"
        size = slots * _SLOT.size
        try:
            folder.mkdir(parents=True, exist_ok=True)
            before = path.read_bytes() if path.exists() else b""
            whole = len(before) // _SLOT.size * _SLOT.size
            self.left = [number for (number,) in _SLOT.iter_unpack(before[:whole]) if number > 0]
            # Written whole, so that the disk has the room for it: a store to a page that the disk
            # cannot hold would kill the process.
            path.write_bytes(bytes(size))
            descriptor = os.open(path, os.O_RDWR)
            try:
                self._slots = mmap.mmap(descriptor, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise ResultsFolderError(f"{path}: {error.strerror or error}") from None
        self._free = deque(range(0, size, _SLOT.size))

    def begin(self, number: int) -> int:
        """Mark a job as running; return the slot to give to `end`, or -1 when none is free."""
        try:
            slot = self._free.popleft()
        except IndexError:
            return -1
        self._set(slot, number)
        return slot

    def end(self, slot: int) -> None:
        """Mark a slot's job as not running any more, and give the slot back."""
        if slot >= 0:
            self._set(slot, 0)
            self._free.append(slot)

    def _set(self, slot: int, number: int) -> None:
        # Once it is closed the process ends in order, and the file is another's.
        with suppress(ValueError, TypeError):
            _SLOT.pack_into(self._slots, slot, number)

    def close(self) -> None:
        """Clear all marks, for the process did not die with these jobs, and close the file."""
        with suppress(ValueError):
            self._slots[:] = bytes(len(self._slots))
            self._slots.close()
