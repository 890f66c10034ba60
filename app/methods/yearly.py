"""The yearly estimates of states as arrays."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray


class Grid(NamedTuple):
    """Estimates by state (rows) and year (columns), ascending; NaN where there is none."""

    states: pl.Series
    years: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]


def grid(yearly: pl.DataFrame) -> Grid:
    """Return estimates that have the columns `state`, `year`, `value` and `error`, as arrays."""
    states = yearly["state"].unique(maintain_order=True)
    years = yearly["year"].unique().sort()
    cells = (
        states.to_physical().search_sorted(yearly["state"].to_physical()).to_numpy(),
        years.search_sorted(yearly["year"]).to_numpy(),
    )
    value = np.full((states.len(), years.len()), np.nan)
    error = value.copy()
    value[cells], error[cells] = yearly["value"].to_numpy(), yearly["error"].to_numpy()
    return Grid(states, years.to_numpy().astype(np.float64), value, error)
