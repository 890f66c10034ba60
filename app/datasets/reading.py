"""Reads the files of a dataset twice: first what is in them, then the rows themselves."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import polars as pl

from app.datasets import csv_scan, parquet_scan
from app.datasets.files import DataFile, names_of, sha256
from app.datasets.survey_rows import add_up, estimates, put_together
from app.errors import DatasetError


def survey(
    files: Sequence[Path], report: Callable[[Path], None] = lambda _path: None
) -> tuple[pl.DataFrame, tuple[DataFile, ...]]:
    """Return what `survey_rows.put_together` finds in files, and what each is.

    `report` is called with each, before it is read. Raises DatasetError for a file with a fault.
    """
    cells: list[pl.DataFrame] = []
    data_files: list[DataFile] = []
    last = 0
    for path, name in zip(files, names_of(files), strict=True):
        report(path)
        reader = _reader(path)
        reader.check_header(path)
        try:
            found = add_up(reader.scan(path, 1))
        except pl.exceptions.PolarsError as error:
            raise reader.unreadable(path, error) from None
        count = int(found["rows"].sum())
        reader.check_rows(path, bool(found["faulty"].any()), count)
        first, last = last + 1, last + int(found.select(pl.max("last_record")).item())
        data_files.append(DataFile(name, sha256(path), count, first, last))
        cells.append(found)
    return put_together(cells), tuple(data_files)


def rows(
    files: Sequence[Path], data_files: Sequence[DataFile], cells: pl.DataFrame
) -> Iterator[pl.LazyFrame]:
    """Yield the rows of each file, as `survey_rows.estimates` has them."""
    for path, one in zip(files, data_files, strict=True):
        yield estimates(_reader(path).scan(path, one.first_record), cells)


def whole(
    files: Sequence[Path],
) -> tuple[pl.DataFrame, tuple[DataFile, ...], pl.DataFrame]:
    """Return what `survey` does, and all rows; raise DatasetError for a file with a fault."""
    cells, data_files = survey(files)
    try:
        parts = [part.collect(engine="streaming") for part in rows(files, data_files, cells)]
    except pl.exceptions.PolarsError as error:  # it was readable a moment ago
        raise DatasetError(f"dataset {files[0]}: {str(error).splitlines()[0]}") from None
    return cells, data_files, pl.concat(parts)


def _reader(path: Path) -> ModuleType:
    return parquet_scan if parquet_scan.is_parquet(path) else csv_scan
