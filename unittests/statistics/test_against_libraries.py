"""Figures of the statistics as statsmodels and scipy have them.

Tests import these libraries themselves: that takes seconds, and every worker of pytest imports
every module of tests.
"""

from math import atanh, exp, log, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.methods.correlation import MOST_EXACT
from app.methods.multiplicity import holm
from app.methods.presentation import clopper_pearson
from app.statistics.registry import STATISTICS
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import Z, answer, dicts, error_of, logit, named, two_sided

Point = tuple[int, float, float]
QUESTIONS = ["Q036", "Q043"]


def line_of(points: list[Point]) -> tuple[float, float, float, float]:
    """Return slope, its limits and p-value of (year, value, error), as statsmodels has them.

    By the errors that are given while scipy's chi2 test does not reject them, else by the scatter.
    """
    from scipy.stats import chi2
    from statsmodels.regression.linear_model import WLS
    from statsmodels.tools.tools import add_constant

    years, values, errors = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    model = WLS(values, add_constant(years - years.mean()), weights=errors**-2)
    free = model.fit()
    wide = chi2.sf(free.scale * free.df_resid, free.df_resid) < 0.05
    line = free if wide else model.fit(cov_type="fixed scale", use_t=False)
    low, high = line.conf_int()[1]
    return float(line.params[1]), float(low), float(high), float(line.pvalues[1])


def points_of(table: Any, state: str) -> list[Point]:
    """Return (year, value, error) of a state in the years compared, errors read by hand."""
    return [
        (year, value, error_of(value, low, high))
        for name, year, value, low, high, *_ in table.about["yearly"]["rows"]
        if name == state and year in table.about["compared"]
    ]


def slope_of(cells: dict[str, Any]) -> list[Any]:
    return [cells[name] for name in ("slope", "low", "high", "p_value")]


@pytest.mark.parametrize("question", ["Q036", "Q043"])
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


@settings(max_examples=3)
@given(st.lists(st.tuples(st.integers(100, 800), st.floats(0.3, 4)), min_size=3, max_size=8))
def test_trends_of_any_points(points: list[tuple[int, float]]) -> None:
    rows = [row("Ohio", ten / 10, half, year=2011 + n) for n, (ten, half) in enumerate(points)]
    table = answer(STATISTICS["trend"], made(rows), question="Q036")
    (cells,) = dicts(table)
    wanted = line_of(points_of(table, "Ohio"))
    assert slope_of(cells) == pytest.approx(wanted, abs=1e-5, rel=1e-5)


def exact_p_value(x: list[float], y: list[float]) -> float:
    """Return the p-value of Spearman's rho by all orders."""
    from scipy.stats import permutation_test, spearmanr

    def closeness(order: Any) -> float:
        return abs(float(spearmanr(x, order).statistic))

    test = permutation_test(
        (y,), closeness, permutation_type="pairings", alternative="greater", n_resamples=1000
    )
    return float(test.pvalue)


def coefficients_hold(table: Any) -> None:
    """Check both coefficients of a table, the limits of Spearman's by the formula."""
    from scipy.stats import pearsonr, spearmanr

    rows = named(table, "coefficient")
    x, y = ([point[place] for point in table.about["points"]["rows"]] for place in (1, 2))
    pearson = pearsonr(x, y)
    limits = pearson.confidence_interval(0.95)
    names = ("value", "low", "high", "p_value")
    assert [rows["pearson"][name] for name in names] == pytest.approx(
        [pearson.statistic, limits.low, limits.high, pearson.pvalue], abs=1e-6
    )
    spearman = spearmanr(x, y)
    r = float(spearman.statistic)
    reach = Z * sqrt((1 + r * r / 2) / (len(x) - 3))
    p_value = spearman.pvalue if len(x) > MOST_EXACT else exact_p_value(x, y)
    wanted = [r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), p_value]
    assert [rows["spearman"][name] for name in names] == pytest.approx(wanted, abs=1e-6)
    assert {cells["states"] for cells in rows.values()} == {len(x)}


