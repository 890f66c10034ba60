"""How sure the ranks of estimates are.

Klein, Wright and Wieczorek (2020): where intervals hold the true values of all K states at once,
with 95 % confidence, a state's rank is at least one more than the number of states whose intervals
lie wholly on the better side of its own, and at most K less the number wholly on the worse side;
and that is true of all states at once, with the same confidence.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from app.methods.uncertainty import CONFIDENCE, Z, limits


def with_rank_limits(states: pl.DataFrame, *, lower: bool) -> pl.DataFrame:
    """Return the states with `rank_low`, `rank_high` and `may_be_first`.

    A state without a standard error may truly have any value. It is never wholly better or worse
    than another, so the others' limits stay true with it among them; its own would mean nothing.
    """
    known = states["error"].is_not_null().to_numpy()
    ends = joint_limits(states)
    best, worst = (ends[0], ends[1]) if lower else (-ends[1], -ends[0])
    with np.errstate(invalid="ignore"):  # NaN, for no interval, is neither below nor above
        better = (worst[None, :] < best[:, None]).sum(axis=1)
        worse = (best[None, :] > worst[:, None]).sum(axis=1)
    there = pl.Series(known)
    low = pl.Series(better + 1, dtype=pl.Int64)
    high = pl.Series(states.height - worse, dtype=pl.Int64)
    return states.with_columns(
        pl.when(there).then(low).alias("rank_low"),
        pl.when(there).then(high).alias("rank_high"),
        pl.when(there).then(low == 1).alias("may_be_first"),
    )


def joint_limits(states: pl.DataFrame) -> NDArray[np.float64]:
    """Return the lower and the upper ends of intervals that hold all true values at once (95 %).

    Two rows of percentages, a column for each state; NaN for one without a standard error.
    """
    count = states["error"].count()
    level = CONFIDENCE ** (1 / max(1, count))
    wider = float(ndtri((1 + level) / 2)) / Z
    low, high = limits(pl.col("value"), pl.col("error") * wider)
    ends = states.select(low.alias("low"), high.alias("high"))
    return ends.to_numpy().astype(np.float64).T
