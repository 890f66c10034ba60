"""What a single estimate is told beside: the nation's, and that of the first comparable year.

It imports polars: statistics import it inside of functions.
"""

from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.places import NATION
from app.methods import breaks
from app.methods.contrasts import from_one
from app.methods.estimates import estimates, matching, single_year
from app.methods.rounding import rounded


def beside(
    dataset: DataIngestor, question: str, state: str, stratum: str, year: int
) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return what an estimate of a place and a year is told beside, and the nation's rows in that.

    `nation` and `first` are each None where there is none, else the other's `value`, `low` and
    `high`, and the `verdict` on this one: clearly `higher` or `lower`, by a test at 0.05 of two
    independent estimates, or not. `first` has its `year`, too.
    """
    category, name = dataset.stratum(stratum)
    names = {"question": question, "category": category, "stratum": name}
    rows = matching(dataset, **names, state=[state, NATION.name]).filter(single_year())
    found = estimates(rows, "state", "year_start")
    here = pl.col("state") == state
    one = found.filter(here, pl.col("year_start") == year)
    if one.is_empty():
        return {"nation": None, "first": None}, rows.clear()
    cdc_id = dataset.question(question).question.cdc_id
    there = found.filter(here)["year_start"].to_list()
    groups = breaks.segments(dataset.layout, [cdc_id], there, [category])
    first = next(group for group in groups if year in group)[0]
    nation = found.filter(~here, pl.col("year_start") == year)
    earlier = found.filter(here, pl.col("year_start") == first, pl.lit(first < year))
    told = _verdict(one, earlier)
    beside_it = {
        "nation": _verdict(one, nation),
        "first": None if told is None else {"year": first, **told},
    }
    return beside_it, rows.filter(~here, pl.col("year_start") == year)


def _verdict(one: pl.DataFrame, other: pl.DataFrame) -> dict[str, Any] | None:
    if other.is_empty():
        return None
    row = from_one(one, other).row(0, named=True)
    figures = {name: rounded(row[name]) for name in ("value", "low", "high")}
    return {**figures, "verdict": row["verdict"]}
