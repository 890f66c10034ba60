"""Writes a dataset's prepared folder, see `datasets/prepared.py`: whole, or not at all."""

import contextlib
import io
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
from rich.console import Console

from app.datasets.files import PREPARED, notes_beside, sha256, steadily
from app.datasets.polars_errors import POLARS_ERRORS
from app.datasets.prepared import (
    BIT,
    FLAGGED,
    FLAGS,
    Column,
    Manifest,
    Part,
    as_json,
    read_manifest,
    row_columns,
)
from app.datasets.reading import Survey, rows, survey
from app.datasets.validity import copies, with_copies
from app.durable_files import exclusive, flush_folder, move_into_place, storage_errors, write_whole
from app.errors import DatasetError
from app.progress import Meter, amount

_LOCK = "prepared.lock"
_OURS = re.compile(r"rows-[0-9a-f]{8}\.bin(\.new)?|cells-[0-9a-f]{8}\.arrow(\.new)?")
_ROWS_AT_ONCE = 2**17


def prepare(source: Path, folder: Path, console: Console) -> Manifest:
    """Read what `source` means and have it prepared in `folder`.

    What was prepared there before is replaced once the new one is whole, and stays otherwise; who
    has mapped it keeps it. Where that fails, no new folder is left. Raises DatasetError,
    StorageError, or DownloadError where another process prepares the same folder.
    """
    if (source / PREPARED).exists():
        raise DatasetError(f"dataset {source}: it is prepared already; name what it was made from")
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        with storage_errors(folder):
            _make(folder)
        with exclusive(folder / _LOCK, f"preparing {folder}"):
            _tidy(folder)
            try:
                manifest = steadily(source, lambda files: _prepared(source, files, folder, console))
                with storage_errors(folder / PREPARED):
                    write_whole(folder / PREPARED, as_json(manifest))
            finally:
                _tidy(folder)
    except BaseException:
        with contextlib.suppress(OSError):  # somebody put something there meanwhile
            for one in new:
                one.rmdir()
        raise
    return manifest


def _make(folder: Path) -> None:
    """Have the folder; raise DatasetError for one that holds something else."""
    if folder.is_dir():
        known = (PREPARED, f"{PREPARED}.new", _LOCK)
        names = (one.name for one in folder.iterdir())
        strange = [name for name in names if name not in known and not _OURS.fullmatch(name)]
        if strange:
            raise DatasetError(
                f"{folder} holds other files, such as {min(strange)}: name a folder of its own"
            )
        return
    folder.mkdir(parents=True)
    flush_folder(folder.absolute().parent)


def _tidy(folder: Path) -> None:
    """Remove what `prepared.json` does not name: what it named before, and what was left undone."""
    kept = set()
    if (folder / PREPARED).exists():
        try:
            manifest = read_manifest(folder)
        except DatasetError:  # of another version, perhaps, which can read it
            return
        kept = {manifest.rows.name, manifest.cells.name}
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in kept:
            path.unlink(missing_ok=True)


def _prepared(source: Path, files: Sequence[Path], folder: Path, console: Console) -> Manifest:
    """Write the two files that hold the dataset, and return what names them."""

    def report(path: Path) -> None:
        console.print(f"reading {path}, {amount(path.stat().st_size, 'bytes')}")

    found = survey(files, report)
    cells, data_files, reading = found
    whole = sum(one.rows for one in data_files)
    console.print(
        f"{whole:,} rows in {len(data_files):,} file{'s' * (len(data_files) > 1)}, "
        f"layout {reading.layout.name}; writing them"
    )
    token = secrets.token_hex(4)  # never a name that somebody has mapped
    names = folder / f"rows-{token}.bin", folder / f"cells-{token}.arrow"
    draft = names[0].with_name(names[0].name + ".new")
    content = io.BytesIO()
    cells.write_ipc(content, compression="uncompressed")
    with storage_errors(names[0]):
        _write_rows(draft, files, found, console)
        write_whole(names[1], content.getvalue())
        digest, size = sha256(draft), draft.stat().st_size
        move_into_place(draft, names[0])
    return Manifest(
        source.name or source.absolute().name,
        data_files,
        notes_beside(source),
        reading.layout.name,
        {column: dict(names) for column, names in reading.replaced.items()},
        Part(names[1].name, names[1].stat().st_size, sha256(names[1])),
        Part(names[0].name, size, digest),
        reading.undated,
    )


def _write_rows(
    draft: Path,
    files: Sequence[Path],
    found: Survey,
    console: Console,
) -> None:
    """Write the file of rows, a batch at a time."""
    whole = sum(one.rows for one in found.files)
    columns, size = row_columns(found.cells, whole)
    with draft.open("wb") as file, Meter(console, "rows") as meter:
        meter.begin(0, whole)
        file.truncate(size)
        done = 0
        try:
            repeated = copies(pl.concat(rows(files, found)))
            for part in rows(files, found):
                for batch in part.collect_batches(
                    chunk_size=_ROWS_AT_ONCE, maintain_order=True, engine="streaming"
                ):
                    if done + batch.height > whole:
                        raise DatasetError(f"dataset {files[0]}: it changes while it is read")
                    _write_batch(file, with_copies(batch, repeated), columns, done)
                    done += batch.height
                    meter.at(done)
        except POLARS_ERRORS as error:  # it was readable a moment ago
            raise DatasetError(f"dataset {files[0]}: {str(error).splitlines()[0]}") from None
        if done != whole:
            raise DatasetError(f"dataset {files[0]}: it changes while it is read")
        file.flush()
        os.fsync(file.fileno())


def _write_batch(file: BinaryIO, batch: pl.DataFrame, columns: Sequence[Column], done: int) -> None:
    flags = pl.sum_horizontal(
        pl.when(pl.col(name).is_not_null() if name in FLAGGED else pl.col(name))
        .then(pl.lit(BIT[name], pl.UInt8))
        .otherwise(pl.lit(0, pl.UInt8))
        for name in FLAGS
    )
    filled = batch.select(pl.all().to_physical().fill_null(0), flags=flags)
    for column in columns:
        numbers = filled[column.name].to_numpy().astype(column.kind, copy=False)
        file.seek(column.offset + done * numbers.itemsize)
        file.write(np.ascontiguousarray(numbers).data)
