"""Changes between two years, breaks between years, and annual percentage change."""

from collections import Counter
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest

from app.methods import breaks
from app.methods.joinpoints import best
from app.methods.regression import Numbers
from app.statistics.change import Change
from app.statistics.trend import Trend
from benchmarks.trend_coverage import percentages, slopes
from unittests.helpers.data import release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import (
    Z,
    answer,
    ask,
    dicts,
    error_of,
    named,
    recorded,
    refuses,
    sentence,
    two_sided,
)

CHANGE, TREND = Change(), Trend()
# Values that fall from 2011 on, and rise from 2016 on.
BENT = [40.0, 38.6, 37.4, 36.1, 34.8, 33.7, 34.6, 35.5, 36.6, 37.7, 38.9]


def clear(cells: list[dict[str, Any]]) -> dict[bool, int]:
    """Return how many rows have a |z| of over 1.96, by whether they rise."""
    scores = [row["z"] for row in cells if row["z"] is not None and abs(row["z"]) > 1.96]
    return Counter(score > 0 for score in scores)


def test_the_published_figures_show_what_changed() -> None:
    data = release()
    activity = ask(CHANGE, data, question="Q043", years={"from": 2011, "to": 2019})
    states = named(activity, "state")
    assert clear(dicts(activity)) == {True: 12, False: 10}
    assert abs(states["National"]["z"]) < 1.96
    assert sum(cells["z"] is not None for cells in states.values()) == 51
    kentucky = states["Kentucky"]
    assert (kentucky["first"], kentucky["last"]) == (46.8, 36.3)
    assert kentucky["z"] == pytest.approx(-7.7, abs=0.05)
    assert states["New Jersey"]["missing"] == "2019: not released"
    fruit = named(ask(CHANGE, data, question="Q018"), "state")
    nation = fruit["National"]
    assert (nation["change"], nation["direction"]) == (3.9, "rising")
    assert nation["z"] == pytest.approx(15.4, abs=0.05)
    assert sum(clear(list(fruit.values())).values()) == 42
    places = [cells for state, cells in fruit.items() if state != "National"]
    assert clear(places) == {True: 40, False: 1}
    assert sum(cells["z"] is not None for cells in places) == 52
    assert sum(cells["z"] is not None for cells in fruit.values()) == 53
    trends = named(answer(TREND, data, question="Q018"), "state")
    directions = Counter(cells["direction"] for cells in trends.values())
    assert (directions["rising"], directions["falling"]) == (42, 1)  # with Florida, to 2019
    assert {cells["direction_by"] for cells in trends.values()} == {"change", None}
    falls = named(answer(TREND, data, question="Q043", state="KY"), "state")["Kentucky"]
    assert (falls["years"], falls["direction"]) == ("2011-2019", "falling")


def test_each_change_is_that_of_two_independent_samples() -> None:
    table = ask(CHANGE, release(), question="Q036", stratum="Female")
    assert table.about["compared"] == [2011, 2023]
    tested = []
    for cells in dicts(table):
        if cells["change"] is None:
            assert cells["missing"]
            assert (cells["direction"], cells["p_adjusted"]) == ("unknown", None)
            continue
        ends = [[cells[f"{year}{end}"] for end in ("", "_low", "_high")] for year in ENDS]
        error = sqrt(sum(error_of(*figures) ** 2 for figures in ends))
        change = ends[1][0] - ends[0][0]
        wanted = [change, error, change - Z * error, change + Z * error, change / error]
        names = ("change", "standard_error", "low", "high", "z")
        assert [cells[name] for name in names] == pytest.approx(wanted, abs=1e-5)
        assert cells["p_value"] == pytest.approx(two_sided(change / error), abs=1e-6)
        tested.append(cells)
    scores = np.array([two_sided(cells["z"]) for cells in tested])
    order = np.argsort(scores)
    stepped = np.minimum(1, scores[order] * np.arange(len(scores), 0, -1))
    adjusted = np.empty_like(scores)
    adjusted[order] = np.maximum.accumulate(stepped)
    assert [cells["p_adjusted"] for cells in tested] == pytest.approx(list(adjusted), abs=1e-5)
    for cells, p_value in zip(tested, adjusted, strict=True):
        way = "rising" if cells["change"] > 0 else "falling"
        assert cells["direction"] == (way if p_value < 0.05 else "no clear change")


