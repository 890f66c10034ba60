"""What answers tell of what CDC withheld and of what it did not release, on its own release."""

from typing import Any

import pytest

from app.answers.formats import as_csv
from app.statistics.against import Against
from app.statistics.change import Change
from app.statistics.compare import Compare
from app.statistics.correlation import Correlation
from app.statistics.disparity import Disparity
from app.statistics.inequality import Inequality
from app.statistics.query import Query
from app.statistics.ranking import Ranking
from app.statistics.statistic import Statistic
from app.statistics.trend import Trend
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import Row, made
from unittests.helpers.statistics import ask, dicts, named, refuses

NATION = "National is made without states for which CDC released nothing:"
OTHER_STATES = "What changes over the years may be which states are in it."


def warned(about: Any, start: str) -> list[str]:
    """Return the warnings that start so, without that start."""
    return [one.removeprefix(start).strip() for one in about["warnings"] if one.startswith(start)]


@pytest.mark.parametrize(
    ("year", "states", "national"),
    [
        (2019, ["New Jersey", "Virgin Islands"], {"value": 31.4, "low": 31.1, "high": 31.6}),
        (2021, ["Florida"], {"value": 33.0, "low": 32.6, "high": 33.3}),
        (2022, [], {"value": 33.3, "low": 33.0, "high": 33.6}),
        (2023, ["Kentucky", "Pennsylvania"], {"value": 32.8, "low": 32.4, "high": 33.1}),
    ],
)
def test_a_ranking_tells_which_states_were_not_released(
    year: int, states: list[str], national: dict[str, float]
) -> None:
    table = ask(Ranking(), release(), question="Q036", year=year)
    assert table.about["without_estimate"] == {
        "suppressed": [],
        "filled": [],
        "not released": states,
        "no estimate": [],
        "no row": [],
    }
    assert len(table.rows) == 54 - len(states)
    assert (table.about["rows_suppressed"], table.about["rows_not_released"]) == (0, len(states))
    assert table.about["national"] == national
    lacks = {str(year): [one for one in states if one != "Virgin Islands"]} if states else {}
    assert table.about.get("national_lacks", {}) == lacks
    named = [f"{' and '.join(of)} in {year}." for of in lacks.values()]
    assert warned(table.about, NATION) == named
    short = f"Not released in {year}, in no stratum (too little was collected there, says CDC):"
    assert warned(table.about, short) == [f"{' and '.join(of)}." for of in lacks.values()]
    unknown = (
        f"Not released in {year}, in no stratum (nor is any other question of these places and "
        "years; why is not known):"
    )
    islands = ["Virgin Islands."] if "Virgin Islands" in states else []
    assert warned(table.about, unknown) == islands


@pytest.mark.parametrize(
    ("statistic", "body"),
    [
        (Query(), {"question": "Q036", "where": {"state": "KY"}}),
        (Disparity(), {"question": "Q036", "category": "Sex", "state": "KY"}),
        (Inequality(), {"question": "Q036", "category": "Sex", "state": "KY"}),
        (Against(), {"question": "Q036", "stratum": "Male", "state": "KY", "others": "strata"}),
        (Compare(), {"states": ["KY", "OH"]}),
    ],
)
def test_a_later_year_that_the_place_lacks_is_told(
    statistic: Statistic[Any], body: dict[str, Any]
) -> None:
    lost = [one for one in ask(statistic, release(), **body).about["warnings"] if "2023" in one]
    assert len(lost) == 1
    assert " left out: " in lost[0]
    assert lost[0].endswith("CDC released nothing for Kentucky in 2023.")


