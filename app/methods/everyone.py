"""When strata would be pooled into a number of everyone: then CDC's row of Total is the answer.

Sample sizes are no shares of the population: surveys reach the old more easily than the young. So
strata of one category, weighted by their samples or by their precision, come to another number than
the row of Total, with an interval that does not hold it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.absence import UNIT
from app.datasets.strata import TOTAL
from app.methods.estimates import NOT_REPORTED

# The methods that would take strata for parts of a population, in proportions that are not theirs.
_METHODS = ("overall", "sample_weighted", "inverse_variance", "national")
# Those that are of everyone where no strata are named.
_OF_EVERYONE = ("overall", "national")
_ANY = ""


class Pooled(NamedTuple):
    """Which strata a question would pool.

    `everyone` are the categories all of whose strata it would pool, a category each where it groups
    by them, else one empty name; `parts` are strata that it would pool and that are not everyone.
    """

    everyone: Sequence[str]
    parts: Sequence[str]


def pooled(
    dataset: DataIngestor, names: Mapping[str, Sequence[str]], groups: Collection[str], method: str
) -> Pooled:
    """Return which strata a question would pool by a method, with these names and groups."""
    told = {"category", "stratum"}.intersection((*names, *groups))
    if method not in _METHODS or "stratum" in groups or (method in _OF_EVERYONE and not told):
        return Pooled((), ())
    whole: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, set[str]] = defaultdict(set)
    for category, stratum in dataset.names("category", "stratum"):
        if category and stratum:
            whole[category].add(stratum)
            if all(
                name in names.get(column, (name,))
                for column, name in (("category", category), ("stratum", stratum))
            ):
                asked[category].add(stratum)
    everyone = [name for name, strata in asked.items() if whole[name] - {NOT_REPORTED} <= strata]
    if "category" in groups:
        several = [name for name, strata in asked.items() if len(strata) > 1]
        parts = [stratum for name in several if name not in everyone for stratum in asked[name]]
        return Pooled([name for name in several if name in everyone], sorted(parts))
    strata = sorted(stratum for of_category in asked.values() for stratum in of_category)
    if len(strata) < 2:
        return Pooled((), ())
    if everyone:
        return Pooled((_ANY,), ())
    if len(set(strata)) < len(strata):  # of several categories, by the same name
        strata = sorted(f"{name} ({category})" for category, of in asked.items() for name in of)
    return Pooled((), strata)


def is_total() -> pl.Expr:
    """Tell of a row whether it is of everyone in its place."""
    return (pl.col("category") == TOTAL) & (pl.col("stratum") == TOTAL)


def category_of_people() -> pl.Expr:
    """Return the category of those whom a row is of: that of Total where it stands for another."""
    category = pl.col("category").cast(pl.String)
    return pl.when(pl.col("stratum") == TOTAL).then(pl.lit(TOTAL)).otherwise(category)


def in_place_of_strata(rows: pl.DataFrame, asked: pl.Expr, everyone: Sequence[str]) -> pl.DataFrame:
    """Return the rows of Total in the place of those of strata, and all other rows asked for.

    `asked` tells which rows are asked for, `everyone` is of `Pooled`. Where it names categories,
    a row of Total stands once for each that has strata there, under its name. Strata that have no
    row of Total for their question, place and period stay.
    """
    has_total = is_total().any().over(UNIT)
    if list(everyone) == [_ANY]:
        touched = asked.any().over(UNIT)
        return rows.filter(pl.when(has_total).then(is_total() & touched).otherwise(asked))
    pooled_here = pl.col("category").cast(pl.String).is_in(list(everyone))
    parts = [rows.filter(asked & ~(pooled_here & has_total))]
    for name in everyone:
        of_category = (asked & (pl.col("category") == name)).any().over(UNIT)
        totals = rows.filter(is_total() & of_category)
        renamed = pl.lit(name, rows.schema["category"]).alias("category")
        parts.append(totals.with_columns(renamed))
    return pl.concat(parts)
