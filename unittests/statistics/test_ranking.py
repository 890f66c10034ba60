"""The ranking of states: order, limits of ranks by brute force and as published, verdicts."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.methods.estimates import estimates, matching
from app.methods.ranks import marginal, with_rank_limits
from app.statistics.against import Against
from app.statistics.ranking import Ranking
from unittests.helpers.data import OBESITY, cdc_cut, dataset, release
from unittests.helpers.rows import TEXTS, Row, made, row
from unittests.helpers.statistics import NORMAL, Z, answer, ask, logit, named, refuses, sentence

RANKING = Ranking()

Ends = list[tuple[float, float]]


def joint_ends(estimates: list[tuple[float, float, float]]) -> Ends:
    """Return simultaneous intervals of estimates with limits, by the formulas, one by one."""
    z = NORMAL.inv_cdf((1 + 0.95 ** (1 / len(estimates))) / 2)
    ends = []
    for value, low, high in estimates:
        error = (logit(high) - logit(low)) / (2 * Z)
        ends.append((logit(value) - z * error, logit(value) + z * error))
    return ends


def counted(ends: Ends) -> list[tuple[int, int]]:
    """Return the limits of the ranks, by looking at every pair; low is best."""
    limits = []
    for mine in ends:
        better = sum(other[1] < mine[0] for other in ends)
        worse = sum(other[0] > mine[1] for other in ends)
        limits.append((1 + better, len(ends) - worse))
    return limits


def ranked_obesity_of_2021() -> pl.DataFrame:
    """Return the estimates of the states with their ranks."""
    rows = matching(release(), question=OBESITY, category="Total", stratum="Total")
    rows = rows.filter(pl.col("year_start") == 2021, pl.col("state") != "National")
    return estimates(rows, "state").with_columns(rank=pl.col("value").rank("min"))


def rank_limits(table: Any) -> dict[str, tuple[int, int]]:
    return {s: (r["rank_low"], r["rank_high"]) for s, r in named(table, "state").items()}


def test_each_state_tells_how_far_it_is_from_the_nation() -> None:
    rows = [row("Ohio", 30.0), row("Utah", 24.5)]
    table = ask(RANKING, made([*rows, row("National", 28.0)]), question="Q036")
    told = {state: cells["from_national"] for state, cells in named(table, "state").items()}
    assert told == {"Ohio": 2.0, "Utah": -3.5}
    without = ask(RANKING, made(rows), question="Q036")
    assert without.column("from_national") == [None, None]


def test_states_without_an_estimate_are_told_with_what_stands_in_its_place() -> None:
    rows = [row("Ohio", 30.0), row("Utah", 24.5), row("Guam", None), row("Iowa", 30.0, filled=True)]
    rows += [row("Alabama", None), row("District of Columbia", None), row("Texas", 9.0, year=2019)]
    for state, value in {"Guam": 20.0, "Iowa": 20.0, "Alabama": None}.items():
        rows.append(row(state, value, category="Sex", stratum="Male"))
    table = ask(RANKING, made(rows), question="Q036")
    assert table.column("state") == ["Utah", "Ohio"]
    assert table.about["without_estimate"] == {
        "suppressed": ["Guam"],
        "filled": ["Iowa"],
        "not released": ["Alabama"],
        "no estimate": ["District of Columbia"],  # it has no row by sex
        "no row": ["Texas"],
    }
    counts = ("rows_suppressed", "rows_not_released", "rows_filled", "rows_no_estimate")
    assert [table.about[name] for name in counts] == [1, 1, 1, 1]
    assert table.about["warnings"][:3] == [
        "Not released in 2020, in no stratum (nor is any other question of these places and years; "
        "why is not known): Alabama.",
        "Withheld in 2020, for too small a sample of the stratum: Guam and Iowa.",
        "No usable estimate in 2020: District of Columbia and Texas.",
    ]


@pytest.mark.parametrize(
    ("question", "warning"),
    [
        ("Q036", "half of the 50 places that have any; 2021 has the most (17)."),
        ("Q043", "half of the 38 places that have any; 2017 has the most (16)."),
    ],
)
def test_a_year_that_most_places_lack_is_not_taken_as_if_others_lacked_more(
    question: str, warning: str
) -> None:
    warnings = answer(RANKING, dataset(), question=question).about["warnings"]
    assert warnings[0] == f"No year has estimates of {warning}"
    assert not any("left out" in one for one in warnings)


@pytest.mark.parametrize(("question", "year"), [("Q036", 2011), ("Q047", 2023)])
def test_limits_of_ranks_of_real_states_by_brute_force(question: str, year: int) -> None:
    data = cdc_cut()
    table = ask(RANKING, data, question=question, year=year, stratum="Male")
    rows = list(named(table, "state").values())
    ends = joint_ends([(r["value"], r["low"], r["high"]) for r in rows])
    assert [(r["rank_low"], r["rank_high"]) for r in rows] == counted(ends)
    assert [r["may_be_first"] for r in rows] == [low == 1 for low, _ in counted(ends)]
    values = [r["value"] for r in rows]
    assert values == sorted(values)
    assert [r["rank"] for r in rows] == [1 + sum(v < mine for v in values) for mine in values]
    assert all(r["rank_low"] <= r["rank"] <= r["rank_high"] for r in rows)


def test_published_figures_come_out_as_they_are() -> None:
    table = ask(RANKING, cdc_cut(), question="Q044", year=2011, stratum="Female")
    alaska = named(table, "state")["Alaska"]
    figures = [alaska[name] for name in ("value", "low", "high", "sample_size", "rows_used")]
    assert figures == [21.7, 19.1, 24.6, 1702, 1]
    assert table.about["better"] == "higher"
    national = ask(RANKING, cdc_cut(), question="Q036", year=2011, stratum="female")
    assert national.about["national"] == {"value": 27.1, "low": 26.8, "high": 27.5}
    assert national.about["years"] == "2011"


def test_the_latest_year_is_one_that_half_of_the_states_have() -> None:
    data = cdc_cut()
    table = ask(RANKING, data, question="Q036", stratum="Male")
    assert (table.about["years"], len(table.rows)) == ("2023", 52)
    assert "No usable estimate in 2023: Kentucky and Pennsylvania." in table.about["warnings"]
    rows = [row(state, 20.0, year=2020) for state in ("Ohio", "Iowa", "Utah")]
    half = made([*rows, row("Ohio", 9.0, year=2021), row("Iowa", 9.0, year=2021)])
    few = made([*rows, row("Ohio", 9.0, year=2021)])
    assert ask(RANKING, half, question="Q036").about["years"] == "2021"
    answer = ask(RANKING, few, question="Q036")
    assert answer.about["years"] == "2020"
    assert any(one.startswith("2021 left out") for one in answer.about["warnings"])
    assert ask(RANKING, few, question="Q036", year=2021).about["years"] == "2021"


def test_kinds_and_the_nation() -> None:
    names = ("Ohio", "National", "Guam", "District of Columbia")
    table = ask(RANKING, made(row(name, 30.0) for name in names), question="q036")
    kinds = {state: cells["kind"] for state, cells in named(table, "state").items()}
    assert kinds == {"District of Columbia": "district", "Guam": "territory", "Ohio": "state"}
    assert table.about["national"] == {"value": 30.0, "low": 29.0, "high": 31.0}
    assert [cells[0] for cells in table.rows] == [1, 1, 1]
    assert table.about["dataset_rows_used"] == 4
    alone = ask(RANKING, made([row("Ohio", 30.0)]), question="Q036")
    assert alone.about["national"] is None


def test_a_state_without_limits_leaves_the_others_theirs() -> None:
    rows = [row("Ohio", 10.0), row("Iowa", 50.0), row("Utah", 90.0), row("Texas", 30.0, None)]
    table = ask(RANKING, made(rows), question="Q036")
    assert rank_limits(table) == {
        "Ohio": (1, 2),
        "Texas": (None, None),
        "Iowa": (2, 3),
        "Utah": (3, 4),
    }
    assert named(table, "state")["Texas"]["presentation"] == "caution: no interval"
    assert any("limits of their ranks: 1 of 4;" in warning for warning in table.about["warnings"])


def test_rows_of_many_years_have_ranks_without_limits() -> None:
    values = {"Ohio": (30.0, 31.1), "Utah": (24.0,), "Iowa": (33.0, 35.0, 35.2)}
    data = made(
        row(state, value, None, year=2011, until=2022)
        for state in values
        for value in values[state]
    )
    table = ask(RANKING, data, question="Q036", stratum="total")
    assert table.about["years"] == "2011-2022"
    assert table.column("rank_low") == [None] * len(table.rows)
    assert {"No state has confidence limits: how sure the ranks are cannot be told."} <= set(
        table.about["warnings"]
    )
    assert table.about["dataset_rows_used"] == 6
    ranked = [(cells[1], cells[3]) for cells in table.rows]
    assert ranked == [("Utah", 24.0), ("Ohio", 30.55), ("Iowa", 34.4)]


def test_equal_means_of_several_rows_are_equal() -> None:
    sums = [Row("Utah", value=value) for value in (0.1, 0.2, 0.3)]
    table = ask(RANKING, made([*sums, Row("Ohio", value=0.2)]), question="Q036")
    assert [cells[:2] for cells in table.rows] == [[1, "Ohio"], [1, "Utah"]]


def test_values_at_the_ends_of_the_scale() -> None:
    rows = [Row("Ohio", 2020, 0.0, 0.0, 1.0), Row("Iowa", 2020, 100.0, 98.0, 100.0)]
    table = ask(RANKING, made([*rows, row("Utah", 50.0)]), question="Q036")
    assert rank_limits(table) == {"Ohio": (1, 1), "Utah": (2, 2), "Iowa": (3, 3)}


def test_an_estimate_of_nobody_is_no_surer_than_its_own_limits() -> None:
    # 0 of 121 people, and 3.3 %: the chance of nobody, where 3.3 % is true, is 1.7 %.
    none = [Row("Utah", 2020, 0.0, 0.0, 3.0), Row("Texas", 2020, 3.3, 2.5, 4.4)]
    every = [Row("Utah", 2021, 100.0, 97.0, 100.0), Row("Texas", 2021, 96.7, 95.6, 97.5)]
    for year in (2020, 2021):
        found = rank_limits(ask(RANKING, made([*none, *every]), question="Q036", year=year))
        assert found == {"Utah": (1, 2), "Texas": (1, 2)}


def test_of_places_without_any_age_a_ranking_by_age_tells() -> None:
    ages = ("18 - 24", "25 - 34", "35 - 44", "45 - 54", "55 - 64", "65 or older")
    ohio = [row("Ohio", 30.0, category="Age (years)", stratum=age) for age in ages]
    data = made([*ohio, row("Ohio", 30.0), row("Utah", 25.0)])
    table = answer(RANKING, data, question="Q036", adjust="age2000")
    assert table.column("state") == ["Ohio"]
    assert table.about["without_estimate"]["no row"] == ["Utah"]
    assert any("No usable estimate in 2020: Utah." in one for one in table.about["warnings"])


numbers = st.floats(1, 99).map(lambda number: round(number, 1))
many = st.lists(numbers, min_size=1, max_size=7)
STATES = ("Alabama", "District of Columbia", "Guam", "Iowa", "Ohio", "Texas", "Utah")


@settings(max_examples=2)
@given(many)
def test_ranks_turn_round_with_the_direction(values: list[float]) -> None:
    rows = [row(state, value, 0.9) for state, value in zip(STATES, values, strict=False)]
    data = made([*rows, *(one._replace(question="Q043") for one in rows)])
    lowest = named(answer(RANKING, data, question="Q036"), "state")
    highest = named(answer(RANKING, data, question="Q043"), "state")
    count = len(rows)
    for state, cells in lowest.items():
        assert highest[state]["rank_low"] == count + 1 - cells["rank_high"]
        assert highest[state]["rank_high"] == count + 1 - cells["rank_low"]
    assert [c["value"] for c in highest.values()] == [c["value"] for c in lowest.values()][::-1]


def widths(table: Any) -> list[int]:
    """Return how many ranks each state may have."""
    return [high - low + 1 for low, high in rank_limits(table).values()]


def test_limits_by_differences_are_narrower_and_those_of_one_state_more_so() -> None:
    body = {"question": "Q036", "year": 2021}
    joint = ask(RANKING, release(), **body)
    assert sum(widths(joint)) / 53 == pytest.approx(35.4, abs=0.05)
    apart = ask(RANKING, release(), **body, method="differences")
    assert sum(widths(apart)) / 53 == pytest.approx(32.0, abs=0.05)
    for state, (low, high) in rank_limits(apart).items():
        assert rank_limits(joint)[state][0] <= low <= high <= rank_limits(joint)[state][1]


def test_the_limits_of_each_state_alone_have_a_mean_width_of_27() -> None:
    states = with_rank_limits(ranked_obesity_of_2021(), "joint_region", lower=True)
    found = [marginal(states, state, lower=True) for state in states["state"]]
    sizes = [(one.high or 0) - (one.low or 0) + 1 for one in found]
    assert sum(sizes) / 53 == pytest.approx(27.0, abs=0.05)


def test_the_rank_of_one_named_state() -> None:
    table = ask(RANKING, release(), question="Q036", year=2021, state="OH")
    own, all_at_once = table.about["one_state"], named(table, "state")["Ohio"]
    assert (own["state"], own["rank"]) == ("Ohio", all_at_once["rank"])
    assert all_at_once["rank_low"] <= own["rank_low"] <= own["rank"]
    assert own["rank"] <= own["rank_high"] <= all_at_once["rank_high"]
    assert "rank of Ohio in about.one_state" in table.about["method"]
    without = ask(RANKING, release(), question="Q036", year=2023, state="KY")
    assert without.about["one_state"] is None
    assert set(without.column("verdict")) == {"unknown"}
    plain = ask(RANKING, release(), question="Q036")
    assert "one_state" not in plain.about
    assert "verdict" not in [column.name for column in plain.columns]


def test_a_ranking_of_one_named_state_has_the_verdicts_of_against() -> None:
    body: dict[str, Any] = {"question": "Q036", "year": 2023, "state": "OH"}
    found = named(ask(RANKING, release(), **body), "state")
    against = named(ask(Against(), release(), **body, others="places"), "state")
    assert {state: cells["verdict"] for state, cells in found.items()} == {
        "Ohio": None,
        **{state: cells["verdict"] for state, cells in against.items()},
    }


def test_what_may_be_first_and_what_is_told_apart_from_the_first() -> None:
    table = ask(RANKING, release(), question="Q036", year=2021)
    states = named(table, "state")
    first = {state for state, cells in states.items() if cells["may_be_first"]}
    near = {state for state, cells in states.items() if not cells["worse_than_first"]}
    assert next(iter(states)) == "District of Columbia"
    # Seven overlap the District's interval, and yet another state is clearly better than they.
    assert (len(first), len(near - first), first - near) == (9, 7, set())
    assert first == {state for state, cells in states.items() if cells["rank_low"] == 1}


def test_what_is_debatable_is_said_of_a_ranking() -> None:
    said = [
        [one for one in ask(RANKING, release(), question=name).about["warnings"] if "debat" in one]
        for name in ("Q036", "Q037")
    ]
    assert [len(warnings) for warnings in said] == [0, 1]


def test_what_a_job_of_an_earlier_version_recorded_is_read() -> None:
    before = {"question": TEXTS["Q036"], "year": 2020, "stratum": "Total"}
    parsed = RANKING.parse(before, made([row("Ohio", 30.0)]))
    assert (parsed.method, parsed.state) == ("joint_region", None)


def test_what_cannot_be_asked() -> None:
    data = made([row("Ohio", 30.0), row("Ohio", 30.0, question="Q999"), Row(value=None, year=2021)])
    refuses(RANKING, data, {}, '"question" is missing')
    refuses(RANKING, data, {"question": "Q036", "sate": 1}, "sate", '"stratum"', '"year"')
    refuses(RANKING, data, {"question": "Q999"}, "whether low or high is better")
    refuses(RANKING, data, {"question": "Q036", "method": "x"}, "joint_region", "differences")
    refuses(RANKING, data, {"question": "Q036", "state": "UT"}, "unknown state")
    nation = made([row("Ohio", 30.0), row("National", 30.0)])
    refuses(RANKING, nation, {"question": "Q036", "state": "US"}, "National is not")
    refuses(RANKING, data, {"question": 36}, "must be text in quotes")
    refuses(RANKING, data, {"question": "Q036", "year": True}, "such as 2019")
    refuses(RANKING, data, {"question": "Q036", "year": 10**30}, "1900")
    refuses(RANKING, data, {"question": "Q036", "year": 2021}, "there are some in 2020")
    refuses(RANKING, data, ["question"], "JSON object")
    refuses(RANKING, data, {"question": TEXTS["Q036"][:-1]}, "obesity")
    period = made([row("Ohio", 30.0, None, year=2011, until=2022)])
    refuses(RANKING, period, {"question": "Q036", "year": 2019}, "2011-2022", "make data")
    refuses(RANKING, cdc_cut(), {"question": "Q036"}, '"Female", "Male"', "make data")


def test_the_sentence() -> None:
    assert sentence(RANKING, dataset(), question="Q036") == (
        "How do the states rank by the percent of adults aged 18 years and older who have obesity "
        "in the latest year, among all adults, and how sure are the ranks?"
    )
