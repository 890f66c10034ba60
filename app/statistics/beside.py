"""What a single estimate is told beside: the nation's, and that of the first comparable year.

It imports polars: statistics import it inside of functions.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.datasets.places import NATION
from app.methods import breaks
from app.methods.contrasts import verdict_on
from app.methods.estimates import estimates, is_nation, matching, single_year
from app.methods.presentation import WITHHOLD
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
    cells = estimates(rows, "state", "year_start").iter_rows(named=True)
    found = {(one["state"], one["year_start"]): one for one in cells}
    one = found.get((state, year))
    if one is None:
        return {"nation": None, "first": None}, rows.clear()
    cdc_id = dataset.question(question).question.cdc_id
    there = [when for where, when in found if where == state]
    groups = breaks.segments(dataset.layout, [cdc_id], there, [category])
    group = next(group for group in groups if year in group)
    # Nor across a break that others only tell: a single sentence has no room for the doubt.
    first = next(
        one for one in group if not breaks.only_told(dataset.layout, cdc_id, [(one, year)])
    )
    nation = found.get((NATION.name, year)) if state != NATION.name else None
    told = _verdict(one, found[state, first]) if first < year else None
    beside_it = {
        "nation": _verdict(one, nation),
        "first": None if told is None else {"year": first, **told},
    }
    if beside_it["nation"] is None and state != NATION.name:  # it is not told
        return beside_it, rows.clear()
    # What the nation lacked in the first year matters where that is the nation's own.
    years = [year, first] if state == NATION.name else [year]
    of_nation = is_nation()
    return beside_it, rows.filter(of_nation, pl.col("year_start").is_in(years))


def _verdict(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if other is None or any(each["presentation"].startswith(WITHHOLD) for each in (one, other)):
        return None
    figures = {name: rounded(other[name]) for name in ("value", "low", "high")}
    return {**figures, "verdict": verdict_on(one, other)}
