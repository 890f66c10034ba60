"""Straight lines through estimates of different precision, many at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Numbers = NDArray[np.float64]

FEWEST_POINTS = 3


class Lines(NamedTuple):
    """The slopes of many lines, their 95 % limits and p-values; NaN of fewer than three points."""

    slope: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers


def fit(x: Numbers, y: Numbers, error: Numbers) -> Lines:
    """Fit a line to each row of `y` (lines x points) by weighted least squares.

    `x` has the points' places; weights are 1/`error`^2, and a point whose error is NaN is none.
    Limits and two-sided p-values are from the t distribution with n-2 degrees of freedom. The
    standard error of a slope is that of the given errors, times the Birge ratio where that is over
    1: where points scatter about the line more than their errors say.
    """
    there = np.isfinite(error) & np.isfinite(y)
    with np.errstate(all="ignore"):  # what has too few points becomes NaN
        weight = np.where(there, 1 / error**2, 0.0)
        weight = weight / weight.max(axis=1, keepdims=True, initial=0.0)
        value = np.where(there, y, 0.0)
        total = weight.sum(axis=1, keepdims=True)
        from_x = np.where(there, x - (weight * x).sum(axis=1, keepdims=True) / total, 0.0)
        from_y = np.where(there, value - (weight * value).sum(axis=1, keepdims=True) / total, 0.0)
        spread = (weight * from_x**2).sum(axis=1)
        slope = (weight * from_x * from_y).sum(axis=1) / spread
        left = np.where(there, (from_y - slope[:, None] * from_x) / error, 0.0)
        freedom = there.sum(axis=1) - 2.0
        birge = np.sqrt(np.maximum(1.0, (left**2).sum(axis=1) / freedom))
        smallest = np.where(there, error, np.inf).min(axis=1, initial=np.inf)
        deviation = birge * smallest / np.sqrt(spread)
        reach = stdtrit(freedom, 0.975) * deviation
        p_value = 2 * stdtr(freedom, -np.abs(slope / deviation))
        enough = there.sum(axis=1) >= FEWEST_POINTS
        found = (slope, slope - reach, slope + reach, p_value)
        return Lines(*(np.where(enough, numbers, np.nan) for numbers in found))
