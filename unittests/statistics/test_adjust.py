"""Estimates that are standardised by age, in every statistic that has them."""

from math import hypot
from typing import Any

import pytest

from app.data_ingestor import DataIngestor
from app.methods.standardised import WEIGHTS
from app.statistics.change import Change
from app.statistics.compare import Compare
from app.statistics.query import Query
from app.statistics.ranking import Ranking
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import (
    ask,
    error_of,
    in_words,
    logit,
    named,
    refuses,
    two_sided,
)

ADJUST = {"adjust": "age2000"}
FIGURES = ("value", "low", "high")
# The weights of Klein and Schoenborn, to six decimals.
TOLD = (0.128810, 0.182648, 0.219077, 0.181652, 0.117542, 0.170271)


def by_hand(state: str, question: str = "Q047", year: int = 2021) -> tuple[float, float]:
    """Return the standardised estimate of a state, and its standard error."""
    rows = release().estimates.filter(
        question_id=question, year_start=year, state=state, category="Age (years)"
    )
    found = {stratum: figures for stratum, *figures in rows.select("stratum", *FIGURES).rows()}
    shares = dict(zip(WEIGHTS, TOLD, strict=True))
    value = sum(share * found[age][0] for age, share in shares.items())
    return value, hypot(*(share * error_of(*found[age]) for age, share in shares.items()))


def of_all_ages(state: str, *values: float | None, **more: Any) -> list[Row]:
    """Return the rows of a state by age, and that of everyone: the plain mean."""
    known = [value for value in values if value is not None]
    ages = [
        row(state, value, category="Age (years)", stratum=stratum, **more)
        for stratum, value in zip(WEIGHTS, values, strict=True)
    ]
    return [*ages, row(state, sum(known) / len(known), **more)]


def places() -> DataIngestor:
    """Return rows of three states by age, of which Guam lacks one."""
    return made(
        [
            *of_all_ages("Ohio", 10.0, 20.0, 30.0, 40.0, 50.0, 60.0),
            *of_all_ages("Utah", 60.0, 50.0, 40.0, 30.0, 20.0, 10.0),
            *of_all_ages("Guam", 20.0, 20.0, 20.0, None, 20.0, 20.0),
        ]
    )


def test_the_weights_are_those_of_2000() -> None:
    assert tuple(round(weight, 6) for weight in WEIGHTS.values()) == pytest.approx(TOLD, abs=1e-6)
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_ranks_move_when_ages_are_the_same() -> None:
    table = ask(Ranking(), release(), question="Q047", year=2021, **ADJUST)
    rows = named(table, "state")
    islands = rows["Virgin Islands"]
    assert (islands["crude_rank"], islands["rank"], islands["rank_change"]) == (18, 26, -8)
    for state in ("Virgin Islands", "Ohio"):
        cells, (value, error) = rows[state], by_hand(state)
        assert cells["value"] == pytest.approx(value, abs=1e-4)
        reach = (logit(cells["high"]) - logit(cells["low"])) / (2 * 1.959964)
        assert reach == pytest.approx(error / (value * (100 - value) / 100), rel=1e-3)
    assert islands["crude"] == 21.9
    assert table.about["national"]["value"] == pytest.approx(by_hand("National")[0], abs=1e-4)
    crude = named(ask(Ranking(), release(), question="Q047", year=2021), "state")
    assert {state: cells["rank"] for state, cells in crude.items()} == {
        state: cells["crude_rank"] for state, cells in rows.items()
    }
    assert table.about["dataset_rows_used"] == 6 * (len(rows) + 1)


def test_a_place_without_one_age_is_not_ranked_and_named() -> None:
    table = ask(Ranking(), places(), question="Q036", **ADJUST)
    assert sorted(table.column("state")) == ["Ohio", "Utah"]
    told = "Not standardised, for ages without an estimate: Guam (45 - 54)."
    assert told in table.about["warnings"]
    assert table.about["dataset_rows_used"] == 12


def test_ages_that_are_too_imprecise_to_stand_alone_are_named() -> None:
    start = (
        "Standardised with estimates by age which are marked as to withhold when they stand alone; "
        "the mark of the whole goes by its own error:"
    )
    where = {"question": "Q047", "where": {"state": "VI", "year": 2021}}
    table = ask(Query(), release(), **where, **ADJUST)
    assert f"{start} Virgin Islands 2021 (18 - 24, 65 or older)." in table.about["warnings"]
    assert table.column("presentation") == ["show"]
    islands: dict[Any, Any] = {
        Ranking(): {"question": "Q047", "year": 2021},
        Change(): {"question": "Q047", "state": "VI", "years": {"from": 2016, "to": 2021}},
        Compare(): {"states": ["VI", "OH"], "year": 2021},
    }
    for statistic, body in islands.items():
        for adjust in (ADJUST, {}):
            warnings = ask(statistic, release(), **body, **adjust).about["warnings"]
            told = [one for one in warnings if one.startswith(f"{start} Virgin Islands")]
            assert len(told) == bool(adjust)


def test_a_difference_of_standardised_estimates() -> None:
    table = ask(Compare(), release(), states=["VI", "OH"], year=2021, **ADJUST)
    cells = named(table, "question_id")["Q047"]
    (first, error), (second, other) = by_hand("Virgin Islands"), by_hand("Ohio")
    assert cells["difference"] == pytest.approx(first - second, abs=1e-4)
    score = (first - second) / hypot(error, other)
    assert cells["p_value"] == pytest.approx(two_sided(score), rel=2e-3)
    plain = ask(Compare(), release(), states=["VI", "OH"], year=2021)
    assert "standardised" in table.about["method"]
    assert "standardised" not in plain.about["method"]
    assert "crude (" in plain.about["method"]
    crude = named(plain, "question_id")
    assert cells["first_crude"] == crude["Q047"]["first"]
    assert cells["crude_difference"] == crude["Q047"]["difference"]


