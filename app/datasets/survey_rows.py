"""What is read of each row of a file, whatever its layout and whatever kind of file it is.

Readers hand over lazy frames: a file's columns under their names, and `record`. Columns are texts,
empty where nothing is, but for numbers that a file has as such: these may be null.
Nothing here holds all rows at once but the frame of them that the server asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import polars as pl

from app.datasets import values
from app.datasets.cells import UNIT_KEY, Cells, Names, Reading
from app.datasets.layouts import NEEDED, Columns
from app.datasets.measures import named_measures
from app.datasets.strata import GENDER, SEX, stratum_key
from app.datasets.validity import impossible

FIRST_YEAR, LAST_YEAR = 2011, 2022

_NEVER_EMPTY = ("question", "question_id", "state", "abbreviation")

# CDC's mark on an estimate that it withholds, because the sample is too small.
_WITHHELD = "~"

# More people than there are: no sample is as large, and sums of such would not fit.
_MOST_PEOPLE = 10**10

# As many rows Python has gone through by the time that polars has planned how to.
_FEW = 1000

# What the nine statistics do not take for the same.
_ONE_NAME = (GENDER, SEX)

# The names that a row has in the end, and those that it has in its file.
NAMES = (
    "question",
    "question_id",
    "topic",
    "state",
    "abbreviation",
    "category",
    "stratum",
    "value_type",
    "unit",
)
_AS_WRITTEN = (*NAMES, "value_type_id", "source")
_FIGURES = ("low", "high", "sample_size")

# Which columns a reader may leave as numbers where a file has whole ones, or whole and others.
INTEGERS = ("year_start", "year_end", *_FIGURES)
FLOATS = _FIGURES


def counted_years() -> pl.Expr:
    """Tell whether the nine statistics count a row, by its years."""
    return (pl.col("year_start") >= FIRST_YEAR) & (pl.col("year_end") <= LAST_YEAR)


# What tells which rows a column that is not read may not tell apart: see `unknown_columns`.
_ALIKE = ("question", "value_type", "unit", "state", "category", "stratum")


class Added(NamedTuple):
    """What `add_up` finds: the cells, and whether others of the columns may tell rows apart."""

    cells: pl.DataFrame
    may_tell: bool


def add_up(table: pl.LazyFrame, columns: Columns, others: Sequence[str] = ()) -> Added:
    """Return one row for each combination of names in a table of text.

    `others` are columns that are not read: the same look at the file tells whether they differ
    among rows of the same question, place and stratum, whatever the years.

    | column | what it holds |
    | --- | --- |
    | `question` ... `source` | the names, as the file has them, of type Categorical |
    | `estimates`, `total` | how many have a value within 2011-2022, and the exact sum of these |
    | `rows`, `last_record` | how many rows there are, and the highest `record` of these |
    | `faulty` | whether something that is needed is wrong in one of them |
    """
    cells = _added_up(table, columns, others)
    if (cells["question"] == "").any():  # blank rows, which are none, or rows with a fault
        cells = _added_up(not_blank(table, columns), columns, others)
    least, most = ([f"{which} {name}" for name in others] for which in ("least", "most"))
    differ = [
        pl.col(low).min() != pl.col(high).max() for low, high in zip(least, most, strict=True)
    ]
    told = cells.group_by(_ALIKE).agg(pl.any_horizontal(differ)) if others else None
    may_tell = told is not None and bool(told.to_series(-1).any())
    return Added(cells.drop(*least, *most), may_tell)


def _added_up(table: pl.LazyFrame, columns: Columns, others: Sequence[str]) -> pl.DataFrame:
    text = _Texts(table, columns)
    # As numbers, which are compared faster than texts. A whole release has few different ones.
    names = [name.cast(pl.Categorical) for name in _written(text)]
    counted = pl.col("exact").filter(counted_years())
    # By hashes, which take a small part of the time and of the memory. Where nothing differs by
    # these, nothing does.
    hashes = [pl.col(name).hash().alias(f" {name}") for name in others]
    faulty = _faulty_figures(*map(pl.col, ("value", "exact", "year_start", "year_end")))
    return (
        table.select("record", *names, *_years(text), text("value").alias("value"), *hashes)
        .with_columns(values.exact(pl.col("value")).alias("exact"))
        .group_by(_AS_WRITTEN)
        .agg(
            counted.count().alias("estimates"),
            counted.sum().alias("total"),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("record").max().alias("last_record"),
            faulty.any().alias("faulty"),
            *(pl.col(f" {name}").min().alias(f"least {name}") for name in others),
            *(pl.col(f" {name}").max().alias(f"most {name}") for name in others),
        )
        # Of each combination, which are far fewer than rows.
        .with_columns(pl.col("faulty") | _nameless(map(pl.col, _NEVER_EMPTY)))
        .collect(engine="streaming")
    )


def put_together(cells: Iterable[pl.DataFrame], reading: Reading) -> pl.DataFrame:
    """Return what `add_up` says of several files as of one, by the names that rows have in the end.

    Names are of type Enum: categories and strata in natural order, all others ascending.
    `cdc_question` and `cdc_id` are a question's text and id in the file; `course_category` is the
    category as the course's nine call it: they keep `Gender` and `Sex` apart.
    """
    sums = (pl.col("estimates", "total", "rows").sum(), pl.col("last_record").max())
    faulty = pl.col("faulty").any()
    written = (
        pl.concat(cells)
        .lazy()
        .with_columns(
            pl.col(_AS_WRITTEN).cast(pl.String),
            cdc_question=pl.col("question").cast(pl.String),
            cdc_id=pl.col("question_id").cast(pl.String),
            course_category=_category_of_course(reading),
        )
    )
    named = written.with_columns(_told_unit(reading)).with_columns(_named(reading))
    of_file = pl.col("cdc_question", "cdc_id").min()
    whole = named.group_by(*NAMES, "course_category").agg(*sums, faulty, of_file).collect()
    kinds = {name: pl.Enum(names) for name, names in _in_order(whole)}
    # Sorted, so that nothing depends on the order in which threads finished.
    return whole.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items()).sort(
        *kinds, "course_category"
    )


def _named(reading: Reading) -> Iterator[pl.Expr]:
    """Yield the names that a row has in the end, from those that it has in its file."""
    yield from _replaced(reading)
    yield from named_measures(reading.layout)


def _told_unit(reading: Reading) -> pl.Expr:
    """Return the unit of a row, where it has none that of the others of its question and type."""
    unit = pl.col("unit")
    if not reading.units:
        return unit
    of_others = pl.format(UNIT_KEY, "question", "value_type")
    told = of_others.replace_strict(dict(reading.units), default="", return_dtype=pl.String)
    return pl.when(unit == "").then(told).otherwise(unit).alias("unit")


def _category_of_course(reading: Reading) -> pl.Expr:
    names = {
        was: name for was, name in reading.replaced["category"].items() if (was, name) != _ONE_NAME
    }
    return pl.col("category").cast(pl.String).replace(names)


def _replaced(reading: Reading) -> Iterator[pl.Expr]:
    for column, names in reading.replaced.items():
        if names:
            yield pl.col(column).replace(dict(names))


def estimates(table: pl.LazyFrame, cells: pl.DataFrame, reading: Reading) -> pl.LazyFrame:
    """Return the rows of a table of text without faults, in its order.

    Of `cells` it takes the types of the names. A row that has no question is blank.

    | column | what it holds |
    | --- | --- |
    | `record` | the row's place among all rows of the dataset, 1 for the first |
    | `question`, `question_id`, `topic` | the question's text, its id, its topic |
    | `state`, `abbreviation` | the location; `National` is one |
    | `category`, `stratum` | the stratum of people; both may be empty |
    | `value_type`, `unit` | what the value is, as `measures` has it |
    | `year_start`, `year_end` | the years that it covers, both included |
    | `value` | the estimate in its unit; null if suppressed |
    | `low`, `high` | its confidence limits (95 %), null where there are none |
    | `sample_size` | how many people were asked, null where the file does not say |
    | `unreadable` | whether a limit or the sample size is neither a number nor empty |
    | `filled` | whether it has a value though CDC's footnote says that the estimate is withheld |
    | `invalid` | whether its figures cannot be right: see `validity.impossible` |
    """
    text = _Texts(table, reading.layout.columns)
    rows = table.filter(text("question") != "")
    rows = rows.select("record", *_written(text), *_years(text), *_figures(text))
    measures = distinct(cells, "value_type", "unit")
    if len(measures) == 1 and not measures[0][0]:  # as most have: no names depend on the type
        value_type, unit = (pl.lit(text) for text in measures[0])
        rows = rows.with_columns(*_replaced(reading), value_type=value_type, unit=unit)
    else:
        rows = rows.with_columns(_told_unit(reading)).with_columns(_named(reading))
    kinds = cells.schema
    names = [pl.col(name).cast(kinds[name]) for name in NAMES]
    named = rows.with_columns(names).drop("value_type_id", "source")
    return named.with_columns(invalid=impossible())


def faulty_rows(table: pl.LazyFrame, columns: Columns) -> pl.LazyFrame:
    """Return those rows of a table of text in which something that is needed is wrong."""
    return not_blank(table, columns).filter(_faulty(_Texts(table, columns)))


def not_blank(table: pl.LazyFrame, columns: Columns) -> pl.LazyFrame:
    """Return a table of text without its blank rows, which empty lines are, too."""
    text = _Texts(table, columns)
    return table.filter(pl.any_horizontal(text.given(name) for name in NEEDED))


def distinct(cells: pl.DataFrame, *columns: str) -> list[tuple[str, ...]]:
    """Return the combinations of names that rows have in some columns, in no order."""
    if cells.height <= _FEW:
        return list(set(zip(*(cells[name].to_list() for name in columns), strict=True)))
    found = cells.select(pl.struct(columns).unique()).to_series()
    return [tuple(names.values()) for names in found.to_list()]


def _in_order(cells: pl.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield each column of names with these in order: what sorts the rows by it later."""
    for name in NAMES:
        if name not in ("category", "stratum"):
            yield name, sorted(text for (text,) in distinct(cells, name))
    pairs = distinct(cells, "category", "stratum")
    pairs.sort(key=lambda pair: stratum_key(*pair))
    yield "category", list(dict.fromkeys(category for category, _ in pairs))
    yield "stratum", list(dict.fromkeys(stratum for _, stratum in pairs))