ENDS = ("first", "last")


def test_a_change_across_a_break_is_refused_or_told_without_a_direction() -> None:
    data = release()
    body: dict[str, Any] = {"question": "Q043", "state": "OH", "years": {"from": 2011, "to": 2023}}
    refuses(CHANGE, data, body, "2011 and in 2023 are not comparable", "across_breaks")
    table = ask(CHANGE, data, **body, across_breaks=True)
    (cells,) = dicts(table)
    assert (cells["change"], cells["direction"]) == (pytest.approx(6.4), "unknown")
    warnings = " ".join(table.about["warnings"])
    assert "Years before 2023 and from 2023 on are perhaps not comparable" in warnings
    assert "no direction is told" in warnings
    latest = ask(CHANGE, data, question="Q043", state="OH")
    assert latest.about["compared"] == [2011, 2019]
    told = "Left out as not comparable with 2011 and 2019: 2023."
    assert told in latest.about["warnings"]
    # Those between the two are not comparable either; asked for by name, both need no reason.
    idle: dict[str, Any] = {"question": "Q047", "state": "OH"}
    told = "Left out as not comparable with 2012 and 2023: 2011, 2013, 2015, 2017, 2019."
    assert told in ask(CHANGE, data, **idle).about["warnings"]
    later = ask(CHANGE, data, **idle, years={"from": 2016}).about["warnings"]
    assert "Left out as not comparable with 2016 and 2023: 2017, 2019." in later
    named = ask(CHANGE, data, **idle, years={"from": 2012, "to": 2023}).about["warnings"]
    assert not any("Left out" in one for one in named)
    assert ask(CHANGE, data, question="Q043", years={"to": 2017}).about["years"] == "2011, 2017"
    refuses(CHANGE, data, {"question": "Q043", "years": {"from": 2023}}, "no other year")
    refuses(CHANGE, data, {"question": "Q018", "years": {"from": 2012}}, "in other years only")
    refuses(CHANGE, data, {"question": "Q043", "across_breaks": "yes"}, "must be true or false")


def test_a_trend_is_of_comparable_years_and_tells_those_that_it_leaves_out() -> None:
    rows = [row("Ohio", 30.0, year=year, question="Q043") for year in range(2011, 2020, 2)]
    rows.append(row("Ohio", 40.0, year=2023, question="Q043"))
    table = ask(TREND, made(rows), question="Q043")
    (cells,) = dicts(table)
    assert (cells["years"], cells["slope"], cells["direction"]) == (
        *("2011-2019", 0.0),
        "no clear change",
    )
    assert table.about["comparable"] == [[2011, 2013, 2015, 2017, 2019], [2023]]
    assert any("Left out as not comparable with these: 2023." in w for w in table.about["warnings"])
    assert [point[1] for point in table.about["yearly"]["rows"]][-1] == 2023
    whole = ask(TREND, made(rows), question="Q043", across_breaks=True)
    (cells,) = dicts(whole)
    assert (cells["last"], cells["direction"], cells["rows_used"]) == (40.0, "unknown", 6)
    one_side = {"question": "Q043", "years": {"from": 2019}}
    (cells,) = dicts(ask(TREND, made(rows), **one_side))
    assert (cells["years"], cells["change"], cells["direction"]) == ("2023", None, "unknown")


