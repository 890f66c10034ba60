"""Which rows a question is about, and which of them go into the answer; of the others, why not."""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.absence import NOT_RELEASED, WITHHELD, with_status
from app.datasets.measures import is_percent
from app.datasets.strata import TOTAL
from app.methods.estimates import Period, is_nation, latest_of_each, named, of_periods
from app.methods.everyone import in_place_of_strata, is_total, pooled
from app.methods.uncertainty import STANDARD_ERROR, inside

# All years of a range, which a row may cover together; or single years.
Years = range | list[int]

# Why a row does not go into an answer; null in column `left_out` is for those that do.
SUPPRESSED = "suppressed: CDC withholds the estimate"
UNRELEASED = "not released: CDC has no estimate of the place and year, in any stratum"
NO_VALUE = "no value, and why cannot be told"
FILLED = "filled: a constant stands where CDC withholds the estimate"
INVALID = "impossible: figures that cannot be right, or an exact copy of another row"
# Those of rows that the method would use if they had an estimate.
LACKING = (SUPPRESSED, UNRELEASED, NO_VALUE, FILLED, INVALID)
PARTS = "of a part of the people: only rows of Total are used"
NO_STRATUM = "no stratum is told"
NO_TOTAL = "of strata, which are not pooled, and there is no row of Total"
NATION_AGAIN = "National: it counts the people of all states again"
YEARS_BEYOND = "covers years beyond those asked for"
NO_SAMPLE_SIZE = "no sample size"
NO_ERROR = "no confidence limits to weigh it by"
NO_LOGIT = "0 or 100 %, which has no logit to pool"


def select(
    dataset: DataIngestor,
    names: Mapping[str, Sequence[str]],
    years: Years | None,
    groups: Collection[str],
    method: str,
    *,
    whom: pl.Expr | None = None,
) -> pl.DataFrame:
    """Return the rows that have one of these names in each of these columns, and are of some years.

    Without years, of the latest that each question has, by `latest_of_each`; of all years where
    they are grouped by. Where strata would be pooled, rows of Total stand in their place: see
    `everyone`. They have three columns more than the dataset: `error`, `status` as
    `absence.with_status` has it, and `left_out`, the reason why a row does not go into the answer
    by one of `pooling.METHODS`, grouped by these columns. `whom` tells of a row whether it is
    of those whom methods of everyone use, by default `is_total`.
    """
    strata_asked = [
        named(column, some) for column, some in names.items() if column in ("category", "stratum")
    ]
    matching = [
        named(column, some)
        for column, some in names.items()
        if column not in ("category", "stratum")
    ]
    reasons: list[tuple[str, pl.Expr]] = []
    if years is not None:
        touching, alone = of_years(years)
        matching.append(touching)
        reasons.append((YEARS_BEYOND, ~alone))
    if method == "national":
        matching.append(is_nation())
    strata = pooled(dataset, names, groups, method)
    asked = pl.all_horizontal(pl.lit(value=True), *strata_asked)
    if strata.everyone:
        rows = dataset.estimates.filter(pl.lit(value=True), *matching)
        rows = in_place_of_strata(rows, asked, strata.everyone)
        reasons.append((NO_TOTAL, _strata_alone(strata.everyone)))
    else:
        rows = dataset.estimates.filter(asked, *matching)
    reasons += _of_whom({*names, *groups}, method, is_total() if whom is None else whom)
    figures = _of_figures(method)
    if years is None and "year" not in groups:
        told = rows.with_columns(left_out=_first_of([*reasons, *figures]))
        if method == "inverse_variance":
            told = told.with_columns(_alone({*groups, "question", "year"}))
        rows = rows.filter(of_periods(_latest(told)))
    left_out = _first_of([*reasons, *_of_status(method), *figures])
    told = with_status(rows, dataset.releases)
    told = told.with_columns(left_out=left_out, error=STANDARD_ERROR)
    return told.with_columns(_alone(groups)) if method == "inverse_variance" else told


def _latest(rows: pl.DataFrame) -> dict[str, Period]:
    """Return the latest period of each question that has rows which are not `left_out`.

    Of a question without any, the latest says why.
    """
    latest = latest_of_each(rows.filter(pl.col("left_out").is_null()))
    if len(latest) < rows["question"].n_unique():
        latest |= latest_of_each(rows.filter(pl.col("question").is_in(list(latest)).not_()))
    return latest


