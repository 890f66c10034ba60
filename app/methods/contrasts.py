"""Differences and ratios of two independent estimates, and p-values of many at once."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import ndtr

from app.methods.uncertainty import Z


def differences(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with `difference`, `difference_low`, `difference_high` and `p_value`.

    Of `first` and `second`, percentages with the standard errors `first_error` and `second_error`:
    the first minus the second, in points, with normal 95 % limits, variances added, and the
    two-sided p-value of no difference. Null where an error is.
    """
    error = (pl.col("first_error") ** 2 + pl.col("second_error") ** 2).sqrt()
    difference = pl.col("first") - pl.col("second")
    found = frame.with_columns(
        difference.alias("difference"),
        (difference - Z * error).alias("difference_low"),
        (difference + Z * error).alias("difference_high"),
        (difference / error).alias("_score"),
    )
    tails = 2 * ndtr(-np.abs(found["_score"].to_numpy().astype(np.float64)))
    p_value = pl.Series("p_value", tails, dtype=pl.Float64, nan_to_null=True)
    return found.drop("_score").with_columns(p_value)


def ratios(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with `ratio`, `ratio_low` and `ratio_high`: the first over the second.

    Columns as in `differences`. The limits are normal (95 %) for the logarithm of the ratio. Null
    where the second is 0; the limits also where the first is.
    """
    ratio = pl.when(pl.col("second") > 0).then(pl.col("first") / pl.col("second"))
    relative = [pl.col(f"{name}_error") / pl.col(name) for name in ("first", "second")]
    reach = (Z * (relative[0] ** 2 + relative[1] ** 2).sqrt()).exp()
    limited = (pl.col("first") > 0) & (pl.col("second") > 0)
    return frame.with_columns(
        ratio.alias("ratio"),
        pl.when(limited).then(ratio / reach).alias("ratio_low"),
        pl.when(limited).then(ratio * reach).alias("ratio_high"),
    )


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return the p-values adjusted after Holm (1979), each in its place; None stays None.

    Declaring what is below 0.05 after that errs in any of them with a probability of 5 % at most.
    """
    adjusted: list[float | None] = [None] * len(p_values)
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    least = 0.0
    for done, (p, place) in enumerate(known):
        least = max(least, min(1.0, (len(known) - done) * p))
        adjusted[place] = least
    return adjusted
