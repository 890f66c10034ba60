"""How sure the ranks of estimates are.

All of it starts from which states are *clearly better* than which others, with one error rate of
5 % for all of these findings at once. A state's rank is then at least one more than the number of
states that are clearly better, and at most K less the number that are clearly worse; and that is
true of all states at once, with 95 % confidence. There are two ways to find them:

- `joint_region` (Klein, Wright and Wieczorek 2020): intervals that hold the true values of all K
  states at once; better is what lies wholly on the better side.
- `differences` (Mogstad, Romano, Shaikh and Wilhelm 2024, in one step): tests of all pairs, whose
  critical value is the 95 % quantile of the greatest |Zi - Zj| / sij where no two states differ.

Tests of the differences of one state alone have a smaller critical value: `marginal`.
"""

from math import log
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from app.datasets.measures import is_percent
from app.methods.uncertainty import CONFIDENCE, Z, inside, limits, slope_of_scale, to_scale

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

Method = Literal["joint_region", "differences"]

# So many draws, or fewer where pairs are so many that they would take longer than half a second.
_DRAWS, _FEWEST_DRAWS, _MOST_TERMS = 40_000, 1_000, 60_000_000
_BLOCK = 2_000  # draws at a time: what they need stays in the processor's cache
_SEED = 0  # fixed, so that the same question always has the same answer
# Normal deviates to integrate over what is the same on either side of 0, and their weights.
_GRID = np.linspace(0.0, 6.0, 121)
_WEIGHTS = np.exp(-(_GRID**2) / 2) * np.where(_GRID > 0, 2, 1)
_CLOSE_ENOUGH = 1e-6  # the last step to a critical value


class Marginal(NamedTuple):
    """The limits of the rank of one state, named beforehand; None without a standard error."""

    low: int | None
    high: int | None


def with_rank_limits(states: pl.DataFrame, method: Method, *, lower: bool) -> pl.DataFrame:
    """Return states that have a `rank` with `rank_low`, `rank_high` and two marks.

    `may_be_first`: no other is clearly better, so rank_low is 1. `worse_than_first`: each of those
    that are ranked first is clearly better.

    A state without a standard error may have any value. It is never clearly better or worse
    than another, so the others' limits stay true with it among them; its own would mean nothing.
    """
    better = clearly_better(states, method, lower=lower)
    known = pl.Series(states["error"].is_not_null())
    low = pl.Series(better.sum(axis=1) + 1, dtype=pl.Int64)
    high = pl.Series(states.height - better.sum(axis=0), dtype=pl.Int64)
    worse = pl.Series(better[:, (states["rank"] == 1).to_numpy()].all(axis=1))
    return states.with_columns(
        pl.when(known).then(low).alias("rank_low"),
        pl.when(known).then(high).alias("rank_high"),
        pl.when(known).then(low == 1).alias("may_be_first"),
        pl.when(known).then(worse).alias("worse_than_first"),
    )


def clearly_better(states: pl.DataFrame, method: Method, *, lower: bool) -> Flags:
    """Return, in a row for each state, which others are clearly better than it (K by K)."""
    if method == "joint_region":
        low, high = joint_limits(states)
        best, worst = (low, high) if lower else (-high, -low)
        with np.errstate(invalid="ignore"):  # NaN, for no interval, is neither below nor above
            return np.asarray(worst[None, :] < best[:, None])
    values, errors = on_scale(states)
    return beaten(values if lower else -values, errors, critical_of_all(errors))


def joint_limits(states: pl.DataFrame) -> Numbers:
    """Return the lower and the upper ends of intervals that hold all true values at once (95 %).

    Two rows of percentages, a column for each state; NaN for one without a standard error.
    """
    low, high = limits(pl.col("value"), pl.col("error") * joint_reach(states["error"].count()) / Z)
    ends = states.select(low.alias("low"), high.alias("high"))
    return ends.to_numpy().astype(np.float64).T


