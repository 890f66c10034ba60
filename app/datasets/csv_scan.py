"""A CSV as a table of text, once all of it was found to be one."""

from pathlib import Path

import polars as pl

from app.datasets import csv_grammar
from app.datasets.csv_fault import find_fault
from app.datasets.csv_grammar import CsvFault
from app.datasets.csv_header import read_header
from app.datasets.layouts import RECORD, Columns, check_header
from app.errors import DatasetError


def columns_in(path: Path) -> Columns:
    """Return what a file calls its columns.

    Raises DatasetError where it does not begin with a header of the columns of some layout.
    """
    return check_header(_header(path), f"dataset {path}: line 1")


def count_records(path: Path) -> int:
    """Return the number of records after the header; empty lines are none.

    Raises DatasetError where the file is not a CSV from its beginning to its end.
    """
    try:
        return csv_grammar.count_records(path, _header(path))
    except CsvFault as fault:
        raise DatasetError(f"dataset {path}: {fault}") from None


def check_form(path: Path) -> None:
    """Raise DatasetError where a file is not a CSV with a row at least."""
    if not count_records(path):
        raise DatasetError(f"dataset {path}: line 2: expected at least one row, found none")


def _header(path: Path) -> list[str]:
    try:
        return read_header(path)
    except CsvFault as fault:
        raise DatasetError(f"dataset {path}: {fault}") from None


def scan(path: Path, first_record: int, columns: Columns) -> pl.LazyFrame:
    """Return the rows as text, with their numbers, from `first_record` on, as `record`."""
    labels = columns.labels(_header(path))
    return pl.scan_csv(
        path,
        glob=False,
        infer_schema=False,
        empty_string_is_null=False,
        row_index_name=RECORD,
        row_index_offset=first_record,
        with_column_names=lambda _: labels,
    )


def unreadable(path: Path, error: Exception) -> DatasetError:
    """Return why polars could not read a file."""
    return DatasetError(f"dataset {path}: not readable as CSV: {str(error).splitlines()[0]}")


def check_rows(path: Path, faulty: bool, rows: int, columns: Columns) -> None:
    """Raise DatasetError for a file with a fault in its rows, or without any.

    `faulty` tells whether something that is needed is wrong in one of them.
    """
    if faulty:
        fault = find_fault(path, _header(path), columns) or "a value that cannot be read"
        raise DatasetError(f"dataset {path}: {fault}")
    if not rows:
        raise DatasetError(f"dataset {path}: expected at least one row, found blank ones")
