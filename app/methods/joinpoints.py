"""Annual percentage change, with one joinpoint where the years show one.

A line through the logarithms of estimates rises by b a year, and the estimates by 100 (e^b - 1) per
cent: the annual percentage change (APC). With a joinpoint, two lines meet in one of the years. Kim,
Fay, Feuer and Midthune (2000) fit it by least squares, weighted by the errors; whether there is one
is chosen by the weighted BIC of Kim and others (2022).
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.methods.regression import Lines, Numbers, Residuals, fit, residuals, with_limits
from app.methods.yearly import grid

FEWEST_YEARS = 7  # with fewer, a joinpoint is not looked for, and no APC is told
_FEWEST_BESIDE = 2  # years before a joinpoint, and after it


class Bent(NamedTuple):
    """Of many rows of points: two lines that meet at one of the points, and what they explain."""

    before: Lines
    after: Lines
    share: Numbers  # of what a single line leaves, which these do not: the partial R^2


def bent(x: Numbers, y: Numbers, error: Numbers, place: NDArray[np.int64]) -> Bent:
    """Fit two lines that meet at a given place among the points to each row of `y`.

    Other arguments are as those of `regression.fit`. Limits and p-values are as if the place had
    been known beforehand.
    """
    line = residuals(x, y, error)
    fitted, size, bend = _bend(line, x, error, x[place][:, None])
    with np.errstate(all="ignore"):
        alone = (line.weight * line.left**2).sum(axis=1)
        left = line.left - bend[:, None] * fitted.left
        chi2 = line.largest * (line.weight * left**2).sum(axis=1)
        # The slope of the single line and the bend are uncorrelated, so their variances add.
        before, after = (
            with_limits(
                line.slope + part * bend,
                np.sqrt((1 / line.spread + part**2 / size) / line.largest),
                chi2,
                line.there.sum(axis=1) - 4.0,
            )
            for part in (-fitted.slope, 1 - fitted.slope)
        )
        return Bent(before, after, bend**2 * size / alone)


def best(x: Numbers, y: Numbers, error: Numbers) -> NDArray[np.int64]:
    """Return the point of each row where two lines that meet there leave the least; -1 for none.

    Arguments as those of `regression.fit`. At least two points are before it and after it, and a
    row has at least seven.
    """
    line = residuals(x, y, error)
    up_to: NDArray[np.int64] = np.cumsum(line.there, axis=1)
    after = up_to[:, -1:] - up_to
    allowed: NDArray[np.bool_] = line.there & (up_to > _FEWEST_BESIDE) & (after >= _FEWEST_BESIDE)
    allowed &= up_to[:, -1:] >= FEWEST_YEARS
    gains = np.full(y.shape, -np.inf)
    for place in np.flatnonzero(allowed.any(axis=0)):
        _, size, bend = _bend(line, x, error, x[place])
        gains[:, place] = np.where(allowed[:, place], bend**2 * size, -np.inf)
    return np.where(allowed.any(axis=1), gains.argmax(axis=1), -1)


def prefers_bend(share: Numbers, points: Numbers) -> NDArray[np.bool_]:
    """Tell whether the weighted BIC prefers a joinpoint that explains this share to none.

    WBIC(k) = ln(SSE(k) / n) + ((2 + R^2) k + 2) ln(n) / n, where R^2 is the partial one.
    """
    with np.errstate(all="ignore"):
        return np.log1p(-share) + (2 + share) * np.log(points) / points < 0


def _bend(
    line: Residuals, x: Numbers, error: Numbers, joint: Numbers
) -> tuple[Residuals, Numbers, Numbers]:
    """Return the hinge at a joint less its own line, its sum of squares, and the best bend."""
    hinge = residuals(x, np.where(line.there, np.maximum(x - joint, 0.0), np.nan), error)
    with np.errstate(all="ignore"):
        size = (line.weight * hinge.left**2).sum(axis=1)
        return hinge, size, (line.weight * hinge.left * line.left).sum(axis=1) / size


def annual_changes(yearly: pl.DataFrame) -> pl.DataFrame:
    """Return the annual percentage changes of each state, a row for each of its segments.

    `yearly` are estimates of each state and year. Columns `state`, `from`, `to`, `apc`, `apc_low`,
    `apc_high` (95 %, in percent a year), `apc_p_value`, and `joinpoint`: the year, null where there
    is none. No rows of states with fewer than seven years of estimates with an error, or with an
    estimate of 0.
    """
    whole, number = pl.Int64, pl.Float64
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"state": yearly["state"].dtype}
    schema |= {"from": whole, "to": whole, "apc": number}
    schema |= {"apc_low": number, "apc_high": number, "apc_p_value": number, "joinpoint": whole}
    states, years, value, error = grid(yearly)
    with np.errstate(all="ignore"):
        logarithm, relative = np.log(value), error / value
    there = np.isfinite(logarithm) & np.isfinite(relative)
    enough = (there.sum(axis=1) >= FEWEST_YEARS) & ~(value <= 0).any(axis=1)
    if not enough.any():
        return pl.DataFrame(schema=schema)
    one, joint = fit(years, logarithm, relative), best(years, logarithm, relative)
    two = bent(years, logarithm, relative, joint)
    chosen = prefers_bend(two.share, there.sum(axis=1).astype(np.float64))
    rows = []
    for place in enough.nonzero()[0]:
        own = years[there[place]].astype(int).tolist()
        year = int(years[joint[place]]) if chosen[place] else None
        parts = [(own[0], own[-1], one)]
        if year is not None:
            parts = [(own[0], year, two.before), (year, own[-1], two.after)]
        for first, last, lines in parts:
            slope, low, high, p_value, _ = (float(numbers[place]) for numbers in lines)
            changes = [float(100 * np.expm1(yearly_gain)) for yearly_gain in (slope, low, high)]
            rows.append([states[int(place)], first, last, *changes, p_value, year])
    return pl.DataFrame(rows, schema=schema, orient="row")
