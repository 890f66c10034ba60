"""Coefficients of correlation, with their limits and p-values."""

from collections.abc import Callable
from math import atanh, sqrt, tanh
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtr

from app.methods.uncertainty import Z

Numbers = NDArray[np.float64]

FEWEST_PAIRS = 4  # limits divide by the number of pairs less 3


class Coefficient(NamedTuple):
    """A coefficient from -1 to 1, its 95 % limits and its two-sided p-value of no correlation.

    All are None for too few pairs, or where one side is constant; the limits are None where the
    coefficient is exactly 1 or -1.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


def pearson(x: Numbers, y: Numbers) -> Coefficient:
    """Return Pearson's r of pairs of numbers, with limits by Fisher's z."""
    return _coefficient(x, y, lambda _: 1.0)


def spearman(x: Numbers, y: Numbers) -> Coefficient:
    """Return Spearman's rho of pairs of numbers, with the limits of Bonett and Wright (2000)."""
    return _coefficient(_ranks(x), _ranks(y), lambda r: 1 + r * r / 2)


def is_constant(numbers: Numbers) -> bool:
    """Return whether all numbers are the same; there must be at least one."""
    return bool(numbers.min() == numbers.max())


def _coefficient(x: Numbers, y: Numbers, variance: Callable[[float], float]) -> Coefficient:
    """Return the coefficient of n pairs; the variance of its z is `variance(r) / (n - 3)`."""
    if len(x) < FEWEST_PAIRS or is_constant(x) or is_constant(y):
        return Coefficient()
    from_x, from_y = x - x.mean(), y - y.mean()
    spread = sqrt(float((from_x**2).sum())) * sqrt(float((from_y**2).sum()))
    r = max(-1.0, min(1.0, float((from_x * from_y).sum()) / spread))
    if 1 - abs(r) < 1e-12:
        return Coefficient(r, p_value=0.0)
    freedom = len(x) - 2
    p_value = 2 * float(stdtr(freedom, -abs(r) * sqrt(freedom / (1 - r * r))))
    reach = Z * sqrt(variance(r) / (len(x) - 3))
    return Coefficient(r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), p_value)


def _ranks(numbers: Numbers) -> Numbers:
    """Return ranks; equal numbers share the mean of theirs."""
    return pl.Series(numbers, dtype=pl.Float64).rank("average").to_numpy().astype(np.float64)