def _first_of(reasons: Sequence[tuple[str, pl.Expr]]) -> pl.Expr:
    """Return the first of some reasons that holds for a row, null for none."""
    # As numbers, which an Enum has: choosing between texts takes many times longer.
    kind = pl.Enum([reason for reason, _ in reasons])
    first: pl.Expr = pl.lit(None, kind)
    for reason, holds in reversed(reasons):
        first = pl.when(holds).then(pl.lit(reason, kind)).otherwise(first)
    return first.cast(pl.String)


def _alone(groups: Collection[str]) -> pl.Expr:
    """Return `left_out` so that a row without a logit goes in where it is alone in its group.

    Nothing is pooled then: it stays as CDC published it.
    """
    left_out = pl.col("left_out")
    without = left_out == NO_LOGIT
    keys = [name for name in groups if name != "year"]
    keys += ["year_start", "year_end"] if "year" in groups else []
    alone = (left_out.is_null() | without).sum() == 1
    held = without & (alone.over(keys) if keys else alone)
    return pl.when(held).then(None).otherwise(left_out).alias("left_out")


def _strata_alone(everyone: Sequence[str]) -> pl.Expr:
    """Tell of rows of `in_place_of_strata` which are of strata that would be pooled."""
    grouped = pl.col("category").cast(pl.String).is_in([name for name in everyone if name])
    return (pl.col("stratum") != TOTAL) & (grouped if any(everyone) else True)


def used(dataset: DataIngestor, rows: pl.DataFrame) -> pl.DataFrame:
    """Return those of some selected rows that go into the answer, as the dataset has them."""
    kept = rows.filter(pl.col("left_out").is_null()).select("record")
    return dataset.estimates.join(kept, on="record", how="semi", maintain_order="left")


def of_years(years: Years) -> tuple[pl.Expr, pl.Expr]:
    """Return whether a row has to do with some years, and whether it is of these alone."""
    start, end = pl.col("year_start"), pl.col("year_end")
    if isinstance(years, range):
        first, last = years[0], years[-1]
        return (start <= last) & (end >= first), (start >= first) & (end <= last)
    touching = pl.any_horizontal((start <= year) & (end >= year) for year in years)
    return touching, (start == end) & start.is_in(years)


def _of_whom(columns: Collection[str], method: str, whom: pl.Expr) -> list[tuple[str, pl.Expr]]:
    """Return why rows are left out for the people that they are of, and which rows.

    `columns` are those that rows are chosen or grouped by.
    """
    reasons: list[tuple[str, pl.Expr]] = []
    parts = "category" in columns or "stratum" in columns
    if method in ("overall", "national") and not parts:
        reasons.append((PARTS, ~whom))
    elif method != "mean":
        reasons.append((NO_STRATUM, (pl.col("category") == "") | (pl.col("stratum") == "")))
    if method not in ("mean", "national") and "state" not in columns:
        reasons.append((NATION_AGAIN, is_nation()))
    return reasons


def _of_status(method: str) -> list[tuple[str, pl.Expr]]:
    """Return why rows without an estimate have none: all of them are left out by `_of_figures`."""
    status, empty = pl.col("status"), pl.col("value").is_null()
    unreleased = status == NOT_RELEASED
    if method == "mean":  # it uses constants, whatever they stand for
        unreleased &= empty
    return [(UNRELEASED, unreleased), (SUPPRESSED, empty & (status == WITHHELD))]


def _of_figures(method: str) -> list[tuple[str, pl.Expr]]:
    """Return why rows are left out for their figures, and which rows."""
    reasons = [(NO_VALUE, pl.col("value").is_null()), (INVALID, pl.col("invalid"))]
    if method != "mean":
        reasons.append((FILLED, pl.col("filled")))
    if method == "sample_weighted":
        reasons.append((NO_SAMPLE_SIZE, ~(pl.col("sample_size") > 0).fill_null(value=False)))
    if method == "inverse_variance":
        reasons.append((NO_ERROR, STANDARD_ERROR.is_null()))
        reasons.append((NO_LOGIT, ~inside(pl.col("value")) & is_percent()))
    return reasons
