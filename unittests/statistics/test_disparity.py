"""Gaps and ratios between strata: against hand computation, and bad input."""

from math import exp, hypot, log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.methods.estimates import NOT_REPORTED
from app.methods.multiplicity import holm
from app.statistics.against import Against
from app.statistics.disparity import Disparity
from unittests.helpers.data import cdc_cut, dataset, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import (
    Z,
    answer,
    ask,
    error_of,
    named,
    refuses,
    sentence,
    two_sided,
)

DISPARITY = Disparity()

ESTIMATE = ("value", "low", "high")
AGES = ("18 - 24", "25 - 34", "35 - 44")


def aged(values: dict[str, float | None], state: str = "National", **more: Any) -> list[Row]:
    return [
        row(state, value, category="Age (years)", stratum=stratum, **more)
        for stratum, value in values.items()
    ]


@pytest.mark.parametrize("question", ["Q036", "Q043", "Q047"])
def test_gaps_and_ratios_of_real_rows(question: str) -> None:
    body = {"question": question, "category": "gender", "year": 2019, "reference": "male"}
    both = named(ask(DISPARITY, cdc_cut(), **body), "stratum")
    mine, its = both["Female"], both["Male"]
    errors = [error_of(*(cells[name] for name in ESTIMATE)) for cells in (mine, its)]
    joint = sqrt(errors[0] ** 2 + errors[1] ** 2)
    gap = mine["value"] - its["value"]
    assert (mine["reference"], mine["reference_value"]) == ("Male", its["value"])
    assert mine["gap"] == pytest.approx(gap, abs=1e-6)
    assert (mine["gap_low"], mine["gap_high"]) == pytest.approx(
        (gap - Z * joint, gap + Z * joint), abs=2e-6
    )
    assert mine["p_value"] == pytest.approx(two_sided(gap / joint), abs=1e-6)
    logs = log(mine["value"] / its["value"])
    spread = sqrt((errors[0] / mine["value"]) ** 2 + (errors[1] / its["value"]) ** 2)
    assert mine["ratio"] == pytest.approx(exp(logs), abs=1e-6)
    assert mine["ratio_low"] == pytest.approx(exp(logs - Z * spread), abs=1e-6)
    assert mine["ratio_high"] == pytest.approx(exp(logs + Z * spread), abs=1e-6)
    assert (its["gap"], its["ratio"]) == (0.0, 1.0)
    for name in ("gap_low", "gap_high", "ratio_low", "ratio_high", "p_value"):
        assert its[name] is None


def test_published_figures_come_out_as_they_are() -> None:
    table = ask(DISPARITY, cdc_cut(), question="Q036", category="Sex", state="AK", year=2011)
    male = named(table, "stratum")["Male"]
    figures = [male[name] for name in ("value", "low", "high", "sample_size", "presentation")]
    assert figures == [28.0, 24.9, 31.3, 1620, "show"]


def test_a_stratum_is_measured_against_everyone_in_its_place() -> None:
    body = {"question": "Q047", "category": "Education", "state": ["OH", "US"], "year": 2021}
    table = ask(DISPARITY, release(), **body)
    everyone = release().estimates.filter(
        question_id="Q047", year_start=2021, stratum="Total", state="Ohio"
    )
    figures = everyone.select("value", "low", "high").row(0)
    least = named(table, "state", "stratum")["Ohio", "Less than high school"]
    assert (least["reference"], least["reference_value"]) == ("Total", figures[0])
    joint = hypot(error_of(*figures), error_of(*(least[name] for name in ESTIMATE)))
    gap = least["value"] - figures[0]
    wanted = (gap, gap - Z * joint, gap + Z * joint, two_sided(gap / joint))
    told = [least[name] for name in ("gap", "gap_low", "gap_high", "p_value")]
    assert told == pytest.approx(wanted, abs=2e-6)
    assert any("is a part of Total" in warning for warning in table.about["warnings"])
    assert answer(DISPARITY, release(), **body, reference="total").rows == table.rows
    assert "Total" not in table.column("stratum")


