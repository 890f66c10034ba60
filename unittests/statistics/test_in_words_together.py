"""A query's answer in a sentence: of which places, strata and years its values are."""

from typing import Any

from app.statistics.in_words.english import ENGLISH
from app.statistics.query import Query
from unittests.helpers.data import release
from unittests.helpers.statistics import answer
from unittests.statistics.test_in_words import LACKS, told

SEVERAL = ENGLISH.phrases["several_places"]
APART = "These years are perhaps not comparable: see the warnings."
APART_RO = "Acești ani poate nu se pot compara: a se vedea avertismentele."
GUAM: dict[str, Any] = {"state": ["VI", "GU"], "year": 2020}


def query(language: str = "en", **body: Any) -> str:
    return told("query", language, **{"question": "Q036", **body})


def test_one_place_of_several_is_told_by_its_name() -> None:
    where: dict[str, Any] = {"state": ["KY", "OH"], "year": 2023}
    assert query(where=where) == (
        "In 2023, 36.4 % (35.2-37.7) of adults in Ohio had obesity, clearly above the United "
        "States (32.8 %), up from 29.6 % in 2011. Without an estimate: Kentucky (CDC released "
        f"nothing). {LACKS}"
    )
    romanian = query("ro", where=where)
    assert "dintre adulții din Ohio aveau obezitate" in romanian
    assert "Fără estimare: Kentucky (CDC nu a publicat nimic). Cifrele pentru Statele" in romanian
    florida = query(where={"state": ["FL", "OH"], "year": 2021})
    assert "37.8 % (36.6-39.0) of adults in Ohio had obesity" in florida
    assert "Without an estimate: Florida (CDC released nothing)." in florida
    assert "34.4 % (30.8-38.2) of adults in Guam" in query(where=GUAM, method="inverse_variance")
    assert query(where=GUAM, adjust="age2000") == (
        "In 2020, in Guam, standardised by age, the share of adults who had obesity was 34.8 % "
        "(30.9-39.0). Without an estimate: the Virgin Islands (CDC released nothing)."
    )


def test_one_stratum_of_several_is_told_by_its_name() -> None:
    body: dict[str, Any] = {
        "where": {"state": "AL", "stratum": ["Asian", "Hispanic"], "year": 2023},
        "method": "median",
    }
    english = query(**body)
    assert 'In 2023, in the group "Hispanic", 36.6 % (26.0-48.7) of adults in Alab' in english
    assert 'Without an estimate: "Asian" (withheld, for too small a sample).' in english
    assert "Fără estimare: „Asiatici” (nepublicată" in query("ro", **body)


def test_what_is_no_estimate_of_the_nation_tells_nothing_of_it() -> None:
    body: dict[str, Any] = {"where": {"state": ["US", "OH"], "year": 2023}, "method": "mean"}
    assert SEVERAL in query(**body)
    assert LACKS not in query(**body)
    assert "sunt calculate fără" not in query("ro", **body)


def test_a_mean_of_years_by_age_is_a_mean() -> None:
    ohio: dict[str, Any] = {"where": {"state": "OH", "year": {"from": 2011}}, "adjust": "age2000"}
    assert query(**ohio) == (
        "In 2011-2023, in Ohio, standardised by age, the mean of 13 estimates of the share of "
        "adults who had obesity was 33.4 % (33.0-33.8; to be read with caution)."
    )
    assert "media mai multor estimări (13) pentru" in query("ro", **ohio)
    of_each = query(
        where={"state": ["AL", "OH"], "year": [2022, 2023]}, group_by=["state"], adjust="age2000"
    )
    assert "made of 12 rows), of Alabama" in of_each
    assert "made of 12 rows), of Ohio" in of_each


def test_a_mean_across_a_break_says_so() -> None:
    cases: list[dict[str, Any]] = [
        {"question": "Q043", "where": {"state": "OH", "year": [2019, 2023]}},
        {"question": "Q047", "where": {"state": "OH", "year": [2018, 2019]}},
        {
            "question": "Q043",
            "where": {"year": [2019, 2023]},
            "method": "national",
            "adjust": "age2000",
        },
        {
            "where": {"state": "OH", "year": [2020, 2021], "category": "Income"},
            "group_by": ["stratum"],
            "method": "sample_weighted",
        },
    ]
    for body in cases:
        assert APART in query(**body), body
        assert APART_RO in query("ro", **body), body


def test_a_mean_of_comparable_years_tells_no_break() -> None:
    body: dict[str, Any] = {"question": "Q043", "where": {"state": "OH", "year": [2017, 2019]}}
    assert APART not in query(**body)
    assert "across_breaks" not in answer(Query(), release(), **body).about


def test_groups_of_different_places_are_told() -> None:
    islanders: dict[str, Any] = {
        "where": {"stratum": "Hawaiian/Pacific Islander"},
        "method": "sample_weighted",
        "group_by": ["year"],
    }
    named = ["California", "Florida", "Guam", "New York", "Utah", "Washington"]
    about = answer(Query(), release(), question="Q036", **islanders).about
    assert about["not_in_each"] == named
    assert about["places"] == sorted([*named, "Hawaii"])
    assert (
        "The groups are of different places: compare them with care. Not in each of them are "
        "California, Florida, Guam, New York, Utah and Washington." in about["warnings"]
    )
    assert (
        "The values are of different places: not all have California, Florida, Guam, New York, "
        "Utah or Washington." in query(**islanders)
    )
    assert "nu toate cuprind California, Florida, Guam, New York, Utah sau" in query(
        "ro", **islanders
    )
    about = answer(Query(), release(), question="Q036", group_by=["year"]).about
    assert "Kentucky" in about["not_in_each"]
    same = query(where={"state": ["OH", "TX"], "year": [2022, 2023]}, group_by=["year"])
    assert SEVERAL in same
    assert "different places" not in same


def test_one_estimate_that_stands_for_several_categories_is_told_once() -> None:
    body: dict[str, Any] = {"group_by": ["category"], "method": "sample_weighted"}
    ohio: dict[str, Any] = {**body, "where": {"state": "OH", "year": 2023}}
    assert query(**ohio).startswith("In 2023, 36.4 % (35.2-37.7) of adults in Ohio had obesity, ")
    assert 'The estimate of "All adults" stands for each of the 6 categories.' in query(**ohio)
    assert "Estimarea pentru „Toți adulții” ține locul fiecărei categorii (6)." in query(
        "ro", **ohio
    )
    every = query(**{**body, "group_by": ["category", "state"]}, where={"year": 2023})
    assert "of the 53 estimates" in every
    assert "41.2 % (39.3-43.0), of West Virginia" in every


def test_a_pooled_interval_tells_what_it_takes_for_granted() -> None:
    body: dict[str, Any] = {"method": "inverse_variance", "where": {"year": 2023}}
    assert (
        "33.5 % (33.2-33.7; to be read with caution; interval as if all estimates were of one "
        "value; I² = 96 %)" in query(**body)
    )
    assert "ca și cum toate estimările ar măsura aceeași valoare; I² = 96 %)" in query("ro", **body)
