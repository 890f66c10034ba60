"""A dataset that was read once and for all: a folder whose rows are mapped, not read.

`prepared.json` says what is in it and names the other two files: the cells of
`survey_rows.put_together`, an Arrow IPC file, and the rows, one column after another, each an array
of numbers of a fixed size. polars reads Arrow IPC into memory of its own; arrays of numpy it takes
as they are, so that the rows stay in the page cache, which all processes share. What a process has
of its own is a few bits for each row: which values there are.
"""

import hashlib
import io
import mmap
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from app.datasets.cells import Content, Reading
from app.datasets.files import PREPARED, DataFile, checksum, sha256
from app.datasets.layouts import LAYOUTS
from app.datasets.polars_errors import POLARS_ERRORS
from app.datasets.reading import Survey
from app.datasets.source_note import SourceNote
from app.errors import DatasetError
from app.json_bytes import PRETTY, DecodeError, decode, encode

FORMAT = 3
_TRIES = 3
_PAGE = 4096  # each column begins on a page of its own

# Which of the figures a row has, and what else is yes or no: a bit each, in column `flags`.
FLAGGED = ("value", "low", "high", "sample_size")
FLAGS = (*FLAGGED, "unreadable", "filled", "invalid")
BIT = MappingProxyType({name: 1 << place for place, name in enumerate(FLAGS)})
_TYPES = MappingProxyType(
    {
        "record": "<u4",
        "year_start": "<i2",
        "year_end": "<i2",
        "value": "<f8",
        "low": "<f8",
        "high": "<f8",
        "sample_size": "<i8",
        "flags": "|u1",
    }
)


