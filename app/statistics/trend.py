"""How states changed over the years: a weighted line through the yearly estimates of each."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.methods import breaks
from app.methods.estimates import estimates, matching, single_year
from app.methods.rounding import rounded
from app.methods.trends import trends
from app.methods.years import span, spans
from app.statistics import about, fields
from app.statistics.table import Column, Table
from app.statistics.wording import among, listed, quantity

COLUMNS = (
    about.STATE,
    Column("kind", "text", '"state", "district", "territory" or "nation"'),
    Column("years", "text", "the first and the last year with an estimate"),
    Column("points", "integer", "how many years have an estimate"),
    Column("first", "number", "the estimate of the first year, in percent"),
    Column("last", "number", "the estimate of the last year, in percent"),
    Column("slope", "number", "change, in points a year"),
    Column("low", "number", "lower 95 % confidence limit of slope, in points a year"),
    Column("high", "number", "upper 95 % confidence limit of slope, in points a year"),
    Column("p_value", "number", "two-sided, of no change"),
    Column("from_national", "number", "slope minus that of the United States, in points a year"),
    Column("direction", "text", '"rising", "falling", "stable" (no clear change) or "unknown"'),
    about.RELIABILITY,
    about.ROWS_USED,
    Column("rows_suppressed", "integer", "how many rows have no value"),
    Column("rows_filled", "integer", "how many rows have a value though CDC withholds it"),
    Column("sample_size", "integer", "how many people were asked in all years"),
)

_YEARLY = ("state", "year", "value", "low", "high", "sample_size", "reliability")
_METHOD = (
    "Weighted least squares of the yearly estimates on the year, weights 1/se^2; t distribution "
    "with n-2 degrees of freedom; standard error times the Birge ratio where that is over 1. Each "
    "row stands for itself: nothing is corrected for the number of states."
)


def parse(body: Mapping[str, Any], dataset: DataIngestor) -> dict[str, Any]:
    """Return the canonical question: "question", "state", "stratum" and "years".

    Raises BadRequest for what cannot be asked, or not of this dataset.
    """
    fields.only(body, "question", "state", "stratum", "years")
    question = fields.question(body, dataset)
    states = fields.states(body, dataset)
    asked = {
        "question": question.text,
        "state": states,
        "stratum": fields.stratum(body, dataset),
        "years": _years(body),
    }
    every = {**asked, "years": {"from": None, "to": None}}
    what = f'{question.id} in the stratum "{asked["stratum"]}"'
    if states:
        what += f" for {listed(states)}"
    rows = _matched(dataset, every)
    if not rows.height and _rows(dataset, asked).height:
        raise BadRequest(f"this dataset has no single years of {what}; {fields.RELEASE}")
    fields.check_usable(rows, what)
    if not about.only_used(_matched(dataset, asked)).height:
        there = spans(about.only_used(rows)["year_start"])
        raise BadRequest(f"this dataset has {what} in other years only: {there}")
    return asked


def method(_asked: Mapping[str, Any]) -> str:
    """Return how the answer is computed."""
    return _METHOD


def sentence(asked: Mapping[str, Any]) -> str:
    """Return what is asked, in one sentence."""
    where = "each state" if asked["state"] is None else listed(asked["state"])
    first, last = asked["years"]["from"], asked["years"]["to"]
    when = (f" from {first}" if first else "") + (f" to {last}" if last else "")
    change = f"How did {quantity(asked['question'])} change in {where}"
    return f"{change}{when or ' over the years'}, {among(asked['stratum'])}?"


def used(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of the dataset that the answer is made of."""
    return about.only_used(_matched(dataset, asked))


def compute(dataset: DataIngestor, asked: Mapping[str, Any]) -> Table:
    """Return a row for each state, ascending, the nation last; `about.yearly` has the points."""
    question = dataset.question(asked["question"]).question
    matched = _matched(dataset, asked)
    yearly = estimates(matched, "state", "year_start").rename({"year_start": "year"})
    there = yearly["year"].unique().sort().to_list()
    found = trends(yearly, matched, asked["state"])
    warnings = [
        *breaks.warnings(question.id, there),
        *_gaps(yearly, found, there),
        *_unfitted(found),
        *about.weaknesses(yearly),
    ]
    told = about.about(
        "trend",
        _METHOD,
        {"question": about.told(question)},
        years=span(there[0], there[-1]),
        stratum=asked["stratum"],
        used=about.only_used(matched),
        matched=matched,
        warnings=warnings,
    )
    points = yearly.select(_YEARLY).iter_rows()
    told["yearly"] = {
        "columns": list(_YEARLY),
        "rows": [[rounded(c) if isinstance(c, float) else c for c in row] for row in points],
    }
    return Table(COLUMNS, about.rows_of(found, COLUMNS), told)


def _years(body: Mapping[str, Any]) -> dict[str, int | None]:
    years = {} if body.get("years") is None else body["years"]
    if not isinstance(years, Mapping) or not set(years) <= {"from", "to"}:
        raise BadRequest('"years" must be like {"from": 2011, "to": 2023}')
    first, last = fields.year(years, "from"), fields.year(years, "to")
    if first and last and first > last:
        raise BadRequest(f'"years" must not end before they begin: {first} to {last}')
    return {"from": first, "to": last}


def _rows(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    category, stratum = dataset.stratum(asked["stratum"])
    names = {"question": asked["question"], "category": category, "stratum": stratum}
    return matching(dataset, **names, state=asked["state"])


def _matched(dataset: DataIngestor, asked: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of single years that were asked for, used or not."""
    first, last = asked["years"]["from"], asked["years"]["to"]
    return _rows(dataset, asked).filter(
        single_year(),
        pl.lit(True) if first is None else pl.col("year_start") >= first,
        pl.lit(True) if last is None else pl.col("year_end") <= last,
    )


def _gaps(yearly: pl.DataFrame, found: pl.DataFrame, there: list[int]) -> list[str]:
    """Return the warnings about years without an estimate: of all states, of some."""
    warnings = []
    nowhere = set(range(there[0], there[-1] + 1)) - set(there)
    if nowhere:
        warnings.append(f"No estimate at all in {spans(nowhere)}: not asked, or not published.")
    by_state: dict[str, set[int]] = {}
    for state, year in yearly.select("state", "year").iter_rows():
        by_state.setdefault(state, set()).add(year)
    lacking = [
        f"{state} ({spans(set(there) - by_state.get(state, set()))})"
        for state in found["state"]
        if len(by_state.get(state, ())) < len(there)
    ]
    if lacking:
        warnings.append(f"Years without a usable estimate: {listed(lacking)}.")
    return warnings


def _unfitted(found: pl.DataFrame) -> list[str]:
    few = found.filter(pl.col("slope").is_null())["state"].to_list()
    if not few:
        return []
    return [
        f"Fewer than three years with an estimate and its standard error, so no trend: "
        f"{listed(few)}."
    ]
