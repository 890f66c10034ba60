"""Reads and checks a CSV in CDC's layout, and adds it up, in one pass of polars.

Sums are exact (decimal, nine places): they do not depend on the order of the rows, nor on how many
threads added them.
"""

import csv
from pathlib import Path

import polars as pl

from app.csv_fault import find_fault
from app.errors import DatasetError

FIRST_YEAR, LAST_YEAR = 2011, 2022

NEEDED_COLUMNS = (
    "YearStart",
    "YearEnd",
    "LocationAbbr",
    "LocationDesc",
    "Question",
    "QuestionID",
    "Data_Value",
    "StratificationCategory1",
    "Stratification1",
)

_DECIMAL = pl.Decimal(38, 9)


def _header(path: Path) -> list[str]:
    with path.open("rb") as file:
        line = file.readline().decode("utf-8-sig")
    return [name.strip() for name in next(csv.reader([line]), [])]


def check_header(path: Path) -> None:
    """Raise DatasetError where the first line is not a header with the needed columns."""
    try:
        header = _header(path)
    except (UnicodeDecodeError, csv.Error):
        raise DatasetError(f"dataset {path}: line 1: expected a CSV header in UTF-8") from None
    if not header:
        raise DatasetError(f"dataset {path}: line 1: expected a CSV header, found an empty file")
    for name in NEEDED_COLUMNS:
        if header.count(name) != 1:
            found = "none" if name not in header else "more than one"
            raise DatasetError(
                f"dataset {path}: line 1: expected one column named {name}, found {found}"
            )


def aggregate(path: Path) -> pl.DataFrame:
    """Return one row for each question, location and stratum: see the columns below.

    `Question`, `QuestionID`, `LocationDesc`, `LocationAbbr`, `category` and `stratum` (either of
    which may be empty) name it; `rows` counts its rows, `estimates` those with a value within
    2011-2022, and `total` is the exact sum of these. Raises DatasetError for a file with a fault.
    """

    def text(name: str) -> pl.Expr:
        return pl.col(name).str.strip_chars()

    value = text("Data_Value")
    number = value.cast(_DECIMAL, strict=False)
    start, end = (text(name).cast(pl.Int32, strict=False) for name in ("YearStart", "YearEnd"))
    keys = ("Question", "QuestionID", "LocationDesc", "LocationAbbr")
    counted = number.filter((start >= FIRST_YEAR) & (end <= LAST_YEAR))
    faulty = (
        ((value != "") & number.is_null())
        | start.is_null()
        | end.is_null()
        | pl.any_horizontal(text(key) == "" for key in keys)
    )
    try:
        cells = (
            pl.scan_csv(
                path,
                glob=False,
                infer_schema=False,
                empty_string_is_null=False,
                with_column_names=lambda names: [name.strip() for name in names],
            )
            .filter(pl.any_horizontal(pl.col(name) != "" for name in NEEDED_COLUMNS))
            .group_by(
                *(text(key) for key in keys),
                text("StratificationCategory1").alias("category"),
                text("Stratification1").alias("stratum"),
            )
            .agg(
                pl.len().alias("rows"),
                counted.count().alias("estimates"),
                counted.sum().alias("total"),
                faulty.any().alias("faulty"),
            )
            .collect(engine="streaming")
        )
    except pl.exceptions.PolarsError as error:
        reason = find_fault(path) or f"not readable as CSV: {str(error).splitlines()[0]}"
        raise DatasetError(f"dataset {path}: {reason}") from None
    faulty_value = bool(cells["faulty"].any())
    if faulty_value or _some_line_has_other_fields(path):
        fault = find_fault(path)
        if fault or faulty_value:
            raise DatasetError(f"dataset {path}: {fault or 'a value that cannot be read'}")
    return cells


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
