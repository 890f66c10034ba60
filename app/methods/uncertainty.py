"""Standard errors recovered from confidence limits, and intervals.

CDC publishes an estimate with its 95 % confidence limits, but not with its standard error. The
limits of a proportion are made on the logit scale, where they lie evenly around the estimate and
never leave 0 to 100 %; so that is where the standard error is read from them. docs/statistics.md
has the formulas and their sources. Of other numbers, as means and rates, all is done on their own
scale, and no limit is below 0.

Every function takes and returns expressions of polars: estimates in their unit, errors in it too
(of percentages, in points). They are of frames with a column `unit`.
"""

from statistics import NormalDist

import polars as pl

from app.datasets.measures import is_percent

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # 1.96: limits hold the middle 95 %


def logit(percent: pl.Expr) -> pl.Expr:
    """Return the logarithm of the odds; not finite at 0 and at 100 %."""
    return (percent / (100 - percent)).log()


def percent(logits: pl.Expr) -> pl.Expr:
    """Return the percentage whose logit this is."""
    return 100 / (1 + (-logits).exp())


def slope_of_percent(value: pl.Expr) -> pl.Expr:
    """Return how many points `percent` gains for a small step on the logit scale, at `value`."""
    return value * (100 - value) / 100


def to_scale(value: pl.Expr) -> pl.Expr:
    """Return a value on the scale where its errors lie evenly: a percentage's logit, or itself."""
    return pl.when(is_percent()).then(logit(value)).otherwise(value)


def from_scale(scaled: pl.Expr) -> pl.Expr:
    """Return the value of which `to_scale` makes this."""
    return pl.when(is_percent()).then(percent(scaled)).otherwise(scaled)


def slope_of_scale(value: pl.Expr) -> pl.Expr:
    """Return how much a value gains for a small step on its scale."""
    return pl.when(is_percent()).then(slope_of_percent(value)).otherwise(1.0)


def inside(value: pl.Expr) -> pl.Expr:
    """Tell whether a value is a percentage that has a logit."""
    return is_percent() & (value > 0) & (value < 100)


def standard_error(value: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Return the standard error of an estimate with these limits, in points.

    Null where limits are missing, do not enclose the estimate, or leave no room between them. Read
    on the scale of the value where an end is 0 or 100, which have no logit, or is no percentage.
    An estimate at the end of what can be has an interval to one side alone, of Z standard errors.
    """
    usable = (low <= value) & (value <= high) & (low < high)
    at_end = ((value == 0) & (low == 0)) | (is_percent() & (value == 100) & (high == 100))
    error = (
        pl.when(inside(low) & inside(high))
        .then((logit(high) - logit(low)) * slope_of_percent(value) / (2 * Z))
        .when(at_end)
        .then((high - low) / Z)
        .otherwise((high - low) / (2 * Z))
    )
    return pl.when(usable).then(error)


# Of rows; made once, for making it takes longer than a small frame has to do with it.
STANDARD_ERROR = standard_error(pl.col("value"), pl.col("low"), pl.col("high"))


def limits(value: pl.Expr, error: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the 95 % confidence limits of a value: of a percentage made on the logit scale.

    At 0 and 100 %, which have no logit, they are made on the percent scale, and end there.
    """
    highest = pl.when(is_percent()).then(100.0)
    reach = Z * error / slope_of_percent(value)
    low, high = (
        pl.when(inside(value))
        .then(percent(logit(value) + sign * reach))
        .otherwise((value + sign * Z * error).clip(0, highest))
        for sign in (-1, 1)
    )
    known = value.is_not_null() & error.is_not_null()
    return pl.when(known).then(low), pl.when(known).then(high)


# Of estimates.
LOW, HIGH = limits(pl.col("value"), pl.col("error"))
