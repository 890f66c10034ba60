"""What a query takes for a level: CDC's own row, of one year, marked by how precise it is."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from app.methods.estimates import latest_of_each
from app.methods.presentation import effective_size, with_presentation
from app.methods.uncertainty import STANDARD_ERROR, limits
from app.statistics.parameters import read
from app.statistics.query import Query
from app.statistics.query_parameters import QueryParameters
from unittests.helpers.data import release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import Z, ask, dicts, recorded, refuses

QUERY = Query()
AGES = ("18 - 24", "25 - 34")


def one(**body: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the one row of an answer over CDC's release, and its warnings."""
    table = ask(QUERY, release(), **body)
    (cells,) = dicts(table)
    return cells, table.about["warnings"]


def logit(column: str) -> pl.Expr:
    """Return percentages on the logit scale."""
    return (pl.col(column) / (100 - pl.col(column))).log()


@pytest.mark.parametrize("category", ["Age (years)", None])
@pytest.mark.parametrize("method", ["sample_weighted", "inverse_variance", "national"])
def test_strata_of_a_category_are_answered_by_the_row_of_total(
    method: str, category: str | None
) -> None:
    # Pooled by sample size, ages made 25.25 (24.91-25.59) of it.
    where = {"year": 2020} | ({"category": category} if category else {})
    if method != "national":
        where |= {"state": "US"}
    cells, warnings = one(question="Q047", method=method, where=where)
    figures = [cells[name] for name in ("value", "low", "high", "interval", "strata")]
    assert figures == [23.5, 23.2, 23.8, "published", "Total"]
    is_told = any("samples are no shares of the population" in text for text in warnings)
    assert is_told or (method, category) == ("national", None)


def test_grouped_by_category_the_row_of_total_stands_for_each() -> None:
    where = {"state": "US", "year": 2020, "category": ["Sex", "Income"]}
    body = {"question": "Q047", "method": "sample_weighted", "group_by": ["category"]}
    table = ask(QUERY, release(), where=where, **body)
    told = [(cells["category"], cells["value"]) for cells in dicts(table)]
    assert told == [("Sex", 23.5), ("Income", 23.5)]
    assert table.about["dataset_rows_used"] == 1
    where |= {"stratum": ["Female", "Male", "$15,000 - $24,999"]}
    (sex, income) = dicts(ask(QUERY, release(), where=where, **body))
    assert (sex["value"], income["strata"]) == (23.5, "$15,000 - $24,999")


@pytest.mark.parametrize(
    ("category", "by_size", "by_precision"),
    [("Age (years)", 0.527, 0.581), ("Education", 0.730, 0.754)],
)
def test_intervals_of_pooled_strata_miss_the_row_of_total(
    category: str, by_size: float, by_precision: float
) -> None:
    # Why they are not pooled; the figures are in docs/statistics.md.
    there = pl.col("value").is_not_null(), pl.col("year_end") <= 2021
    rows = release().estimates.filter(*there).with_columns(error=STANDARD_ERROR)
    cell, n = ["question", "state", "year_start"], pl.col("sample_size")
    total = rows.filter(pl.col("category") == "Total").select(*cell, total="value")
    strata = rows.filter(pl.col("category") == category)
    spread = pl.col("error") / (pl.col("value") * (100 - pl.col("value")) / 100)
    pooled = strata.group_by(cell).agg(
        pl.len(),
        pl.col("unit").first(),
        value=(pl.col("value") * n).sum() / n.sum(),
        error=(pl.col("error") * n).pow(2).sum().sqrt() / n.sum(),
        precise=(logit("value") / spread**2).sum() / (1 / spread**2).sum(),
        spread=1 / (1 / spread**2).sum().sqrt(),
    )
    whole = pooled.filter(pl.col("len") == strata["stratum"].n_unique()).join(total, on=cell)
    low, high = limits(pl.col("value"), pl.col("error"))
    held = whole.select((low <= pl.col("total")) & (pl.col("total") <= high)).to_series()
    assert (held.len(), round(held.sum() / held.len(), 3)) == (3148, by_size)
    away = (logit("total") - pl.col("precise")).abs() / pl.col("spread")
    held = whole.select(away <= Z).to_series()
    assert round(held.sum() / held.len(), 3) == by_precision


def test_strata_that_are_not_everyone_are_never_put_together() -> None:
    both = {"method": "sample_weighted", "where": {"stratum": list(AGES)}}
    refuses(QUERY, release(), both, "18 - 24 and 25 - 34", "share of the population")
    refuses(QUERY, release(), both | {"group_by": ["category"]}, 'add "stratum" to "group_by"')
    told = ask(QUERY, release(), **both, question="Q036", group_by=["stratum"])
    assert {cells["interval"] for cells in dicts(told)} == {"computed"}  # over states


