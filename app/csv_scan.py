"""Reads and checks a CSV in CDC's layout, in one pass of polars."""

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from app.csv_fault import find_fault
from app.errors import DatasetError
from app.strata import stratum_key

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

_NEVER_EMPTY = ("Question", "QuestionID", "LocationDesc", "LocationAbbr")

# Values are kept as decimals until they are added up: sums are exact, and depend neither on the
# order of the rows nor on how many threads added them.
_DECIMAL = pl.Decimal(38, 9)

# CDC's mark on an estimate that it withholds, because the sample is too small.
_WITHHELD = "~"

# What is read as text, and what the column is called here. These may be missing from a file.
_NAMES = {
    "Question": "question",
    "QuestionID": "question_id",
    "Topic": "topic",
    "LocationDesc": "state",
    "LocationAbbr": "abbreviation",
    "StratificationCategory1": "category",
    "Stratification1": "stratum",
}
_FIGURES = {
    "Low_Confidence_Limit": "low",
    "High_Confidence_Limit": "high",
    "Sample_Size": "sample_size",
}


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


def read_estimates(path: Path) -> pl.DataFrame:
    """Return the rows of a CSV, in its order; raise DatasetError for a file with a fault.

    | column | what it holds |
    | --- | --- |
    | `record` | the row's place in the file, 1 for the first below the header |
    | `question`, `question_id`, `topic` | the question's text, CDC's id, its topic |
    | `year_start`, `year_end` | the years that it covers, both included |
    | `state`, `abbreviation` | the location; `National` is one |
    | `category`, `stratum` | the stratum of people; both may be empty |
    | `value`, `exact` | the estimate in percent, as a float and as a decimal; null if suppressed |
    | `low`, `high` | its confidence limits (95 %), null where there are none |
    | `sample_size` | how many people were asked, null where it is not told |
    | `filled` | whether it has a value though CDC's footnote says that the estimate is withheld |
    | `unreadable` | whether a limit or the sample size is neither a number nor empty |

    Names are of type Enum: categories and strata in natural order, all others ascending.
    """
    try:
        table = pl.scan_csv(
            path,
            glob=False,
            infer_schema=False,
            empty_string_is_null=False,
            row_index_name="record",
            row_index_offset=1,
            with_column_names=lambda names: [name.strip() for name in names],
        )
        rows = (
            table.filter(pl.any_horizontal(pl.col(name) != "" for name in NEEDED_COLUMNS))
            .select("record", *_columns(set(_header(path))))
            .collect(engine="streaming")
        )
    except pl.exceptions.PolarsError as error:
        reason = find_fault(path) or f"not readable as CSV: {str(error).splitlines()[0]}"
        raise DatasetError(f"dataset {path}: {reason}") from None
    faulty_value = bool(rows["faulty"].any())
    if faulty_value or _some_line_has_other_fields(path):
        fault = find_fault(path)
        if fault or faulty_value:
            raise DatasetError(f"dataset {path}: {fault or 'a value that cannot be read'}")
    rows = rows.drop("faulty")
    for name, names in list(_in_order(rows)):
        # One after another: of a large file, each takes as much memory again.
        rows = rows.with_columns(pl.col(name).cast(pl.Enum(names)))
    return rows


def _in_order(rows: pl.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield each column of names with these in order: what sorts the rows by it later."""
    for name in _NAMES.values():
        if name not in ("category", "stratum"):
            yield name, sorted(text for (text,) in distinct(rows, name))
    pairs = distinct(rows, "category", "stratum")
    pairs.sort(key=lambda pair: stratum_key(*pair))
    yield "category", list(dict.fromkeys(category for category, _ in pairs))
    yield "stratum", list(dict.fromkeys(stratum for _, stratum in pairs))


def distinct(rows: pl.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    """Return the combinations of names that rows have in some columns, in no order."""
    return rows.lazy().select(columns).unique().cast(pl.String).collect(engine="streaming").rows()


def _columns(header: set[str]) -> Iterator[pl.Expr]:
    """Yield what is read of each row, and `faulty`: whether something that is needed is wrong."""

    def text(name: str) -> pl.Expr:
        return (pl.col(name) if name in header else pl.lit("")).str.strip_chars()

    for column, name in _NAMES.items():
        yield text(column).cast(pl.Categorical).alias(name)
    value = text("Data_Value")
    exact = value.cast(_DECIMAL, strict=False)
    years = [text(name).cast(pl.Int16, strict=False) for name in ("YearStart", "YearEnd")]
    yield from (years[0].alias("year_start"), years[1].alias("year_end"))
    yield from (exact.alias("exact"), value.cast(pl.Float64, strict=False).alias("value"))
    figures = {name: text(name) for name in _FIGURES}
    # CDC has written sample sizes both as 1702 and as 1,702.
    figures["Sample_Size"] = text("Sample_Size").str.replace_all(r"(\d),(\d{3})", "$1$2")
    numbers = {name: _finite(figure) for name, figure in figures.items()}
    for column, name in _FIGURES.items():
        kind = pl.Int64 if name == "sample_size" else pl.Float64
        yield numbers[column].cast(kind, strict=False).alias(name)
    yield pl.any_horizontal(
        (figures[name] != "") & numbers[name].is_null() for name in _FIGURES
    ).alias("unreadable")
    marked = text("Data_Value_Footnote_Symbol") == _WITHHELD
    yield (marked & value.is_not_null() & (value != "")).alias("filled")
    yield (
        ((value != "") & exact.is_null())
        | pl.any_horizontal(year.is_null() for year in years)
        | pl.any_horizontal(text(name) == "" for name in _NEVER_EMPTY)
    ).alias("faulty")


def _finite(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def counted_years() -> pl.Expr:
    """Tell whether the nine statistics count a row, by its years."""
    return (pl.col("year_start") >= FIRST_YEAR) & (pl.col("year_end") <= LAST_YEAR)


def add_up(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each question, location and stratum of what `read_estimates` returns.

    `estimates` counts those with a value within 2011-2022, and `total` is the exact sum of these.
    """
    counted = pl.col("exact").filter(counted_years())
    keys = ("question", "question_id", "state", "abbreviation", "category", "stratum")
    sums = counted.count().alias("estimates"), counted.sum().alias("total")
    # By the streaming engine: of ten million rows, the other takes 200 MB more for this.
    return rows.lazy().group_by(keys).agg(*sums).collect(engine="streaming")


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
