"""Which jobs were running when the process died: a few numbers in a file.

`<results>/.running` has a slot of eight bytes for each job that can run at once: the job's number
while it runs, and until the next one of its batch takes the slot; else 0. The kernel keeps what was
written when the process is killed, and the next start reads which jobs it was running. The file is
not mapped: a store to a page of a file that somebody has truncated would kill the server. It is
removed when the server ends in order.
"""

import os
import struct
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

from app.errors import ResultsFolderError

_SLOT = struct.Struct("<q")


class CrashMarks:
    """The slots of this process. They are the ends of a deque, which any thread may take."""

    def __init__(self, folder: Path, slots: int) -> None:
        """Read what an earlier process left, then clear it.

        `left` are the jobs that it ran, `died` tells whether it left the file at all.
        """
        self._path = path = folder / ".running"
        size = slots * _SLOT.size
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.died = path.exists()
            before = path.read_bytes() if self.died else b""
            whole = len(before) // _SLOT.size * _SLOT.size
            self.left = [number for (number,) in _SLOT.iter_unpack(before[:whole]) if number > 0]
            path.write_bytes(bytes(size))  # so that the disk has the room for it
            self._descriptor = os.open(path, os.O_WRONLY)
        except OSError as error:
            raise ResultsFolderError(f"{path}: {error.strerror or error}") from None
        # Guards the descriptor: a job that outlasts the server's end must not write to another
        # file. Held for one write.
        self._lock = threading.Lock()
        self._free = deque(range(0, size, _SLOT.size))

    def begin(self, number: int, slot: int = -1) -> int:
        """Mark a job as running; return the slot to give to `end`, or -1 when none is free.

        `slot` is that of a job that has just ended, if there is one: this job takes it over, which
        is one write, not two.
        """
        if slot < 0:
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
        # At worst a mark is missing, or of the job before: then a job that kills the process runs
        # once more, and the one before, where its end is not on record yet, has a death that was
        # not its own.
        with self._lock, suppress(OSError):
            if self._descriptor >= 0:
                os.pwrite(self._descriptor, _SLOT.pack(number), slot)

    def close(self) -> None:
        """Remove the file, for the process did not die with these jobs."""
        with self._lock:
            if self._descriptor >= 0:
                with suppress(OSError):
                    if os.path.samestat(os.fstat(self._descriptor), os.stat(self._path)):
                        os.unlink(self._path)  # else it is another server's
                os.close(self._descriptor)
                self._descriptor = -1


class Mark:
    """The mark of one runner, whose jobs run one after another; cleared by the end of a `with`."""

    def __init__(self, marks: CrashMarks) -> None:
        self._marks = marks
        self._slot = -1

    def __enter__(self) -> "Mark":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def set(self, number: int) -> None:
        """Mark a job as running, and the one before it as not running any more."""
        self._slot = self._marks.begin(number, self._slot)

    def clear(self) -> None:
        """Mark no job as running. Can be repeated."""
        slot, self._slot = self._slot, -1
        self._marks.end(slot)
