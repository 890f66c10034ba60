"""The files of a dataset: which ones a path means, what they are called, when they have changed."""

import glob
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonpath
from pathlib import Path
from stat import S_ISREG
from typing import Any, TypeVar

from app.datasets.source_note import SourceNote, read_note
from app.errors import DatasetError
from app.json_bytes import encode

T = TypeVar("T")

# What is in a folder that `python -m app.prepare` wrote, and in no other.
PREPARED = "prepared.json"

_KINDS = (".csv", ".parquet")
_READINGS = 3


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file that was read.

    `name` is its path below the folder that all files of the dataset have in common; `sha256` is of
    its bytes, in hexadecimal. Its rows are those whose `record` is `first_record` to `last_record`.
    """

    name: str
    sha256: str
    rows: int
    first_record: int
    last_record: int


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the files that `--data` means, in order of name.

    A file; a folder, for the CSV and Parquet files right in it; or a pattern, for those that it
    matches. Raises DatasetError where there is none.
    """
    if path.is_dir():
        found = [one for one in path.iterdir() if not one.name.startswith(".")]
        where = "in this folder"
    elif path.exists() or not glob.has_magic(str(path)):
        return (path,)
    else:
        found = [Path(one) for one in glob.iglob(str(path), recursive=True)]
        where = "that this pattern matches"
    # A pattern such as **/** finds a file more than once.
    files = sorted(one for one in set(found) if one.suffix.lower() in _KINDS and not one.is_dir())
    if not files:
        raise DatasetError(f"dataset {path}: expected *.csv or *.parquet {where}, found none")
    return tuple(files)


def names_of(files: Sequence[Path]) -> tuple[str, ...]:
    """Return what files are called: their paths below the folder that they have in common."""
    folder = commonpath([one.absolute().parent for one in files])
    return tuple(one.absolute().relative_to(folder).as_posix() for one in files)


def digest_of(files: Sequence[DataFile]) -> str:
    """Return the SHA-256 that tells a dataset from others, in hexadecimal.

    Of one file it is that of its bytes; of several, that of what `sha256sum` prints of them.
    """
    if len(files) == 1:
        return files[0].sha256
    listing = "".join(f"{one.sha256}  {one.name}\n" for one in files)
    return hashlib.sha256(listing.encode()).hexdigest()


def version_of(digest: str) -> str:
    """Return the start of a digest: enough to tell one dataset from another."""
    return digest[:16]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum(fields: Mapping[str, Any]) -> str:
    """Return the SHA-256 of fields as JSON, in hexadecimal."""
    return hashlib.sha256(encode(fields)).hexdigest()


def notes_beside(path: Path) -> tuple[SourceNote | None, ...]:
    """Return the note of a download that lies beside each file that a path means."""
    try:
        return tuple(read_note(one) for one in files_of(path))
    except (DatasetError, OSError):  # the files have gone since they were read
        return ()


def steadily(path: Path, read: Callable[[tuple[Path, ...]], T]) -> T:
    """Return what `read` returns of the files that a path means.

    They are read more than once; where one is replaced meanwhile, all are read again, so that all
    that is found is of the very same bytes. Raises DatasetError, in one line.
    """
    try:
        for _ in range(_READINGS):
            files = files_of(path)
            before = [_state(one) for one in files]
            try:
                found = read(files)
            except DatasetError:
                if files_of(path) == files and [_state(one) for one in files] == before:
                    raise  # it is the file that is wrong, not the moment
                continue
            if files_of(path) == files and [_state(one) for one in files] == before:
                return found
    except OSError as error:
        named = error.filename or path
        raise DatasetError(f"dataset {named}: {error.strerror or error}") from None
    raise DatasetError(f"dataset {path}: it changes while it is read")


def modified_at(path: Path) -> float:
    """Return when the newest of the files that a path means was changed, in seconds since 1970.

    That is 0 where they are gone.
    """
    try:
        if (path / PREPARED).exists():
            return (path / PREPARED).stat().st_mtime
        return max(one.stat().st_mtime for one in files_of(path))
    except (DatasetError, OSError):
        return 0.0


def _state(path: Path) -> tuple[int, int, int]:
    """Return what differs once a file was replaced or written to.

    Raises DatasetError for what is no file: a pipe would have its reader wait for ever.
    """
    status = path.stat()
    if not S_ISREG(status.st_mode):
        raise DatasetError(f"dataset {path}: expected a file")
    return status.st_ino, status.st_size, status.st_mtime_ns