@pytest.mark.parametrize(
    ("statistic", "body"),
    [
        (Disparity(), {"question": "Q036", "category": "Income"}),
        (Inequality(), {"question": "Q036", "category": "Income"}),
        (Ranking(), {"question": "Q036", "stratum": "$75,000 or greater"}),
        (Against(), {"question": "Q036", "stratum": "$75,000 or greater", "state": "OH"}),
        (Compare(), {"strata": ["$75,000 or greater", "$15,000 - $24,999"], "state": "OH"}),
        (Correlation(), {"questions": ["Q036", "Q047"], "stratum": "$75,000 or greater"}),
        (Query(), {"question": "Q036", "method": "sample_weighted", "group_by": ["stratum"]}),
    ],
)
def test_who_the_highest_income_is_from_2021_on_is_told(
    statistic: Statistic[Any], body: dict[str, Any]
) -> None:
    told = ask(statistic, release(), **body).about["warnings"]
    assert len([one for one in told if 'on, "$75,000 or greater" seems to hold' in one]) == 1


def test_those_whose_income_is_not_known_are_told_beside_everyone() -> None:
    (told,) = warned(
        ask(Disparity(), release(), question="Q036", category="Income", year=2023).about,
        '"Data not reported" is left out: it is no group of people.',
    )
    assert told.startswith("Of the people asked they are 42 %, and counted in Total: all strata")
    by_sex = ask(Disparity(), release(), question="Q036", category="Sex", year=2023)
    assert not any("left out" in one for one in by_sex.about["warnings"])
    for statistic, body in (
        (Ranking(), {}),
        (Trend(), {"state": "OH"}),
        (Change(), {"state": "OH"}),
        (Against(), {"state": "OH"}),
    ):
        asked = {"question": "Q036", "stratum": "Data not reported", **body}
        warnings = ask(statistic, release(), **asked).about["warnings"]
        assert any('"Data not reported" is no group of people' in one for one in warnings)


def test_a_group_that_no_place_has_is_not_withheld() -> None:
    body = {"question": "Q036", "category": "Race/Ethnicity", "year": 2022}
    other = named(ask(Disparity(), release(), **body), "stratum")["Other"]
    assert (other["value"], other["status"]) == (None, "no estimate")


def test_a_ranking_of_a_stratum_tells_withheld_states_apart() -> None:
    table = ask(Ranking(), release(), question="Q036", year=2021, stratum="Hispanic")
    without = table.about["without_estimate"]
    assert (without["suppressed"], without["not released"]) == (["Mississippi"], ["Florida"])
    assert (table.about["rows_suppressed"], table.about["rows_not_released"]) == (1, 1)


def test_a_query_tells_for_each_group_why_it_has_no_value() -> None:
    data = release()
    where = {"state": ["FL", "VT", "National"], "year": 2021}
    body = {"question": "Q036", "group_by": ["state", "stratum"], "where": where}
    table = ask(Query(), data, **body, method="sample_weighted")
    cells = named(table, "state", "stratum")
    asian = cells["Vermont", "Asian"]
    assert (asian["value"], asian["status"]) == (None, "withheld")
    assert (asian["rows_suppressed"], asian["rows_not_released"]) == (1, 0)
    florida = [row for (state, _), row in cells.items() if state == "Florida"]
    assert {row["status"] for row in florida} == {"not released"}
    assert {(row["rows_suppressed"], row["rows_not_released"]) for row in florida} == {(0, 1)}
    assert cells["National", "Asian"]["status"] == "estimate"
    assert cells["National", "Asian"]["value"] == 11.8
    assert table.about["excluded"] == {
        "not released: CDC has no estimate of the place and year, in any stratum": 28,
        "suppressed: CDC withholds the estimate": 3,
    }
    assert warned(table.about, "CDC released nothing, in no stratum, for:") == ["Florida (2021)."]
    assert warned(table.about, NATION) == ["Florida in 2021."]
    assert b"\r\nFlorida,Asian,,,,,,0,0,0,0,,,,,1,not released\r\n" in as_csv(table)


