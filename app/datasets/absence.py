"""Why there is no estimate: it is withheld, nothing was released, or nobody can tell.

Where CDC's file has no value, its footnote does not say why: `~` and `-` stand for both reasons. So
it is told from the other rows of the question, the place and the period:

- CDC *withholds* an estimate where it has others of them: the sample of this stratum is too small.
- It *released nothing* of them where no stratum has an estimate. Why, CDC says of some places and
  years (`Layout.uncollected`); of the others nobody knows. To tell, the file must have rows of
  every stratification category there (one alone will do only if it is `Total`, which is of
  everyone), and estimates of other places: else the question was not asked. Nor may the place have
  an estimate of years that overlap with these.
- Otherwise there is *no estimate*, and why is not known. So it is, too, where no place has an
  estimate of a stratum though many have others: it was not tabulated.

A row that is filled (a constant, marked by CDC as withheld) has no estimate either.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from app.datasets.places import NATION, is_of_the_nation
from app.datasets.quirks.parts import IS_ESTIMATE
from app.datasets.strata import TOTAL
from app.datasets.years import span

ESTIMATE = "estimate"
WITHHELD = "withheld"
NOT_RELEASED = "not released"
NO_ESTIMATE = "no estimate"

UNIT = ("question", "state", "year_start", "year_end")
_ASKED = ("question", "year_start", "year_end")
# Too small a sample in each of so many places is no likely reason for a stratum without estimates.
_MANY_PLACES = 10


def _status(has: pl.Expr, known_why: pl.Expr) -> pl.Expr:
    """Return the status of a cell; `has`: whether it has an estimate, null without a row.

    `known_why`: whether it is withheld, if anything was released of its place.
    """
    released = pl.col("released")
    return (
        pl.when(has)
        .then(pl.lit(ESTIMATE))
        .when(~released)
        .then(pl.lit(NOT_RELEASED))
        .when(released & has.is_not_null() & known_why)
        .then(pl.lit(WITHHELD))
        .otherwise(pl.lit(NO_ESTIMATE))
        .alias("status")
    )


_OTHERS = pl.col("strata").list.set_difference("untabulated").list.len() > 0
# One that is left out as impossible is not withheld, nor one that nobody has.
_KNOWN_WHY = ~pl.col("left_out").fill_null(value=False) & _OTHERS.fill_null(value=True)
_OF_CELL = _status(pl.col("has"), _KNOWN_WHY)
_OF_ROW = _status(IS_ESTIMATE, ~pl.col("stratum").cast(pl.String).is_in("untabulated"))


class Counts(NamedTuple):
    """How many rows have no estimate.

    `suppressed` have no value, for CDC withholds it; of `not_released` nothing was released;
    `filled` have a constant in place of an estimate; `no_estimate` have no value, and why is not
    known.
    """

    suppressed: int
    not_released: int
    filled: int
    no_estimate: int


def releases(estimates: pl.DataFrame) -> pl.DataFrame:
    """Return what CDC released, for each question, place and period that rows are of.

    `estimates` are all rows of a dataset. Columns `question`, `state`, `year_start`, `year_end`,
    and `released`: true, false, or null where it cannot be told; `untabulated` are the strata of
    which no place has an estimate of the question and period.
    """
    if estimates.select(IS_ESTIMATE.all()).item():  # as of most files: nothing is absent
        none = pl.lit([], pl.List(pl.String))
        return estimates.select(UNIT).unique().with_columns(released=True, untabulated=none)
    units = estimates.group_by(UNIT).agg(IS_ESTIMATE.any().alias("some"))
    return (
        units.join(_unreleased(estimates, units), on=UNIT, how="left")
        .join(_untabulated(estimates, units), on=_ASKED, how="left")
        .select(
            *UNIT,
            pl.when("some").then(True).when("nothing").then(False).alias("released"),
            pl.col("untabulated").fill_null([]),
        )
    )


def _unreleased(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Return the units of which CDC released nothing, with `nothing`, which is true."""
    empty = units.filter(pl.col("some").any().over(_ASKED), ~pl.col("some")).select(UNIT)
    if empty.is_empty():
        return empty.with_columns(nothing=True)
    nothing = _in_every_category(rows, empty, _categories(rows["category"]))
    there = units.filter("some").rename({"year_start": "start", "year_end": "end"})
    overlapping = nothing.join(there, on=("question", "state")).filter(
        pl.col("start") <= pl.col("year_end"), pl.col("end") >= pl.col("year_start")
    )
    return nothing.join(overlapping, on=UNIT, how="anti").with_columns(nothing=True)


