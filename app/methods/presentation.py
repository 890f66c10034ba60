"""Whether an estimate is precise enough to be shown: NCHS's presentation standard for proportions.

Parker JD, Talih M, Malec DJ and others: National Center for Health Statistics Data Presentation
Standards for Proportions. Vital and Health Statistics 2(175), 2017. docs/statistics.md has the rule
and says what of it cannot be checked here.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

from app.datasets.measures import is_percent
from app.methods.uncertainty import CONFIDENCE

SHOW, CAUTION, WITHHOLD = "show", "caution", "withhold"

FEWEST_PEOPLE = 30
WIDEST_POINTS = 30
# Narrower than this an interval is precise enough, whatever it is of the value.
NARROW_POINTS = 5
WIDEST_RELATIVE = 130  # %
# Of fewer people CDC publishes no estimate of BRFSS.
CDC_FEWEST_PEOPLE = 50

Numbers = NDArray[np.float64]


def with_presentation(
    frame: pl.DataFrame, error: str = "error", doubt: pl.Expr | None = None
) -> pl.DataFrame:
    """Return a frame with `presentation`: "show", "caution: why", or "withhold: why".

    Columns `value`, `sample_size`, `unit`, and the one named `error`, which is the standard error
    of the value, in points. Null where there is no value. `doubt` is one more reason for caution,
    null where it does not hold.
    """
    measured = frame.with_columns(_precision(frame, error))
    size, effective, width = pl.col("sample_size"), pl.col("_effective"), pl.col("_width")
    value = pl.col("value")
    end = (value <= 0) | (value >= 100)
    relative, of_rest = 100 * width / value, 100 * width / (100 - value)
    broad = width >= WIDEST_POINTS

    def coarse(share: pl.Expr) -> pl.Expr:
        return (width > NARROW_POINTS) & ~broad & (share > WIDEST_RELATIVE)

    flaws = _listed(
        pl.when(size < FEWEST_PEOPLE)
        .then(pl.format("sample of {}, below {}", size, pl.lit(FEWEST_PEOPLE)))
        .when(effective < FEWEST_PEOPLE)
        .then(
            pl.format("effective sample of {}, below {}", effective.round(1), pl.lit(FEWEST_PEOPLE))
        ),
        pl.when(broad).then(
            pl.format(
                "exact interval of {} points, {} or more", width.round(1), pl.lit(WIDEST_POINTS)
            )
        ),
        pl.when(coarse(relative) & (value <= 0))
        .then(pl.format("exact interval of {} points about a value of 0", width.round(1)))
        .when(coarse(relative))
        .then(
            pl.format(
                "exact interval of {} % of the value, over {} %",
                relative.round(0).cast(pl.Int64, strict=False),
                pl.lit(WIDEST_RELATIVE),
            )
        ),
    )
    doubts = _listed(
        pl.when(size < CDC_FEWEST_PEOPLE).then(
            pl.format("sample of {}, below the {} of CDC", size, pl.lit(CDC_FEWEST_PEOPLE))
        ),
        pl.when(end).then(pl.lit("a value of 0 or 100 %")),
        pl.when(coarse(of_rest)).then(
            pl.format(
                "exact interval of {} % of the complement, over {} %",
                of_rest.round(0).cast(pl.Int64, strict=False),
                pl.lit(WIDEST_RELATIVE),
            )
        ),
        pl.when(size.is_null()).then(pl.lit("no sample size")),
        pl.when(pl.col(error).is_null() & ~end).then(pl.lit("no interval")),
        *([] if doubt is None else [doubt]),
    )
    mark = (
        pl.when(~is_percent())
        .then(pl.lit(f"{CAUTION}: no percentage, and the standard is for these"))
        .when(flaws != "")
        .then(pl.format("{}: {}", pl.lit(WITHHOLD), flaws))
        .when(doubts != "")
        .then(pl.format("{}: {}", pl.lit(CAUTION), doubts))
        .otherwise(pl.lit(SHOW))
    )
    told = pl.when(value.is_not_null()).then(mark).alias("presentation")
    return measured.with_columns(told).drop("_effective", "_width")


def to_withhold() -> pl.Expr:
    """Tell whether an estimate with `presentation` is marked as one to withhold."""
    return pl.col("presentation").str.starts_with(WITHHOLD)


def effective_size(share: Numbers, error: Numbers, size: Numbers) -> Numbers:
    """Return how many people of a simple random sample would tell as much: at most all of them.

    `share` is from 0 to 1, and `error` its standard error. At 0 and 1, which have none, it is the
    sample size; so it is where there is no error, and without a size what the error says.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = share * (1 - share) / error**2
    return np.where((share <= 0) | (share >= 1), size, np.fmin(size, simple))


def clopper_pearson(share: Numbers, size: Numbers) -> tuple[Numbers, Numbers]:
    """Return the exact 95 % limits (Clopper and Pearson 1934) of shares from 0 to 1.

    Sizes, and so how many have it, need not be whole.
    """
    having = share * size
    tail = (1 - CONFIDENCE) / 2
    with np.errstate(invalid="ignore"):
        low = betaincinv(having, size - having + 1, tail)
        high = betaincinv(having + 1, size - having, 1 - tail)
    return np.where(having <= 0, 0.0, low), np.where(having >= size, 1.0, high)


def _precision(frame: pl.DataFrame, error: str) -> list[pl.Series]:
    """Return effective sample sizes, and the widths of exact intervals, in points."""
    value, wrong, size = (
        frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for name in ("value", error, "sample_size")
    )
    effective = effective_size(value / 100, wrong / 100, size)
    low, high = clopper_pearson(value / 100, effective)
    return [
        pl.Series("_effective", effective, nan_to_null=True),
        pl.Series("_width", 100 * (high - low), nan_to_null=True),
    ]


def _listed(*texts: pl.Expr) -> pl.Expr:
    return pl.concat_str(*texts, separator="; ", ignore_nulls=True)
