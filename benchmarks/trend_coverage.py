"""How often limits of a trend and of a change hold what is true, by simulation.

Nothing is timed, and no server runs. Estimates of `points` years are drawn about a true line, with
normal sampling errors of 0.7 to 1.1 points, which are known, and with `scatter`: years that truly
lie off the line, by so many points (standard deviation).
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from app.methods.joinpoints import bent, best, prefers_bend
from app.methods.regression import SCATTER_LEVEL, Lines, fit, residuals
from app.methods.trends import FEWEST_TO_LEAD
from app.methods.uncertainty import CONFIDENCE, Z
from benchmarks.tables import table

Numbers = NDArray[np.float64]

_ERRORS = (0.7, 1.1)  # points, as most states have
_POINTS = (3, 5, 7, 13)
_SCATTER = (0.0, 0.5, 1.0)  # points
_LEVEL = 30.0  # percent in the first year
_SLOPE = 0.5  # points a year
_JOINPOINTS = ((7, 3), (13, 6))  # years, and where the joinpoint is
_CHANGES = ((0.02, 0.02), (0.03, 0.0), (0.03, -0.03))  # before and after it, of the logarithm


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this simulation."""
    parser.add_argument("--runs", type=int, default=20_000, help="so many of each kind")
    parser.add_argument("--seed", type=int, default=1)


def run(options: argparse.Namespace, _folder: Path) -> None:
    """Simulate and print."""
    chance = np.random.default_rng(options.seed)
    kinds = [(points, scatter) for points in _POINTS for scatter in _SCATTER]
    rows = [
        [str(points), f"{scatter:g}", *map(_share, slopes(points, scatter, options.runs, chance))]
        for points, scatter in kinds
    ]
    names = ["slope", "scatter found", "slope in 1.3", "change", "false directions"]
    table(["points", "scatter", *names], rows)
    print()
    rows = [
        [str(years), *(f"{100 * np.expm1(change):+.1f}" for change in changes), *map(_share, found)]
        for years, place in _JOINPOINTS
        for changes in _CHANGES
        for found in [percentages(years, place, changes, options.runs, chance)]
    ]
    names = ["before, given", "after, given", "chosen", "last, after the choice"]
    table(["years", "APC before", "APC after", *names], rows)


def slopes(points: int, scatter: float, runs: int, chance: np.random.Generator) -> list[float]:
    """Return how often limits of the slope hold, scatter is found, and others hold.

    These are the limits of the slope in version 1.3, which always were t with a Birge ratio of 1 or
    more, and those of the change between the first and the last year. The last is how often a
    direction is told where there is no slope.
    """
    x = np.arange(points, dtype=float)
    error = chance.uniform(*_ERRORS, (runs, points))
    true = _LEVEL + _SLOPE * x + scatter * chance.standard_normal((runs, points))
    y = true + error * chance.standard_normal((runs, points))
    found = fit(x, y, error)
    line = residuals(x, y, error)
    chi2 = line.largest * (line.weight * line.left**2).sum(axis=1)
    birge = np.sqrt(np.maximum(1, chi2 / (points - 2)))
    reach = stdtrit(points - 2, 0.975) * birge / np.sqrt(line.largest * line.spread)
    off = (y[:, -1] - y[:, 0]) - (true[:, -1] - true[:, 0])
    change = np.abs(off) <= Z * np.hypot(error[:, 0], error[:, -1])
    flat = fit(x, y - _SLOPE * x, error)
    moved = (y[:, -1] - y[:, 0] - _SLOPE * x[-1]) / np.hypot(error[:, 0], error[:, -1])
    by_change = 2 * ndtr(-np.abs(moved))
    level = 1 - CONFIDENCE
    if points < FEWEST_TO_LEAD:
        told = by_change < level
    else:
        told = (flat.p_value < level / 2) | (by_change < level / 2)
    held = [
        _held(found, _SLOPE),
        found.scatter_p < SCATTER_LEVEL,
        np.abs(line.slope - _SLOPE) <= reach,
        change,
        told,
    ]
    return [float(of.mean()) for of in held]


def percentages(
    years: int, place: int, changes: tuple[float, float], runs: int, chance: np.random.Generator
) -> list[float]:
    """Return how often limits of annual percentage changes hold, and a joinpoint is chosen.

    Of the change before and after a joinpoint that is given, then the share of runs in which the
    weighted BIC chooses one, and how often the limits hold that are told of the last year.
    """
    x = np.arange(years, dtype=float)
    true = _LEVEL * np.exp(
        changes[0] * np.minimum(x, place) + changes[1] * np.maximum(x - place, 0)
    )
    error = chance.uniform(*_ERRORS, (runs, years))
    y = true + error * chance.standard_normal((runs, years))
    logarithm, relative = np.log(y), error / y
    given = bent(x, logarithm, relative, np.full(runs, place))
    one, two = (
        fit(x, logarithm, relative),
        bent(x, logarithm, relative, best(x, logarithm, relative)),
    )
    chosen = prefers_bend(two.share, np.full(runs, float(years)))
    told = np.where(chosen, _held(two.after, changes[1]), _held(one, changes[1]))
    held = [_held(given.before, changes[0]), _held(given.after, changes[1]), chosen, told]
    return [float(of.mean()) for of in held]


def _held(lines: Lines, slope: float) -> NDArray[np.bool_]:
    return (lines.low <= slope) & (slope <= lines.high)


def _share(part: float) -> str:
    return f"{100 * part:.1f} %"


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(prog="python -m benchmarks.trend_coverage")
    add_options(_parser)
    run(_parser.parse_args(sys.argv[1:]), Path())