def test_a_reference_that_is_chosen_from_the_data_has_no_test() -> None:
    body = {"question": "Q036", "category": "Race/Ethnicity", "state": ["VT", "OH"], "year": 2021}
    table = ask(DISPARITY, release(), **body, reference="Best")
    rows = named(table, "state", "stratum")
    assert rows["Vermont", "Hispanic"]["gap"] is not None
    for name in ("gap_low", "gap_high", "ratio_low", "ratio_high", "p_value"):
        assert set(table.column(name)) == {None}
    warnings = " ".join(table.about["warnings"])
    assert "they have neither limits nor p-values" in warnings
    assert "strata alone that have estimates: Ohio (7 of 8) and Vermont (5 of 8)." in warnings
    against = answer(DISPARITY, release(), **body, reference=rows["Ohio", "Asian"]["reference"])
    assert named(against, "state", "stratum")["Ohio", "Hispanic"]["p_value"] is not None


def test_strata_without_an_estimate_are_named_state_by_state() -> None:
    body = {"question": "Q036", "category": "Race/Ethnicity", "state": ["VT", "OH"], "year": 2021}
    rows = named(ask(DISPARITY, release(), **body), "state", "stratum")
    assert len(rows) == 16
    assert [key for key, row in rows.items() if row["status"] == "withheld"] == [
        ("Ohio", "Hawaiian/Pacific Islander"),
        ("Vermont", "Non-Hispanic Black"),
        ("Vermont", "Asian"),
        ("Vermont", "Hawaiian/Pacific Islander"),
    ]
    assert rows["Vermont", "Asian"]["value"] is None
    made_up = [*aged({"18 - 24": 20.0, "25 - 34": 25.0}, "Ohio"), *aged({"18 - 24": 2.0}, "Iowa")]
    body = {"question": "Q036", "category": "Age (years)", "state": ["Ohio", "Iowa"]}
    table = ask(DISPARITY, made(made_up), **body)
    assert named(table, "state", "stratum")["Iowa", "25 - 34"]["status"] == "no estimate"
    told = "No estimate, and why is not known: Iowa (25 - 34)."
    assert told in table.about["warnings"]


def test_the_reference_is_the_best_that_is_not_to_be_withheld() -> None:
    values: dict[str, float | None] = {"18 - 24": 20.0, "25 - 34": 25.0, "35 - 44": 25.0}
    rows = aged(values)
    table = ask(DISPARITY, made(rows), question="Q036", category="age (years)")
    assert set(table.column("reference")) == {"18 - 24"}
    assert any("favours extreme values" in warning for warning in table.about["warnings"])
    rows[0] = rows[0]._replace(sample_size=29)
    table = ask(DISPARITY, made(rows), question="Q036", category="age (years)")
    assert set(table.column("reference")) == {"25 - 34"}
    assert table.column("gap") == [-5.0, 0.0, 0.0]
    turned = [one._replace(question="Q043") for one in rows]
    table = ask(DISPARITY, made(turned), question="Q043", category="age (years)")
    assert set(table.column("reference")) == {"25 - 34"}
    named_one = {"question": "Q036", "category": "age (years)", "reference": "18 - 24"}
    table = ask(DISPARITY, made(rows), **named_one)
    assert "The reference's own estimate is too imprecise in: National." in table.about["warnings"]
    assert table.column("gap") == [0.0, 5.0, 5.0]


def test_each_state_has_its_own_reference_and_what_is_missing_is_told() -> None:
    rows = [
        *aged({"18 - 24": 20.0, "25 - 34": 25.0}, "Ohio"),
        *aged({"18 - 24": 30.0, "25 - 34": 21.0}, "Utah"),
        *aged({"18 - 24": 30.0}, "Iowa"),
        *aged({"18 - 24": None}, "Texas"),
    ]
    states = ["UT", "Ohio", "iowa", "TX", "Ohio"]
    body = {"question": "Q036", "category": "age (years)", "state": states}
    table = ask(DISPARITY, made(rows), **body)
    by_state = named(table, "state")
    assert list(by_state) == ["Iowa", "Ohio", "Utah"]
    assert (by_state["Ohio"]["reference"], by_state["Utah"]["reference"]) == (AGES[0], AGES[1])
    assert table.about["category"] == "Age (years)"
    # Of Texas there is no other row by which to tell why.
    assert (table.about["rows_suppressed"], table.about["rows_no_estimate"]) == (0, 1)
    assert "No usable estimate in 2020: Texas." in table.about["warnings"]
    assert "Only one stratum, so nothing to compare, in: Iowa." in table.about["warnings"]
    table = ask(DISPARITY, made(rows), **body, reference="25 - 34")
    assert named(table, "state")["Iowa"]["gap"] is None
    assert "No estimate of the reference, so no gaps, in: Iowa." in table.about["warnings"]