def cells_of(frame: pl.DataFrame) -> Cells:
    """Return the same as `put_together` does, without polars."""
    columns = {}
    plain = frame.select(pl.all().to_physical())  # all at once: each call of polars has its price
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Enum):
            columns[name] = Names.of(kind.categories.to_list(), plain[name].to_list())
        elif kind == pl.String:
            texts = plain[name].to_list()
            places = {text: place for place, text in enumerate(sorted(set(texts)))}
            columns[name] = Names.of([*places], [places[text] for text in texts])
    return Cells(columns, plain["estimates"].to_list(), plain["total"].to_list())


def names_in(cells: Cells) -> pl.DataFrame:
    """Return the names of cells as `estimates` takes them."""
    return pl.DataFrame(
        {
            name: pl.Series([names[place] for place in places], dtype=pl.Enum(names))
            for name, (names, places) in cells.columns.items()
            if name in NAMES
        }
    )


class _Texts:
    """The columns of a reader's table by our names; one that is missing is empty."""

    def __init__(self, table: pl.LazyFrame, columns: Columns) -> None:
        self._kinds = table.collect_schema()
        self._columns = columns
        self._texts: dict[str, pl.Expr] = {}
        self.undated = columns.undated(self._kinds.names())

    def __call__(self, name: str) -> pl.Expr:
        """Return the texts of a column; or its numbers, where a file has it as numbers."""
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def _read(self, name: str) -> pl.Expr:
        theirs = self._columns.names.get(name, "")
        if theirs not in self._kinds:
            return pl.lit("")
        if self.is_number(name):
            return pl.col(theirs)
        text = pl.col(theirs).str.strip_chars()
        empty = self._columns.empty
        return pl.when(~text.is_in(empty)).then(text).otherwise(pl.lit("")) if empty else text

    def is_number(self, name: str) -> bool:
        """Tell whether a file has a column as numbers."""
        theirs = self._columns.names.get(name, "")
        return theirs in self._kinds and self._kinds[theirs].is_numeric()

    def given(self, name: str) -> pl.Expr:
        """Tell where a column is not empty."""
        return self(name).is_not_null() if self.is_number(name) else self(name) != ""


