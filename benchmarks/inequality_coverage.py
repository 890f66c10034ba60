"""How often the limits of measures of inequality hold the truth, by simulation.

Strata of one place, whose true percentages lie evenly about 30 on the logit scale, as far apart as
the table says; everyone is the mean of them by their sizes. Estimates are drawn anew in each run,
their standard errors are known. `mean` is that of the values, `unadjusted` before their bias is
taken off, each beside the true measure. Nothing is asked of a server.

python -m benchmarks inequality_coverage --runs 2000 --seed 1
"""

import argparse
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from app.methods import inequality
from app.methods.inequality import Array, Draws, Measured, Strata
from benchmarks.tables import number, progress, table

_MIDDLE = 0.30
_APART = {"zero": 0.0, "small": 0.08, "medium": 0.2, "large": 0.6}  # half the range, in logits
_ERROR = 1.0  # points, of a stratum of average size


class _Place(NamedTuple):
    """The truth of one place: the percentages of its strata, their errors, sizes and weights."""

    values: Array
    errors: Array
    sizes: Array
    weights: Array

    def seen(self, random: np.random.Generator) -> Strata:
        """Return the strata as one survey has them."""
        logits = logit(self.values / 100)
        slopes = self.values * (100 - self.values) / 100
        values = 100 * expit(logits + self.errors / slopes * random.standard_normal(len(logits)))
        # The error of a share is that of its logit times the slope where the estimate lies.
        errors = self.errors / slopes * values * (100 - values) / 100
        total_error = float(np.sqrt(self.sizes**2 @ errors**2))
        return self._strata(values, errors, float(self.sizes @ values), total_error)

    def truth(self) -> dict[str, float]:
        """Return the measures of the strata as they are."""
        total = float(self.sizes @ self.values)
        nothing = np.full_like(self.values, np.nan)
        strata = self._strata(self.values, nothing, total, np.nan)
        return {one.measure: one.plain for one in inequality.measured(strata, Draws())}

    def _strata(self, values: Array, errors: Array, total: float, total_error: float) -> Strata:
        return Strata(
            values=values,
            errors=errors,
            weights=self.weights,
            total=total,
            total_error=total_error,
            reference=None,
            are_ordered=True,
            are_percentages=True,
        )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strata", type=int, nargs="*", default=(2, 4, 8))


def run(options: argparse.Namespace, _folder: Path) -> None:
    """Simulate and print."""
    lines = []
    for count in options.strata:
        for apart, reach in _APART.items():
            progress(f"{count} strata, {apart} differences")
            lines += _lines(_place(count, reach), apart, options)
    progress("one stratum apart from the others")
    lines += _lines(_ONE_APART, "one apart", options)
    heads = ("measure", "strata", "differences", "true", "unadjusted", "mean", "coverage, %")
    table(heads, sorted(lines, key=lambda line: _ORDER.index(line[0])))


_ORDER = (
    inequality.DISPARITY,
    inequality.DIFFERENCE,
    inequality.VARIANCE,
    inequality.SLOPE,
    inequality.RELATIVE,
    inequality.CONCENTRATION,
)


def _place(count: int, reach: float) -> _Place:
    """Return strata of which the first is the largest: sizes as the squares of 1 to `count`."""
    squares = np.arange(count, 0, -1, dtype=np.float64) ** 2
    sizes: Array = squares / squares.sum()
    values: Array = 100 * expit(logit(_MIDDLE) + reach * np.linspace(-1, 1, count))
    errors: Array = _ERROR / np.sqrt(sizes * count)
    return _Place(values, errors, sizes, np.full(count, 1 / count))


# One stratum of six, whose estimate is exact, among others that are the same, some of them inexact.
_ONE_APART = _Place(
    np.array([28.6, 28.6, 28.6, 34.0, 28.6, 28.6]),
    np.array([0.84, 5.9, 5.8, 1.0, 6.0, 3.0]),
    np.array([0.6, 0.01, 0.02, 0.3, 0.02, 0.05]),
    np.full(6, 1 / 6),
)


def _lines(place: _Place, apart: str, options: argparse.Namespace) -> list[list[str]]:
    random = np.random.default_rng(options.seed)
    true, draws = place.truth(), Draws()
    found: dict[str, list[Measured]] = defaultdict(list)
    for _ in range(options.runs):
        for one in inequality.measured(place.seen(random), draws):
            found[one.measure].append(one)
    lines = []
    for measure, some in found.items():
        held = [one.low <= true[measure] + 1e-9 and true[measure] <= one.high for one in some]
        figures = (
            true[measure],
            fmean(one.plain for one in some),
            fmean(one.value for one in some),
            100 * fmean(held),
        )
        lines.append([measure, str(len(place.values)), apart, *map(number, figures)])
    return lines
