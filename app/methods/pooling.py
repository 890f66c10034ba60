"""One number out of many estimates: the methods, and when the result can have an interval.

Formulas and sources: docs/statistics.md. Most are expressions of polars, evaluated over the rows of
a group.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import polars as pl

from app.datasets.absence import ESTIMATE, NO_ESTIMATE, NOT_RELEASED, WITHHELD
from app.methods.estimates import is_nation
from app.methods.selection import (
    FILLED,
    INVALID,
    LACKING,
    NO_VALUE,
    SUPPRESSED,
    UNRELEASED,
)
from app.methods.uncertainty import Z, from_scale, limits, slope_of_scale, to_scale

_VALUE, _ERROR, _SIZE = pl.col("value"), pl.col("error"), pl.col("sample_size")

OF_ONE = "published"
COMPUTED = "computed"
NO_LIMITS = "none: rows have no confidence limits that can be used"
OVERLAP = "none: rows count the same people"
UNEVEN = "none: strata count the same, whatever their share of the people"
NEVER = "none: limits of estimates do not give one for their median"


@dataclass(frozen=True)
class Method:
    """A way to one number: what it is, and its value and standard error over a group's rows.

    In the meaning, `{everyone}` stands for all who were asked.

    `error` holds where the rows are independent; None where there is no such formula. With
    `logits`, those of percentages are on the logit scale, and so is the interval made.
    """

    name: str
    meaning: str
    value: Callable[[], pl.Expr]
    error: Callable[[], pl.Expr] | None
    logits: bool = False

    @cached_property
    def expressions(self) -> tuple[list[pl.Expr], list[pl.Expr]]:
        """What to add up over the rows of a group, and what to make of that: see `_expressions`.

        Made once, for making them takes as long as a question of one state has to do with them.
        """
        return _expressions(self)


def _mean() -> pl.Expr:
    return _VALUE.mean()


def _error_of_mean() -> pl.Expr:
    return _ERROR.pow(2).sum().sqrt() / pl.len()


def _weighted() -> pl.Expr:
    return (_VALUE * _SIZE).sum() / _SIZE.sum()


def _error_of_weighted() -> pl.Expr:
    return (_ERROR * _SIZE).pow(2).sum().sqrt() / _SIZE.sum()


def _weights() -> pl.Expr:
    """Return one over the variance of each estimate, on its scale."""
    return (slope_of_scale(_VALUE) / _ERROR).pow(2)


def _pooled() -> pl.Expr:
    return (_weights() * to_scale(_VALUE)).sum() / _weights().sum()


def _error_of_pooled() -> pl.Expr:
    return 1 / _weights().sum().sqrt()


def heterogeneity() -> pl.Expr:
    """Return I squared: the share of the rows' differences that chance does not explain, in %.

    Null for a single row.
    """
    spread = (_weights() * (to_scale(_VALUE) - _pooled()).pow(2)).sum()
    return pl.when(pl.len() > 1).then((100 * (1 - (pl.len() - 1) / spread)).clip(0, 100))


def _table() -> Mapping[str, Method]:
    rows = (
        Method(
            "overall",
            "plain mean of the estimates for {everyone} of a place, or for the stratum that is"
            " named; each row counts the same",
            _mean,
            _error_of_mean,
        ),
        Method(
            "mean",
            "plain mean of all rows with a value, as the course defines it: strata that overlap,"
            " National, and constants in place of missing estimates included",
            _mean,
            _error_of_mean,
        ),
        Method(
            "sample_weighted",
            "mean of the estimates, each weighted by its sample size; rows of Total stand in the"
            " place of strata that are not told apart",
            _weighted,
            _error_of_weighted,
        ),
        Method(
            "inverse_variance",
            "fixed-effect pooling: the mean of the logits of the estimates, each weighted by one"
            " over its variance; rows of Total stand in the place of strata that are not told"
            " apart",
            _pooled,
            _error_of_pooled,
            logits=True,
        ),
        Method("median", "median of the estimates", _VALUE.median, None),
        Method(
            "national",
            "CDC's own estimates for the whole United States; plain mean where there are several",
            _mean,
            _error_of_mean,
        ),
    )
    return MappingProxyType({row.name: row for row in rows})


METHODS = _table()


def pool(rows: pl.DataFrame, method: str, groups: Sequence[str]) -> pl.DataFrame:
    """Return a row for each group of rows, as `selection.select` has them; `method` is in METHODS.

    Groups in which no row is used, and none lacks an estimate, are left out. Besides `groups`,
    there are:

    | column | what it holds |
    | --- | --- |
    | `value`, `low`, `high` | in their unit; with one row CDC's own figures |
    | `standard_error` | in that unit, of percentages in points |
    | `interval` | published, computed, or why there is none |
    | `rows_used` | how many rows the value is made of |
    | `i_squared` | the `heterogeneity`, for method inverse_variance alone |
    | `rows_suppressed`, `rows_filled` | how many rows are left out, as `absence.Counts` has it |
    | `rows_not_released`, `rows_excluded` | likewise; and those for other reasons |
    | `status` | `estimate`, or why there is no value, as `absence.statuses` has it |
    | `sample_size` | how many people were asked, null where that cannot be said |
    | `spans` | the periods of the rows used, each with `year_start` and `year_end`, ascending |
    | `strata` | the strata of the rows used, ascending |
    | `states` | likewise their states, where groups are not of a state each |
    | `unit` | the unit of the value |
    | `questions_mixed` | whether the rows used are of several questions |
    """
    sums, results = METHODS[method].expressions
    if "state" not in groups:
        sums = [*sums, pl.col("state").cast(pl.String).unique().sort().alias("states")]
    keyed, keys = _keyed(rows, groups)
    summed = keyed.filter(pl.col("left_out").is_null()).group_by(keys).agg(sums)
    joined = _counted(keyed, keys).join(summed, on=keys, how="left")
    joined = joined.filter((pl.col("rows_used") > 0) | pl.col("lacks"))
    return joined.with_columns(*results, status=_STATUS)


def counted(rows: pl.DataFrame, groups: Sequence[str], *more: pl.Expr) -> pl.DataFrame:
    """Return how many rows of each group are used, and how many are not, as `pool` has it.

    `lacks`, and a column for each of two statuses, tell whether some rows have no estimate. `more`
    is what else to tell of each group.
    """
    return _counted(*_keyed(rows, groups), *more)


def _counted(keyed: pl.DataFrame, keys: Sequence[str], *more: pl.Expr) -> pl.DataFrame:
    return keyed.group_by(keys).agg(*_COUNTS, *more)


def _counts() -> Iterator[pl.Expr]:
    """Yield what `counted` tells of the rows of a group."""
    reason, filled = pl.col("left_out"), FILLED
    lacks = reason.is_in(LACKING)
    yield reason.null_count().cast(pl.Int64).alias("rows_used")
    yield (reason == SUPPRESSED).sum().alias("rows_suppressed")
    yield (reason == UNRELEASED).sum().alias("rows_not_released")
    # Method mean uses them: there they have no reason to be left out.
    yield (pl.col("filled") & (reason.fill_null(filled) == filled)).sum().alias("rows_filled")
    yield (reason.is_in([NO_VALUE, INVALID]) | ~lacks).sum().alias("rows_excluded")
    yield lacks.any().alias("lacks")
    for status in (WITHHELD, NOT_RELEASED):
        yield (lacks & (pl.col("status") == status)).any().alias(status)


_COUNTS = tuple(_counts())
# A group may have several reasons: what CDC withholds is there, and it says so.
_STATUS = (
    pl.when(pl.col("rows_used") > 0)
    .then(pl.lit(ESTIMATE))
    .when(WITHHELD)
    .then(pl.lit(WITHHELD))
    .when(NOT_RELEASED)
    .then(pl.lit(NOT_RELEASED))
    .otherwise(pl.lit(NO_ESTIMATE))
)


def _keyed(rows: pl.DataFrame, groups: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return rows, and what to group them by: one group of all, where there is no column for it."""
    return rows.with_columns(all=pl.lit(value=True)), ["all", *groups]


