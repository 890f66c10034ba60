"""Quirks of the years: questions asked in different ones, and states missing from some.

Rows of several years say nothing of single ones, and are left out.
"""

from collections import defaultdict

import polars as pl

from app.datasets.absence import NOT_RELEASED
from app.datasets.places import PLACES, Kind
from app.datasets.quirks.parts import (
    IS_ESTIMATE,
    SINGLE_YEAR,
    Found,
    Known,
    some,
)
from app.datasets.years import span, spans
from app.messages.message import counted

# A state's absence is news; most territories take part in some years only.
_PROMINENCE: tuple[Kind, ...] = ("nation", "state", "district", "territory", "unknown")
_MOST = 8


def different_years(estimates: pl.DataFrame) -> Found | None:
    """Tell of questions that were not asked in the same years."""
    asked = (
        estimates.filter(SINGLE_YEAR)
        .group_by("question_id")
        .agg(pl.col("year_start").unique().sort())
        .sort("question_id")
        .cast({"question_id": pl.String})
    )
    together: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, years in asked.iter_rows():
        together[tuple(years)].append(name)
    if len(together) < 2:
        return None
    named = some(
        (f"{some(names)} in {spans(years)}" for years, names in together.items()), _MOST, "; "
    )
    return Found(
        None,
        f"Questions are asked in different years ({named}): their means over all years are of "
        "different times. Compare questions over the years that they share.",
    )


def missing_states(estimates: pl.DataFrame) -> Found | None:
    """Tell of states without an estimate in a year in which a question was asked."""
    single = estimates.filter(SINGLE_YEAR).rename({"year_start": "year"})
    asked = single.select("question", "year").unique()
    there = single.filter(IS_ESTIMATE).select("question", "year", "state").unique()
    states = single.group_by("state").agg(pl.col("abbreviation").min())
    gaps = asked.join(states, how="cross").join(there, on=["question", "year", "state"], how="anti")
    if gaps.is_empty():
        return None
    by_year = gaps.group_by("state", "abbreviation", "year").agg(pl.len().alias("gaps"))
    by_year = by_year.join(asked.group_by("year").agg(pl.len().alias("asked")), on="year")
    by_state = by_year.group_by(
        pl.col("state").cast(pl.String), pl.col("abbreviation").cast(pl.String)
    ).agg(
        pl.col("gaps").sum(),
        pl.col("year").filter(pl.col("gaps") == pl.col("asked")).alias("whole"),
        pl.col("year").filter(pl.col("gaps") < pl.col("asked")).alias("part"),
    )
    ordered = sorted(by_state.iter_rows(), key=_prominence)
    named = some(
        (_years_of(state, whole, part) for state, _, _, whole, part in ordered), _MOST, "; "
    )
    return Found(
        None,
        f"{counted(by_state.height, 'place')} without an estimate in some years in which a "
        f"question was asked ({counted(gaps.height, 'gap')} of question, place and year): {named}. "
        "A mean over states then is of other states than in other years. Compare states over years "
        "that all of them have, and years over states that are in all of them.",
    )


def not_released(_estimates: pl.DataFrame, known: Known) -> Found | None:
    """Tell of places and years for which CDC released nothing."""
    rows = known.unestimated.filter(pl.col("status") == NOT_RELEASED)
    if rows.is_empty():
        return None
    periods = rows.select("state", "abbreviation", "year_start", "year_end").unique()
    by_state = periods.cast({"state": pl.String, "abbreviation": pl.String})
    by_place = by_state.sort("year_start", "year_end").group_by("state", "abbreviation")
    found = by_place.agg(pl.len(), pl.col("year_start"), pl.col("year_end")).rows()
    named = some((_periods_of(*row) for row in sorted(found, key=_prominence)), _MOST, "; ")
    told = set(periods.select(pl.col("state").cast(pl.String), "year_start").iter_rows())
    short = sorted(f"{state} {year}" for state, year in told & known.reading.layout.uncollected)
    why = (
        f"CDC says that too little was collected in {', '.join(short)}; of others, "
        if short
        else ""
    )
    return Found(
        rows.height,
        f"{counted(rows.height, 'row')} of places and years for which CDC released nothing, in no "
        f"stratum ({named}): {why}why is not known. National and means over states lack such "
        "states in these years. Do not take it for a small sample of one stratum; say that "
        "nothing was released.",
    )


def _periods_of(
    state: str, _abbreviation: str, _periods: int, first: list[int], last: list[int]
) -> str:
    """Return `Guam 2011-2013`."""
    if first == last:
        return f"{state} {spans(first)}"
    return f"{state} {', '.join(map(span, first, last))}"


def _prominence(row: tuple[str, str, int, list[int], list[int]]) -> tuple[int, int, str]:
    state, abbreviation, gaps, *_ = row
    place = PLACES.get(abbreviation)
    return _PROMINENCE.index(place.kind if place else "unknown"), -gaps, state


def _years_of(state: str, whole: list[int], part: list[int]) -> str:
    """Return `Guam 2011-2013, and for some questions 2015`."""
    texts = [spans(whole)] if whole else []
    if part:
        texts.append(f"for some questions {spans(part)}")
    return f"{state} {', and '.join(texts)}"
