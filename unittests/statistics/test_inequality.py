"""Measures of inequality: against numpy alone, simulations, and bad input."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, gammaincc

from app.methods.estimates import NOT_REPORTED
from app.methods.inequality import Draws, Strata, measured, p_of_no_difference
from app.statistics.inequality import Inequality
from unittests.helpers.data import release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import answer, ask, error_of, named, refuses, sentence, two_sided

INEQUALITY = Inequality()
EDUCATION = {"question": "Q047", "category": "Education", "year": 2021}
SHARES = [10.0, 28.0, 30.0, 32.0]
AGES = ("18 - 24", "25 - 34", "35 - 44")


def figures(state: str, category: str) -> tuple[Any, Any, float]:
    """Return the estimates of Q047 in 2021, their errors, and the estimate of everyone."""
    rows = release().estimates.filter(question_id="Q047", year_start=2021, state=state)
    some = rows.filter(category=category).sort("stratum").select("value", "low", "high").rows()
    total = rows.filter(category="Total")["value"][0]
    return np.array([one[0] for one in some]), np.array([error_of(*one) for one in some]), total


def aged(values: dict[str, float | None], state: str = "National", **more: Any) -> list[Row]:
    return [
        row(state, value, category="Age (years)", stratum=stratum, **more)
        for stratum, value in values.items()
    ]


@pytest.mark.parametrize("weights", [None, SHARES])
def test_measures_of_real_strata(weights: list[float] | None) -> None:
    values, errors, total = figures("National", "Education")
    body: dict[str, Any] = dict(EDUCATION)
    if weights is not None:
        strata = release().estimates.filter(category="Education")["stratum"].unique().sort()
        body["shares"] = dict(zip(strata, weights, strict=True))
    table = ask(INEQUALITY, release(), **body)
    share = np.array(weights or [25.0] * 4) / 100
    mean = share @ values
    # A line through the strata, each at the middle of its people, by numpy.
    middles = np.cumsum(share) - share / 2
    slope, start = np.polyfit(middles, values, 1, w=np.sqrt(share))
    # Twice the area between the curve of concentration and the diagonal.
    people, cases = (np.concatenate([[0], np.cumsum(part)]) for part in (share, share * values))
    wanted = {
        "index of disparity": 100 * share @ abs(values - total) / total,
        "mean difference": share @ abs(values - total),
        "between-group variance": share @ (values - mean) ** 2,
        "slope index": slope,
        "relative index": (start + slope) / start,
        "concentration index": 1 - 2 * np.trapezoid(cases / mean, people),
    }
    rows = named(table, "measure")
    plain = {measure: cells["unadjusted"] for measure, cells in rows.items()}
    assert plain == pytest.approx(wanted, abs=2e-6)
    assert set(table.column("weights")) == {"equal" if weights is None else "shares"}
    variance = rows["between-group variance"]
    assert variance["bias"] == pytest.approx(share * (1 - share) @ errors**2, abs=1e-6)
    for cells in rows.values():
        assert cells["low"] < cells["value"] < cells["high"]
        assert cells["value"] == pytest.approx(cells["unadjusted"] - (cells["bias"] or 0))
    told = [warning for warning in table.about["warnings"] if "counts the same" in warning]
    assert bool(told) == (weights is None)


def test_limits_are_those_of_other_draws() -> None:
    values, errors, _ = figures("Vermont", "Education")
    rows = named(ask(INEQUALITY, release(), **EDUCATION, state="VT"), "measure")
    rng = np.random.default_rng(7)
    odds = np.log(values / (100 - values))
    noise = rng.standard_normal((200_000, 4)) * errors / (values * (100 - values) / 100)
    drawn = 100 / (1 + np.exp(-odds - noise))
    away = np.array([-0.375, -0.125, 0.125, 0.375])
    slopes = drawn @ away / (away @ away)
    limits = np.quantile(slopes, [0.025, 0.975])
    cells = rows["slope index"]
    width = limits[1] - limits[0]
    assert [cells["low"], cells["high"]] == pytest.approx(limits, abs=0.01 * width)
    squares = drawn.var(axis=1)
    low, high = np.quantile(squares, [0.025, 0.975])
    bias = squares.mean() - values.var()
    cells = rows["between-group variance"]
    wanted = [max(0, low - 2 * bias), high - bias]
    assert [cells["low"], cells["high"]] == pytest.approx(wanted, abs=0.01 * (high - low))


def test_limits_hold_the_truth_where_there_is_no_difference() -> None:
    rng = np.random.default_rng(3)
    errors, share = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 0.25, 0.15, 0.1])
    held: dict[str, list[bool]] = {}
    larger, less, draws = [], [], Draws()
    for _ in range(60):
        values = 30 + errors * rng.standard_normal(4)
        total = float(share @ values)
        strata = Strata(values, errors, np.full(4, 0.25), total, 0.9, None, True, True)
        for one in measured(strata, draws):
            true = 1.0 if one.measure == "relative index" else 0.0
            held.setdefault(one.measure, []).append(one.low <= true <= one.high)
            if one.measure == "between-group variance":
                larger.append(one.plain)
                less.append(one.plain - one.bias)
    for measure, cases in held.items():
        assert np.mean(cases) > 0.89, measure
    # Noise alone makes a variance of 5.6, all of which is taken off.
    assert np.mean(larger) == pytest.approx(5.6, abs=1)
    assert np.mean(less) == pytest.approx(0, abs=1)


def test_the_test_of_no_difference_is_cochrans() -> None:
    values, errors, _ = figures("Vermont", "Education")
    scaled, steps = np.log(values / (100 - values)), values * (100 - values) / 100
    weights = (steps / errors) ** 2
    spread = weights @ (scaled - weights @ scaled / weights.sum()) ** 2
    (p_value,) = set(
        answer(INEQUALITY, release(), **EDUCATION, state="VT").column("heterogeneity_p")
    )
    assert p_value == pytest.approx(gammaincc(1.5, spread / 2), abs=1e-6)
    even = np.full(2, 0.5)
    strata = Strata(np.array([0.0, 3.0]), np.ones(2), even, 2.0, 1.0, None, False, True)
    assert p_of_no_difference(strata) == pytest.approx(two_sided(4.5**0.5))


def test_a_difference_from_a_named_stratum() -> None:
    values, _, _ = figures("Ohio", "Education")
    body = {**EDUCATION, "state": "OH", "reference": "College graduate"}
    cells = named(ask(INEQUALITY, release(), **body), "measure")["mean difference"]
    assert cells["reference"] == "College graduate"
    assert cells["unadjusted"] == pytest.approx(np.mean(abs(values - values[3])), abs=1e-6)


def test_strata_without_an_estimate_are_named_and_categories_without_order_have_no_slope() -> None:
    body = {"question": "Q036", "category": "Race/Ethnicity", "state": ["VT", "FL"], "year": 2021}
    table = ask(INEQUALITY, release(), **body)
    assert set(table.column("state")) == {"Vermont"}
    assert set(table.column("strata")) == {5}
    lacking = "Non-Hispanic Black, Asian, Hawaiian/Pacific Islander"
    assert set(table.column("without")) == {lacking}
    assert len(table.rows) == 3
    warnings = " ".join(table.about["warnings"])
    assert f"Withheld, for too small a sample of the stratum: Vermont ({lacking})." in warnings
    assert "compare them with care: Vermont (5 of 8)." in warnings
    assert "in no stratum (too little was collected there, says CDC): Florida." in warnings


def test_a_lower_limit_of_0_is_no_finding_of_no_difference() -> None:
    table = answer(INEQUALITY, release(), question="Q036", category="Income", year=2023)
    cells = named(table, "measure")["between-group variance"]
    assert (cells["low"], cells["heterogeneity_p"]) == (0, pytest.approx(0.0013, abs=5e-5))
    assert cells["value"] == pytest.approx(0.89, abs=0.005)
    assert "so one of 0 does not say that there are none" in table.about["method"]


def test_the_slope_is_that_of_a_line_where_heat_fits_a_curve() -> None:
    # The figures of docs/statistics.md: HEAT fits the logits of percentages.
    table = answer(INEQUALITY, release(), question="Q047", category="Income", state="OH", year=2019)
    cells = named(table, "measure")
    assert cells["slope index"]["value"] == pytest.approx(-35.3, abs=0.05)
    assert cells["relative index"]["value"] == pytest.approx(0.29, abs=0.005)
    names = table.about["strata"]["columns"]
    shares = np.array([row[names.index("value")] / 100 for row in table.about["strata"]["rows"]])
    ranks = (np.arange(6) + 0.5) / 6
    level, slope = 0.0, 0.0
    for _ in range(20):  # Newton's method for a logistic regression, each stratum counting the same
        fitted = expit(level + slope * ranks)
        design = np.column_stack([np.ones(6), ranks])
        weighted = design * (fitted * (1 - fitted))[:, None]
        step = np.linalg.solve(design.T @ weighted, design.T @ (shares - fitted))
        level, slope = level + float(step[0]), slope + float(step[1])
    last, first = expit(level + slope), expit(level)
    assert (100 * (last - first), last / first) == pytest.approx((-34.8, 0.321), abs=0.02)


def test_what_was_not_reported_is_no_group() -> None:
    table = ask(INEQUALITY, release(), question="Q036", category="Income", state="OH")
    assert set(table.column("strata")) == {6}
    assert NOT_REPORTED not in {cells[1] for cells in table.about["strata"]["rows"]}


def test_what_is_missing_is_said() -> None:
    rows = [
        *aged({"18 - 24": 20.0, "25 - 34": 25.0, "35 - 44": 30.0}, "Ohio"),
        *aged({"18 - 24": 20.0, "25 - 34": 25.0}, "Utah", half=None),
        *aged({"18 - 24": 20.0}, "Iowa"),
        row("Utah", 24.0),
    ]
    body = {"question": "Q036", "category": "Age (years)", "reference": "35 - 44"}
    table = ask(INEQUALITY, made(rows), **body, state=["OH", "UT", "IA"])
    cells = named(table, "state", "measure")
    assert cells["Ohio", "index of disparity"]["unadjusted"] is None
    assert cells["Ohio", "slope index"]["value"] == pytest.approx(15)
    utah = cells["Utah", "between-group variance"]
    assert (utah["unadjusted"], utah["value"], utah["high"]) == (6.25, None, None)
    assert ("Utah", "mean difference") not in cells
    warnings = " ".join(table.about["warnings"])
    for told in (
        "Only one stratum, so nothing to measure, in: Iowa.",
        "No estimate of Total, so nothing is measured against it, in: Ohio.",
        "No estimate of the reference, so no mean difference, in: Utah.",
        "how much of a measure is noise cannot be told, in: Utah.",
        "Fewer than 3 strata, so no slope and no concentration, in: Utah.",
        "Made of some strata alone, so compare them with care: Iowa (1 of 3) and Utah (2 of 3).",
    ):
        assert told in warnings


def test_a_line_that_falls_to_nothing_has_no_ratio_too_large() -> None:
    values: dict[str, float | None] = {"18 - 24": 1.0, "25 - 34": 5.0, "35 - 44": 20.0}
    data = made([*aged(values), row("National", 8.0)])
    cells = named(ask(INEQUALITY, data, question="Q036", category="Age (years)"), "measure")
    assert cells["relative index"]["value"] is None
    assert cells["slope index"]["low"] > 0
    warned = ask(INEQUALITY, data, question="Q036", category="Age (years)").about["warnings"]
    told = 'No "relative index" of National: what it is divided by is 0, or may be.'
    assert [one for one in warned if one.startswith("No ")] == [told]


SEXES = {"Female": 20.0, "Male": 30.0}


def test_what_is_measured_against_total_has_its_own_reasons() -> None:
    sexes = [row("Ohio", value, category="Sex", stratum=name) for name, value in SEXES.items()]
    body: dict[str, Any] = {"question": "Q036", "category": "Sex", "state": "Ohio"}
    for total, told in (
        ([], "No estimate of Total, so nothing is measured against it, in: Ohio."),
        (
            [row("Ohio", 25.0, None)],
            "No standard error of Total, so nothing is told of what is measured against it, in:"
            " Ohio.",
        ),
    ):
        warned = ask(INEQUALITY, made([*sexes, *total]), **body).about["warnings"]
        assert [one for one in warned if one.startswith("No ")] == [told]


def test_strata_that_are_not_known_have_no_order() -> None:
    rows = [
        row("National", value, category="Income", stratum=stratum)
        for stratum, value in (
            ("Less than $15,000", 30.0),
            ("$15,000 - $24,999", 25.0),
            ("$100,000 - $199,999", 20.0),
        )
    ]
    table = ask(INEQUALITY, made(rows), question="Q036", category="Income")
    assert len(table.rows) == 3
    assert not any("slope" in text.casefold() for text in table.about["warnings"])


def test_shares_of_almost_nobody() -> None:
    data = made([*aged({"18 - 24": 20.0, "25 - 34": 25.0, "35 - 44": 30.0}), row("National", 22.0)])
    shares = {"18 - 24": 1e300, "25 - 34": 1e-300, "35 - 44": 1e-300}
    cells = named(
        ask(INEQUALITY, data, question="Q036", category="Age (years)", shares=shares), "measure"
    )
    assert cells["slope index"]["value"] is None
    assert cells["index of disparity"]["unadjusted"] == pytest.approx(100 * 2 / 22, abs=1e-6)


def test_what_cannot_be_asked() -> None:
    data = made([*aged({"18 - 24": 20.0, "25 - 34": 25.0}, "Ohio"), row("Ohio", 22.0)])
    good = {"question": "Q036", "category": "Age (years)", "state": "Ohio"}
    shares = {"18 - 24": 1, "25 - 34": 3}
    assert INEQUALITY.ask({**good, "shares": shares}, data).parameters.shares == shares
    for wrong, *words in (
        ({"category": "Total"}, "all adults"),
        ({"reference": "Male"}, "unknown stratum"),
        ({"shares": {"18 - 24": 1}}, '"shares" has none of "25 - 34"'),
        ({"shares": {"18 - 24": 1, "25 - 34": -1}}, '"shares" must be an object of numbers'),
        ({"shares": {"18 - 24": 0, "25 - 34": 1}}, "an object of numbers above 0"),
        ({"shares": {}}, '"shares" must have some strata'),
        ({"shares": {"18 - 24": 1e308, "25 - 34": 1e308}}, "a finite number of people"),
        ({"shares": {"Total": 1}}, '"shares" must be of strata of Age (years)'),
        ({"shares": {"18 - 24": 1, "18 - 24 ": 1}}, 'has "18 - 24" twice'),
        ({"shares": [1, 2]}, '"shares" must be an object of numbers'),
        ({"year": 2019}, "there are some in 2020"),
    ):
        refuses(INEQUALITY, data, {**good, **wrong}, *words)


def test_the_sentence() -> None:
    body = {"question": "Q036", "category": "Education", "state": ["OH", "TX"]}
    assert sentence(INEQUALITY, release(), **body) == (
        "How unequal are the strata of Education by the percent of adults aged 18 years and older "
        "who have obesity in Ohio and Texas in the latest year?"
    )
