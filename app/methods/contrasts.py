"""Differences and ratios of two independent estimates: side by side, or from a reference."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtr

from app.methods.multiplicity import holm
from app.methods.presentation import to_withhold
from app.methods.uncertainty import Z
from app.methods.verdicts import UNKNOWN, verdict


def differences(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with `difference`, `difference_low`, `difference_high` and `p_value`.

    Of `first` and `second`, with the standard errors `first_error` and `second_error`: the first
    minus the second, in their unit (of percentages, in points), with normal 95 % limits, variances
    added, and the two-sided p-value of no difference. Null where an error is.
    """
    first, first_error, second, second_error = (
        frame[name].to_numpy().astype(np.float64)  # NaN for null
        for name in ("first", "first_error", "second", "second_error")
    )
    difference = first - second
    with np.errstate(all="ignore"):
        error = np.sqrt(first_error**2 + second_error**2)
        found = {
            "difference": difference,
            "difference_low": difference - Z * error,
            "difference_high": difference + Z * error,
            "p_value": 2 * ndtr(-np.abs(difference / error)),
        }
    return frame.with_columns(
        pl.Series(name, numbers, pl.Float64, nan_to_null=True) for name, numbers in found.items()
    )


def from_one(one: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return each of the others, as `estimates` has them, with what `differences` adds.

    It is the one, a single row, minus the other. There are `p_adjusted`, after Holm for the number
    of others, and the `verdict` of it, too.
    """
    frame = differences(
        others.with_columns(
            pl.lit(one["value"].item(), pl.Float64).alias("first"),
            pl.lit(one["error"].item(), pl.Float64).alias("first_error"),
            pl.col("value").alias("second"),
            pl.col("error").alias("second_error"),
        )
    )
    adjusted = holm(frame["p_value"].to_list())
    return frame.with_columns(
        pl.Series("p_adjusted", adjusted, dtype=pl.Float64),
        pl.Series("verdict", map(verdict, frame["difference"], adjusted), dtype=pl.String),
    )


def verdict_on(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return the verdict on one estimate beside a single other, as `from_one` has it."""
    if one["error"] is None or other["error"] is None:
        return UNKNOWN
    difference = one["value"] - other["value"]
    error = sqrt(one["error"] ** 2 + other["error"] ** 2)
    return verdict(difference, 2 * float(ndtr(-abs(difference / error))))


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


def best(found: pl.DataFrame, *, lower: bool) -> pl.DataFrame:
    """Return the estimate of each state that does best, out of `estimates.estimates`.

    The lowest if `lower`, else the highest, of those not marked `withhold` while there are any.
    """
    order = pl.col("value") if lower else -pl.col("value")
    return found.sort("state", to_withhold(), order, "stratum").unique("state", keep="first")


def gaps(found: pl.DataFrame, references: pl.DataFrame, *, uncertain: bool) -> pl.DataFrame:
    """Return each stratum with its gap to the reference of its state, and its ratio to that.

    `found` and `references` are of `estimates.estimates`, the latter with one row for a state.
    Columns `reference`, `reference_value`, and those of `differences` (as `gap`) and `ratios`.
    Limits and p-values are there only if `uncertain`, and not for a reference itself, whose own gap
    is 0 and whose ratio is 1. Null where a state has none. `p_adjusted` is after Holm for the
    number of gaps, and so is the `verdict`.
    """
    chosen = references.select(
        "state",
        pl.col("stratum").alias("reference"),
        pl.col("value").alias("second"),
        pl.col("error").alias("second_error"),
    )
    joined = found.join(chosen, on="state", how="left").with_columns(
        pl.col("value").alias("first"), pl.col("error").alias("first_error")
    )
    compared = ratios(differences(joined)).rename(
        {
            "second": "reference_value",
            "difference": "gap",
            "difference_low": "gap_low",
            "difference_high": "gap_high",
        }
    )
    other = (pl.col("stratum") != pl.col("reference")).fill_null(value=True)
    limits = ("gap_low", "gap_high", "ratio_low", "ratio_high", "p_value")
    compared = compared.with_columns(
        *(pl.when(other & pl.lit(uncertain)).then(pl.col(name)) for name in limits),
        pl.when(other).then(pl.col("ratio")).otherwise(1.0).alias("ratio"),
    ).sort("state", "stratum")
    adjusted = holm(compared["p_value"].to_list())
    is_own = (compared["stratum"] == compared["reference"]).fill_null(value=False).to_list()
    verdicts = [
        None if own else verdict(gap, p)
        for own, gap, p in zip(is_own, compared["gap"].to_list(), adjusted, strict=True)
    ]
    return compared.with_columns(
        pl.Series("p_adjusted", adjusted, dtype=pl.Float64),
        pl.Series("verdict", verdicts, dtype=pl.String),
    )


def side_by_side(
    found: pl.DataFrame,
    by: str,
    side: str,
    names: Sequence[str] | Sequence[int],
    figures: Sequence[str] = ("low", "high", "error", "presentation"),
) -> pl.DataFrame:
    """Return the estimates of two sides in one row for each `by`, for `differences`.

    `side` is the column that has the two `names`. Columns `first` and `second`, which are the
    values, and `first_low`, `first_high`, `first_error`, `first_presentation`, and so on, for each
    of the `figures`. Null for a side without an estimate.
    """
    sides = []
    for place, name in zip(("first", "second"), names, strict=True):
        told = [pl.col(figure).alias(f"{place}_{figure}") for figure in figures]
        one = found.filter(pl.col(side) == name)
        sides.append(one.select(by, pl.col("value").alias(place), *told))
    return sides[0].join(sides[1], on=by, how="full", coalesce=True)
