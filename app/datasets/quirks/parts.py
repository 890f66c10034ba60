"""What the checks of `quirks` share: what they find, expressions over rows, and their wording.

The checks take the frame that `survey_rows.estimates` describes.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import polars as pl

from app.datasets.cells import Reading
from app.messages.message import counted


class Found(NamedTuple):
    """What a check found: how many rows it concerns (None: no rows of their own), and a message."""

    rows: int | None
    message: str


class Known(NamedTuple):
    """What is known of a dataset beside its rows.

    How its names were read, the ids of questions whose direction is not known, and the rows
    without an estimate, with their `status`: see `absence.with_status`.
    """

    reading: Reading
    undirected: frozenset[str]
    unestimated: pl.DataFrame


# Returns None where there is nothing to warn of.
Find = Callable[[pl.DataFrame, Known], Found | None]

# A value that CDC published, and not a constant in the place of one that CDC withheld.
IS_ESTIMATE = pl.col("value").is_not_null() & ~pl.col("filled")
HAS_STRATUM = (pl.col("category") != "") & (pl.col("stratum") != "")
SINGLE_YEAR = pl.col("year_start") == pl.col("year_end")

PERIOD = ("question", "year_start", "year_end", "state")
CELL = (*PERIOD, "category", "stratum")


def count(estimates: pl.DataFrame, which: pl.Expr) -> int:
    """Return how many rows fulfil a condition; one that is null for a row is not fulfilled."""
    return int(estimates.select(which.sum()).item())


def part_of(number: int, whole: int, noun: str) -> str:
    """Return `12 of 1,234 rows`, or `All 1,234 rows`."""
    return f"{number:,} of {counted(whole, noun)}" if number < whole else f"All {whole:,} {noun}s"


def some(names: Iterable[str], most: int = 5, between: str = ", ") -> str:
    """Return names in a row; beyond `most`, how many more there are."""
    listed = list(names)
    shown = between.join(listed[:most])
    return shown if len(listed) <= most else f"{shown} and {len(listed) - most:,} more"
