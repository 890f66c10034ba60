"""Coefficients of correlation, with their limits and p-values."""

from collections.abc import Callable
from math import atanh, factorial, prod, sqrt, tanh
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtr

from app.methods.uncertainty import Z

Numbers = NDArray[np.float64]

FEWEST_PAIRS = 4  # limits divide by the number of pairs less 3
MOST_EXACT = 9  # pairs of which all orders are tried, 362,880
_ROUNDING = 1e-12


class Coefficient(NamedTuple):
    """A coefficient from -1 to 1, its 95 % limits and its two-sided p-value of no correlation.

    All are None for too few pairs, or where one side is constant; the limits are None where the
    coefficient is exactly 1 or -1. The p-value is exact there, and of few ranks.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


def pearson(x: Numbers, y: Numbers) -> Coefficient:
    """Return Pearson's r of pairs of numbers, with limits by Fisher's z."""
    return _coefficient(x, y, lambda _: 1.0)


def spearman(x: Numbers, y: Numbers) -> Coefficient:
    """Return Spearman's rho of pairs of numbers, with the limits of Bonett and Wright (2000).

    The p-value of at most MOST_EXACT pairs is exact: of the t distribution it would be much too
    small.
    """
    x, y = _ranks(x), _ranks(y)
    found = _coefficient(x, y, lambda r: 1 + r * r / 2)
    if found.value is None or len(x) > MOST_EXACT:
        return found
    return found._replace(p_value=_exact(x, y))


def without_each(x: Numbers, y: Numbers) -> Numbers:
    """Return what Pearson's r of pairs of numbers would be without each of them in turn.

    NaN where the others are too few, or one side of them is constant.
    """
    count = len(x)
    if count <= FEWEST_PAIRS:
        return np.full(count, np.nan)
    from_x, from_y = x - x.mean(), y - y.mean()

    def left(products: Numbers) -> Numbers:
        without: Numbers = products.sum() - products * count / (count - 1)
        return without

    left_x, left_y = left(from_x**2), left(from_y**2)
    spread = np.sqrt(np.clip(left_x, 0, None) * np.clip(left_y, 0, None))
    # Of others that are all equal nothing is left but rounding.
    enough = (left_x > _ROUNDING * (from_x**2).sum()) & (left_y > _ROUNDING * (from_y**2).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(enough, np.clip(left(from_x * from_y) / spread, -1, 1), np.nan)


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
    if 1 - abs(r) < _ROUNDING:
        return Coefficient(r, p_value=_exact_of_a_line(x, y))
    freedom = len(x) - 2
    p_value = 2 * float(stdtr(freedom, -abs(r) * sqrt(freedom / (1 - r * r))))
    reach = Z * sqrt(variance(r) / (len(x) - 3))
    return Coefficient(r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), p_value)


def _exact(x: Numbers, y: Numbers) -> float:
    """Return how many of all orders of y go together with x as closely as this one, as a share."""
    from_x, from_y = x - x.mean(), y - y.mean()
    products = from_y[_orders(len(y))] @ from_x
    reached = abs(float((from_x * from_y).sum()))
    return float((np.abs(products) >= reached * (1 - _ROUNDING)).mean())


def _orders(count: int) -> NDArray[np.int64]:
    """Return all orders of so many places, one in each row."""
    orders = np.zeros((1, 0), dtype=np.int64)
    for number in range(count):
        longer = [np.insert(orders, place, number, axis=1) for place in range(number + 1)]
        orders = np.concatenate(longer)
    return orders


def _exact_of_a_line(x: Numbers, y: Numbers) -> float:
    """Return the same of pairs that lie on a line, which is 2 / n! where no two are equal."""
    from_y = np.sort(y - y.mean())
    counts = np.unique(from_y, return_counts=True)[1]
    orders = prod(map(factorial, counts.tolist()))  # those that differ by equal numbers alone
    # A line that falls is there, too, if the numbers lie evenly about their mean.
    mirrored = bool(np.allclose(from_y, -from_y[::-1]))
    return (2 if mirrored else 1) * orders / factorial(len(x))


def _ranks(numbers: Numbers) -> Numbers:
    """Return ranks; equal numbers share the mean of theirs."""
    return pl.Series(numbers, dtype=pl.Float64).rank("average").to_numpy().astype(np.float64)
