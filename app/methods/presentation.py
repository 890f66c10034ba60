"""Whether an estimate is precise enough to be shown: NCHS's presentation standard for proportions.

Parker JD, Talih M, Malec DJ and others: National Center for Health Statistics Data Presentation
Standards for Proportions. Vital and Health Statistics 2(175), 2017. docs/statistics.md has the rule
and says what of it cannot be checked here.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

from app.datasets.units import PERCENT
from app.methods.uncertainty import CONFIDENCE

SHOW, CAUTION, WITHHOLD = "show", "caution", "withhold"

FEWEST_PEOPLE = 30
WIDEST_POINTS = 30
# Narrower than this an interval is precise enough, whatever it is of the value.
NARROW_POINTS = 5
WIDEST_RELATIVE = 130  # %
# Of fewer people CDC publishes no estimate of BRFSS.
CDC_FEWEST_PEOPLE = 50

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


def with_presentation(
    frame: pl.DataFrame, error: str = "error", doubts: Sequence[str | None] = ()
) -> pl.DataFrame:
    """Return a frame with `presentation`: "show", "caution: why", or "withhold: why".

    Columns `value`, `sample_size`, `unit`, and the one named `error`, which is the standard error
    of the value, in points. Null where there is no value. `doubts` has one more reason for caution
    for each row, None where there is none.
    """
    value, wrong, size = (_numbers(frame, name) for name in ("value", error, "sample_size"))
    effective = effective_size(value / 100, wrong / 100, size)
    low, high = clopper_pearson(value / 100, effective)
    width = 100 * (high - low)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative, of_rest = 100 * width / value, 100 * width / (100 - value)
        end = (value <= 0) | (value >= 100)
    broad = width >= WIDEST_POINTS
    narrow = broad | ~(width > NARROW_POINTS)
    coarse = ~narrow & (relative > WIDEST_RELATIVE)
    coarse_rest = ~narrow & (of_rest > WIDEST_RELATIVE) & np.isfinite(of_rest)
    few = size < FEWEST_PEOPLE
    flaws = _reasons(
        (few, lambda row: f"sample of {int(size[row])}, below {FEWEST_PEOPLE}"),
        (
            ~few & (effective < FEWEST_PEOPLE),
            lambda row: f"effective sample of {_one(effective[row])}, below {FEWEST_PEOPLE}",
        ),
        (
            broad,
            lambda row: f"exact interval of {_one(width[row])} points, {WIDEST_POINTS} or more",
        ),
        (
            coarse & (value <= 0),
            lambda row: f"exact interval of {_one(width[row])} points about a value of 0",
        ),
        (
            coarse & (value > 0),
            lambda row: (
                f"exact interval of {round(relative[row])} % of the value, over {WIDEST_RELATIVE} %"
            ),
        ),
    )
    cautions = _reasons(
        (
            size < CDC_FEWEST_PEOPLE,
            lambda row: f"sample of {int(size[row])}, below the {CDC_FEWEST_PEOPLE} of CDC",
        ),
        (end, lambda _: "a value of 0 or 100 %"),
        (
            coarse_rest,
            lambda row: (
                f"exact interval of {round(of_rest[row])} % of the complement, over "
                f"{WIDEST_RELATIVE} %"
            ),
        ),
        (np.isnan(size), lambda _: "no sample size"),
        (np.isnan(wrong) & ~end, lambda _: "no interval"),
        (np.array([one is not None for one in doubts], bool), lambda row: str(doubts[row])),
    )
    marks: list[str | None] = [SHOW] * frame.height
    for mark, reasons in ((CAUTION, cautions), (WITHHOLD, flaws)):
        for row, texts in reasons.items():
            marks[row] = f"{mark}: {'; '.join(texts)}"
    for row, unit in enumerate(frame["unit"].to_list()):
        if unit != PERCENT:
            marks[row] = f"{CAUTION}: no percentage, and the standard is for these"
    for row in np.flatnonzero(np.isnan(value)).tolist():
        marks[row] = None
    return frame.with_columns(pl.Series("presentation", marks, pl.String))


def to_withhold() -> pl.Expr:
    """Tell whether an estimate with `presentation` is marked as one to withhold."""
    return pl.col("presentation").str.starts_with(WITHHOLD)


def effective_size(share: Numbers, error: Numbers, size: Numbers) -> Numbers:
    """Return how many people of a simple random sample would tell as much: at most all of them.

    `share` is from 0 to 1, and `error` its standard error. At 0 and 1, which have none, it is the
    sample size; so it is where there is no error, and without a size what the error says.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = share * (1 - share) / error**2
    return np.where((share <= 0) | (share >= 1), size, np.fmin(size, simple))


def clopper_pearson(share: Numbers, size: Numbers) -> tuple[Numbers, Numbers]:
    """Return the exact 95 % limits (Clopper and Pearson 1934) of shares from 0 to 1.

    Sizes, and so how many have it, need not be whole.
    """
    having = share * size
    tail = (1 - CONFIDENCE) / 2
    with np.errstate(invalid="ignore"):
        low = betaincinv(having, size - having + 1, tail)
        high = betaincinv(having + 1, size - having, 1 - tail)
    return np.where(having <= 0, 0.0, low), np.where(having >= size, 1.0, high)


def _numbers(frame: pl.DataFrame, name: str) -> Numbers:
    """Return a column as numbers, NaN for null."""
    return frame[name].cast(pl.Float64).to_numpy()


def _reasons(*of: tuple[Flags, Callable[[int], str]]) -> dict[int, list[str]]:
    """Return the texts of those reasons that hold for a row, by its place."""
    found: dict[int, list[str]] = {}
    for holds, text in of:
        for row in np.flatnonzero(holds).tolist():
            found.setdefault(row, []).append(text(row))
    return found


def _one(number: np.float64) -> float:
    """Return a number with one decimal."""
    return float(np.round(number, 1))
