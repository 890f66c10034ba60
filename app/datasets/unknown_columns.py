"""Refuses files whose rows differ by a column that is not read: their values must not be mixed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from app.datasets.layouts import Columns
from app.datasets.survey_rows import not_blank
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


class Part(NamedTuple):
    """One of several files, its rows, and the columns that are not read but have one value."""

    path: Path
    table: pl.LazyFrame
    constants: Mapping[str, str]


def part_of(path: Path, table: pl.LazyFrame, columns: Columns) -> Part:
    """Return what `check_parts` compares of a file."""
    names = unknown(table, columns)
    if not names:
        return Part(path, table, {})
    texts = pl.col(names).cast(pl.String)
    ends = (texts.min().name.prefix("low "), texts.max().name.prefix("high "))
    row = table.select(*ends).collect(engine="streaming").row(0)
    found = zip(names, row[: len(names)], row[len(names) :], strict=True)
    constants = {name: low for name, low, high in found if low is not None and low == high}
    return Part(path, table, constants)


def check_parts(parts: Sequence[Part], columns: Columns) -> None:
    """Raise DatasetError for a column that is not read, and tells rows of two files apart.

    It has one value in each of them; `check_columns` has looked into each file already.
    """
    for name in dict.fromkeys(name for part in parts for name in part.constants):
        having = [part for part in parts if name in part.constants]
        if len({part.constants[name] for part in having}) == 1:
            continue
        cells = pl.concat(_cells(part, name, number, columns) for number, part in enumerate(having))
        shared = (
            cells.group_by(_CELL)
            .agg(
                first=pl.col("file").sort_by("constant", "file").first(),
                last=pl.col("file").sort_by("constant", "file").last(),
                several=pl.col("constant").n_unique() > 1,
            )
            .filter("several")
            .select("first", "last")
            .collect(engine="streaming")
        )
        if shared.height:
            first, last = sorted(min(shared.rows()))
            raise DatasetError(
                f"dataset {having[last].path}: column {one_line(name[:40])} is not read, and tells "
                f"its rows apart from those of {having[first].path} of the same question, years, "
                "place and stratum, whose values would be mixed; serve each file under a name of "
                "its own"
            )


def _cells(part: Part, name: str, number: int, columns: Columns) -> pl.LazyFrame:
    header = part.table.collect_schema().names()
    cell = (
        (pl.col(columns.names[key]).cast(pl.String) if columns.names[key] in header else pl.lit(""))
        .str.strip_chars()
        .alias(key)
        for key in _CELL
    )
    constant = pl.lit(part.constants[name]).alias("constant")
    return part.table.select(*cell, constant, pl.lit(number).alias("file")).unique()


def unknown(table: pl.LazyFrame, columns: Columns) -> list[str]:
    """Return the columns that are not read, and may tell rows apart."""
    meant = columns.known - columns.checked
    header = table.collect_schema().names()
    return [name for name in header if name not in (*meant, "record", "")]


def check_columns(path: Path, table: pl.LazyFrame, columns: Columns, *, may_tell: bool) -> None:
    """Raise DatasetError for a column that is not read, and tells rows of one cell apart.

    `may_tell` is whether one of them may, by what `survey_rows.add_up` has seen of them.
    """
    header = table.collect_schema().names()
    further = [name for name in columns.further if name in header]
    if not further and not may_tell:  # as of most files
        return
    rows = not_blank(table, columns)
    _check_further(path, rows, further, columns)
    if may_tell:
        _check_unknown(path, rows, unknown(table, columns), columns)


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


def _check_unknown(path: Path, table: pl.LazyFrame, names: list[str], columns: Columns) -> None:
    """Look for columns that differ between rows of one cell.

    A column that no layout knows, with another value in each row of the file, is an index, and
    means nothing.
    """
    cell = [columns.names[name] for name in _CELL]
    keys = [name for name in cell if name in table.collect_schema().names()]
    found = (
        table.group_by(keys)
        .agg(pl.len().alias(" rows"), pl.col(names).n_unique())
        .filter(pl.col(" rows") > 1)
        .select((pl.col(names) > 1).any())
        .collect(engine="streaming")
    )
    telling = [name for name in names if found[name].item()] if found.height else []
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
