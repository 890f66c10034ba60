"""Where a file of CDC's came from: a small JSON file beside it."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from app.durable_files import storage_errors, write_whole
from app.json_bytes import PRETTY, DecodeError, decode, encode

# The `way` of the release that comes with this program.
BOXED = "boxed"


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What is known of a file of CDC's. Times are UTC, as `2026-01-31T12:00:00Z`, or a month.

    `way` is how it was fetched, `export` or `paged`, or `boxed`; `fetched` is when, `updated` when
    CDC last changed the rows; `sha256` is of the file's bytes, in hexadecimal.
    """

    dataset: str
    url: str
    way: str
    fetched: str
    updated: str
    rows: int
    sha256: str


def note_path(csv_path: Path) -> Path:
    """Return where the note of a CSV is kept."""
    return csv_path.with_name(csv_path.name + ".source.json")


def write_note(csv_path: Path, note: SourceNote) -> None:
    """Write the note of a CSV; raise StorageError when the disk does not take it."""
    path = note_path(csv_path)
    with storage_errors(path):
        write_whole(path, encode(asdict(note), option=PRETTY))


def read_note(csv_path: Path) -> SourceNote | None:
    """Return the note of a CSV, or None where there is none that can be read.

    Its `sha256` shows whether the CSV is still the one that it describes.
    """
    try:
        path = note_path(csv_path)
        if not path.is_file():  # but a pipe, say, which would have its reader wait
            return None
        values: Any = decode(path.read_bytes())
        note = SourceNote(**{field.name: values[field.name] for field in fields(SourceNote)})
    except (OSError, DecodeError, KeyError, TypeError):
        return None
    good = all(
        type(getattr(note, field.name)) is (int if field.name == "rows" else str)
        for field in fields(SourceNote)
    )
    return note if good else None
