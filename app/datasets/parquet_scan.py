"""A Parquet file as `survey_rows` reads it, whatever the types of its columns."""

from pathlib import Path

import polars as pl

from app.datasets.csv_fault import value_faults
from app.datasets.layouts import RECORD, Columns, check_header
from app.datasets.polars_errors import POLARS_ERRORS
from app.datasets.survey_rows import FLOATS, INTEGERS, faulty_rows
from app.datasets.values import DECIMAL
from app.errors import DatasetError
from app.logs import one_line

_MAGIC = b"PAR1"


def is_parquet(path: Path) -> bool:
    """Tell by its first bytes whether a file is Parquet; raise OSError where it has none."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def columns_in(path: Path) -> Columns:
    """Return what a file calls its columns.

    Raises DatasetError for a file without those of some layout, or with others than texts there.
    """
    try:
        schema = pl.read_parquet_schema(path)
    except (*POLARS_ERRORS, OSError) as error:
        raise unreadable(path, error) from None
    found = check_header(list(schema), f"dataset {path}")
    spelled = found.spelled(list(schema))
    for name, kind in zip(spelled, schema.values(), strict=True):
        if name in (*found.names.values(), *found.further) and not _is_readable(kind):
            raise DatasetError(
                f"dataset {path}: column {name}: expected texts or numbers, found {_said(kind)}"
            )
    return found


def _is_readable(kind: pl.DataType) -> bool:
    texts = (pl.String, pl.Categorical, pl.Enum, pl.Null)  # Null: nothing but empty cells
    return kind.is_numeric() or any(kind == text for text in texts)


def scan(path: Path, first_record: int, columns: Columns) -> pl.LazyFrame:
    """Return the rows, with their numbers from `first_record` on, as `record`.

    What is read as a number is left as one where that is exact: texts cost many times as much.
    """
    schema = pl.read_parquet_schema(path)
    index = RECORD
    while index in schema:
        index += "_"
    table = pl.scan_parquet(
        path,
        glob=False,
        hive_partitioning=False,
        row_index_name=index,
        row_index_offset=first_record,
    )
    labelled = zip(schema.items(), columns.labels(list(schema)), strict=True)
    return table.select(
        pl.col(index).alias(RECORD),
        *(_column(name, kind, theirs, columns).alias(theirs) for (name, kind), theirs in labelled),
    )


def _column(name: str, kind: pl.DataType, spelled: str, columns: Columns) -> pl.Expr:
    """Return a column as numbers, or as texts."""
    if kind.is_integer() and spelled in (columns.names.get(one) for one in INTEGERS):
        return pl.col(name)
    if kind == pl.Float64 and spelled in (columns.names.get(one) for one in FLOATS):
        return pl.col(name).fill_nan(None)  # as pandas writes an empty cell
    return _text(name, kind)


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    """Return a column as the texts that a CSV would have: nothing for null, `30` for 30.0."""
    column = pl.col(name)
    if kind == pl.Binary or kind.is_nested():
        column, kind = column.hash(), pl.UInt64()  # not read, but it may tell rows apart
    # polars makes no text of a duration, but of its number.
    text = (column.to_physical() if kind == pl.Duration else column).cast(pl.String)
    if kind.is_float():
        # A float that is no number stands for an empty cell, as pandas writes them; one that is
        # very small or large has an exponent, which no exact sum takes.
        plain = column.cast(DECIMAL, strict=False).cast(pl.String)
        plain_text = pl.when(text.str.contains("e", literal=True)).then(plain.fill_null(text))
        text = plain_text.otherwise(text.str.strip_suffix(".0"))
        text = pl.when(column.is_not_nan()).then(text)
    return text.fill_null("")


def unreadable(path: Path, error: Exception) -> DatasetError:
    """Return why polars could not read a file."""
    reason = one_line(str(error).splitlines()[0][:100])
    return DatasetError(f"dataset {path}: not readable as Parquet: {reason}")


def check_form(_path: Path) -> None:
    """Do nothing: what is no Parquet file has been refused where its columns were read."""


def check_rows(path: Path, faulty: bool, rows: int, columns: Columns) -> None:
    """Raise DatasetError for a file with a fault in its rows, or without any.

    `faulty` tells whether something that is needed is wrong in one of them.
    """
    if faulty:
        table = faulty_rows(scan(path, 1, columns), columns).head(1)
        row = table.collect(engine="streaming").row(0, named=True)
        values = {name: "" if cell is None else str(cell).strip() for name, cell in row.items()}
        fault = next(value_faults(values, columns), "a value that cannot be read")
        raise DatasetError(f"dataset {path}: row {row['record']}, {fault}")
    if not rows:
        raise DatasetError(f"dataset {path}: expected at least one row, found none")


def _said(kind: pl.DataType) -> str:
    return str(kind).partition("(")[0]
