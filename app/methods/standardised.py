"""Estimates that are standardised by age: as if each place had the ages of one population.

Directly standardised to the population of the United States in 2000, over six strata of age:

    P = sum(w p)        se = sqrt(sum(w^2 se^2))

docs/statistics.md has the source of the weights. A place without an estimate of one of the strata
has no such P: the others say nothing of it.
"""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from app.datasets.absence import UNIT
from app.datasets.strata import AGE
from app.methods.estimates import Period, cells, estimates, usable
from app.methods.everyone import is_total
from app.methods.pooling import COMPUTED, OF_ONE, counted, pool
from app.methods.presentation import to_withhold, with_presentation
from app.methods.rounding import DECIMALS
from app.methods.selection import LACKING
from app.methods.uncertainty import HIGH, LOW

# In thousands, of 2000: Klein and Schoenborn 2001.
_PEOPLE = MappingProxyType(
    {
        "18 - 24": 26_258,
        "25 - 34": 37_233,
        "35 - 44": 44_659,
        "45 - 54": 37_030,
        "55 - 64": 23_961,
        "65 or older": 34_710,
    }
)
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {stratum: people / sum(_PEOPLE.values()) for stratum, people in _PEOPLE.items()}
)
# Of rows, in what `pooling.pool` returns: of those of each age.
_COUNTS = (
    "rows_used",
    "rows_suppressed",
    "rows_not_released",
    "rows_filled",
    "rows_excluded",
)
_FIGURES = ("value", "low", "high", "error", "sample_size")
INCOMPLETE = "not of all ages: an age stratum has no estimate"
_OF_AGES = (pl.col("category") == AGE) & pl.col("stratum").cast(pl.String).is_in(list(WEIGHTS))
_WEIGHT = pl.col("stratum").cast(pl.String).replace_strict(WEIGHTS, return_dtype=pl.Float64)


def of_ages() -> pl.Expr:
    """Tell of a row whether it is of one of the six strata of age."""
    return _OF_AGES


def complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the strata of age, where each of the six has an estimate.

    That is told for each question, place and period.
    """
    ages = rows.filter(of_ages(), usable())
    return ages.filter(pl.col("stratum").n_unique().over(UNIT) == len(WEIGHTS))


class Ages(NamedTuple):
    """A place and a period, and some of its strata of age."""

    state: str
    period: Period
    strata: list[str]


def imprecise(rows: pl.DataFrame) -> list[Ages]:
    """Return the strata of age, of these rows, whose estimates are marked as too imprecise.

    Of several questions, those that are so in any of them.
    """
    found = estimates(rows.filter(of_ages(), usable()), *UNIT, "stratum").filter(to_withhold())
    marked: dict[tuple[str, Period], set[str]] = {}
    keys = found.sort(UNIT[1:]).select(*UNIT[1:], pl.col("stratum").cast(pl.String))
    for state, first, last, stratum in keys.iter_rows():
        marked.setdefault((state, Period(first, last)), set()).add(stratum)
    return _in_order(marked)


def incomplete(rows: pl.DataFrame) -> list[Ages]:
    """Return the places and periods of these rows which have estimates of some ages and not of all.

    Of several questions, the strata that any of them lacks.
    """
    found = (
        rows.filter(of_ages(), usable())
        .group_by(UNIT)
        .agg(pl.col("stratum").cast(pl.String).unique().alias("have"))
        .filter(pl.col("have").list.len() < len(WEIGHTS))
        .sort("state", "year_start", "year_end", "question")
    )
    lacks: dict[tuple[str, Period], set[str]] = {}
    for state, *years, have in found.select(*UNIT[1:], "have").iter_rows():
        lacks.setdefault((state, Period(*years)), set()).update(set(WEIGHTS) - set(have))
    return _in_order(lacks)


def _in_order(ages: Mapping[tuple[str, Period], Collection[str]]) -> list[Ages]:
    return [
        Ages(*place, [stratum for stratum in WEIGHTS if stratum in strata])
        for place, strata in ages.items()
    ]


def standardised(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Return what `figures` does, with `presentation` as `estimates.estimates` has it."""
    return with_presentation(figures(rows, *keys))


