"""Which rows a question is about, and which of them go into the answer; of the others, why not."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.methods.uncertainty import inside, standard_error

_FIRST, _LAST = 0, 9999  # years before and after all others

# Why a row does not go into an answer; null in column `left_out` is for those that do.
SUPPRESSED = "suppressed: CDC withholds the estimate"
FILLED = "filled: a constant stands where CDC withholds the estimate"
PARTS = "of a part of the people: only rows of Total are used"
NO_STRATUM = "no stratum is told"
NATION_AGAIN = "National: it counts the people of all states again"
YEARS_BEYOND = "covers years beyond those asked for"
NO_SAMPLE_SIZE = "no sample size"
NO_ERROR = "no confidence limits to weigh it by"


def is_total() -> pl.Expr:
    """Tell of a row whether it is of all adults of its place."""
    return (pl.col("category") == TOTAL) & (pl.col("stratum") == TOTAL)


def is_nation() -> pl.Expr:
    """Tell of a row whether it is of the whole United States."""
    return pl.col("state") == NATION.name


def with_errors(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their standard errors, in points, as column `error`."""
    return rows.with_columns(error=standard_error(pl.col("value"), pl.col("low"), pl.col("high")))


def select(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows that a query, as `query.parse` returns it, is about.

    They have two columns more than the dataset: `error`, and `left_out`, the reason why a row does
    not go into the answer.
    """
    rows = with_errors(dataset.estimates.filter(_matching(asked)))
    reasons = [pl.when(holds).then(pl.lit(reason)) for reason, holds in _reasons(asked)]
    return rows.with_columns(left_out=pl.coalesce(*reasons, pl.lit(None, pl.String)))


def used(rows: pl.DataFrame) -> pl.DataFrame:
    """Return those of some selected rows that go into the answer, as the dataset has them."""
    return rows.filter(pl.col("left_out").is_null()).drop("error", "left_out")


def _matching(asked: Mapping[str, Any]) -> pl.Expr:
    where = asked["where"]
    matching = pl.lit(value=True)
    for column, names in (("question", asked["question"]), *where.items()):
        if column == "year":
            matching &= of_years(names)[0]
        elif names is not None:
            matching &= pl.col(column).is_in([names] if isinstance(names, str) else names)
    if asked["method"] == "national":
        matching &= is_nation()
    return matching


def of_years(years: Mapping[str, int | None] | Sequence[int]) -> tuple[pl.Expr, pl.Expr]:
    """Return whether a row has to do with some years, and whether it is of these alone."""
    start, end = pl.col("year_start"), pl.col("year_end")
    if isinstance(years, Mapping):
        first, last = years["from"] or _FIRST, years["to"] or _LAST
        return (start <= last) & (end >= first), (start >= first) & (end <= last)
    touching = pl.any_horizontal((start <= year) & (end >= year) for year in years)
    return touching, (start == end) & start.is_in(list(years))


def _reasons(asked: Mapping[str, Any]) -> list[tuple[str, pl.Expr]]:
    """Return why rows are left out, the reason that is told first first, and of which."""
    method, where, groups = asked["method"], asked["where"], asked["group_by"]
    reasons: list[tuple[str, pl.Expr]] = []
    if "year" in where:
        reasons.append((YEARS_BEYOND, ~of_years(where["year"])[1]))
    parts = {"category", "stratum"} & {*where, *groups}
    if method == "overall" or (method == "national" and not parts):
        reasons.append((PARTS, ~is_total()))
    elif method != "mean":
        reasons.append((NO_STRATUM, (pl.col("category") == "") | (pl.col("stratum") == "")))
    if method not in ("mean", "national") and "state" not in {*where, *groups}:
        reasons.append((NATION_AGAIN, is_nation()))
    reasons.append((SUPPRESSED, pl.col("value").is_null()))
    if method != "mean":
        reasons.append((FILLED, pl.col("filled")))
    if method == "sample_weighted":
        reasons.append((NO_SAMPLE_SIZE, ~(pl.col("sample_size") > 0).fill_null(value=False)))
    if method == "inverse_variance":
        weighable = pl.col("error").is_not_null() & inside(pl.col("value"))
        reasons.append((NO_ERROR, ~weighable))
    return reasons
