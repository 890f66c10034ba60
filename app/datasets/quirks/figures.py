"""Quirks of the figures in the rows: withheld, filled in, missing, or not to be believed."""

import polars as pl

from app.datasets import validity
from app.datasets.absence import counts_of
from app.datasets.quirks.parts import IS_ESTIMATE, Found, Known, count, part_of, some
from app.messages.message import counted

_MOST_CONSTANTS = 3
_LEFT_OUT = (
    "The statistics with a table leave such rows out, the nine of the course count their values. "
    "Mend the file."
)


def filled_values(estimates: pl.DataFrame) -> Found | None:
    """Tell of values in the place of estimates that CDC withheld."""
    filled = (
        estimates.filter("filled")
        .group_by(pl.col("question_id").cast(pl.String))
        .agg(pl.len(), pl.col("value").unique().sort())
        .sort("question_id")
    )
    if filled.is_empty():
        return None
    rows = int(filled["len"].sum())
    named = some((f"{name}: {_constants(values)}" for name, _, values in filled.rows()), 12)
    return Found(
        rows,
        f"{counted(rows, 'row')} with a value where CDC withheld the estimate ({named}): it was "
        "filled in and measured nothing, and draws every mean that counts it towards itself. "
        "Leave these rows out.",
    )


def _constants(values: list[float]) -> str:
    if len(values) > _MOST_CONSTANTS:
        return f"{len(values)} values from {values[0]:g} to {values[-1]:g}"
    return ", ".join(f"{value:g}" for value in values)


def suppressed_rows(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of rows whose value is withheld."""
    rows = counts_of(known.unestimated).suppressed
    if not rows:
        return None
    return Found(
        rows,
        f"{part_of(rows, estimates.height, 'row')} suppressed, without a value: "
        "estimates of small samples are withheld, so small strata and small states are missing "
        "from means and rankings. Do not fill them in; say which are missing.",
    )


def unexplained_rows(estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of rows without a value where nobody can tell why."""
    rows = counts_of(known.unestimated).no_estimate
    if not rows:
        return None
    return Found(
        rows,
        f"{part_of(rows, estimates.height, 'row')} without a value, and whether it is withheld or "
        "was never released cannot be told: the file has no estimate of their place and period, "
        "and too few other rows to tell by; or no place has one of their stratum and period. Do "
        "not fill them in; say which are missing.",
    )


def missing_limits(estimates: pl.DataFrame) -> Found | None:
    """Tell of estimates that lack a confidence limit."""
    rows = count(estimates, IS_ESTIMATE & (pl.col("low").is_null() | pl.col("high").is_null()))
    if not rows:
        return None
    return Found(
        rows,
        f"{_of_estimates(estimates, rows)} without confidence limits: how far they may be off is "
        "not known, nor whether two of them really differ. Do not test or weight by precision "
        "with them.",
    )


def missing_sample_sizes(estimates: pl.DataFrame) -> Found | None:
    """Tell of estimates without a sample size."""
    rows = count(estimates, IS_ESTIMATE & pl.col("sample_size").is_null())
    if not rows:
        return None
    return Found(
        rows,
        f"{_of_estimates(estimates, rows)} without a sample size: one of fifty people looks like "
        "one of fifty thousand. Do not weight by sample size with them, nor call them reliable.",
    )


def _of_estimates(estimates: pl.DataFrame, rows: int) -> str:
    """Return `12 of 1,234 estimates`, or `All 1,234 estimates`."""
    return part_of(rows, count(estimates, IS_ESTIMATE), "estimate")


def unreadable_figures(estimates: pl.DataFrame) -> Found | None:
    """Tell of limits and sample sizes that are neither numbers nor empty."""
    rows = count(estimates, pl.col("unreadable"))
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with a confidence limit or a sample size that is no number: it "
        "is taken as missing, so errors and weights are made without it. Mend it in the file.",
    )


def limits_not_enclosing(estimates: pl.DataFrame) -> Found | None:
    """Tell of confidence limits that have the value on their wrong side."""
    wrong = (pl.col("low") > pl.col("value")) | (pl.col("high") < pl.col("value"))
    rows = count(estimates, wrong & ~validity.reversed_limits())
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with confidence limits that do not enclose the value: one of the "
        "three is wrong, so no standard error is read from them. Compare them with CDC's release.",
    )


def outside_percent(estimates: pl.DataFrame) -> Found | None:
    """Tell of values and limits that are no percentage."""
    rows = count(estimates, validity.outside_percent())
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with a value or a confidence limit below 0 or above 100 %: no "
        f"share of people can be that, and it distorts every mean that counts it. {_LEFT_OUT}",
    )


def samples_of_nobody(estimates: pl.DataFrame) -> Found | None:
    """Tell of values of a sample of fewer than one."""
    rows = count(estimates, validity.of_nobody())
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with a value and a sample size below 1: nobody was asked, or the "
        f"figure is wrong, and sums of sample sizes are wrong with it. {_LEFT_OUT}",
    )


def reversed_limits(estimates: pl.DataFrame) -> Found | None:
    """Tell of lower limits above their upper limits."""
    rows = count(estimates, validity.reversed_limits())
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with a lower confidence limit above the upper one: at least one "
        f"of them is wrong, and no standard error can be read from them. {_LEFT_OUT}",
    )


def copied_rows(estimates: pl.DataFrame) -> Found | None:
    """Tell of rows that repeat another one."""
    rows = count(estimates, pl.col("invalid") & (validity.why_invalid() == validity.COPY))
    if not rows:
        return None
    return Found(
        rows,
        f"{counted(rows, 'row')} with all names and figures of an earlier row: a mean counts such "
        "people twice. The statistics with a table use the first of them alone, the nine of the "
        "course count each. Remove the copies from the file.",
    )