@pytest.mark.parametrize("year", [None, 2011])
def test_correlations_of_real_states(year: int | None) -> None:
    body = {"questions": QUESTIONS, "stratum": "Male", "year": year}
    coefficients_hold(answer(STATISTICS["correlation"], cdc_cut(), **body))


def test_correlations_of_the_release_and_of_states_with_both() -> None:
    coefficients_hold(answer(STATISTICS["correlation"], release(), questions=["Q036", "Q047"]))
    pairs = {"Ohio": (1, 5), "Utah": (2, 3), "Iowa": (3, 8), "Guam": (4, 1), "Texas": (5, 6)}
    rows = [
        row(state, float(value), question=question)
        for state, pair in pairs.items()
        for question, value in zip(QUESTIONS, pair, strict=True)
    ]
    rows += [row("Alabama", 7.0), row("National", 1.0), row("National", 1.0, question="Q043")]
    coefficients_hold(answer(STATISTICS["correlation"], made(rows), questions=QUESTIONS))


@settings(max_examples=2)
@example([0.01, 0.04, 0.03, 0.005], 2)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 12))
def test_holm(p_values: list[float], place: int) -> None:
    from statsmodels.stats.multitest import multipletests

    wanted = list(multipletests(p_values, method="holm")[1])
    assert holm(p_values) == pytest.approx(wanted)
    place = min(place, len(p_values))
    gapped = [*p_values[:place], None, *p_values[place:]]
    found = holm(gapped)
    assert found[place] is None
    assert found[:place] + found[place + 1 :] == pytest.approx(wanted)


def test_gaps_and_ratios_of_two_samples() -> None:
    from statsmodels.stats import proportion

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
    samples = (yes[1], people[1], yes[0], people[0])
    wald = proportion.confint_proportions_2indep(*samples, method="wald", compare="diff")
    katz = proportion.confint_proportions_2indep(*samples, method="log", compare="ratio")
    assert (male["gap_low"], male["gap_high"]) == pytest.approx(
        [100 * limit for limit in wald], abs=1e-4
    )
    assert (male["ratio_low"], male["ratio_high"]) == pytest.approx(katz, abs=1e-5)
    test = proportion.test_proportions_2indep(*samples, method="wald", compare="diff")
    assert male["p_value"] == pytest.approx(test.pvalue, abs=1e-5)


def test_clopper_and_pearson_are_those_of_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    rng = np.random.default_rng(1)
    size = rng.integers(1, 3000, 200).astype(float)
    having = np.concatenate([[0.0, size[1]], rng.binomial(size[2:].astype(int), 0.3)])
    low, high = clopper_pearson(having / size, size)
    expected = proportion_confint(having, size, method="beta")
    np.testing.assert_allclose(low, expected[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(high, expected[1], rtol=1e-9)


def test_estimates_pooled_by_variance() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    where = {"year": 2022, "stratum": "Female"}
    body = {"question": "Q036", "method": "inverse_variance", "where": where}
    (cells,) = dicts(answer(STATISTICS["query"], cdc_cut(), **body))
    rows = cdc_cut().estimates.filter(question_id="Q036", year_start=2022, stratum="Female")
    rows = rows.filter(rows["abbreviation"] != "US")
    effects = [logit(value) for value in rows["value"]]
    variances = [
        ((logit(high) - logit(low)) / (2 * Z)) ** 2
        for low, high in rows.select("low", "high").iter_rows()
    ]
    pooled = combine_effects(np.array(effects), np.array(variances))
    low, high = pooled.conf_int()[0]
    for name, wanted in (("value", pooled.mean_effect_fe), ("low", low), ("high", high)):
        assert cells[name] == pytest.approx(100 / (1 + exp(-wanted)), abs=1e-6)
    assert cells["i_squared"] == pytest.approx(100 * pooled.i2, abs=1e-6)


def test_comparisons_of_real_states_are_adjusted_together() -> None:
    from statsmodels.stats.multitest import multipletests

    rows = dicts(
        answer(STATISTICS["compare"], cdc_cut(), states=["Ohio", "Texas"], stratum="Female")
    )
    adjusted = multipletests([cells["p_value"] for cells in rows], method="holm")[1]
    assert [cells["p_adjusted"] for cells in rows] == pytest.approx(adjusted, abs=1e-5)
