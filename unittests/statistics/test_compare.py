"""Two states or two strata, question by question."""

from math import hypot
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.methods.multiplicity import holm
from app.statistics.compare import Compare
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import (
    Z,
    answer,
    ask,
    error_of,
    named,
    recorded,
    refuses,
    sentence,
    two_sided,
)

COMPARE = Compare()


def of(cells: dict[str, Any], side: str) -> tuple[float, float, float]:
    """Return the estimate of a side, and its limits."""
    return cells[side], cells[f"{side}_low"], cells[f"{side}_high"]


@pytest.mark.parametrize(
    "body",
    [
        {"states": ["Ohio", "Texas"], "stratum": "Female"},
        {"states": ["Utah", "Guam"], "stratum": "Male", "year": 2019},
        {"strata": ["Male", "Female"]},
        {"strata": ["Female", "Male"], "state": "CO"},
    ],
)
def test_real_rows_by_hand(body: dict[str, Any]) -> None:
    table = ask(COMPARE, cdc_cut(), **body)
    rows = list(named(table, "question_id").values())
    assert [r["question_id"] for r in rows] == [f"Q0{n}" for n in (36, 37, 43, 44, 45, 46, 47)]
    for cells in rows:
        error = hypot(*(error_of(*of(cells, side)) for side in ("first", "second")))
        difference = cells["first"] - cells["second"]
        assert cells["difference"] == pytest.approx(difference, abs=1e-6)
        limits = (difference - Z * error, difference + Z * error)
        assert (cells["low"], cells["high"]) == pytest.approx(limits, abs=2e-6)
        assert cells["p_value"] == pytest.approx(two_sided(difference / error), abs=1e-6)
    adjusted = holm([cells["p_value"] for cells in rows])
    assert [cells["p_adjusted"] for cells in rows] == pytest.approx(adjusted, abs=1e-5)
    first, second = table.about["first"], table.about["second"]
    for cells in rows:
        wanted = "no clear difference"
        if cells["p_adjusted"] < 0.05:
            lower = cells["question_id"] in {"Q036", "Q037", "Q047"}
            wanted = first if (cells["difference"] < 0) == lower else second
        assert cells["better"] == wanted


def test_published_figures_come_out_as_they_are() -> None:
    body = {"strata": ["Female", "Male"], "state": "Alaska", "year": 2011}
    rows = named(ask(COMPARE, cdc_cut(), **body), "question_id")
    second = [rows["Q036"][name] for name in ("second", "second_low", "second_high", "year")]
    assert second == [28.0, 24.9, 31.3, "2011"]
    first = [rows["Q044"][name] for name in ("first", "first_low", "first_high", "topic")]
    assert first == [21.7, 19.1, 24.6, "Physical Activity - Behavior"]


def test_each_question_has_the_latest_year_that_both_have() -> None:
    rows = [row(state, 30.0, year=2018) for state in ("Ohio", "Utah")]
    rows += [row(state, 50.0, year=2017, question="Q043") for state in ("Ohio", "Utah")]
    rows += [row("Ohio", 9.0, year=2020), Row("Utah", 2020, None)]
    rows += [row("Iowa", 9.0, question="Q018"), row("Ohio", 9.0, year=2018, question="Q999")]
    data = made(rows)
    body = {"states": ["Utah", "OH"]}
    table = ask(COMPARE, data, **body)
    years = {key: cells["year"] for key, cells in named(table, "question_id").items()}
    assert years == {"Q018": None, "Q036": "2018", "Q043": "2017", "Q999": None}
    assert (table.about["years"], table.about["dataset_rows_used"]) == ("2017-2018", 4)
    missing = "No estimate of both Utah and Ohio to compare in: Q018 and Q999."
    assert missing in table.about["warnings"]
    fixed = named(ask(COMPARE, data, **body, year=2018), "question_id")
    assert (fixed["Q043"]["year"], fixed["Q043"]["better"]) == (None, "unknown")
    assert (fixed["Q999"]["first"], fixed["Q999"]["second"]) == (None, 9.0)
    refuses(COMPARE, data, {**body, "year": 2020}, "there are some in 2017-2018")


def test_a_question_of_unknown_direction_has_no_better_one() -> None:
    rows = [row("Ohio", 10.0, question="Q999"), row("Utah", 90.0, question="Q999")]
    rows += [row("Ohio", 10.0, None), row("Utah", 90.0, sample_size=3)]
    table = ask(COMPARE, made(rows), states=["OH", "UT"])
    cells = named(table, "question_id")
    assert (cells["Q999"]["better"], cells["Q999"]["p_adjusted"]) == ("unknown", 0.0)
    assert (cells["Q036"]["better"], cells["Q036"]["difference"]) == ("unknown", -80.0)
    assert cells["Q036"]["presentation"].startswith("withhold: second: sample of 3, below 30")
    assert cells["Q999"]["presentation"] == "show"


def test_the_nation_and_a_state_are_not_independent() -> None:
    rows = [row("Ohio", 10.0), row("National", 10.0)]
    warnings = ask(COMPARE, made(rows), states=["OH", "US"]).about["warnings"]
    assert any("not independent" in warning for warning in warnings)


def test_a_territory_and_the_nation_are_independent() -> None:
    rows = [row("Guam", 10.0), row("National", 10.0)]
    warnings = ask(COMPARE, made(rows), states=["GU", "US"]).about["warnings"]
    assert not any("not independent" in warning for warning in warnings)


