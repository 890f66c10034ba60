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
    _, first, row = np.unique(
        yearly["state"].to_physical().to_numpy(), return_index=True, return_inverse=True
    )
    years, column = np.unique(yearly["year"].to_numpy(), return_inverse=True)
    value = np.full((len(first), len(years)), np.nan)
    error = value.copy()
    value[row, column], error[row, column] = yearly["value"], yearly["error"]
    return Grid(yearly["state"].gather(first), years.astype(np.float64), value, error)
