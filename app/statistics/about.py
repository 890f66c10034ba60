"""What the answers of several statistics say about their rows: `about`, and warnings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from app.data_ingestor import Question
from app.methods.estimates import usable
from app.methods.rounding import rounded
from app.statistics.table import Column
from app.statistics.wording import listed

CONFIDENCE = 0.95


def question_fields(question: Question) -> dict[str, str]:
    """Return a question as `about` has it."""
    return {"id": question.id, "text": question.text}


def rows_of(frame: pl.DataFrame, columns: Sequence[Column]) -> list[list[Any]]:
    """Return the rows of a frame under these columns, its numbers rounded."""
    return [
        [rounded(cell) if isinstance(cell, float) else cell for cell in row]
        for row in frame.select(column.name for column in columns).iter_rows()
    ]


def withheld(rows: pl.DataFrame) -> tuple[int, int]:
    """Return how many rows are suppressed, and how many are filled."""
    counts = rows.select(pl.col("value").is_null().sum(), pl.col("filled").sum().alias("filled"))
    suppressed, filled = counts.row(0)
    return suppressed, filled


def about(
    statistic: str,
    method: str,
    subject: Mapping[str, Any],
    *,
    years: str,
    stratum: str | None,
    used: pl.DataFrame,
    matched: pl.DataFrame,
    warnings: Sequence[str],
) -> dict[str, Any]:
    """Return what every table tells.

    `matched` are the rows that were asked for, `used` those of them that the answer is made of.
    """
    suppressed, filled = withheld(matched)
    return {
        "statistic": statistic,
        **subject,
        "method": method,
        "years": years,
        "stratum": stratum,
        "confidence": CONFIDENCE,
        "dataset_rows_used": used.height,
        "rows_suppressed": suppressed,
        "rows_filled": filled,
        "warnings": list(warnings),
    }


def only_used(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that may be used, in order of `record`."""
    return rows.filter(usable()).sort("record")


def weaknesses(found: pl.DataFrame) -> list[str]:
    """Return the warnings that estimates, as `cells.estimates` has them, deserve."""
    warnings = []
    several = found.filter(pl.col("rows") > 1)
    if several.height:
        most = several.select(pl.col("rows").max()).item()
        warnings.append(
            f"{several.height} of {found.height} estimates are plain means of several rows (up to "
            f"{most}) of one cell, which may be copies of the same people: they have no confidence "
            "limits and no sample size."
        )
    bare = found.filter((pl.col("rows") == 1) & pl.col("error").is_null()).height
    if bare:
        warnings.append(
            f"{bare} of {found.height} estimates have no confidence limits that a standard error "
            "can be read from."
        )
    return warnings


def whole_period(found: pl.DataFrame) -> list[str]:
    """Return the warning that `cells.periods` without single years deserve."""
    if found.filter(pl.col("year_start") == pl.col("year_end")).height:
        return []
    return ["The dataset has no single years: an estimate covers the whole period."]


def absent(there: pl.DataFrame, wanted: Iterable[str], years: str) -> list[str]:
    """Return the warning that some states are without an estimate in these years."""
    missing = sorted(set(wanted) - set(there["state"].cast(pl.String)))
    return [f"No usable estimate in {years}: {listed(missing)}."] if missing else []


def combined(first: str | None, second: str | None) -> str | None:
    """Return the reliability of what two estimates say together: that of the weaker one."""
    for mark in ("unreliable", "unknown"):
        weak = [
            f"{name} {text.removeprefix(mark + ': ')}"
            for name, text in (("first:", first), ("second:", second))
            if text is not None and text.startswith(mark)
        ]
        if weak:
            return f"{mark}: {'; '.join(weak)}"
    return None if None in (first, second) else "reliable"