def test_odd_years_can_be_left_out_by_the_list_that_the_warning_has() -> None:
    data = release()
    table = ask(TREND, data, question="Q047", state="OH")
    even = [2012, 2014, 2016, 2018, 2020, 2021, 2022, 2023]
    assert table.about["compared"] == even
    (told,) = [one for one in table.about["warnings"] if one.startswith("In the odd years")]
    assert told.endswith(f"Without odd years, ask for {even}.")
    asked = ask(TREND, data, question="Q047", state="OH", years=even)
    assert asked.rows == table.rows
    assert not any("odd years" in one for one in asked.about["warnings"])
    assert recorded(TREND, data, question="Q047", years=[2014, 2012, 2014])["years"] == [2012, 2014]
    assert "in Ohio in 2012 and 2014," in sentence(
        TREND, data, question="Q047", state="OH", years=[2012, 2014]
    )
    refuses(TREND, data, {"question": "Q047", "years": []}, "or a list of years")
    refuses(TREND, data, {"question": "Q043", "years": [2012]}, "in other years only: 2011, 2013")
    old = {"question": "Q047", "state": None, "stratum": None, "years": {"from": None, "to": None}}
    assert TREND.parse(old, data).across_breaks is False
    body: dict[str, Any] = {"question": "Q047", "state": "OH", "across_breaks": True}
    crossing = ask(CHANGE, data, **body, years={"from": 2011, "to": 2023})
    assert crossing.about["warnings"][1].startswith("In the odd years up to 2019")
    alike = ask(CHANGE, data, **body, years={"from": 2011, "to": 2019})
    assert not any("odd years" in one for one in alike.about["warnings"])


def test_income_is_another_variable_from_2021_on() -> None:
    """What the warning says is what the shares of the samples show, and the levels at once."""
    rows = release().estimates.filter(question_id="Q047", state="National")

    def share(stratum: str, year: int) -> float:
        of = rows.filter(year_start=year, stratum=stratum)["sample_size"].item()
        return 100 * float(of / rows.filter(year_start=year, stratum="Total")["sample_size"].item())

    rich, unknown = "$75,000 or greater", "Data not reported"
    assert [round(share(rich, year), 1) for year in (2020, 2021)] == [29.9, 11.0]
    unknown_2020, unknown_2021 = (
        rows.filter(category="Income", stratum=unknown, year_start=year)["sample_size"].item()
        for year in (2020, 2021)
    )
    assert unknown_2021 > 1.9 * unknown_2020
    # Lower groups are others, too: of obesity, by the shares of the nation's sample.
    sizes = release().estimates.filter(
        question_id="Q036", state="National", category="Income", filled=False
    )
    jumps = {
        "Less than $15,000": (6.5, 5.1),
        "$15,000 - $24,999": (12.3, 8.4),
        "$25,000 - $34,999": (8.1, 10.4),
        "$75,000 or greater": (31.6, 11.6),
        "Data not reported": (16.1, 38.5),
    }
    for stratum, shares in jumps.items():
        for year, wanted in zip((2020, 2021), shares, strict=True):
            there = sizes.filter(year_start=year)
            asked = there.filter(stratum=stratum)["sample_size"].item()
            assert 100 * asked / there["sample_size"].sum() == pytest.approx(wanted, abs=0.05)
    data, body = release(), {"question": "Q047", "stratum": rich, "state": "US"}
    table = ask(TREND, data, **body)
    assert table.about["compared"] == [2021, 2022, 2023]
    assert table.column("direction") == ["no clear change"]
    assert "2011-2020" in " ".join(table.about["warnings"])
    before = ask(TREND, data, **body, years={"to": 2020})
    assert before.about["compared"][-1] == 2020
    refuses(CHANGE, data, {**body, "years": {"from": 2020, "to": 2021}}, "are not comparable")
    assert not any("2021 on" in one for one in before.about["warnings"])
    assert ask(TREND, data, question="Q036", stratum="Male").about["compared"][0] == 2011


def test_what_is_said_of_2019_is_what_the_figures_show() -> None:
    rows = release().estimates.filter(category="Sex", filled=False)
    rows = rows.filter(rows["state"].cast(str) != "National")
    for question, points, count in (("Q044", 2.4, 88), ("Q046", 4.85, 96)):
        by_year = rows.filter(question_id=question).pivot(
            on="year_start", index=["state", "stratum"], values="value"
        )
        change = (by_year["2019"] - by_year["2017"]).drop_nulls()
        assert float(change.to_numpy().mean()) == pytest.approx(points, abs=0.05)
        assert ((change > 0).sum(), change.len()) == (count, 104)
        layout = release().layout
        assert breaks.segments(layout, [question], [2015, 2017, 2019, 2023]) == [
            *([2015, 2017], [2019]),
            [2023],
        ]


