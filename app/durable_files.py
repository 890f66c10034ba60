"""Files that are there as a whole or not at all, after a power cut too; locks between processes."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from app.errors import DownloadError, StorageError


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Raise StorageError, which names `path`, for an OSError of the block."""
    try:
        yield
    except OSError as error:
        raise StorageError.from_os(f"{path} could not be written", error) from error


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path`; raise OSError when the disk does not take it."""
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    move_into_place(draft, path)


def move_into_place(source: Path, target: Path) -> None:
    """Give `source`, whose content is on the device, the name `target`, in one step, durably."""
    os.replace(source, target)
    flush_folder(target.parent)


def flush_folder(folder: Path) -> None:
    """Put the names in a folder on the device: those that were given, changed or removed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Draft:
    """A new file of a folder, open for writing, which gets its name once it is whole.

    Until then it has none, so nobody sees it, and nothing is left of it when the process dies. Not
    all file systems can do that, and some have no links: `hidden` gives it a name that `is_draft`
    knows, which a death may leave behind.
    """

    def __init__(self, folder: str | Path, mode: int, *, hidden: bool) -> None:
        """Create the file; raise OSError when that fails."""
        self._folder = folder
        self._hidden = self._new_name() if hidden else ""
        flags = os.O_RDWR | os.O_APPEND
        flags |= os.O_CREAT | os.O_EXCL if hidden else os.O_TMPFILE
        self.descriptor = os.open(self._hidden or folder, flags, mode)

    def _new_name(self) -> str:
        # No other process, not even one of another machine, has a draft of this name.
        return os.path.join(self._folder, f".{secrets.token_hex(8)}.new")

    def rename(self, path: str | Path) -> None:
        """Give it a name, in one step, in place of the file that has it; raise OSError if not."""
        if not self._hidden:
            try:
                self._link(path)
                return
            except FileExistsError:
                hidden = self._new_name()
                self._link(hidden)
                self._hidden = hidden
        os.rename(self._hidden, path)
        self._hidden = ""

    def _link(self, path: str | Path) -> None:
        # The kernel follows the link in /proc only where a descriptor is given beside it.
        os.link(f"/proc/self/fd/{self.descriptor}", path, src_dir_fd=self.descriptor)

    def discard(self) -> None:
        """Remove the hidden name that it may still have. The descriptor stays open."""
        if self._hidden:
            with contextlib.suppress(OSError):
                os.unlink(self._hidden)


def is_draft(name: str) -> bool:
    """Tell whether a file of this name is a draft, which its process may have left behind."""
    return name.startswith(".") and name.endswith(".new")


@contextlib.contextmanager
def exclusive(lock: Path, what: str) -> Iterator[None]:
    """Hold the lock file `lock` for the length of a with block.

    Raises DownloadError, which says that `what` is under way already, when another process holds
    it. The kernel frees the lock of a process that died.
    """
    with storage_errors(lock):
        descriptor = _locked(lock)
    if descriptor is None:
        raise DownloadError(f"{what} is under way already, in another process")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(lock: Path) -> int | None:
    """Return the descriptor of the lock file, locked, or None when another process has it."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The process that held it before may have removed the name since it was opened here: a
            # lock on a file without a name keeps nobody out.
            if os.path.samestat(os.fstat(descriptor), os.stat(lock)):
                return descriptor
        except FileNotFoundError:
            pass
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
