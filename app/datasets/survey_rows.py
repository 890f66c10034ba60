"""What is read of each row of a file in CDC's layout, whatever kind of file it is.

Readers hand over lazy frames: CDC's columns under their names, and `record`. Columns are texts,
empty where nothing is, but for numbers that a file has as such: these may be null.
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

# Which columns a reader may leave as numbers where a file has whole ones, or whole and others.
INTEGERS = frozenset(("YearStart", "YearEnd", *_FIGURES))
FLOATS = frozenset(_FIGURES)

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
        cells = _added_up(_not_blank(table))
    return cells


def _added_up(table: pl.LazyFrame) -> pl.DataFrame:
    text = _Texts(table)
    # As numbers, which are compared faster than texts. A whole release has few different ones.
    names = [text(theirs).cast(pl.Categorical).alias(ours) for theirs, ours in _NAMES.items()]
    counted = pl.col("exact").filter(counted_years())
    faulty = _faulty_figures(*map(pl.col, ("value", "exact", "year_start", "year_end")))
    return (
        table.select("record", *names, *_years(text), text("Data_Value").alias("value"))
        .with_columns(pl.col("value").cast(DECIMAL, strict=False).alias("exact"))
        .group_by(_NAMES.values())
        .agg(
            counted.count().alias("estimates"),
            counted.sum().alias("total"),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("record").max().alias("last_record"),
            faulty.any().alias("faulty"),
        )
        # Of each combination, which are far fewer than rows.
        .with_columns(pl.col("faulty") | _nameless(pl.col(_NAMES[name]) for name in _NEVER_EMPTY))
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
    return _not_blank(table).filter(_faulty(_Texts(table)))


def _not_blank(table: pl.LazyFrame) -> pl.LazyFrame:
    text = _Texts(table)
    return table.filter(pl.any_horizontal(text.given(name) for name in NEEDED_COLUMNS))


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
    """The columns of a reader's table by CDC's names; one that is missing is empty."""

    def __init__(self, table: pl.LazyFrame) -> None:
        self._kinds = table.collect_schema()

    def __call__(self, name: str) -> pl.Expr:
        """Return the texts of a column; or its numbers, where a file has it as numbers."""
        if self.is_number(name):
            return pl.col(name)
        return (pl.col(name) if name in self._kinds else pl.lit("")).str.strip_chars()

    def is_number(self, name: str) -> bool:
        """Tell whether a file has a column as numbers."""
        return name in self._kinds and self._kinds[name].is_numeric()

    def given(self, name: str) -> pl.Expr:
        """Tell where a column is not empty."""
        return pl.col(name).is_not_null() if self.is_number(name) else self(name) != ""


def _years(text: _Texts) -> tuple[pl.Expr, pl.Expr]:
    start, end = (text(name).cast(pl.Int16, strict=False) for name in ("YearStart", "YearEnd"))
    return start.alias("year_start"), end.alias("year_end")


def _figures(text: _Texts) -> Iterator[pl.Expr]:
    value = text("Data_Value")
    yield value.cast(pl.Float64, strict=False).alias("value")
    numbers = {name: _finite(_figure(text, name)) for name in _FIGURES}
    for column, name in _FIGURES.items():
        kind = pl.Int64 if name == "sample_size" else pl.Float64
        yield numbers[column].cast(kind, strict=False).alias(name)
    yield pl.any_horizontal(text.given(name) & numbers[name].is_null() for name in _FIGURES).alias(
        "unreadable"
    )
    marked = text(_FOOTNOTE) == _WITHHELD
    yield (marked & value.is_not_null() & (value != "")).alias("filled")


def _figure(text: _Texts, name: str) -> pl.Expr:
    """Return a limit or the sample size as it is written."""
    if name != "Sample_Size" or text.is_number(name):
        return text(name)
    # CDC has written sample sizes both as 1702 and as 1,702.
    return text(name).str.replace_all(r"(\d),(\d{3})", "$1$2")


def _finite(figure: pl.Expr) -> pl.Expr:
    number = figure.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _faulty(text: _Texts) -> pl.Expr:
    value = text("Data_Value")
    exact = value.cast(DECIMAL, strict=False)
    figures = _faulty_figures(value, exact, *_years(text))
    return figures | _nameless(text(name) for name in _NEVER_EMPTY)


def _faulty_figures(value: pl.Expr, exact: pl.Expr, *years: pl.Expr) -> pl.Expr:
    no_year = pl.any_horizontal(year.is_null() for year in years)
    return ((value != "") & exact.is_null()) | no_year


def _nameless(names: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(name == "" for name in names)
