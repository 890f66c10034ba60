"""Straight lines through estimates of different precision, many at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, stdtr, stdtrit

from app.methods.uncertainty import CONFIDENCE, Z

Numbers = NDArray[np.float64]

FEWEST_POINTS = 3
SCATTER_LEVEL = 1 - CONFIDENCE  # of the chi2 test of the scatter about a line


class Lines(NamedTuple):
    """The slopes of many lines, their 95 % limits and p-values; NaN of fewer than three points.

    `scatter_p` is the p-value of the chi2 test that points scatter about their line as their
    errors say; where it is below `SCATTER_LEVEL`, limits and p-value allow for more.
    """

    slope: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers
    scatter_p: Numbers


class Residuals(NamedTuple):
    """What a line through each row of points leaves; points that are none have a weight of 0."""

    there: NDArray[np.bool_]
    weight: Numbers  # 1/error^2, over the greatest of its row
    largest: Numbers  # the greatest 1/error^2 of each row
    from_x: Numbers  # from the weighted mean of x
    spread: Numbers  # weighted sum of squares of from_x
    slope: Numbers
    left: Numbers  # y less the line


def residuals(x: Numbers, y: Numbers, error: Numbers) -> Residuals:
    """Fit a line to each row of `y` by weighted least squares; return it with what it leaves."""
    there = np.isfinite(error) & np.isfinite(y)
    with np.errstate(all="ignore"):  # what has too few points becomes NaN
        weight = np.where(there, 1 / error**2, 0.0)
        largest = weight.max(axis=1, initial=0.0)
        weight = weight / largest[:, None]
        value = np.where(there, y, 0.0)
        total = weight.sum(axis=1, keepdims=True)
        from_x = np.where(there, x - (weight * x).sum(axis=1, keepdims=True) / total, 0.0)
        from_y = np.where(there, value - (weight * value).sum(axis=1, keepdims=True) / total, 0.0)
        spread = (weight * from_x**2).sum(axis=1)
        slope = (weight * from_x * from_y).sum(axis=1) / spread
        left = np.where(there, from_y - slope[:, None] * from_x, 0.0)
    return Residuals(there, weight, largest, from_x, spread, slope, left)


def with_limits(slope: Numbers, deviation: Numbers, chi2: Numbers, freedom: Numbers) -> Lines:
    """Return slopes with limits, by what their standard errors are from the given errors alone.

    Limits and two-sided p-values are normal while a chi2 test of the scatter, with its `freedom`,
    does not reject what the errors say. Where it does, standard errors are times the Birge ratio,
    sqrt(chi2 / freedom), and from the t distribution.
    """
    with np.errstate(all="ignore"):
        scatter_p = chdtrc(freedom, chi2)
        wide = scatter_p < SCATTER_LEVEL
        deviation = np.where(wide, np.sqrt(chi2 / freedom), 1.0) * deviation
        reach = np.where(wide, stdtrit(freedom, (1 + CONFIDENCE) / 2), Z) * deviation
        score = -np.abs(slope / deviation)
        p_value = 2 * np.where(wide, stdtr(freedom, score), ndtr(score))
    return Lines(slope, slope - reach, slope + reach, p_value, scatter_p)


def fit(x: Numbers, y: Numbers, error: Numbers) -> Lines:
    """Fit a line to each row of `y` (lines x points) by weighted least squares.

    `x` has the points' places; weights are 1/`error`^2, and a point whose error is NaN is none.
    """
    line = residuals(x, y, error)
    with np.errstate(all="ignore"):
        chi2 = line.largest * (line.weight * line.left**2).sum(axis=1)
        deviation = 1 / np.sqrt(line.largest * line.spread)
        count = line.there.sum(axis=1)
        found = with_limits(line.slope, deviation, chi2, count - 2.0)
    return Lines(*(np.where(count >= FEWEST_POINTS, numbers, np.nan) for numbers in found))
