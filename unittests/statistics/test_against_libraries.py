"""Figures of the statistics as statsmodels 0.15 and scipy 1.17 have them.

Those that stand here as numbers were computed once, by the functions that are named beside them:
to import these libraries takes longer than all tests of this module. Lines are numpy's.
"""

from collections.abc import Callable
from math import atanh, exp, log, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc, ndtr, stdtr, stdtrit

from app.data_ingestor import DataIngestor
from app.methods.multiplicity import holm
from app.methods.presentation import clopper_pearson
from app.statistics.registry import STATISTICS
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import Z, answer, dicts, error_of, named, two_sided

Point = tuple[int, float, float]
QUESTIONS = ["Q036", "Q043"]


def line_of(points: list[Point]) -> tuple[float, float, float, float]:
    """Return slope, its limits and p-value of (year, value, error), by numpy's weighted fit.

    By the errors that are given while a chi-squared test does not reject them, else by the scatter.
    """
    years, values, errors = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    years -= years.mean()
    line, variances = np.polyfit(years, values, 1, w=1 / errors, cov="unscaled")
    slope, error, freedom = line[0], sqrt(variances[0, 0]), len(points) - 2
    scatter = float((((values - np.polyval(line, years)) / errors) ** 2).sum())
    if chdtrc(freedom, scatter) >= 0.05:
        return slope, slope - Z * error, slope + Z * error, 2 * ndtr(-abs(slope / error))
    error *= sqrt(scatter / freedom)
    reach = stdtrit(freedom, 0.975) * error
    return slope, slope - reach, slope + reach, 2 * stdtr(freedom, -abs(slope / error))


def points_of(table: Any, state: str) -> list[Point]:
    """Return (year, value, error) of a state in the years compared, errors read by hand."""
    return [
        (year, value, error_of(value, low, high))
        for name, year, value, low, high, *_ in table.about["yearly"]["rows"]
        if name == state and year in table.about["compared"]
    ]


def slope_of(cells: dict[str, Any]) -> list[Any]:
    return [cells[name] for name in ("slope", "low", "high", "p_value")]


@pytest.mark.parametrize("question", QUESTIONS)
def test_trends_of_real_states(question: str) -> None:
    table = answer(STATISTICS["trend"], cdc_cut(), question=question, stratum="Female")
    states = named(table, "state")
    assert len(states) == 55
    for state, cells in states.items():
        points = points_of(table, state)
        assert cells["points"] == cells["rows_used"] == len(points)
        if len(points) < 2:
            assert cells["direction"] == "unknown"
            continue
        (_, first, first_error), (_, last, last_error) = points[0], points[-1]
        assert (cells["first"], cells["last"]) == (first, last)
        reach = Z * sqrt(first_error**2 + last_error**2)
        changed = [cells[name] for name in ("change", "change_low", "change_high")]
        change = last - first
        assert changed == pytest.approx([change, change - reach, change + reach], abs=2e-6)
        tests = [(change, two_sided(change * Z / reach), "change")]
        if len(points) >= 3:
            wanted = line_of(points)
            assert slope_of(cells) == pytest.approx(wanted, abs=2e-6), state
            tests = [(wanted[0], wanted[3], "slope"), *tests] if len(points) >= 7 else tests
        clear = [(number, by) for number, p_value, by in tests if p_value < 0.05 / len(tests)]
        number, by = clear[0] if clear else (0, tests[0][2])
        direction = "rising" if number > 0 else "falling" if number < 0 else "no clear change"
        assert (cells["direction"], cells["direction_by"]) == (direction, by), state