def test_what_was_not_reported_is_no_group_of_people() -> None:
    income = [
        row("National", 20.0 + n, category="Income", stratum=stratum)
        for n, stratum in enumerate((NOT_REPORTED, "Less than $15,000", "$75,000 or greater"))
    ]
    data = made(income)
    table = ask(DISPARITY, data, question="Q036", category="income")
    assert table.column("stratum") == ["Less than $15,000", "$75,000 or greater"]
    assert any(NOT_REPORTED in warning for warning in table.about["warnings"])
    assert table.about["dataset_rows_used"] == 2
    body = {"question": "Q036", "category": "income", "reference": NOT_REPORTED}
    refuses(DISPARITY, data, body, "must be Total or a stratum of Income")


def test_nothing_to_divide_by() -> None:
    rows = aged({"18 - 24": 0.0, "25 - 34": 25.0})
    rows[0] = rows[0]._replace(low=0.0, high=1.0)
    body = {"question": "Q036", "category": "Age (years)", "reference": "18 - 24"}
    table = ask(DISPARITY, made(rows), **body)
    older = named(table, "stratum")["25 - 34"]
    assert (older["gap"], older["ratio"], older["ratio_low"]) == (25.0, None, None)
    assert older["gap_low"] is not None


def test_rows_of_many_years_have_gaps_without_limits() -> None:
    rows = aged({"18 - 24": 20.0, "25 - 34": 25.0}, "Ohio", year=2011, until=2022)
    data = made([*rows, *(one._replace(sample_size=900) for one in rows)])
    table = ask(DISPARITY, data, question="Q036", category="Age (years)", state="Ohio")
    assert table.about["years"] == "2011-2022"
    assert all(cells["gap"] is not None for cells in named(table, "stratum").values())
    assert set(table.column("gap_low")) == set(table.column("p_value")) == {None}
    assert any("plain means of several rows" in warning for warning in table.about["warnings"])


values3 = st.lists(st.floats(5, 95).map(lambda number: round(number, 1)), min_size=3, max_size=3)


@settings(max_examples=2)
@given(values3)
def test_algebra(values: list[float]) -> None:
    rows = aged(dict(zip(AGES, values, strict=True)))
    body = {"question": "Q036", "category": "Age (years)", "reference": AGES[0]}
    table = answer(DISPARITY, made(rows), **body)
    turned = named(answer(DISPARITY, made(rows), **{**body, "reference": AGES[1]}), "stratum")
    straight = named(table, "stratum")[AGES[1]]
    assert turned[AGES[0]]["gap"] == -straight["gap"]
    assert turned[AGES[0]]["gap_low"] == -straight["gap_high"]
    assert turned[AGES[0]]["p_value"] == straight["p_value"]
    assert turned[AGES[0]]["ratio"] * straight["ratio"] == pytest.approx(1, abs=1e-4)