def test_a_joinpoint_is_where_the_weighted_squares_are_least() -> None:
    rows = [row("Ohio", value, 1.2, year=2011 + n) for n, value in enumerate(BENT)]
    rows += [row("Utah", 30.0 * 1.02**n, 1.2, year=2011 + n) for n in range(11)]
    table = ask(TREND, made(rows), question="Q036")
    points = [point for point in table.about["yearly"]["rows"] if point[0] == "Ohio"]
    years = np.array([point[1] for point in points], dtype=float)
    values = np.array([point[2] for point in points])
    errors = np.array([error_of(*point[2:5]) for point in points])
    weights = np.diag((values / errors) ** 2)

    def solved(design: Numbers) -> tuple[float, Any, Any]:
        """Return what a model leaves, its coefficients, and their covariances."""
        covariances = np.linalg.inv(design.T @ weights @ design)
        coefficients = covariances @ design.T @ weights @ np.log(values)
        left = np.log(values) - design @ coefficients
        return float(left @ weights @ left), coefficients, covariances

    def hinged(joint: int) -> Numbers:
        """Return the design whose coefficients are the level and the slopes on either side."""
        past = years - joint
        return np.column_stack([np.ones(11), np.minimum(past, 0.0), np.maximum(past, 0.0)])

    left, joint = min((solved(hinged(year))[0], year) for year in range(2013, 2020))
    single = solved(np.column_stack([np.ones(11), years - 2016]))[0]
    bic = [
        log(single / 11) + 2 * log(11) / 11,
        log(left / 11) + (4 + 1 - left / single) * log(11) / 11,
    ]
    assert bic[1] < bic[0]
    _, lines, covariances = solved(hinged(joint))
    wanted = []
    for place, (first, last) in enumerate([(2011, joint), (joint, 2021)], start=1):
        reach = Z * sqrt(covariances[place, place])
        wanted.append((first, last, lines[place], lines[place] - reach, lines[place] + reach))
    segments = [one for one in table.about["segments"]["rows"] if one[0] == "Ohio"]
    for found, (first, last, *ends) in zip(segments, wanted, strict=True):
        assert found[1:3] == [first, last]
        assert found[3:6] == pytest.approx([100 * (exp(end) - 1) for end in ends], abs=1e-5)
    cells = named(table, "state")
    assert (cells["Ohio"]["joinpoint"], cells["Ohio"]["apc"]) == (2016, segments[1][3])
    assert cells["Utah"]["joinpoint"] is None
    assert cells["Utah"]["apc"] == pytest.approx(2.0, abs=1e-5)
    assert any("joinpoint" in one for one in table.about["warnings"])


def test_no_percentage_change_of_few_years_or_of_nothing() -> None:
    rows = [row("Ohio", 30.0 + n, year=2011 + n) for n in range(6)]
    rows += [row("Utah", 30.0 + n, year=2011 + n) for n in range(8)]
    rows[-1] = Row("Utah", 2018, 0.0, 0.0, 1.0)
    rows += [row("Iowa", 30.0 + n, year=2011 + n) for n in range(8)]
    table = ask(TREND, made(rows), question="Q036")
    known = {state: cells["apc"] is not None for state, cells in named(table, "state").items()}
    assert known == {"Iowa": True, "Ohio": False, "Utah": False}


def test_the_best_joinpoint_leaves_room_on_both_sides() -> None:
    years = np.arange(8.0)
    value = np.array([[0, 9, 9, 9, 9, 9, 9, 9.0], [0, 0, 0, 0, 0, 0, 0, 9.0]])
    places = best(years, value, np.ones((2, 8)))
    assert places.tolist() == [2, 5]
    assert best(years[:6], value[:, :6], np.ones((2, 6))).tolist() == [-1, -1]


def test_limits_hold_as_often_as_they_say() -> None:
    """A small sample of what benchmarks/trend_coverage.py prints."""
    chance = np.random.default_rng(1)
    runs = 4000
    for points in (3, 5, 13):
        slope, scatter, _, change, false = slopes(points, 0.0, runs, chance)
        assert false < 0.06
        assert slope == pytest.approx(0.953, abs=0.012)
        assert scatter == pytest.approx(0.05, abs=0.012)
        assert change == pytest.approx(0.95, abs=0.012)
    before, after, *_ = percentages(13, 6, (0.03, 0.0), runs, chance)
    assert 0.94 < before < 0.965
    assert 0.94 < after < 0.965