def test_scatter_beyond_the_errors_widens_the_limits_of_a_trend() -> None:
    wild = [row("Ohio", 30.0 + 8 * (year % 2), 0.5, year=year) for year in range(2012, 2020)]
    calm = [row("Utah", 30.0 + 0.01 * (year % 2), 0.5, year=year) for year in range(2012, 2020)]
    table = answer(STATISTICS["trend"], made([*wild, *calm]), question="Q036")
    states = named(table, "state")
    for state in ("Ohio", "Utah"):
        assert slope_of(states[state]) == pytest.approx(line_of(points_of(table, state)), abs=2e-6)
    widths = {name: cells["high"] - cells["low"] for name, cells in states.items()}
    assert widths["Ohio"] > 10 * widths["Utah"]


@settings(max_examples=2)
@given(st.lists(st.tuples(st.integers(100, 800), st.floats(0.3, 4)), min_size=3, max_size=8))
def test_trends_of_any_points(points: list[tuple[int, float]]) -> None:
    rows = [row("Ohio", ten / 10, half, year=2011 + n) for n, (ten, half) in enumerate(points)]
    table = answer(STATISTICS["trend"], made(rows), question="Q036")
    (cells,) = dicts(table)
    wanted = line_of(points_of(table, "Ohio"))
    assert slope_of(cells) == pytest.approx(wanted, abs=1e-5, rel=1e-5)


FIVE = {"Ohio": (1, 5), "Utah": (2, 3), "Iowa": (3, 8), "Guam": (4, 1), "Texas": (5, 6)}


def five_states_with_both() -> DataIngestor:
    """Return rows of five states with two questions, of one with one of them, and of the nation."""
    rows = [
        row(state, float(value), question=question)
        for state, pair in FIVE.items()
        for question, value in zip(QUESTIONS, pair, strict=True)
    ]
    rows += [row("Alabama", 7.0), row("National", 1.0), row("National", 1.0, question="Q043")]
    return made(rows)


@pytest.mark.parametrize(
    ("data", "body", "states", "pearson", "spearman"),
    [
        (
            cdc_cut,
            {"questions": QUESTIONS, "stratum": "Male"},
            52,
            [-0.441917, -0.637889, -0.192196, 0.001039],
            (-0.533995, 0.000046),
        ),
        (
            cdc_cut,
            {"questions": QUESTIONS, "stratum": "Male", "year": 2011},
            51,
            [-0.713255, -0.8264, -0.544748, 0.0],
            (-0.72796, 0.0),
        ),
        (
            release,
            {"questions": ["Q036", "Q047"]},
            52,
            [0.53411, 0.30578, 0.704346, 0.000045],
            (0.596298, 0.000003),
        ),
        # The p-value of Spearman's is by all orders of five, scipy.stats.permutation_test.
        (
            five_states_with_both,
            {"questions": QUESTIONS},
            5,
            [0.0, -0.882266, 0.882266, 1.0],
            (0.1, 0.95),
        ),
    ],
)
def test_correlations(
    data: Callable[[], DataIngestor],
    body: dict[str, Any],
    states: int,
    pearson: list[float],
    spearman: tuple[float, float],
) -> None:
    """As scipy.stats.pearsonr and spearmanr have them; the limits of Spearman's by the formula."""
    rows = named(answer(STATISTICS["correlation"], data(), **body), "coefficient")
    names = ("value", "low", "high", "p_value")
    assert [rows["pearson"][name] for name in names] == pytest.approx(pearson, abs=1e-6)
    r, p_value = spearman
    reach = Z * sqrt((1 + r * r / 2) / (states - 3))
    wanted = [r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), p_value]
    assert [rows["spearman"][name] for name in names] == pytest.approx(wanted, abs=2e-6)
    assert {cells["states"] for cells in rows.values()} == {states}


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.7], [0.7]),
        ([0.5, 0.5, 0.9, 1.0], [1.0, 1.0, 1.0, 1.0]),
        ([0.02, 0.0, 0.02, 0.3, 0.011, 0.2], [0.08, 0.0, 0.08, 0.4, 0.055, 0.4]),
    ],
)
def test_holm(p_values: list[float], adjusted: list[float]) -> None:
    """As statsmodels.stats.multitest.multipletests has it; what has no p-value is passed over."""
    assert holm(p_values) == pytest.approx(adjusted)
    for place in range(len(p_values) + 1):
        found = holm([*p_values[:place], None, *p_values[place:]])
        assert found.pop(place) is None
        assert found == pytest.approx(adjusted)


