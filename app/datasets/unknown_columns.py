"""Refuses files whose rows differ by a column that is not read: their values must not be mixed."""

from pathlib import Path

import polars as pl

from app.datasets.layouts import Columns
from app.errors import DatasetError
from app.logs import one_line

# What tells the cells of a survey apart; a cell has one estimate.
_CELL = (
    "question",
    "value_type",
    "unit",
    "year_start",
    "year_end",
    "state",
    "category",
    "stratum",
)


def check_columns(path: Path, table: pl.LazyFrame, columns: Columns) -> None:
    """Raise DatasetError for a column that is not read, and tells rows of one cell apart."""
    header = table.collect_schema().names()
    _check_further(path, table, [name for name in columns.further if name in header], columns)
    meant = columns.known - columns.checked
    unknown = [name for name in header if name not in (*meant, "record", "")]
    if unknown:
        _check_unknown(path, table, unknown, columns)


def _check_further(path: Path, table: pl.LazyFrame, further: list[str], columns: Columns) -> None:
    """Look for values in the columns of a second or third stratification."""
    if not further:
        return
    empty = ("", *columns.empty)
    firsts = (
        pl.col(name).filter(~pl.col(name).str.strip_chars().is_in(empty)).first()
        for name in further
    )
    for name, value in table.select(firsts).collect(engine="streaming").row(0, named=True).items():
        if value is not None:
            raise DatasetError(
                f'dataset {path}: column {name} has values, such as "{one_line(value[:40])}", and '
                "is not read: its rows are of a part of those whom Stratification1 names; keep "
                "the rows without one"
            )


def _check_unknown(path: Path, table: pl.LazyFrame, unknown: list[str], columns: Columns) -> None:
    """Look for columns that differ between rows of one cell.

    A column that no layout knows, with another value in each row of the file, is an index, and
    means nothing.
    """
    cell = [columns.names[name] for name in _CELL]
    keys = [name for name in cell if name in table.collect_schema().names()]
    found = (
        table.group_by(keys)
        .agg(pl.len().alias(" rows"), pl.col(unknown).n_unique())
        .filter(pl.col(" rows") > 1)
        .select((pl.col(unknown) > 1).any())
        .collect(engine="streaming")
    )
    telling = [name for name in unknown if found[name].item()] if found.height else []
    if not telling:
        return
    whole = table.select(pl.len().alias(" rows"), pl.col(telling).n_unique()).collect(
        engine="streaming"
    )
    for name in telling:
        if name in columns.checked or whole[name].item() < whole[" rows"].item():
            raise DatasetError(
                f"dataset {path}: column {one_line(name[:40])} is not read, and tells apart rows "
                "of the same question, years, place and stratum, whose values would be mixed; "
                "keep the rows of one of its values, and take the column out"
            )
