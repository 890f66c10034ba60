"""Files that people name: links are followed, modes kept, devices and pipes written into."""

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path


def file_to_replace(path: Path) -> Path | None:
    """Return the file that is created or replaced for a path, at the end of its links.

    None where there is what can only be written into, such as a device or a pipe. Raises OSError
    for a folder, and for links that lead in a circle.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return Path(os.path.realpath(path)) if stat.S_ISREG(mode) else None


def mode_of(path: Path) -> int | None:
    """Return who may read and write a file; None where there is none."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(path.stat().st_mode)
    return None


def write_file(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all, or into a device or a pipe.

    A file that is replaced keeps its mode. Raises OSError, which names the path.
    """
    try:
        target = file_to_replace(path)
        if target is None:
            path.write_bytes(content)
        else:
            _replace(target, content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(target: Path, content: bytes) -> None:
    mode = mode_of(target)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    # Never open to more than may read the file that is there.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(draft, flags, 0o666 if mode is None else mode)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        if mode is not None:
            draft.chmod(mode)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
