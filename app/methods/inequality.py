"""How unequal the strata of a place are, in one number: measures, and how sure they are.

Differences between estimates are partly noise, which makes measures that take them without their
sign too large. Drawing estimates anew from their errors (a parametric bootstrap) shows by how much:
what the draws add is taken off. docs/statistics.md has the formulas, their sources, how often the
limits hold the truth, and how exact they are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count as ints
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, expit, logit, ndtri

from app.methods.uncertainty import CONFIDENCE

Array = NDArray[np.float64]

DRAWS = 16_384
FEWEST_ORDERED = 3  # with two, a slope is their difference and no more

DISPARITY = "index of disparity"
DIFFERENCE = "mean difference"
VARIANCE = "between-group variance"
SLOPE = "slope index"
RELATIVE = "relative index"
CONCENTRATION = "concentration index"
_UNSIGNED = (DISPARITY, DIFFERENCE, VARIANCE)
_TAIL = (1 - CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata of one place, in their order, by estimates in their unit.

    `weights` add up to 1. `total` is the estimate of everyone, NaN for none. `reference` is the
    place of the stratum that others are measured against, None where that is the total. `errors`
    and `total_error` are standard errors, NaN where not known.
    """

    values: Array
    errors: Array
    weights: Array
    total: float
    total_error: float
    reference: int | None
    are_ordered: bool
    are_percentages: bool


class Measured(NamedTuple):
    """A measure, its value, and the 95 % limits of that; NaN for what there is not.

    `plain` is the measure of the estimates as they are, `bias` what is taken off: what their errors
    add to it. NaN where nothing is.
    """

    measure: str
    value: float
    low: float
    high: float
    plain: float
    bias: float


def midranks(weights: Array) -> Array:
    """Return where the middle of each stratum lies among all people, 0 being the lowest's end."""
    ranks: Array = np.cumsum(weights) - weights / 2
    return ranks


def _away(values: Array, reference: Array, strata: Strata) -> Array:
    apart = values - reference[..., None]
    away: Array = np.abs(apart, out=apart) @ strata.weights
    return away


def _disparity(values: Array, total: Array, strata: Strata) -> Array:
    return 100 * _away(values, total, strata) / np.where(total > 0, total, np.nan)


def _difference(values: Array, total: Array, strata: Strata) -> Array:
    reference = total if strata.reference is None else values[..., strata.reference]
    return _away(values, reference, strata)


def _variance(values: Array, _total: Array, strata: Strata) -> Array:
    mean = values @ strata.weights
    squares: Array = (values - mean[..., None]) ** 2 @ strata.weights
    return squares


def _slope(values: Array, _total: Array, strata: Strata) -> Array:
    away = midranks(strata.weights) - 0.5  # the mean of all midranks
    spread = strata.weights @ away**2  # 0 where all people are in one stratum, but for rounding
    slope: Array = values @ (strata.weights * away) / (spread or np.nan)
    return slope


def _relative(values: Array, total: Array, strata: Strata) -> Array:
    mean, half = values @ strata.weights, _slope(values, total, strata) / 2
    bottom, top = mean - half, np.clip(mean + half, 0, None)
    # A line that falls to nothing at its lower end: no ratio is too large for it.
    return np.divide(top, bottom, out=np.full_like(bottom, np.inf), where=bottom > 0)


def _concentration(values: Array, _total: Array, strata: Strata) -> Array:
    mean = values @ strata.weights
    apart = values @ (strata.weights * (2 * midranks(strata.weights) - 1))
    return np.divide(apart, mean, out=np.full_like(mean, np.nan), where=mean > 0)


_MEASURES: Mapping[str, Callable[[Array, Array, Strata], Array]] = MappingProxyType(
    {
        DISPARITY: _disparity,
        DIFFERENCE: _difference,
        VARIANCE: _variance,
        SLOPE: _slope,
        RELATIVE: _relative,
        CONCENTRATION: _concentration,
    }
)


class Draws:
    """Draws of a standard normal distribution, the same for all places with so many strata.

    They are spread evenly, not at random: of the i-th, the j-th is where the distribution leaves
    the fraction of i times the square root of the j-th prime below it (Richtmyer's sequence). So
    fewer draws will do.
    """

    def __init__(self) -> None:
        self._drawn: dict[int, Array] = {}

    def of(self, count: int) -> Array:
        """Return so many numbers in each row, a row for each draw."""
        if count not in self._drawn:
            primes = islice((n for n in ints(2) if all(n % one for one in range(2, n))), count)
            roots = np.sqrt(np.fromiter(primes, float))[:, None]
            self._drawn[count] = ndtri(roots * np.arange(1, DRAWS + 1) % 1).T
        return self._drawn[count]