def test_a_mean_of_strata_has_no_interval() -> None:
    where = {"state": "US", "year": 2020, "category": "Sex"}
    cells, _ = one(question="Q047", method="mean", where=where)
    assert (cells["low"], cells["interval"]) == (
        None,
        "none: strata count the same, whatever their share of the people",
    )


def ages(state: str, **more: Any) -> list[Row]:
    return [row(state, 30.0, category="Age (years)", stratum=name, **more) for name in AGES]


def test_without_a_row_of_total_strata_are_refused_or_left_out() -> None:
    body = {"question": "Q036", "method": "sample_weighted", "group_by": ["state"]}
    refuses(QUERY, made(ages("Ohio")), body, "this dataset has none", "where.stratum")
    mixed = made([*ages("Ohio"), *ages("Utah"), row("Utah", 33.0)])
    table = ask(QUERY, mixed, **body)
    assert [(cells["state"], cells["value"]) for cells in dicts(table)] == [("Utah", 33.0)]
    reason = "of strata, which are not pooled, and there is no row of Total"
    assert table.about["excluded"] == {reason: 2}


def test_what_is_pooled_over_states_is_never_simply_to_be_shown() -> None:
    for method in ("overall", "sample_weighted", "inverse_variance"):
        cells, warnings = one(question="Q036", method=method, where={"year": 2021})
        assert cells["presentation"] == f"caution: pooled from {cells['rows_used']} rows", method
        assert any("no prevalence of the United States" in text for text in warnings), method


def test_without_a_year_the_latest_is_answered_and_told() -> None:
    mississippi, warnings = one(question="Q036", where={"state": "MS"})
    assert [mississippi[name] for name in ("value", "low", "high", "years")] == [
        *(40.1, 37.9, 42.2),
        "2023",
    ]
    (told,) = [text for text in warnings if "No year was asked for" in text]
    assert "the latest: 2023." in told
    then, warnings = one(question="Q036", where={"state": "MS", "year": 2021})
    assert [then[name] for name in ("value", "low", "high")] == [39.1, 37.1, 41.1]
    assert not any("year" in text for text in warnings)
    many, warnings = one(question="Q036", where={"state": "MS", "year": {"from": 2011, "to": 2021}})
    assert (round(many["value"], 1), many["rows_used"]) == (37.2, 11)
    assert "Values are averages over several years (column years), and of none of them." in warnings
    assert many["presentation"].startswith("caution: pooled from 11 rows")
    table = ask(QUERY, release(), question="Q036", where={"state": "MS"}, group_by=["year"])
    assert len(table.rows) == 13


def test_the_latest_year_is_of_what_is_asked() -> None:
    # Nothing was released of Kentucky in 2023; of all states, 2023 it is, and Kentucky has none.
    alone, _ = one(question="Q036", where={"state": "KY"})
    assert alone["years"] == "2022"
    table = ask(QUERY, release(), question="Q036", group_by=["state"])
    cells = {row["state"]: row for row in dicts(table)}
    assert (cells["Kentucky"]["status"], cells["Ohio"]["years"]) == ("not released", "2023")
    # Each question has a latest year of its own.
    every = ask(QUERY, release(), group_by=["question"], where={"state": "US"})
    years = {row["question"]: row["years"] for row in dicts(every)}
    expected = latest_of_each(release().estimates.filter(pl.col("value").is_not_null()))
    assert years == {text: period.text for text, period in expected.items()}
    assert len(set(years.values())) > 1


def test_parameters_that_were_recorded_without_a_year_can_be_read() -> None:
    old: dict[str, Any] = {
        "question": release().question("Q036").question.text,
        "group_by": ["state"],
        "where": {},
        "method": "overall",
        "sort": None,
        "limit": None,
    }
    assert recorded(QUERY, release(), **old) == {**old, "adjust": None}
    assert read(QueryParameters, old).where.year is None


def test_an_effective_sample_is_never_larger_than_the_sample() -> None:
    share, error = np.array([0.3, 0.3, 0.0, 0.3]), np.array([0.02, 0.001, 0.01, np.nan])
    size = np.array([900.0, 900.0, 70.0, 50.0])
    assert effective_size(share, error, size).tolist() == [0.21 / 0.02**2, 900, 70, 50]


def test_so_many_published_estimates_are_too_imprecise_to_show() -> None:
    # Another implementation flags 3,267 of them; limits of the rule before flagged 6,817.
    rows = release().estimates.filter(pl.col("value").is_not_null(), pl.col("year_end") <= 2021)
    marks = (
        with_presentation(rows.with_columns(error=STANDARD_ERROR))["presentation"]
        .str.split(":")
        .list.first()
    )
    assert dict(marks.value_counts().rows()) == {"show": 76_584, "withhold": 3_267}