def test_a_change_that_lacks_an_age_is_told_as_that() -> None:
    ages = [
        of_all_ages("Guam", 20.0, 20.0, 20.0, last, 20.0, 20.0, year=year)
        for year, last in ((2020, 20.0), (2021, None))
    ]
    whole = [of_all_ages("Ohio", *(20.0,) * 6, year=year) for year in (2020, 2021)]
    data = made([one for rows in (*ages, *whole) for one in rows])
    body = {"question": "Q036", "state": "Guam", **ADJUST}
    told = "changed cannot be told: in 2021 some ages have no estimate."
    assert told in in_words(Change(), data, **body)
    assert "unele vârste" in in_words(Change(), data, "ro", **body)


def test_a_change_of_standardised_estimates() -> None:
    body = {"question": "Q047", "state": ["VI", "OH"], "years": {"from": 2012, "to": 2021}}
    table = ask(Change(), release(), **body, **ADJUST)
    cells = named(table, "state")["Ohio"]
    where = {"state": "OH", "year": [2012, 2021]}
    query = ask(
        Query(),
        release(),
        question="Q047",
        where=where,
        group_by=["year"],
        method="overall",
        **ADJUST,
    )
    first, last = (named(query, "year")[year] for year in ("2012", "2021"))
    assert cells["change"] == pytest.approx(last["value"] - first["value"], abs=2e-6)
    error = hypot(first["standard_error"], last["standard_error"])
    assert cells["standard_error"] == pytest.approx(error, rel=1e-4)
    crude = named(ask(Change(), release(), **body), "state")
    ohio: Any = {**body, "state": "OH", **ADJUST}
    told = in_words(Change(), release(), **ohio)
    assert "in Ohio, standardised by age, the share" in told
    for state, of_state in named(table, "state").items():
        assert of_state["crude_change"] == crude[state]["change"]
        assert of_state["missing"] is None or of_state["change"] is None
    assert table.about["dataset_rows_used"] % 6 == 0
    years = {"years": {"from": 2020, "to": 2020}}
    refuses(Change(), places(), {"question": "Q036", **ADJUST, **years}, "no other year")
    part = {"question": "Q036", "stratum": "Male", **ADJUST}
    refuses(Change(), release(), part, "for everyone in a place")


def test_a_query_has_standardised_beside_crude_estimates() -> None:
    where = {"state": ["OH", "FL", "US"], "year": [2021, 2022]}
    body = {"question": "Q047", "group_by": ["state", "year"], "where": where}
    table = ask(Query(), release(), **body, **ADJUST)
    rows = named(table, "state", "year")
    crude = named(ask(Query(), release(), **body), "state", "year")
    for state, year in (("Ohio", 2021), ("National", 2022), ("Florida", 2022)):
        cells = rows[state, str(year)]
        wanted = by_hand(state, year=year)
        assert (cells["value"], cells["standard_error"]) == pytest.approx(wanted, abs=1e-4)
        assert cells["crude"] == crude[state, str(year)]["value"]
        assert (cells["rows_used"], cells["interval"]) == (6, "computed")
    florida = rows["Florida", "2021"]
    assert (florida["value"], florida["status"]) == (None, "not released")
    assert florida["rows_not_released"] == 6


def test_a_query_over_places_is_the_mean_of_those_with_all_ages() -> None:
    data = places()
    table = ask(Query(), data, question="Q036", **ADJUST)
    (cells,) = named(table, "rows_used").values()
    means = [
        sum(weight * value for weight, value in zip(WEIGHTS.values(), values, strict=True))
        for values in ((10, 20, 30, 40, 50, 60), (60, 50, 40, 30, 20, 10))
    ]
    assert cells["value"] == pytest.approx(sum(means) / 2, abs=1e-6)
    assert (cells["rows_used"], cells["crude"]) == (12, 35.0)
    assert cells["sample_size"] == 12_000
    told = "Not standardised, for ages without an estimate: Guam 2020 (45 - 54)."
    assert told in table.about["warnings"]
    by_state = named(ask(Query(), data, question="Q036", group_by=["state"], **ADJUST), "state")
    guam = by_state["Guam"]
    assert (guam["value"], guam["crude"], guam["rows_suppressed"]) == (None, None, 1)


def test_what_cannot_be_standardised() -> None:
    data = release()
    one = {"question": "Q036", **ADJUST}
    refuses(Ranking(), data, {**one, "stratum": "Female"}, 'no estimates by age of "Female"')
    refuses(Ranking(), data, {**one, "adjust": "age1940"}, '"adjust" must be one of age2000')
    refuses(Ranking(), cdc_cut(), one, "no estimates for")
    refuses(Compare(), data, {"strata": ["Male", "Female"], **ADJUST}, 'goes with "states" alone')
    refuses(Query(), data, {**one, "method": "median"}, '"overall" and "national" alone')
    refuses(Query(), data, {**one, "group_by": ["stratum"]}, 'leave out "stratum"')
    refuses(Query(), cdc_cut(), one, "needs estimates by age", '"18 - 24", "25 - 34"')
    lacking = made(of_all_ages("Guam", 20.0, 20.0, 20.0, None, 20.0, 20.0))
    refuses(Ranking(), lacking, one, "no estimates of Q036 for states in each stratum of age")
