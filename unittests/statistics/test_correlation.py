"""Correlations over states, and what has none."""

from itertools import permutations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.methods.correlation import pearson, spearman, without_each
from app.statistics.correlation import Correlation
from unittests.helpers.data import cdc_cut, dataset, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import answer, ask, error_of, named, refuses, sentence
from unittests.statistics.test_in_words import told

CORRELATION = Correlation()

STATES = [f"S{number}" for number in range(12)]
QUESTIONS = ["Q036", "Q043"]


def pairs_of(points: list[tuple[float, float]], **more: Any) -> list[Row]:
    return [
        row(state, value, question=question, **more)
        for state, point in zip(STATES, points, strict=False)
        for question, value in zip(QUESTIONS, point, strict=True)
    ]


@pytest.mark.parametrize("year", [None, 2011])
def test_real_states(year: int | None) -> None:
    body = {"questions": ["Q036", "Q043"], "stratum": "Male", "year": year}
    table = ask(CORRELATION, cdc_cut(), **body)
    points = table.about["points"]["rows"]
    states = [point[0] for point in points]
    assert "National" not in states
    assert states == sorted(states)
    assert table.about["years"] == str(year or 2023)
    assert (table.about["x"]["id"], table.about["y"]["id"]) == ("Q036", "Q043")
    if year == 2011:
        assert points[1][:2] == ["Alaska", 28.0]


def test_rows_of_many_years_have_coefficients_and_warnings() -> None:
    points = [(1.0, 2.0), (2.0, 3.0), (3.0, 5.0), (4.0, 4.0), (5.0, 9.0)]
    data = made(pairs_of(points, year=2011, until=2022))
    table = ask(CORRELATION, data, questions=QUESTIONS)
    assert table.about["years"] == "2011-2022"
    assert any("ecological fallacy" in warning for warning in table.about["warnings"])
    assert any("The same people gave both" in warning for warning in table.about["warnings"])
    assert any("all that there are" in warning for warning in table.about["warnings"])


def test_bonett_and_wright_on_an_example_of_bonetts() -> None:
    # The example of ci.spear in the R package statpsych, which gives the limits 0.5840951 and
    # 0.9638297.
    y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    rows = [
        Row(f"S{place:02}", question=question, value=float(value))
        for place, point in enumerate(zip(x, y, strict=True))
        for question, value in zip(QUESTIONS, point, strict=True)
    ]
    cells = named(ask(CORRELATION, made(rows), questions=QUESTIONS), "coefficient")["spearman"]
    assert [cells[name] for name in ("value", "low", "high")] == [0.869964, 0.584095, 0.96383]


def test_too_few_states_and_constant_ones_have_no_coefficient() -> None:
    data = made(
        [
            *pairs_of([(1, 2), (2, 3), (3, 5)], year=2017),
            *pairs_of([(n + 1, 5.0) for n in range(5)], year=2018),
            *pairs_of([(n + 1, 9.0 - n) for n in range(5)], year=2019),
            *pairs_of([(n, 2.0 * n) for n in range(1, 5)], year=2020),
        ]
    )
    three, flat, line, four = (
        ask(CORRELATION, data, questions=QUESTIONS, year=year) for year in (2017, 2018, 2019, 2020)
    )
    assert [cells[1:] for cells in three.rows] == [[None, None, None, None, 3]] * 2
    assert any("Only 3 states" in warning for warning in three.about["warnings"])
    assert flat.rows[0][1:] == [None, None, None, None, 5]
    assert any("nothing goes together" in warning for warning in flat.about["warnings"])
    assert line.rows == [[name, -1.0, None, None, 0.016667, 5] for name in ("pearson", "spearman")]
    assert any("exactly 1 or -1" in warning for warning in line.about["warnings"])
    assert four.column("p_value") == [0.083333, 0.083333]  # 2 / 4!: exact on a line


def test_the_p_value_of_few_states_is_that_of_all_orders() -> None:
    x, y = np.array([3.0, 1, 4, 1, 5]), np.array([2.0, 7, 1, 8, 2])
    # Equal numbers share the mean of their ranks.
    x_ranks, y_ranks = [3.0, 1.5, 4, 1.5, 5], [2.5, 4, 1, 5, 2.5]
    every = [abs(np.corrcoef(x_ranks, one)[0, 1]) for one in permutations(y_ranks)]
    reached = abs(np.corrcoef(x_ranks, y_ranks)[0, 1])
    wanted = np.mean([one > reached - 1e-9 for one in every])
    assert spearman(x, y).p_value == pytest.approx(wanted)


def test_the_p_value_of_nine_states_is_exact() -> None:
    # The t distribution has 0.0424 for these; the exact one is in tables of Spearman's rho.
    x, y = np.arange(9.0), np.array([0.0, 1, 2, 3, 7, 8, 6, 5, 4])
    assert int(((x - y) ** 2).sum()) == 38
    assert spearman(x, y).p_value == pytest.approx(0.05032, abs=1e-5)