def figures(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Return one standardised estimate for each combination of `keys`, shaped as by `cells`.

    Only where each of the six strata of age has an estimate; each combination is of one question,
    one place and one period. `rows` counts all that it is made of. Without a standard error of one
    stratum there is none of the whole, and no limits.
    """
    by_age = cells(rows.filter(of_ages()), *keys, "stratum").with_columns(weight=_WEIGHT)
    parts = pl.col("weight") * pl.col("error")
    all_known = pl.col("error").is_not_null().all()
    sizes = pl.col("sample_size")
    return (
        by_age.group_by(*keys, maintain_order=True)
        .agg(
            (pl.col("weight") * pl.col("value")).sum().round(DECIMALS).alias("value"),
            pl.when(all_known).then((parts**2).sum().sqrt()).alias("error"),
            pl.when(sizes.is_not_null().all()).then(sizes.sum()).alias("sample_size"),
            pl.col("rows").sum(),
            pl.col("unit").first(),
            pl.len().alias("strata"),
        )
        .filter(pl.col("strata") == len(WEIGHTS))
        .select(pl.exclude("strata"), low=LOW, high=HIGH)
    )


def leaving_out(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of `selection.select`, those of incomplete ages left out as `INCOMPLETE`.

    `has_ages` tells of all rows whether their place and period has an estimate of each age.
    """
    used = pl.col("left_out").is_null()
    ages = pl.when(used).then(pl.col("stratum")).n_unique().over(UNIT)
    # Null, for what is left out, counts as one of the different ones.
    ages -= (~used).any().over(UNIT).cast(pl.Int64)
    incomplete = used & ~pl.col("has_ages")
    return rows.with_columns(has_ages=ages == len(WEIGHTS)).with_columns(
        pl.when(incomplete).then(pl.lit(INCOMPLETE)).otherwise(pl.col("left_out")).alias("left_out")
    )


def pooled(rows: pl.DataFrame, method: str, groups: Sequence[str]) -> pl.DataFrame:
    """Return what `pooling.pool` does, of standardised estimates; and `crude`.

    `rows` are of `leaving_out`. `crude` is the value of a group by the estimates of everyone in
    the same places and periods.
    """
    ages, left_out = rows.filter(of_ages()), pl.col("left_out")
    used = ages.filter(left_out.is_null())
    # A row for each place and period; of those without all ages one that says why, if any does.
    places = ages.sort(
        left_out.is_in(LACKING).fill_null(value=False), "record", descending=[True, False]
    )
    places = places.unique(UNIT, keep="first", maintain_order=True).drop(_FIGURES)
    places = places.join(figures(used, *UNIT).select(*UNIT, *_FIGURES), on=UNIT, how="left")
    # The methods that go with it are plain means.
    crude = pl.col("value").filter(is_total() & usable() & pl.col("has_ages")).mean().alias("crude")
    keys, told = ["all", *groups], (*_COUNTS, "crude")
    table = pool(places.select(rows.columns), method, groups).drop(_COUNTS)
    counts = counted(rows, groups, crude).select(*keys, *told)
    table = table.join(counts, on=keys, how="left", nulls_equal=True)
    computed = pl.when(pl.col("interval") == OF_ONE).then(pl.lit(COMPUTED))
    return table.with_columns(
        computed.otherwise(pl.col("interval")).alias("interval"),
        pl.when(pl.col("rows_used") > 0).then(pl.lit(list(WEIGHTS))).alias("strata"),
    )


def moved(states: pl.DataFrame, crude: pl.DataFrame, *, lower: bool) -> pl.DataFrame:
    """Return ranked states with `crude`, `crude_rank` and `rank_change`.

    `crude` has their crude estimates, of which some may be missing. Ranks of these are among the
    same states; a change above 0 is for the better.
    """
    joined = states.join(
        crude.select("state", pl.col("value").alias("crude")),
        on="state",
        how="left",
        maintain_order="left",
    )
    rank = pl.col("crude").rank("min", descending=not lower).cast(pl.Int64)
    return joined.with_columns(rank.alias("crude_rank")).with_columns(
        (pl.col("crude_rank") - pl.col("rank")).alias("rank_change")
    )
