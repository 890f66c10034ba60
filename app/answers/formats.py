"""A table as CSV, NDJSON and Parquet. The same table always gives the same bytes."""

from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app import json_bytes
from app.csv_text import defused
from app.statistics.table import Kind, Table

# Imported by what needs it: a start does without.
if TYPE_CHECKING:
    import polars as pl

# What a cell of each kind is made of. JSON does not tell 25 from 25.0, so a number may come as an
# int.
_CELLS: Mapping[Kind, Callable[[Any], Any]] = MappingProxyType(
    {"text": str, "number": float, "integer": int, "boolean": bool}
)


def as_csv(table: Table, *, mark: bool = True) -> bytes:
    """Return a table as CSV: RFC 4180, in UTF-8, with the mark by which spreadsheets know that.

    None is an empty field, an empty text is `""`. Text that a spreadsheet would take for a formula
    gets an apostrophe in front.
    """
    return csv_of(frame_of(table), mark=mark)


def csv_of(frame: "pl.DataFrame", *, mark: bool = True) -> bytes:
    """Return a frame as `as_csv` does a table."""
    import polars as pl

    frame = frame.rename({name: defused(name) for name in frame.columns})
    texts = [name for name, kind in frame.schema.items() if kind in (pl.String, pl.Enum)]
    frame = frame.with_columns(pl.col(name).cast(pl.String) for name in texts)
    # Of a hundred thousand cells few are different.
    frame = frame.with_columns(
        pl.col(name).replace({text: defused(text) for text in frame[name].unique().drop_nulls()})
        for name in texts
    )
    buffer = BytesIO()
    # A line with nothing on it would be no row: the only field of a row is always quoted.
    frame.write_csv(
        buffer,
        include_bom=mark,
        line_terminator="\r\n",
        quote_style="always" if frame.width == 1 else "necessary",
    )
    return buffer.getvalue()


def as_ndjson(table: Table) -> bytes:
    """Return a table as lines of JSON, an object for each row, keyed by the columns' names."""
    names = [column.name for column in table.columns]
    objects = (json_bytes.encode(dict(zip(names, row, strict=True))) for row in table.rows)
    return b"".join(line + b"\n" for line in objects)


def ndjson_of(frame: "pl.DataFrame") -> bytes:
    """Return a frame as lines of JSON, an object for each row."""
    buffer = BytesIO()
    frame.write_ndjson(buffer)
    return buffer.getvalue()


def as_parquet(table: Table) -> bytes:
    """Return a table as Parquet, with each column's kind as its type.

    The file's metadata has `about` and `columns`, as JSON: what is to be known about the table, and
    each column's kind and meaning.
    """
    return parquet_of(frame_of(table), table)


def parquet_of(frame: "pl.DataFrame", table: Table) -> bytes:
    """Return a frame as `as_parquet` does a table, with the metadata of the columns of `table`."""
    about = dict(table.as_json()["about"])
    columns = about.pop("columns")
    metadata = {
        "about": json_bytes.encode(about).decode(),
        "columns": json_bytes.encode(columns).decode(),
    }
    buffer = BytesIO()
    frame.write_parquet(buffer, metadata=metadata)
    return buffer.getvalue()


def frame_of(table: Table) -> "pl.DataFrame":
    """Return a table as a frame, each column of its kind's type."""
    import polars as pl

    kinds: Mapping[Kind, type[pl.DataType]] = {
        "text": pl.String,
        "number": pl.Float64,
        "integer": pl.Int64,
        "boolean": pl.Boolean,
    }
    series = []
    for place, column in enumerate(table.columns):
        convert = _CELLS[column.kind]
        cells = (row[place] for row in table.rows)
        values = [None if cell is None else convert(cell) for cell in cells]
        series.append(pl.Series(column.name, values, kinds[column.kind]))
    return pl.DataFrame(series)
