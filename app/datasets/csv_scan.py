"""A CSV as a table of text, and whether its lines are as the header says."""

import csv
from pathlib import Path

import polars as pl

from app.datasets.csv_fault import find_fault
from app.datasets.layouts import Columns, check_header
from app.errors import DatasetError


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        line = file.readline().decode("utf-8-sig")
    return [name.strip() for name in next(csv.reader([line]), [])]


def columns_in(path: Path) -> Columns:
    """Return what a file calls its columns.

    Raises DatasetError where the first line is not a header with the columns of some layout.
    """
    try:
        header = _header(path)
    except (UnicodeDecodeError, csv.Error):
        raise DatasetError(f"dataset {path}: line 1: expected a CSV header in UTF-8") from None
    if not header:
        raise DatasetError(f"dataset {path}: line 1: expected a CSV header, found an empty file")
    return check_header(header, f"dataset {path}: line 1")


def scan(path: Path, first_record: int, columns: Columns) -> pl.LazyFrame:
    """Return the rows as text, with their numbers, from `first_record` on, as `record`."""
    return pl.scan_csv(
        path,
        glob=False,
        infer_schema=False,
        empty_string_is_null=False,
        row_index_name="record",
        row_index_offset=first_record,
        with_column_names=columns.spelled,
    )


def unreadable(path: Path, error: Exception, columns: Columns) -> DatasetError:
    """Return why polars could not read a file."""
    reason = find_fault(path, columns) or f"not readable as CSV: {str(error).splitlines()[0]}"
    return DatasetError(f"dataset {path}: {reason}")


def check_rows(path: Path, faulty: bool, rows: int, columns: Columns) -> None:
    """Raise DatasetError for a file with a fault in its rows, or without any.

    `faulty` tells whether something that is needed is wrong in one of them.
    """
    if faulty or _some_line_has_other_fields(path):
        fault = find_fault(path, columns)
        if fault or faulty:
            raise DatasetError(f"dataset {path}: {fault or 'a value that cannot be read'}")
    if not rows:
        raise DatasetError(f"dataset {path}: line 2: expected at least one row, found none")


def _some_line_has_other_fields(path: Path) -> bool:
    """Tell whether a line seems to have more or fewer fields than the header.

    polars fills up short records, as of a file that was cut, and drops what is too much, without
    a word. A field with a line break in it looks the same from here: `find_fault` is the judge.
    """
    line = pl.col("line")
    commas = line.str.replace_all('"[^"]*"', "").str.count_matches(",", literal=True)
    try:
        differing = (
            pl.scan_csv(
                path,
                glob=False,
                has_header=False,
                separator="\x01",  # none: each line is one text
                quote_char=None,
                infer_schema=False,
                new_columns=["line"],
            )
            .filter(line.str.strip_chars() != "", commas != len(_header(path)) - 1)
            .select(pl.len())
            .collect(engine="streaming")
            .item()
        )
    except pl.exceptions.PolarsError:
        return True
    return bool(differing)