def _untabulated(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Return the strata that no place has an estimate of, for questions and periods of many."""
    places = units.filter("some").group_by(_ASKED).len().filter(pl.col("len") >= _MANY_PLACES)
    strata = rows.group_by(*_ASKED, "stratum").agg(IS_ESTIMATE.any().alias("has"))
    return (
        strata.filter(~pl.col("has"))
        .join(places, on=_ASKED, how="semi")
        .group_by(_ASKED)
        .agg(pl.col("stratum").cast(pl.String).alias("untabulated"))
    )


def _in_every_category(
    rows: pl.DataFrame, units: pl.DataFrame, wanted: Collection[str]
) -> pl.DataFrame:
    """Return those units that have rows in all these categories, if these are enough to tell."""
    if len(wanted) < 2 and TOTAL not in wanted:
        return units.clear()
    return (
        rows.join(units, on=UNIT, how="semi")
        .group_by(UNIT)
        .agg(pl.col("category").cast(pl.String).unique().alias("names"))
        .filter(pl.all_horizontal(pl.col("names").list.contains(name) for name in wanted))
        .select(UNIT)
    )


def _categories(column: pl.Series) -> list[str]:
    return [name for name in column.unique().cast(pl.String).sort() if name]


def statuses(cells: pl.DataFrame, rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return cells with `status`: `estimate`, `withheld`, `not released` or `no estimate`.

    A cell has a question, a state, `year_start`, `year_end`, and more columns of `rows`, if need
    be. `rows` are those that cells may have, of which each takes its own; `known` is what
    `releases` returns.
    """
    keys = cells.columns
    if cells.is_empty():
        return cells.with_columns(status=pl.lit(None, pl.String))
    found = rows.group_by(keys).agg(
        (IS_ESTIMATE & ~pl.col("invalid")).any().alias("has"),
        (IS_ESTIMATE & pl.col("invalid")).any().alias("left_out"),
        pl.col("stratum").cast(pl.String).unique().alias("strata"),
    )
    joined = cells.join(found, on=keys, how="left", maintain_order="left")
    if joined["has"].fill_null(value=False).all():
        return cells.with_columns(status=pl.lit(ESTIMATE))
    joined = joined.join(known, on=UNIT, how="left", maintain_order="left")
    return joined.select(*keys, _OF_CELL)


def with_status(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return rows with `status`, as `statuses` has it of cells; `known` is of `releases`."""
    if rows.select(IS_ESTIMATE.all()).item():  # then there is nothing to look up
        return rows.with_columns(status=pl.lit(ESTIMATE))
    joined = rows.join(known, on=UNIT, how="left", maintain_order="left")
    return joined.select(*rows.columns, _OF_ROW)


def _counted() -> list[pl.Expr]:
    status, empty = pl.col("status"), pl.col("value").is_null()
    counts = {
        "rows_suppressed": empty & (status == WITHHELD),
        "rows_not_released": status == NOT_RELEASED,
        "rows_filled": pl.col("filled") & (status != NOT_RELEASED),
        "rows_no_estimate": empty & (status == NO_ESTIMATE),
    }
    return [which.sum().cast(pl.Int64).alias(name) for name, which in counts.items()]


# The counts of rows with `status`, in columns as `Counts`, with `rows_` before each.
COUNTED = tuple(_counted())


def counts(rows: pl.DataFrame, known: pl.DataFrame) -> Counts:
    """Return how many of some rows have no estimate, and why.

    `known` is of `releases`; rows may have their `status` already.
    """
    if "status" in rows.columns:
        return counts_of(rows)
    lacking = rows.filter(~IS_ESTIMATE)
    return counts_of(lacking if lacking.is_empty() else with_status(lacking, known))


def counts_of(told: pl.DataFrame) -> Counts:
    """Return the same of rows that have their `status`."""
    if told.is_empty():
        return Counts(0, 0, 0, 0)
    return Counts(*told.select(COUNTED).row(0))


def nation_lacks(rows: pl.DataFrame, known: pl.DataFrame) -> Mapping[str, Sequence[str]]:
    """Return the states that estimates of the whole nation are made without, by period.

    They are those of which nothing was released; it never counts territories. `rows` have the
    estimates, `known` is of `releases`. Periods are text, ascending, such as `2023`; those that
    lack none are not there.
    """
    told = set(rows.filter(pl.col("state") == NATION.name).select(_ASKED).iter_rows())
    lacking = known.filter(~pl.col("released")).select(UNIT).iter_rows() if told else ()
    pairs = {
        (first, last, state)
        for question, state, first, last in lacking
        if (question, first, last) in told and is_of_the_nation(state)
    }
    lacks: dict[str, list[str]] = {}
    for first, last, state in sorted(pairs):
        lacks.setdefault(span(first, last), []).append(state)
    return lacks