def _written(text: _Texts) -> Iterator[pl.Expr]:
    """Yield the names of a row as its file has them."""
    for name in _AS_WRITTEN:
        found = text(name)
        if name == "unit":  # CDC has years in it at times
            found = pl.when(~found.str.contains(r"^\d{4}$")).then(found).otherwise(pl.lit(""))
        yield found.alias(name)


def _years(text: _Texts) -> tuple[pl.Expr, pl.Expr]:
    """Return the years of rows: where a file has none, all that the nine statistics count."""
    start, end = (
        pl.lit(missing, pl.Int16)
        if text.undated
        else values.year(text(name), is_number=text.is_number(name))
        for name, missing in (("year_start", FIRST_YEAR), ("year_end", LAST_YEAR))
    )
    return start.alias("year_start"), end.alias("year_end")


def _figures(text: _Texts) -> Iterator[pl.Expr]:
    value = text("value")
    yield value.cast(pl.Float64, strict=False).alias("value")
    numbers = {name: values.finite(_figure(text, name)) for name in _FIGURES}
    size = numbers["sample_size"]
    numbers["sample_size"] = pl.when(size.abs() <= _MOST_PEOPLE).then(size)
    for name, number in numbers.items():
        kind = pl.Int64 if name == "sample_size" else pl.Float64
        yield number.cast(kind, strict=False).alias(name)
    yield pl.any_horizontal(text.given(name) & numbers[name].is_null() for name in _FIGURES).alias(
        "unreadable"
    )
    marked = text("footnote") == _WITHHELD
    yield (marked & value.is_not_null() & (value != "")).alias("filled")


def _figure(text: _Texts, name: str) -> pl.Expr:
    """Return a limit or the sample size as it is written."""
    figure = text(name)
    if name != "sample_size" or text.is_number(name):
        return figure
    # CDC has written sample sizes both as 1702 and as 1,702.
    return values.without_thousands(figure)


def _faulty(text: _Texts) -> pl.Expr:
    value = text("value")
    exact = values.exact(value)
    figures = _faulty_figures(value, exact, *_years(text))
    return figures | _nameless(text(name) for name in _NEVER_EMPTY)


def _faulty_figures(value: pl.Expr, exact: pl.Expr, *years: pl.Expr) -> pl.Expr:
    no_year = pl.any_horizontal(year.is_null() for year in years)
    return ((value != "") & exact.is_null()) | no_year


def _nameless(names: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(name == "" for name in names)
