"""Rows whose figures cannot be right, and rows that say again what another has said.

The statistics with a table leave both out, and say so; the course's nine count every value.
Expressions are of rows as `survey_rows.estimates` has them.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from app.datasets.measures import is_percent

_FIGURES = ("value", "low", "high")
# What makes a row the copy of another. A row without limits may be another year's, or another
# sample's, with the same value.
_SAME = (
    *("question", "state", "category", "stratum", "year_start", "year_end"),
    *_FIGURES,
    "sample_size",
)
COPY = "exact copy of another row"


def outside_percent() -> pl.Expr:
    """Tell of a row whether its value or a limit of it is below 0 or above 100 %."""
    beyond = ((pl.col(name) < 0) | (pl.col(name) > 100) for name in _FIGURES)
    return is_percent() & pl.any_horizontal(beyond).fill_null(value=False)


def of_nobody() -> pl.Expr:
    """Tell of a row whether it has a value, of a sample of fewer than one."""
    return (pl.col("value").is_not_null() & (pl.col("sample_size") < 1)).fill_null(value=False)


def reversed_limits() -> pl.Expr:
    """Tell of a row whether its lower limit is above its upper limit."""
    return (pl.col("low") > pl.col("high")).fill_null(value=False)


# What cannot be, in words that end with a colon and a count; and the rows of each.
_IMPOSSIBLE: Mapping[str, pl.Expr] = MappingProxyType(
    {
        "percentage outside 0 to 100": outside_percent(),
        "sample size below 1": of_nobody(),
        "lower limit above the upper limit": reversed_limits(),
    }
)


def impossible() -> pl.Expr:
    """Tell of a row whether it has a value, and figures that cannot be right."""
    return pl.col("value").is_not_null() & pl.any_horizontal(*_IMPOSSIBLE.values())


def why_invalid() -> pl.Expr:
    """Return why a row with `invalid` is left out, in words; the first of several reasons."""
    reasons = [pl.when(holds).then(pl.lit(why)) for why, holds in _IMPOSSIBLE.items()]
    return pl.coalesce(*reasons, pl.lit(COPY))


def copies(rows: pl.LazyFrame) -> pl.Series:
    """Return the `record` of each row that repeats an earlier one: all its names and figures.

    Only rows with limits are looked at.
    """
    figures = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in _FIGURES))
    # Numbers first, which are small, and sorted, which takes less memory than to group by them:
    # there may be very many rows, and few copies.
    keyed = figures.with_columns(key=pl.struct(_SAME).hash())
    keys = keyed.select("key").collect(engine="streaming").to_series().sort()
    twice = keys.filter((keys == keys.shift(1)).fill_null(value=False)).unique()
    del keys
    if twice.is_empty():
        return pl.Series("record", [], pl.UInt32)
    alike = keyed.filter(pl.col("key").is_in(twice.implode())).select("record", *_SAME)
    found = alike.collect(engine="streaming").sort("record")
    return found.filter(~pl.struct(_SAME).is_first_distinct())["record"]


def with_copies(rows: pl.DataFrame, repeated: pl.Series) -> pl.DataFrame:
    """Return rows in which these records are `invalid`, too."""
    if repeated.is_empty():
        return rows
    again = pl.col("record").is_in(repeated.implode())
    return rows.with_columns(pl.col("invalid") | again)
