"""The change between two years of a state: the later estimate minus the earlier one."""

import polars as pl

from app.methods.contrasts import differences
from app.methods.uncertainty import CONFIDENCE

RISING, FALLING, NOT_CLEAR, UNKNOWN = "rising", "falling", "no clear change", "unknown"


def changes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with `change` and its `change_error`, limits, `change_z` and p-value.

    Of `first` and `last`, with the standard errors `first_error` and `last_error`: the last minus
    the first, in their unit (of percentages, in points), with normal 95 % limits (`change_low`,
    `change_high`), the two years being independent samples; `change_p_value` is two-sided, of no
    change. Null where an error is.
    """
    error = (pl.col("first_error") ** 2 + pl.col("last_error") ** 2).sqrt()
    found = differences(
        frame.select(
            first="last", first_error="last_error", second="first", second_error="first_error"
        )
    ).select(
        change="difference",
        change_low="difference_low",
        change_high="difference_high",
        change_p_value="p_value",
    )
    return frame.hstack(found).with_columns(
        error.alias("change_error"), (pl.col("change") / error).alias("change_z")
    )


def direction(number: pl.Expr, p_value: pl.Expr, level: float = 1 - CONFIDENCE) -> pl.Expr:
    """Return the direction of a change or of a slope: a text, by the p-value of none."""
    return (
        pl.when(number.is_null() | p_value.is_null())
        .then(pl.lit(UNKNOWN))
        .when(p_value >= level)
        .then(pl.lit(NOT_CLEAR))
        .when(number > 0)
        .then(pl.lit(RISING))
        .otherwise(pl.lit(FALLING))
    )
