"""Which file of a dataset is read, where a download takes the place of the one in the box."""

from pathlib import Path

from app.datasets.files import sha256
from app.datasets.source_note import read_note
from app.sources import Source


def current(source: Source) -> Path:
    """Return what to read of a dataset now."""
    newer = source.newer
    if newer is None or not newer.exists() or is_older(newer, source.path):
        return source.path
    return newer


def again(source: Source, path: Path) -> Path:
    """Return what to read in place of what was read from `path`.

    A download that is gone is no reason to go back to an older file while the server runs.
    """
    return path if path == source.newer else current(source)


def is_older(path: Path, than: Path) -> bool:
    """Tell whether a file is known to have older rows than another.

    The notes beside them say when CDC last changed the rows; one may know the month alone.
    """
    note, other = read_note(path), read_note(than)
    if note is None or other is None:
        return False
    known = min(len(note.updated), len(other.updated))
    if note.updated[:known] >= other.updated[:known]:
        return False
    # A note of other bytes, of a file that was replaced since, says nothing.
    try:
        return sha256(path) == note.sha256
    except OSError:
        return False