def test_what_is_debatable_is_said_where_one_is_called_better() -> None:
    table = ask(COMPARE, release(), states=["AL", "CA"], year=2021)
    cells = named(table, "question_id")
    assert (cells["Q037"]["better"], cells["Q036"]["better"]) == ("Alabama", "California")
    said = [one for one in table.about["warnings"] if "which way is better is debatable" in one]
    assert len(said) == 1
    assert said[0].startswith("Of Q037, ")
    assert "read it beside Q036" in said[0]


def test_rows_of_many_years_have_differences_without_limits() -> None:
    period = {"year": 2011, "until": 2022}
    data = made(
        row(state, value, None, question=question, **period)
        for question in ("Q036", "Q043")
        for state, value in (("Ohio", 31.0), ("Texas", 30.0), ("Texas", 33.5))
    )
    table = ask(COMPARE, data, states=["OH", "TX"])
    cells = named(table, "question_id")["Q036"]
    assert (cells["year"], cells["better"], cells["low"]) == ("2011-2022", "unknown", None)
    assert (cells["first"], cells["second"], cells["difference"]) == (31.0, 31.75, -0.75)
    assert len(table.rows) == 2


def test_strata_of_the_nation_differ_question_by_question() -> None:
    table = ask(COMPARE, release(), strata=["Male", "Female"])
    assert (table.about["first"], len(table.rows)) == ("Male", 9)


pairs = st.lists(st.tuples(st.floats(5, 95), st.floats(5, 95)), min_size=1, max_size=3)
QUESTIONS = ("Q018", "Q036", "Q043")


@settings(max_examples=2)
@given(pairs)
def test_algebra(values: list[tuple[float, float]]) -> None:
    rows = [
        row(state, round(value, 1), question=question)
        for question, pair in zip(QUESTIONS, values, strict=False)
        for state, value in zip(("Ohio", "Utah"), pair, strict=True)
    ]
    table = answer(COMPARE, made(rows), states=["OH", "UT"])
    turned = named(answer(COMPARE, made(rows), states=["UT", "OH"]), "question_id")
    for key, cells in named(table, "question_id").items():
        assert turned[key]["difference"] == -cells["difference"]
        assert (turned[key]["low"], turned[key]["high"]) == (-cells["high"], -cells["low"])
        for same in ("p_value", "p_adjusted", "better"):
            assert turned[key][same] == cells[same]


def test_what_cannot_be_asked() -> None:
    data = release()
    refuses(COMPARE, data, {}, 'either "states" or "strata"')
    both = {"states": ["OH", "TX"], "strata": ["Male", "Female"]}
    refuses(COMPARE, data, both, '"states" does not go with "strata"')
    refuses(COMPARE, data, {"states": ["OH"]}, "an array of two names")
    refuses(COMPARE, data, {"states": ["OH", 3]}, "an array of two names")
    refuses(COMPARE, data, {"states": ["OH", "ohio"]}, 'both are "Ohio"')
    refuses(COMPARE, data, {"states": ["OH", "Texsa"]}, 'nearest: "Texas"')
    refuses(COMPARE, data, {"states": ["OH", "TX"], "state": "UT"}, "does not go with")
    refuses(COMPARE, data, {"strata": ["Male", "Female"], "stratum": "Total"}, "does not go with")
    refuses(COMPARE, data, {"strata": ["Male", "18 - 24"]}, "the same people")
    period = made([row(state, 3.0, None, year=2011, until=2022) for state in ("Ohio", "Texas")])
    refuses(COMPARE, period, {"states": ["OH", "TX"], "year": 2019}, "as a whole", "make data")
    refuses(COMPARE, cdc_cut(), {"states": ["OH", "TX"]}, "make data")
    apart = made([row("Ohio", 3.0, year=2018), row("Utah", 3.0, year=2019)])
    refuses(COMPARE, apart, {"states": ["OH", "UT"]}, "any question for both Ohio and Utah")


def test_what_is_asked_has_the_keys_of_states_or_of_strata() -> None:
    states = recorded(COMPARE, release(), states=["OH", "tx"], state=None)
    assert list(states) == ["states", "stratum", "year"]
    assert states == {"states": ["Ohio", "Texas"], "stratum": "Total", "year": None}
    strata = recorded(COMPARE, cdc_cut(), strata=["male", "Female"], year=2019)
    assert list(strata) == ["strata", "state", "year"]
    assert strata == {"strata": ["Male", "Female"], "state": "National", "year": 2019}


def test_the_sentences() -> None:
    assert sentence(COMPARE, release(), states=["OH", "TX"]) == (
        "How does Ohio differ from Texas on each question in the latest year that both have, "
        "among all adults?"
    )
    assert sentence(COMPARE, release(), states=["DC", "VI"]).startswith(
        "How does the District of Columbia differ from the Virgin Islands on each question"
    )
    strata = {"strata": ["male", "Female"], "year": 2019}
    assert sentence(COMPARE, cdc_cut(), **strata) == (
        'How does "Male" differ from "Female" on each question in 2019, in the United States?'
    )


def test_of_two_years_that_both_have_the_later_is_taken() -> None:
    rows = [
        row(state, 30.0 + year - 2018, year=year)
        for state in ("Ohio", "Utah")
        for year in (2019, 2018, 2020)
    ]
    table = ask(COMPARE, made(rows), states=["Ohio", "Utah"])
    assert named(table, "question_id")["Q036"]["year"] == "2020"
    assert named(table, "question_id")["Q036"]["first"] == 32.0


def test_an_answer_that_was_not_given_is_no_group_to_compare() -> None:
    strata = ("Less than $15,000", "Data not reported")
    rows = [row("Ohio", 30.0, category="Income", stratum=stratum) for stratum in strata]
    refuses(COMPARE, made(rows), {"strata": list(strata), "state": "OH"}, "no group of people")