def test_a_query_over_years_counts_what_was_not_released() -> None:
    table = ask(
        Query(), release(), question="Q036", group_by=["state"], where={"year": {"from": 2011}}
    )
    rows = named(table, "state")
    assert {state: row["rows_not_released"] for state, row in rows.items()} == {
        state: {"Florida": 1, "Kentucky": 1, "New Jersey": 1, "Pennsylvania": 1}.get(state, 0)
        + {"Guam": 3, "Puerto Rico": 2, "Virgin Islands": 9}.get(state, 0)
        for state in rows
    }
    assert {row["status"] for row in rows.values()} == {"estimate"}
    assert {row["rows_suppressed"] for row in rows.values()} == {0}
    (named_states,) = warned(table.about, "CDC released nothing, in no stratum, for:")
    assert "Guam (2011-2013), Kentucky (2023), New Jersey (2019)" in named_states


def test_of_several_reasons_a_query_tells_that_estimates_are_withheld() -> None:
    men = Row(value=None, category="Sex", stratum="Male")
    rows = [Row(year=2020), men, Row(value=None, year=2021), men._replace(year=2021)]
    others = [Row("Texas", year) for year in (2020, 2021)]
    table = ask(
        Query(),
        made([*rows, *others]),
        question="Q036",
        group_by=["stratum"],
        method="median",
        where={"year": [2020, 2021]},
    )
    (told,) = [row for row in dicts(table) if row["stratum"] == "Male"]
    assert (told["status"], told["rows_suppressed"], told["rows_not_released"]) == (
        "withheld",
        1,
        1,
    )


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ({"method": "national"}, True),
        ({"group_by": ["state"]}, True),
        ({"where": {"state": "National"}}, True),
        ({}, False),  # National is left out
        ({"method": "mean"}, False),  # its rows are some of all
    ],
)
def test_a_query_tells_what_the_nation_lacks_where_it_tells_of_the_nation(
    body: dict[str, Any], *, is_told: bool
) -> None:
    body = {"where": {"year": [2021, 2023]}, "question": "Q036"} | body
    body["where"] = {**body["where"], "year": [2021, 2023]}
    table = ask(Query(), release(), **body)
    told = [f"Florida in 2021; Kentucky and Pennsylvania in 2023. {OTHER_STATES}"]
    assert warned(table.about, NATION) == (told if is_told else [])


def test_a_trend_tells_the_years_that_a_state_lacks() -> None:
    body = {"question": "Q036", "state": ["FL", "NJ", "US"], "years": {"from": 2018}}
    table = ask(Trend(), release(), **body)
    assert table.about["gaps"] == {
        "columns": ["state", "year", "status"],
        "rows": [["Florida", 2021, "not released"], ["New Jersey", 2019, "not released"]],
    }
    rows = named(table, "state")
    assert [rows[state]["rows_not_released"] for state in ("Florida", "National")] == [1, 0]
    assert rows["Florida"]["points"] == 5
    told = warned(table.about, "Years for which CDC released nothing, in no stratum:")
    assert told == ["Florida (2021) and New Jersey (2019)."]
    states = "New Jersey in 2019; Florida in 2021; Kentucky and Pennsylvania in 2023."
    assert warned(table.about, NATION) == [f"{states} {OTHER_STATES}"]
    for state, year in (("FL", 2021), ("KY", 2023)):  # no other state has these years
        gaps = ask(Trend(), release(), question="Q036", state=state).about["gaps"]["rows"]
        assert [gap[1:] for gap in gaps] == [[year, "not released"]]
    alone = ask(Trend(), release(), question="Q036", state="OH")
    assert alone.about["gaps"]["rows"] == []
    # Its slope is held against the nation's, which lacks some.
    assert alone.about["national_lacks"]["2021"] == ["Florida"]


def test_a_trend_tells_withheld_years_apart() -> None:
    asian = ask(Trend(), release(), question="Q036", state=["VT", "FL"], stratum="Asian")
    told = {(state, year): why for state, year, why in asian.about["gaps"]["rows"]}
    assert told["Florida", 2021] == "not released"
    assert told["Vermont", 2021] == "withheld"
    (years,) = warned(asian.about, "Years withheld, for too small a sample of the stratum:")
    assert years.startswith("Vermont (")