def joint_reach(count: int) -> float:
    """Return how many standard errors long, to either side, so many intervals must be."""
    level = CONFIDENCE ** (1 / max(1, count))
    return float(ndtri((1 + level) / 2))


def marginal(states: pl.DataFrame, state: str, *, lower: bool) -> Marginal:
    """Return the limits of the rank of one state, by tests of its differences alone."""
    place = int((states["state"] == state).arg_true()[0])
    values, errors = on_scale(states)
    if np.isnan(errors[place]):
        return Marginal(None, None)
    critical = critical_of_one(errors, place)
    better = beaten(values if lower else -values, errors, critical)
    low, high = 1 + int(better[place].sum()), states.height - int(better[:, place].sum())
    return Marginal(low, high)


def on_scale(states: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """Return values and standard errors, NaN for none, on a scale that all of the values have.

    That is the logit of percentages, where CDC's limits lie evenly; if one of them is 0 or 100,
    which have no logit, all of them stay in percent.
    """
    value, error = pl.col("value"), pl.col("error")
    evenly = states.select((inside(value) | ~is_percent()).all()).item()
    scaled = (to_scale(value), error / slope_of_scale(value)) if evenly else (value, error)
    both = states.select(scaled[0].alias("value"), scaled[1].alias("error"))
    values, errors = both.to_numpy().astype(np.float64).T
    return values, errors


def beaten(values: Numbers, errors: Numbers, critical: float | Numbers) -> Flags:
    """Return, in a row for each, which others have a value that is clearly lower (K by K)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = (values[:, None] - values[None, :]) / np.hypot(errors[:, None], errors[None, :])
        return np.asarray(scores > critical)


def critical_of_all(errors: Numbers) -> float:
    """Return the 95 % quantile of the greatest |Zi - Zj| / sij of all pairs, where none differ.

    Z are normal with these standard errors, and sij is that of Zi - Zj. NaN are left out. It is
    found by simulation, always of the same numbers; where all errors are equal, it is Tukey's.
    """
    errors = errors[~np.isnan(errors)]
    count = len(errors)
    if count < 2:
        return Z
    draws = min(_DRAWS, max(_FEWEST_DRAWS, _MOST_TERMS // (count * (count - 1) // 2)))
    random = np.random.default_rng(_SEED)
    greatest = np.zeros(draws)
    for start in range(0, draws, _BLOCK):
        most = greatest[start : start + _BLOCK]
        normal = random.standard_normal((count, len(most))) * errors[:, None]
        for row in range(count - 1):
            spread = np.hypot(errors[row], errors[row + 1 :])
            scores = np.abs(normal[row] - normal[row + 1 :]) / spread[:, None]
            np.maximum(most, scores.max(axis=0), out=most)
    return float(np.quantile(greatest, CONFIDENCE))


def critical_of_one(errors: Numbers, place: int) -> float:
    """Return the 95 % quantile of the greatest |Zi - Zj| / sij of the pairs of one place i.

    As `critical_of_all`, but by an integral: where Zi is given, the others are independent.
    """
    others = np.delete(errors, place)
    others = others[~np.isnan(others), None]
    if not others.size:
        return Z
    own = errors[place]
    spread = np.hypot(own, others)

    def excess(critical: float) -> float:
        reach = critical * spread
        within = ndtr((own * _GRID + reach) / others) - ndtr((own * _GRID - reach) / others)
        beyond = 1 - float(np.average(within.prod(axis=0), weights=_WEIGHTS))
        return log(beyond / (1 - CONFIDENCE))

    # It is between that of one pair and Bonferroni's of all pairs. Secants find it in a few steps,
    # for the logarithm falls nearly straight there.
    before, critical = Z, float(-ndtri((1 - CONFIDENCE) / 2 / others.size))
    earlier = excess(before)
    while abs(critical - before) > _CLOSE_ENOUGH:
        now = excess(critical)
        step = now * (critical - before) / (now - earlier)
        before, earlier, critical = critical, now, critical - step
    return critical