def test_equal_states_on_a_line_have_more_orders() -> None:
    for numbers in ((1, 1, 1, 1, 2), (1, 1, 2, 2, 3, 3), (1, 1, 2, 5)):
        x = np.array(numbers, dtype=float)
        lines = [abs(np.corrcoef(x, one)[0, 1]) > 1 - 1e-9 for one in permutations(x)]
        assert pearson(x, 3 * x).p_value == pytest.approx(np.mean(lines)), numbers


def test_only_states_with_both_count() -> None:
    rows = pairs_of([(1, 5), (2, 3), (3, 8), (4, 1), (5, 6)])
    more = [row("Ohio", 7.0), row("National", 1.0), row("National", 1.0, question="Q043")]
    table = ask(CORRELATION, made([*rows, *more]), questions=QUESTIONS)
    assert table.about["dataset_rows_used"] == 10
    assert "No usable estimate in 2020 of both questions: Ohio." in table.about["warnings"]


points = st.lists(
    st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=4, max_size=6, unique=True
)


@settings(max_examples=2)
@given(points)
def test_algebra(found: list[tuple[float, float]]) -> None:
    mirrored = [
        row(state, 100 - y, question="Q018") for state, (_, y) in zip(STATES, found, strict=False)
    ]
    data = made([*pairs_of(found), *mirrored])
    table = answer(CORRELATION, data, questions=QUESTIONS)
    turned = answer(CORRELATION, data, questions=QUESTIONS[::-1])
    assert turned.rows == table.rows
    falling = answer(CORRELATION, data, questions=["Q036", "Q018"])
    for cells, other_cells in zip(table.rows, falling.rows, strict=True):
        if cells[1] is not None:
            assert other_cells[1] == pytest.approx(-cells[1], abs=2e-6)
            assert other_cells[4] == pytest.approx(cells[4], abs=2e-6)


def test_what_cannot_be_asked() -> None:
    data = dataset()
    refuses(CORRELATION, data, {}, '"questions" is missing')
    refuses(CORRELATION, data, {"questions": "Q036"}, "an array of two names")
    refuses(CORRELATION, data, {"questions": ["Q036", "q036"]}, "two different ones")
    refuses(CORRELATION, data, {"questions": ["Q036", "Q99"]}, "unknown question")
    period = made(pairs_of([(1.0, 2.0)], year=2011, until=2022))
    refuses(CORRELATION, period, {"questions": QUESTIONS, "year": 2019}, "make data")
    refuses(CORRELATION, data, {"questions": ["Q036", "Q047"], "state": "OH"}, "unknown key")
    body = {"questions": ["Q036", "Q043"], "stratum": "Male", "year": 2021}
    refuses(CORRELATION, cdc_cut(), body, "both questions", "2011, 2013, 2015, 2017, 2019, 2023")
    apart = made([row("Ohio", 3.0, year=2018), row("Ohio", 3.0, year=2019, question="Q043")])
    refuses(CORRELATION, apart, {"questions": QUESTIONS}, "both questions for the same states")


def test_the_sentence() -> None:
    assert sentence(CORRELATION, dataset(), questions=["Q018", "Q019"]) == (
        "How does the percent of adults who report consuming fruit less than one time daily go "
        "together with the percent of adults who report consuming vegetables less than one time "
        "daily over the states in the latest year that has both, among all adults?"
    )


def test_one_territory_that_makes_r_is_told_and_rho_leads() -> None:
    body: dict[str, Any] = {"questions": ["Q045", "Q046"], "year": 2023}
    table = ask(CORRELATION, release(), **body)
    points = table.about["points"]["rows"]
    x, y = (np.array([row[place] for row in points]) for place in (1, 2))
    others = np.array([row[0] for row in points]) != "Puerto Rico"
    without = pearson(x[others], y[others]).value or 0.0
    assert table.about["without_one"] == {"state": "Puerto Rico", "pearson": round(without, 6)}
    cells = named(table, "coefficient")["pearson"]
    assert without < cells["low"] < cells["value"]
    warned = " ".join(table.about["warnings"])
    assert "Without Puerto Rico alone Pearson's r is 0.44, which is beyond its limits" in warned
    english = told("correlation", **body)
    assert english.startswith(
        "In 2023, over 52 places (Guam, Puerto Rico and the Virgin Islands among them), the share "
    )
    assert english.endswith(
        "was higher (Spearman's rho = 0.42, 0.15-0.63; Pearson's r = 0.72, 0.56-0.83). Without "
        "Puerto Rico Pearson's r is 0.44."
    )
    romanian = told("correlation", "ro", **body)
    assert "(52, între care Guam, Puerto Rico și Insulele Virgine)" in romanian
    assert romanian.endswith(
        "(rho al lui Spearman = 0,42, 0,15-0,63; r al lui Pearson = 0,72, 0,56-0,83). Fără "
        "Puerto Rico, coeficientul r al lui Pearson este 0,44."
    )
    # Limits are closer on one side: of the places that take r beyond them, not of all.
    old: dict[str, Any] = {"questions": ["Q043", "Q047"], "year": 2017, "stratum": "65 or older"}
    table = ask(CORRELATION, release(), **old)
    cells = named(table, "coefficient")["pearson"]
    assert table.about["without_one"]["state"] == "District of Columbia"
    assert table.about["without_one"]["pearson"] < cells["low"] == -0.976726
    # What r alone finds is not told as found.
    greens = told("correlation", questions=["Q019", "Q046"], year=2019)
    assert (
        "did not clearly go together (Spearman's rho = \u22120.14, \u22120.40 to 0.14; Pear"
        in greens
    )
    whole = ask(CORRELATION, release(), questions=["Q036", "Q047"], year=2023)
    assert "without_one" not in whole.about
    assert not any("Go by Spearman's" in one for one in whole.about["warnings"])
    apart = answer(CORRELATION, release(), questions=["Q044", "Q046"], year=2023).about
    assert "without_one" not in apart
    assert any("rho is beyond the limits of Pearson's r" in one for one in apart["warnings"])
    assert "normally distributed together" in apart["method"]
    assert told("correlation", questions=["Q036", "Q043"], year=2011).startswith(
        "In 2011, over 51 places, the share"
    )