def test_a_comparison_tells_which_of_the_two_is_missing() -> None:
    table = ask(Compare(), release(), states=["Puerto Rico", "National"], year=2013)
    missing = {row["question_id"]: row["missing"] for row in dicts(table)}
    activity = ["Q043", "Q044", "Q045", "Q046", "Q047"]
    assert missing == {
        **dict.fromkeys(("Q018", "Q019"), "both: no estimate"),
        **dict.fromkeys(("Q036", "Q037"), None),
        **dict.fromkeys(activity, "Puerto Rico: not released"),
    }
    told = warned(table.about, "CDC released nothing, in no stratum, for Puerto Rico:")
    assert told == ["Q043, Q044, Q045, Q046 and Q047."]
    assert warned(table.about, NATION) == []  # Puerto Rico is no state
    nation = ask(Compare(), release(), states=["Ohio", "National"])
    # Each question has its own year, so nothing is told of a change.
    assert warned(nation.about, NATION) == [
        "Florida in 2021; Kentucky and Pennsylvania in 2023.",
    ]


def test_a_disparity_tells_withheld_strata_and_states_that_were_not_released() -> None:
    body = {"question": "Q036", "category": "Race/Ethnicity", "state": ["VT", "FL", "US"]}
    table = ask(Disparity(), release(), **body, year=2021)
    told = warned(table.about, "Not released in 2021, in no stratum")
    assert told == ["(too little was collected there, says CDC): Florida."]
    assert warned(table.about, "Withheld, for too small a sample of the stratum:") == [
        "Vermont (Non-Hispanic Black, Asian, Hawaiian/Pacific Islander)."
    ]
    assert warned(table.about, NATION) == ["Florida in 2021."]
    assert (table.about["rows_suppressed"], table.about["rows_not_released"]) == (3, 9)


def test_a_correlation_tells_states_that_were_not_released() -> None:
    table = ask(Correlation(), release(), questions=["Q036", "Q043"], year=2013)
    told = warned(table.about, "Not released in 2013 of one question or both, in no stratum")
    # Puerto Rico was surveyed: other questions of it are there. So was Guam, by CDC's codebook.
    assert told == [
        "(nor is any other question of these places and years; why is not known): Guam and Virgin "
        "Islands.",
        "(CDC released other questions of these places and years; why not this one is not known): "
        "Puerto Rico.",
    ]
    assert warned(table.about, NATION) == []
    ranked = ask(Ranking(), release(), question="Q047", year=2013).about
    assert [
        one.split(": ")[1] for one in warned(ranked, "Not released in 2013, in no stratum")
    ] == [
        "Guam and Virgin Islands.",
        "Puerto Rico.",
    ]


def test_a_refusal_says_that_nothing_was_released() -> None:
    data, why = release(), "; CDC released nothing for Florida in 2021"
    refuses(Compare(), data, {"states": ["Ohio", "FL"], "year": 2021}, "2022-2023" + why)
    one = {"question": "Q036", "state": ["FL"]}
    refuses(Disparity(), data, {**one, "category": "Sex", "year": 2021}, "2022-2023" + why)
    years = {"years": {"from": 2021, "to": 2021}}
    refuses(Trend(), data, {**one, **years}, "2011-2020, 2022-2023" + why)


def test_where_every_row_has_an_estimate_nothing_is_added() -> None:
    data = cdc_cut()
    bodies: dict[Any, dict[str, Any]] = {
        Query(): {"question": "Q036", "group_by": ["state", "stratum"], "method": "median"},
        Trend(): {"question": "Q036", "stratum": "Male"},
        Ranking(): {"question": "Q036", "stratum": "Male", "year": 2021},
        Compare(): {"states": ["OH", "TX"], "stratum": "Male"},
    }
    for statistic, body in bodies.items():
        table = ask(statistic, data, **body)
        more = {"rows_not_released", "status", "missing"} & {one.name for one in table.columns}
        assert not more
        assert not {"rows_not_released", "gaps", "national_lacks"} & set(table.about)
        assert "not released" not in table.about.get("without_estimate", {})