def test_what_cannot_be_asked() -> None:
    data = made([*aged({"18 - 24": 20.0, "25 - 34": 25.0}, "Ohio"), row("Ohio", 3.0)])
    good = {"question": "Q036", "category": "Age (years)", "state": "Ohio"}
    DISPARITY.ask(good, data)
    refuses(DISPARITY, data, {**good, "state": None}, '"state" is missing', "National")
    refuses(DISPARITY, data, {**good, "category": None}, '"category" is missing')
    refuses(DISPARITY, data, {**good, "category": "Total"}, "all adults")
    refuses(DISPARITY, data, {**good, "category": "Age"}, "unknown category")
    refuses(DISPARITY, data, {**good, "reference": "Male"}, "unknown stratum")
    refuses(DISPARITY, data, {**good, "state": []}, "an array of one or more names")
    refuses(DISPARITY, data, {**good, "state": ["Ohio", 3]}, "an array of one or more names")
    refuses(DISPARITY, data, {**good, "year": 2019}, "there are some in 2020")
    refuses(DISPARITY, data, {**good, "question": "Q043"}, "unknown question")
    one = made([*aged({"18 - 24": 20.0}), *aged({"18 - 24": 20.0, "25 - 34": 2.0}, "Ohio")])
    refuses(DISPARITY, one, {**good, "state": "US"}, "two strata of Age (years) in National")
    unknown = made(aged({"18 - 24": 20.0, "25 - 34": 25.0}, question="Q999"))
    body = {"question": "Q999", "category": "Age (years)"}
    refuses(DISPARITY, unknown, body, 'name a "reference"')
    assert ask(DISPARITY, unknown, **body, reference="25 - 34").column("gap") == [-5.0, 0.0]


def test_the_sentence() -> None:
    body = {"question": "Q036", "category": "Education", "state": ["OH", "TX"]}
    assert sentence(DISPARITY, dataset(), **body) == (
        "How far is each stratum of Education from the one that does best by the percent of adults "
        "aged 18 years and older who have obesity in Ohio and Texas in the latest year?"
    )


def test_gaps_are_clear_by_all_of_them_together() -> None:
    body = {"question": "Q036", "state": "OH", "year": 2023}
    of_all = {**body, "category": "Race/Ethnicity", "reference": "Non-Hispanic White"}
    rows = named(ask(DISPARITY, release(), **of_all), "stratum")
    black = rows["Non-Hispanic Black"]
    assert (black["p_value"], black["p_adjusted"]) == pytest.approx((0.0132, 0.0659), abs=5e-5)
    assert black["verdict"] == "no clear difference"
    assert rows["Asian"]["verdict"] == "lower"
    white = rows["Non-Hispanic White"]
    assert (white["p_adjusted"], white["verdict"]) == (None, None)
    # As one against the others has it, from the other side.
    others = {**body, "stratum": "Non-Hispanic White", "others": "strata"}
    opposite = {"higher": "lower", "lower": "higher"}
    for one in named(answer(Against(), release(), **others), "stratum").values():
        own = rows[one["stratum"]]
        assert own["p_adjusted"] == pytest.approx(one["p_adjusted"], abs=1e-6)
        assert own["verdict"] == opposite.get(one["verdict"], one["verdict"])


def test_a_gap_that_is_picked_is_clear_by_chance_5_times_in_100_at_most() -> None:
    # Where no two groups differ: the widest gap is called clear far more often than one named
    # beforehand, and that any is so called is what Holm's adjustment holds at 5 %.
    drawn = np.random.default_rng(1).normal(size=(4000, 6))
    gaps = np.abs(drawn[:, 1:] - drawn[:, :1]) / sqrt(2)
    smallest = [min(p for p in holm(list(map(two_sided, row))) if p is not None) for row in gaps]
    clear = np.array(smallest) < 0.05
    first = clear & (gaps.argmax(axis=1) == 0)
    assert 0.02 < clear.mean() <= 0.05
    assert first.mean() < 0.5 * clear.mean()


def test_groups_may_differ_because_they_are_of_different_ages() -> None:
    table = answer(DISPARITY, release(), question="Q036", category="Sex", state="OH")
    assert table.about["method"].endswith(
        "crude (not adjusted for age): places, years and groups may differ because their people "
        "are of different ages."
    )


def test_all_gaps_of_an_answer_are_one_family() -> None:
    body = {"question": "Q036", "category": "Race/Ethnicity", "year": 2023}
    table = ask(DISPARITY, release(), **body, state=["OH", "TX"])
    p_values = sorted(p for p in table.column("p_value") if p is not None)
    adjusted = sorted(p for p in table.column("p_adjusted") if p is not None)
    assert adjusted[0] == pytest.approx(min(1, len(p_values) * p_values[0]), abs=1e-5)
    best = ask(DISPARITY, release(), **body, state="OH", reference="best")
    assert set(best.column("p_adjusted")) == {None}
    assert set(best.column("verdict")) == {"unknown", None}