def test_r_without_each_place_is_that_of_the_others() -> None:
    drawn = np.random.default_rng(3).normal(size=(2, 9))
    wanted = [
        pearson(*(np.delete(numbers, place) for numbers in drawn)).value for place in range(9)
    ]
    assert without_each(*drawn) == pytest.approx(np.array(wanted, float))
    lone = np.array([1.0, 1, 1, 1, 1, 7])
    assert list(np.isnan(without_each(lone, np.arange(6.0)))) == [False] * 5 + [True]
    assert np.isnan(without_each(*drawn[:, :4])).all()


def test_questions_tied_by_what_they_count_are_warned_of() -> None:
    for questions, words in (
        (["Q043", "Q045"], "everybody whom Q045 counts is counted in Q043, too"),
        (["Q046", "Q044"], "everybody whom Q044 counts is counted in Q046, too"),
        (["Q044", "Q045"], "both count a part of the people of Q043"),
        (["Q036", "Q037"], "nobody is counted in both"),
        (["Q047", "Q043"], "nobody is counted in both"),
        (["Q043", "Q046"], ""),
        (["Q036", "Q047"], ""),
    ):
        table = ask(CORRELATION, release(), questions=questions, year=2019)
        tied = [
            warning for warning in table.about["warnings"] if "tied by what they count" in warning
        ]
        assert bool(tied) == bool(words), questions
        assert all(words in warning for warning in tied), questions


def test_shares_of_the_same_people_go_against_each_other_where_no_states_differ() -> None:
    # Obesity and overweight of the same people in states that are all alike: sampling error alone.
    p, q = 0.33, 0.35
    people = np.random.default_rng(1).multinomial(5000, [p, q, 1 - p - q], size=4000)
    r = pearson(people[:, 0].astype(float), people[:, 1].astype(float)).value
    assert r == pytest.approx(-np.sqrt(p * q / ((1 - p) * (1 - q))), abs=0.03)


def test_states_that_differ_by_little_more_than_chance_are_told() -> None:
    body: dict[str, Any] = {
        "questions": ["Q036", "Q047"],
        "year": 2013,
        "stratum": "American Indian/Alaska Native",
    }
    table = ask(CORRELATION, release(), **body)
    points = table.about["points"]
    assert points["columns"] == ["state", "x", "y", "x_presentation", "y_presentation"]
    names = [row[0] for row in points["rows"]]
    rows = (
        release()
        .estimates.filter(question_id="Q036", year_start=2013, stratum=body["stratum"])
        .filter(pl.col("state").is_in(names))
    )
    figures = rows.select("value", "low", "high").rows()
    errors = [error_of(*one) for one in figures]
    share = np.mean(np.square(errors)) / rows["value"].to_numpy().var(ddof=1)
    assert any(
        f"the mean of the squared standard errors is {100 * share:.0f} % (Q036) and 57 % (Q047) of "
        "the variance between them" in one
        for one in table.about["warnings"]
    )
    marked = sum(mark != "show" for row in points["rows"] for mark in row[3:])
    assert told("correlation", **body).endswith(
        f"Estimates marked as to be read with caution, or as too imprecise: {marked}."
    )
    assert f"Estimări de citit cu prudență sau prea puțin precise: {marked}." in told(
        "correlation", "ro", **body
    )
    everyone = {**body, "stratum": "Total"}
    assert "marked" not in told("correlation", **everyone)
    warnings = answer(CORRELATION, release(), **everyone).about["warnings"]
    assert not any("Sampling error is much" in one for one in warnings)


def test_a_sentence_says_where_most_differences_may_be_sampling_error() -> None:
    body: dict[str, Any] = {"questions": ["Q036", "Q047"], "stratum": "Asian", "year": 2023}
    noise = ask(CORRELATION, release(), **body).about["sampling_error"]
    assert (round(noise["x"], 2), round(noise["y"], 2)) == (1.13, 0.36)
    assert "places may be sampling error: little can be told." in told("correlation", **body)
    assert "poate fi eroare de eșantionare" in told("correlation", "ro", **body)
    del body["stratum"]
    assert "sampling error" not in told("correlation", **body)