def test_gaps_and_ratios_of_two_samples() -> None:
    # Two samples of people, yes or no: their percentages and limits are all known.
    yes, people = (260, 330), (1000, 1100)
    rows = []
    for stratum, count, size in zip(("Female", "Male"), yes, people, strict=True):
        share = count / size
        step = Z / sqrt(size * share * (1 - share))
        middle = log(share / (1 - share))
        low, high = (100 / (1 + exp(-(middle + sign * step))) for sign in (-1, 1))
        rows.append(Row("National", 2020, 100 * share, low, high, category="Sex", stratum=stratum))
    body = {"question": "Q036", "category": "sex", "reference": "female"}
    male = named(answer(STATISTICS["disparity"], made(rows), **body), "stratum")["Male"]
    # As statsmodels.stats.proportion has them: confint_proportions_2indep by the methods "wald" and
    # "log", and test_proportions_2indep.
    assert (male["gap_low"], male["gap_high"]) == pytest.approx((0.162727, 7.837273), abs=1e-4)
    assert (male["ratio_low"], male["ratio_high"]) == pytest.approx((1.004976, 1.324769), abs=1e-5)
    assert male["p_value"] == pytest.approx(0.041044, abs=1e-5)


def test_clopper_and_pearson_are_those_of_statsmodels() -> None:
    # How many of how many have it, and the limits of proportion_confint with the method "beta".
    having, size, low, high = np.array(
        [
            (0, 10, 0.0, 0.30849710781876083),
            (7, 7, 0.5903836027749966, 1.0),
            (0, 1, 0.0, 0.975),
            (1, 2, 0.01257911709342505, 0.9874208829065749),
            (3, 10, 0.06673951117773447, 0.6524528500599973),
            (90, 300, 0.24868157652404702, 0.35531950446306065),
            (29, 1000, 0.01950593732438462, 0.041384719116401916),
            (1234, 2999, 0.393785188480431, 0.42932872251718945),
            (2.5, 19.5, 0.021936899983589744, 0.35624095307261294),
            (0.4, 120.3, 6.076537722219936e-07, 0.03666255674829729),
        ]
    ).T
    found = clopper_pearson(having / size, size)
    np.testing.assert_allclose(found, (low, high), rtol=1e-9, atol=1e-12)


def test_estimates_pooled_by_variance() -> None:
    where = {"year": 2022, "stratum": "Female"}
    body = {"question": "Q036", "method": "inverse_variance", "where": where}
    (cells,) = dicts(answer(STATISTICS["query"], cdc_cut(), **body))
    # As statsmodels.stats.meta_analysis.combine_effects has them, of the logits.
    wanted = {"value": 34.356033, "low": 34.056383, "high": 34.656933, "i_squared": 93.926293}
    assert {name: cells[name] for name in wanted} == pytest.approx(wanted, abs=1e-6)


def test_comparisons_of_real_states_are_adjusted_together() -> None:
    rows = dicts(
        answer(STATISTICS["compare"], cdc_cut(), states=["Ohio", "Texas"], stratum="Female")
    )
    p_values = [0.348665, 0.153868, 0.344389, 1.0, 0.815532, 0.700274, 0.114721]
    assert [cells["p_value"] for cells in rows] == pytest.approx(p_values, abs=1e-6)
    # As multipletests has them.
    adjusted = [1.0, 0.923208, 1.0, 1.0, 1.0, 1.0, 0.803047]
    assert [cells["p_adjusted"] for cells in rows] == pytest.approx(adjusted, abs=1e-5)
