"""What is read of each row of a file in CDC's layout, whatever kind of file it is.

Readers hand over lazy frames of text: CDC's columns under their names, nothing null, and `record`.
Nothing here holds all rows at once but the frame of them that the server asks.
"""

from collections.abc import Iterable, Iterator

import polars as pl

from app.datasets.strata import stratum_key

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

# Values are decimals until they are added up: sums are exact, and depend neither on the order of
# the rows nor on how many threads added them.
DECIMAL = pl.Decimal(38, 9)

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
_FOOTNOTE = "Data_Value_Footnote_Symbol"

# All columns that are read, where a file has them.
READ_COLUMNS = (*NEEDED_COLUMNS, "Topic", *_FIGURES, _FOOTNOTE)


def counted_years() -> pl.Expr:
    """Tell whether the nine statistics count a row, by its years."""
    return (pl.col("year_start") >= FIRST_YEAR) & (pl.col("year_end") <= LAST_YEAR)


def add_up(table: pl.LazyFrame) -> pl.DataFrame:
    """Return one row for each combination of names in a table of text.

    | column | what it holds |
    | --- | --- |
    | `question` ... `stratum` | the names, as `estimates` has them, of type Categorical |
    | `estimates`, `total` | how many have a value within 2011-2022, and the exact sum of these |
    | `rows`, `last_record` | how many rows there are, and the highest `record` of these |
    | `faulty` | whether something that is needed is wrong in one of them |
    """
    cells = _added_up(table)
    if (cells["question"] == "").any():  # blank rows, which are none, or rows with a fault
        cells = _added_up(table.filter(pl.any_horizontal(pl.col(*NEEDED_COLUMNS) != "")))
    return cells


def _added_up(table: pl.LazyFrame) -> pl.DataFrame:
    text = _Texts(table)
    exact = text("Data_Value").cast(DECIMAL, strict=False)
    # As numbers, which are compared faster than texts. A whole release has few different ones.
    names = [text(theirs).cast(pl.Categorical).alias(ours) for theirs, ours in _NAMES.items()]
    counted = pl.col("exact").filter(counted_years())
    return (
        table.select(
            "record", *names, *_years(text), exact.alias("exact"), _faulty(text).alias("faulty")
        )
        .group_by(_NAMES.values())
        .agg(
            counted.count().alias("estimates"),
            counted.sum().alias("total"),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("record").max().alias("last_record"),
            pl.col("faulty").any(),
        )
        .collect(engine="streaming")
    )


def put_together(cells: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return what `add_up` says of several files as of one.

    Names are of type Enum: categories and strata in natural order, all others ascending.
    """
    sums = (pl.col("estimates", "total", "rows").sum(), pl.col("last_record").max())
    faulty = pl.col("faulty").any()
    whole = pl.concat(cells).group_by(_NAMES.values()).agg(*sums, faulty)
    kinds = {name: pl.Enum(names) for name, names in _in_order(whole)}
    # Sorted, so that nothing depends on the order in which threads finished.
    return whole.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items()).sort(*kinds)


def estimates(table: pl.LazyFrame, cells: pl.DataFrame) -> pl.LazyFrame:
    """Return the rows of a table of text without faults, in its order.

    Of `cells` it takes the types of the names. A row that has no question is blank.

    | column | what it holds |
    | --- | --- |
    | `record` | the row's place among all rows of the dataset, 1 for the first |
    | `question`, `question_id`, `topic` | the question's text, CDC's id, its topic |
    | `state`, `abbreviation` | the location; `National` is one |
    | `category`, `stratum` | the stratum of people; both may be empty |
    | `year_start`, `year_end` | the years that it covers, both included |
    | `value` | the estimate in percent; null if suppressed |
    | `low`, `high` | its confidence limits (95 %), null where there are none |
    | `sample_size` | how many people were asked, null where the file does not say |
    | `unreadable` | whether a limit or the sample size is neither a number nor empty |
    | `filled` | whether it has a value though CDC's footnote says that the estimate is withheld |
    """
    text = _Texts(table)
    names = [text(theirs).cast(cells.schema[ours]).alias(ours) for theirs, ours in _NAMES.items()]
    rows = table.filter(text("Question") != "")
    return rows.select("record", *names, *_years(text), *_figures(text))


def faulty_rows(table: pl.LazyFrame) -> pl.LazyFrame:
    """Return those rows of a table of text in which something that is needed is wrong."""
    rows = table.filter(pl.any_horizontal(pl.col(*NEEDED_COLUMNS) != ""))
    return rows.filter(_faulty(_Texts(table)))


def distinct(cells: pl.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    """Return the combinations of names that rows have in some columns, in no order."""
    return cells.select(columns).unique().cast(pl.String).rows()


def _in_order(cells: pl.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield each column of names with these in order: what sorts the rows by it later."""
    for name in _NAMES.values():
        if name not in ("category", "stratum"):
            yield name, sorted(text for (text,) in distinct(cells, name))
    pairs = distinct(cells, "category", "stratum")
    pairs.sort(key=lambda pair: stratum_key(*pair))
    yield "category", list(dict.fromkeys(category for category, _ in pairs))
    yield "stratum", list(dict.fromkeys(stratum for _, stratum in pairs))


class _Texts:
    """The columns of a table of text by CDC's names; one that is missing is empty."""

    def __init__(self, table: pl.LazyFrame) -> None:
        self._known = frozenset(table.collect_schema().names())

    def __call__(self, name: str) -> pl.Expr:
        return (pl.col(name) if name in self._known else pl.lit("")).str.strip_chars()


def _years(text: _Texts) -> tuple[pl.Expr, pl.Expr]:
    start, end = (text(name).cast(pl.Int16, strict=False) for name in ("YearStart", "YearEnd"))
    return start.alias("year_start"), end.alias("year_end")


def _figures(text: _Texts) -> Iterator[pl.Expr]:
    value = text("Data_Value")
    yield value.cast(pl.Float64, strict=False).alias("value")
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
    marked = text(_FOOTNOTE) == _WITHHELD
    yield (marked & value.is_not_null() & (value != "")).alias("filled")


def _finite(text: pl.Expr) -> pl.Expr:
    number = text.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _faulty(text: _Texts) -> pl.Expr:
    value = text("Data_Value")
    return (
        ((value != "") & value.cast(DECIMAL, strict=False).is_null())
        | pl.any_horizontal(year.is_null() for year in _years(text))
        | pl.any_horizontal(text(name) == "" for name in _NEVER_EMPTY)
    )
