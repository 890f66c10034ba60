"""What Linux' inotify tells of a folder: which files were made, renamed to a name, or written to.

Libraries that watch folders put events together, and so hide the one that matters here: a file that
was written to under its final name.
"""

import ctypes
import os
import select
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MODIFIED, _MOVED_TO, _CREATED = 0x2, 0x80, 0x100
_HEAD = struct.Struct("iIII")


class Watch:
    """The events of a folder since it was watched."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()  # guards what follows
        self._created: set[str] = set()
        self._written: dict[str, int] = {}

    def written_in_place(self, suffix: str) -> dict[str, int]:
        """Return the files with such a name that were made under it and then written to.

        The number tells how often they were written to.
        """
        with self._lock:
            while select.select([self._descriptor], [], [], 0)[0]:
                self._read()
            return {
                name: count
                for name, count in self._written.items()
                if name in self._created and name.endswith(suffix)
            }

    def _read(self) -> None:
        data = os.read(self._descriptor, 1 << 16)
        place = 0
        while place < len(data):
            _, mask, _, length = _HEAD.unpack_from(data, place)
            place += _HEAD.size
            name = os.fsdecode(data[place : place + length].rstrip(b"\0"))
            place += length
            if mask & _CREATED:
                self._created.add(name)
                self._written.pop(name, None)
            elif mask & _MOVED_TO:
                self._created.discard(name)
            elif mask & _MODIFIED:
                self._written[name] = self._written.get(name, 0) + 1


@contextmanager
def watch(folder: Path) -> Iterator[Watch | None]:
    """Watch a folder for a with block; give None where that cannot be done."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "inotify_init1"):
        yield None
        return
    descriptor = library.inotify_init1(os.O_CLOEXEC)
    try:
        mask = _MODIFIED | _MOVED_TO | _CREATED
        added = descriptor >= 0 and library.inotify_add_watch(
            descriptor, os.fsencode(folder), mask
        ) >= 0  # fmt: skip
        yield Watch(descriptor) if added else None
    finally:
        if descriptor >= 0:
            os.close(descriptor)