def measured(strata: Strata, draws: Draws) -> Iterator[Measured]:
    """Yield the measures that these strata have, of which there are two or more."""
    names = list(_MEASURES)
    if not strata.are_ordered or len(strata.values) < FEWEST_ORDERED:
        names = list(_UNSIGNED)
    known = bool(np.isfinite(strata.errors).all())
    values, totals = _draws(strata, draws) if known else (np.zeros((0, 0)), np.zeros(0))
    differ = known and p_of_no_difference(strata) < 1 - CONFIDENCE
    for name in names:
        measure = _MEASURES[name]
        plain = float(measure(strata.values, np.array(strata.total), strata))
        drawn = measure(values, totals, strata) if known else np.array([np.nan])
        if not np.isfinite(plain) or np.isnan(drawn).any():
            yield Measured(name, np.nan, np.nan, np.nan, plain, np.nan)
        elif name in _UNSIGNED:
            yield _without_bias(name, plain, drawn, strata, differ=differ)
        else:
            yield Measured(name, plain, *_quantiles(drawn), plain, np.nan)


def p_of_no_difference(strata: Strata) -> float:
    """Return the p-value of no difference between the strata; NaN where errors are not known.

    It is of Cochran's Q, chi-squared with one degree of freedom less than there are strata.
    """
    scale = _Scale(strata.values, strata.errors, strata.are_percentages)
    if not scale.all_alike:
        scale = _Scale(strata.values, strata.errors, are_percentages=False)
    weights = scale.errors**-2
    middle = weights @ scale.values / weights.sum()
    return float(chdtrc(len(weights) - 1, weights @ (scale.values - middle) ** 2))


def _without_bias(
    name: str, plain: float, drawn: Array, strata: Strata, *, differ: bool
) -> Measured:
    """Return a measure less what noise adds to it.

    The draws are of estimates that have noise in them, and so have it twice: their lower limit is
    lowered by their bias twice. That shrinks as true differences grow, so the upper limit, to be on
    the safe side, is lowered once. Where the strata may all be the same, the lower limit is 0.
    """
    bias = float(drawn.mean()) - plain
    low, high = _quantiles(drawn)
    taken = bias
    if name == VARIANCE:  # known without drawing
        taken = float(strata.weights * (1 - strata.weights) @ strata.errors**2)
    value = max(0.0, plain - taken)
    low = max(0.0, low - 2 * bias) if differ else 0.0
    return Measured(name, value, min(low, value), max(high - bias, value), plain, taken)


def _quantiles(drawn: Array) -> tuple[float, float]:
    """Return the limits of the middle 95 % of some draws.

    These are draws themselves: between two of which one is infinite there is no number.
    """
    last = len(drawn) - 1
    beyond = round(_TAIL * last)
    ordered = np.partition(drawn, (beyond, last - beyond))
    return float(ordered[beyond]), float(ordered[last - beyond])


class _Scale:
    """Estimates on the scale where their errors lie evenly: a percentage's logit, or itself.

    A percentage of 0 or 100 has no logit, and stays itself.
    """

    def __init__(self, values: Array, errors: Array, are_percentages: bool) -> None:
        self._are_percentages = are_percentages
        self._logits = (values > 0) & (values < 100) & are_percentages
        shares = np.where(self._logits, values / 100, 0.5)
        self.values: Array = np.where(self._logits, logit(shares), values)
        steps = np.where(self._logits, 100 * shares * (1 - shares), 1.0)
        self.errors: Array = errors / steps

    @property
    def all_alike(self) -> bool:
        """Whether all are on one scale."""
        return bool(self._logits.all() or not self._logits.any())

    def drawn(self, normal: Array) -> Array:
        """Return what estimates may have been, from draws of a standard normal distribution."""
        scaled = self.errors * normal
        scaled += self.values
        if self._logits.all():  # in place, for there are many
            np.exp(np.negative(scaled, out=scaled), out=scaled)
            scaled += 1
            return np.divide(100, scaled, out=scaled)
        highest = 100.0 if self._are_percentages else None
        return np.where(self._logits, 100 * expit(scaled), np.clip(scaled, 0, highest))


def _draws(strata: Strata, draws: Draws) -> tuple[Array, Array]:
    """Return the strata drawn anew from their errors, a row for each draw, and the totals.

    Totals are drawn by themselves: how much of their error is that of each stratum is not known.
    """
    count = len(strata.values)
    normal = draws.of(count + 1)
    own = _Scale(strata.values, strata.errors, strata.are_percentages)
    whole = _Scale(np.array([strata.total]), np.array([strata.total_error]), strata.are_percentages)
    return own.drawn(normal[:, :count]), whole.drawn(normal[:, count:])[:, 0]