def _expressions(method: Method) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """Return what to add up over the rows of a group, and what to make of that.

    The first are for a group's rows that go into the answer; the second for the sums then: `value`,
    `standard_error`, `low`, `high` and `interval` (published, computed, or why there is none).
    """
    error = method.error() if method.error else pl.lit(None, pl.Float64)
    sizes, free = _SIZE, independent()
    sums = [
        method.value().alias("pooled"),
        error.alias("pooled_error"),
        _VALUE.first().alias("value_of_one"),
        _ERROR.first().alias("error_of_one"),
        pl.col("low").first().alias("low_of_one"),
        pl.col("high").first().alias("high_of_one"),
        _ERROR.is_not_null().all().alias("have_errors"),
        free.alias("independent"),
        _several_strata().alias("uneven"),
        # A sum that counts people twice, or lacks some, would mean nothing.
        pl.when(sizes.is_not_null().all() & free).then(sizes.sum()).alias("sample_size"),
        pl.struct("year_start", "year_end").unique().sort().alias("spans"),
        pl.col("stratum").cast(pl.String).unique().sort().alias("strata"),
        (pl.col("question").n_unique() > 1).alias("questions_mixed"),
        pl.col("unit").first(),
    ]
    if method.name == "inverse_variance":
        sums.append(heterogeneity().alias("i_squared"))
    one = pl.col("rows_used") == 1
    pooled, wrong = pl.col("pooled"), pl.col("pooled_error")
    value = from_scale(pooled) if method.logits else pooled
    # A single estimate stays as CDC published it: limits and all.
    computed = ~one & pl.col("independent") & ~pl.col("uneven") & pl.col("have_errors")
    if method.error is None:
        computed &= pl.lit(value=False)
    published = one & pl.col("have_errors")
    spread = wrong * slope_of_scale(value) if method.logits else wrong
    if method.logits:
        low, high = from_scale(pooled - Z * wrong), from_scale(pooled + Z * wrong)
    else:
        low, high = limits(value, wrong)

    def chosen(of_one: str, of_many: pl.Expr) -> pl.Expr:
        return pl.when(published).then(pl.col(of_one)).when(computed).then(of_many)

    interval = (
        pl.when(pl.col("rows_used") == 0)
        .then(None)
        .when(published)
        .then(pl.lit(OF_ONE))
        .when(computed)
        .then(pl.lit(COMPUTED))
        .when(~pl.col("have_errors"))
        .then(pl.lit(NO_LIMITS))
        .when(~pl.col("independent"))
        .then(pl.lit(OVERLAP))
        .when(pl.col("uneven") & pl.lit(method.error is not None))
        .then(pl.lit(UNEVEN))
        .otherwise(pl.lit(NEVER))
    )
    results = [
        pl.when(one).then(pl.col("value_of_one")).otherwise(value).alias("value"),
        chosen("error_of_one", spread).alias("standard_error"),
        chosen("low_of_one", low).alias("low"),
        chosen("high_of_one", high).alias("high"),
        interval.alias("interval"),
    ]
    return sums, results


def _several_strata() -> pl.Expr:
    """Tell of the rows of a group whether some are of several strata of one place and period."""
    place = ("question", "state", "year_start", "year_end")
    return pl.struct(place).n_unique() < pl.struct(*place, "category", "stratum").n_unique()


def independent() -> pl.Expr:
    """Tell of the rows of a group whether no two of them count the same people.

    So it is with the strata of one category, with different states, and with different years (each
    year's sample is drawn anew), for one question. Rows that cover several years are taken to
    overlap, and so is National beside a state.
    """
    nation = is_nation()
    cells = pl.struct("state", "year_start", "stratum")
    return (
        (pl.col("question").n_unique() <= 1)
        & (pl.col("category").n_unique() <= 1)
        & ~(nation.any() & ~nation.all())
        & (pl.col("year_start") == pl.col("year_end")).all()
        & (cells.n_unique() == pl.len())
    ) | (pl.len() == 1)