class Column(NamedTuple):
    """A column of the file of rows: its type as numpy writes it, and where it begins."""

    name: str
    kind: str
    offset: int


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two files: its name, its size, the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `prepared.json` says.

    `file` is what the source is called; `layout`, `replaced` and `undated` are those of `Reading`.
    """

    file: str
    files: tuple[DataFile, ...]
    notes: tuple[SourceNote | None, ...]
    layout: str
    replaced: Mapping[str, Mapping[str, str]]
    cells: Part
    rows: Part
    undated: bool = False


class Loaded(NamedTuple):
    """What a dataset is made of: see `DataIngestor`."""

    content: Content
    estimates: pl.DataFrame
    file: str
    notes: tuple[SourceNote | None, ...]
    rows_file: str


def load(folder: Path) -> Loaded:
    """Return the dataset of a folder; nothing is written.

    Raises DatasetError, in one line, for one that is damaged or of another version.
    """
    for _ in range(_TRIES):
        manifest = read_manifest(folder)
        try:
            cells = _cells(folder, manifest.cells)
            rows = _mapped(folder, manifest, cells)
        except FileNotFoundError:  # it was prepared anew at this very moment
            continue
        except OSError as error:
            raise DatasetError(f"dataset {folder}: {error.strerror or error}") from None
        reading = Reading(LAYOUTS[manifest.layout], manifest.replaced, manifest.undated)
        content = Survey(cells, manifest.files, reading).content
        return Loaded(content, rows, manifest.file, manifest.notes, manifest.rows.name)
    raise damaged(folder, "its files are not there")


def check(folder: Path) -> Manifest:
    """Read all bytes of a folder and return what it holds; raise DatasetError where one differs."""
    load(folder)
    manifest = read_manifest(folder)
    for part in (manifest.cells, manifest.rows):
        if sha256(folder / part.name) != part.sha256:
            raise damaged(folder, f"{part.name} is not as it was written")
    return manifest


def damaged(folder: Path, what: str) -> DatasetError:
    """Return the error for a folder that cannot be used, in one line."""
    return DatasetError(f"dataset {folder}: {what}; prepare it again (python -m app.prepare)")


def as_json(manifest: Manifest) -> bytes:
    """Return what goes into `prepared.json`."""
    fields = asdict(manifest)
    return encode({"format": FORMAT, "sha256": checksum(fields), "prepared": fields}, option=PRETTY)


def read_manifest(folder: Path) -> Manifest:
    """Return what `prepared.json` says; raise DatasetError where it is not as it was written."""
    try:
        content: Any = decode((folder / PREPARED).read_bytes())
        if content["format"] != FORMAT:
            raise damaged(folder, f"it is of format {content['format']}, and {FORMAT} is expected")
        fields = content["prepared"]
        if fields["layout"] not in LAYOUTS:
            raise damaged(folder, f"its layout {fields['layout']} is not known")
        if content["sha256"] != checksum(fields):
            raise damaged(folder, f"{PREPARED} is not as it was written")
        return Manifest(
            fields["file"],
            tuple(DataFile(**one) for one in fields["files"]),
            tuple(SourceNote(**one) if one else None for one in fields["notes"]),
            fields["layout"],
            {column: dict(names) for column, names in fields["replaced"].items()},
            Part(**fields["cells"]),
            Part(**fields["rows"]),
            fields.get("undated", False),
        )
    except OSError as error:
        if folder.is_dir() and isinstance(error, FileNotFoundError):
            raise DatasetError(f"{folder} is no prepared folder: it has no {PREPARED}") from None
        raise DatasetError(f"dataset {folder}: {error.strerror or error}") from None
    except (DecodeError, KeyError, TypeError):
        raise damaged(folder, f"{PREPARED} cannot be read") from None


def row_columns(cells: pl.DataFrame, rows: int) -> tuple[tuple[Column, ...], int]:
    """Return the columns of the file of rows, in order, and its size in bytes."""
    kinds = {**_TYPES, **{name: _code(kind) for name, kind in _enums(cells)}}
    columns, offset = [], 0
    for name, kind in kinds.items():
        columns.append(Column(name, kind, offset))
        offset += -(-rows * np.dtype(kind).itemsize // _PAGE) * _PAGE
    return tuple(columns), offset


def _enums(cells: pl.DataFrame) -> Iterator[tuple[str, pl.Enum]]:
    for name, kind in cells.schema.items():
        if isinstance(kind, pl.Enum):
            yield name, kind


def _code(kind: pl.Enum) -> str:
    """Return the type of the numbers that stand for names."""
    return str(pl.Series([], dtype=kind).to_physical().to_numpy().dtype.str)


def _cells(folder: Path, part: Part) -> pl.DataFrame:
    content = (folder / part.name).read_bytes()
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise damaged(folder, f"{part.name} is not as it was written")
    try:
        return pl.read_ipc(io.BytesIO(content))
    except POLARS_ERRORS:
        raise damaged(folder, f"{part.name} is of another version of polars") from None


def _mapped(folder: Path, manifest: Manifest, cells: pl.DataFrame) -> pl.DataFrame:
    rows = sum(file.rows for file in manifest.files)
    columns, size = row_columns(cells, rows)
    with (folder / manifest.rows.name).open("rb") as file:
        if not os.fstat(file.fileno()).st_size == size == manifest.rows.size:
            raise damaged(folder, f"{manifest.rows.name} is not as long as it was written")
        mapping = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    frame = pl.DataFrame(
        [pl.Series(one.name, np.frombuffer(mapping, one.kind, rows, one.offset)) for one in columns]
    )
    try:
        return frame.select(_columns(cells))
    except POLARS_ERRORS:  # a number that no name goes with
        raise damaged(folder, f"{manifest.rows.name} is not as it was written") from None


def _columns(cells: pl.DataFrame) -> Sequence[pl.Expr]:
    """Return the columns of `survey_rows.estimates` from those of the file, which they share."""

    def flag(name: str) -> pl.Expr:
        return (pl.col("flags") & BIT[name]) != 0

    return [
        pl.col("record"),
        *(pl.col(name).cat.to(kind) for name, kind in _enums(cells)),
        pl.col("year_start", "year_end"),
        # No value is copied: what comes of it are the bits that say which of them there are.
        *(pl.when(flag(name)).then(pl.col(name)).alias(name) for name in FLAGGED),
        flag("unreadable").alias("unreadable"),
        flag("filled").alias("filled"),
        flag("invalid").alias("invalid"),
    ]
