"""Tells apart what the numbers of a row are: percent, a mean, a rate; crude or age-adjusted.

A question whose values are of several types is several questions here, so that no statistic ever
puts them together: the type stands behind its text, and behind its id. Values of no particular
type must be of one unit.
"""

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

from app.datasets.layouts import Layout
from app.datasets.units import NUMBER, PERCENT
from app.errors import DatasetError
from app.logs import one_line

# What CDC calls a value of no particular type.
_PLAIN = ("", "Value")
_SHARE = r"(?i)percent|prevalence"


def is_percent() -> pl.Expr:
    """Tell of a row whether its value is a percentage."""
    return pl.col("unit") == PERCENT


def named_measures(layout: Layout) -> Iterator[pl.Expr]:
    """Yield `question`, `question_id`, `value_type` and `unit` from what a file has of them."""
    text, written = pl.col("question"), pl.col("value_type")
    typed = ~written.is_in(_PLAIN)
    kind = pl.when(typed).then(written.str.to_lowercase()).otherwise(pl.lit(""))
    unit = _unit_of_row(layout, typed)
    said = pl.when(written.str.contains(_SHARE)).then(pl.lit(PERCENT)).otherwise(pl.lit(NUMBER))
    # The unit is told where the type does not tell it.
    both = pl.when(unit == said).then(kind).otherwise(pl.format("{}, {}", kind, unit))
    yield pl.when(typed).then(pl.format("{} ({})", text, both)).otherwise(text).alias("question")
    given = pl.col("value_type_id")
    suffix = pl.when(given != "").then(given).otherwise(written.str.replace_all(r"\W+", ""))
    of_type = pl.format("{}-{}", "question_id", suffix)
    yield pl.when(typed).then(of_type).otherwise("question_id").alias("question_id")
    yield kind.alias("value_type")
    yield unit.alias("unit")


def check_units(where: str, cells: pl.DataFrame) -> None:
    """Raise DatasetError for a question with values of several units but of no type.

    A unit that is not known, as of a suppressed value, is none of several.
    """
    units: dict[str, set[str]] = defaultdict(set)
    measured = cells.select("question", "value_type", "unit").unique()
    for question, value_type, unit in measured.rows():
        if unit and not value_type:
            units[question].add(unit)
    for question, found in sorted(units.items()):
        if len(found) > 1:
            named = " and ".join(one_line(unit[:40]) for unit in sorted(found))
            raise DatasetError(
                f'dataset {where}: question "{one_line(question[:200])}" has values in several '
                f"units, {named}, which would be mixed; keep the rows of one of them"
            )


def _unit_of_row(layout: Layout, typed: pl.Expr) -> pl.Expr:
    written = pl.col("unit")
    share = pl.col("question").str.contains(_SHARE)
    untyped: pl.Expr = pl.lit(layout.unit)
    if not layout.unit:
        untyped = pl.when(share).then(pl.lit(PERCENT)).otherwise(untyped)
    by_type = pl.when(pl.col("value_type").str.contains(_SHARE)).then(pl.lit(PERCENT))
    return (
        pl.when((written == "%") | (written.str.to_lowercase() == PERCENT))
        .then(pl.lit(PERCENT))
        .when(written != "")
        .then(written.str.to_lowercase())
        .when(typed)
        .then(by_type.otherwise(pl.lit(NUMBER)))
        .otherwise(untyped)
    )
