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

from app.methods.regression import Lines, Numbers, fit, judged, residuals
from app.methods.yearly import grid

FEWEST_YEARS = 7  # with fewer, a joinpoint is not looked for, and no APC is told
_FEWEST_BESIDE = 2  # years before a joinpoint, and after it


class Joined(NamedTuple):
    """Of many rows of points: where the best joinpoint is, and the line on either side of it."""

    place: NDArray[np.int64]  # of the joinpoint, among the points
    chosen: NDArray[np.bool_]  # whether the weighted BIC prefers it to a single line
    before: Lines
    after: Lines


def join(x: Numbers, y: Numbers, error: Numbers) -> Joined:
    """Fit two lines that meet at a point to each row of `y`; which point leaves the least.

    Arguments as those of `regression.fit`. Nothing is chosen in rows of fewer than seven points.
    """
    line = residuals(x, y, error)
    count = line.there.sum(axis=1)
    with np.errstate(all="ignore"):
        alone = (line.weight * line.left**2).sum(axis=1)  # what a single line leaves
        gains, sizes, bends = (np.full(y.shape, np.nan) for _ in range(3))
        left_of = np.cumsum(line.there, axis=1)  # points up to each
        for place in range(len(x)):
            hinge = np.where(line.there, np.maximum(x - x[place], 0.0), 0.0)
            fitted = residuals(x, np.where(line.there, hinge, np.nan), error)
            size = (line.weight * fitted.left**2).sum(axis=1)
            bend = (line.weight * fitted.left * line.left).sum(axis=1) / size
            allowed = (
                line.there[:, place]
                & (left_of[:, place] > _FEWEST_BESIDE)
                & (count - left_of[:, place] >= _FEWEST_BESIDE)
                & (count >= FEWEST_YEARS)
            )
            gains[:, place] = np.where(allowed, bend**2 * size, -np.inf)
            sizes[:, place], bends[:, place] = size, bend
        place = gains.argmax(axis=1)
        rows = np.arange(len(y))
        gain, size, bend = (found[rows, place] for found in (gains, sizes, bends))
        hinge = np.where(line.there, np.maximum(x - x[place][:, None], 0.0), np.nan)
        fitted = residuals(x, hinge, error)
        share = gain / alone  # the partial R^2 of the second line
        chosen = np.log1p(-share) + (2 + share) * np.log(count) / count < 0
        chosen &= np.isfinite(gain)
        chi2 = line.largest * (line.weight * (line.left - bend[:, None] * fitted.left) ** 2).sum(
            axis=1
        )
        # The slope of the single line and the bend are uncorrelated, so their variances add.
        sides = [
            judged(
                line.slope + part * bend,
                np.sqrt((1 / line.spread + part**2 / size) / line.largest),
                chi2,
                count - 4.0,
            )
            for part in (-fitted.slope, 1 - fitted.slope)
        ]
    found = np.isfinite(gain)
    before, after = (Lines(*(np.where(found, of, np.nan) for of in side)) for side in sides)
    return Joined(place, chosen, before, after)


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
    one, two = fit(years, logarithm, relative), join(years, logarithm, relative)
    rows = []
    for place in enough.nonzero()[0]:
        own = years[there[place]].astype(int).tolist()
        year = int(years[two.place[place]]) if two.chosen[place] else None
        parts = [(own[0], own[-1], one)]
        if year is not None:
            parts = [(own[0], year, two.before), (year, own[-1], two.after)]
        for first, last, lines in parts:
            slope, low, high, p_value, _ = (float(numbers[place]) for numbers in lines)
            changes = [float(100 * np.expm1(yearly_gain)) for yearly_gain in (slope, low, high)]
            rows.append([states[int(place)], first, last, *changes, p_value, year])
    return pl.DataFrame(rows, schema=schema, orient="row")
