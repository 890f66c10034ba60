"""Two states or two strata, question by question, by hand."""

from math import log, sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from app import json_bytes
from app.data_ingestor import DataIngestor
from app.statistics.compare import Compare
from unittests.helpers.data import cdc_cut, dataset
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import ask, bodies, named, never_fails, refuses, without_counts

COMPARE = Compare()

Z = float(norm.ppf(0.975))


def error_of(cells: dict[str, Any], side: str) -> float:
    low, high = (log(cells[f"{side}_{end}"] / (100 - cells[f"{side}_{end}"])) for end in ENDS)
    value = float(cells[side])
    return (high - low) / (2 * Z) * value * (100 - value) / 100


ENDS = ("low", "high")


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
        error = sqrt(error_of(cells, "first") ** 2 + error_of(cells, "second") ** 2)
        difference = cells["first"] - cells["second"]
        assert cells["difference"] == pytest.approx(difference, abs=1e-6)
        assert (cells["low"], cells["high"]) == pytest.approx(
            norm.interval(0.95, loc=difference, scale=error), abs=2e-6
        )
        assert cells["p_value"] == pytest.approx(2 * norm.sf(abs(difference / error)), abs=1e-6)
    adjusted = multipletests([cells["p_value"] for cells in rows], method="holm")[1]
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
    assert cells["Q036"]["reliability"] == "unreliable: second: sample of 3, below 50"
    assert cells["Q999"]["reliability"] == "reliable"


def test_the_nation_and_a_state_are_not_independent() -> None:
    rows = [row("Ohio", 10.0), row("National", 10.0)]
    warnings = ask(COMPARE, made(rows), states=["OH", "US"]).about["warnings"]
    assert any("not independent" in warning for warning in warnings)


def test_the_bundled_file_has_differences_without_limits() -> None:
    table = ask(COMPARE, dataset(), states=["OH", "TX"])
    cells = named(table, "question_id")["Q036"]
    assert (cells["year"], cells["better"], cells["low"]) == ("2011-2022", "unknown", None)
    assert cells["difference"] == pytest.approx(cells["first"] - cells["second"], abs=2e-6)
    assert len(table.rows) == 9
    table = ask(COMPARE, dataset(), strata=["Male", "Female"])
    assert table.about["first"] == "Male"


pairs = st.lists(st.tuples(st.floats(5, 95), st.floats(5, 95)), min_size=1, max_size=3)
QUESTIONS = ("Q018", "Q036", "Q043")


@settings(max_examples=10, deadline=None)
@given(pairs, st.randoms(use_true_random=False))
def test_algebra(values: list[tuple[float, float]], random: Any) -> None:
    rows = [
        row(state, round(value, 1), question=question)
        for question, pair in zip(QUESTIONS, values, strict=False)
        for state, value in zip(("Ohio", "Utah"), pair, strict=True)
    ]
    table = ask(COMPARE, made(rows), states=["OH", "UT"])
    mixed = [*rows, rows[0]._replace(value=None), rows[1]._replace(value=99.0, filled=True)]
    random.shuffle(mixed)
    other = ask(COMPARE, made(mixed), states=["OH", "UT"])
    assert without_counts(other) == without_counts(table)
    assert (other.about["rows_suppressed"], other.about["rows_filled"]) == (1, 1)
    turned = named(ask(COMPARE, made(rows), states=["UT", "OH"]), "question_id")
    for key, cells in named(table, "question_id").items():
        assert turned[key]["difference"] == -cells["difference"]
        assert (turned[key]["low"], turned[key]["high"]) == (-cells["high"], -cells["low"])
        for same in ("p_value", "p_adjusted", "better"):
            assert turned[key][same] == cells[same]


def test_what_cannot_be_asked() -> None:
    data = dataset()
    refuses(COMPARE, data, {}, 'either "states" or "strata"')
    both = {"states": ["OH", "TX"], "strata": ["Male", "Female"]}
    refuses(COMPARE, data, both, 'either "states" or "strata"')
    refuses(COMPARE, data, {"states": ["OH"]}, "an array of two names")
    refuses(COMPARE, data, {"states": ["OH", 3]}, "an array of two names")
    refuses(COMPARE, data, {"states": ["OH", "ohio"]}, 'both are "Ohio"')
    refuses(COMPARE, data, {"states": ["OH", "Texsa"]}, 'nearest: "Texas"')
    refuses(COMPARE, data, {"states": ["OH", "TX"], "state": "UT"}, "does not go with")
    refuses(COMPARE, data, {"strata": ["Male", "Female"], "stratum": "Total"}, "does not go with")
    refuses(COMPARE, data, {"strata": ["Male", "18 - 24"]}, "the same people")
    refuses(COMPARE, data, {"states": ["OH", "TX"], "year": 2019}, "as a whole", "make data")
    refuses(COMPARE, cdc_cut(), {"states": ["OH", "TX"]}, "make data")
    apart = made([row("Ohio", 3.0, year=2018), row("Utah", 3.0, year=2019)])
    refuses(COMPARE, apart, {"states": ["OH", "UT"]}, "any question for both Ohio and Utah")


@settings(max_examples=12, deadline=None)
@given(
    bodies(("states", "strata", "state", "year", "stratum", "x"), {"states": ["OH", "TX"]})
    | bodies(("strata", "state", "year"), {"strata": ["Male", "Female"]})
)
def test_any_body_is_answered_or_refused(body: dict[str, Any]) -> None:
    never_fails(COMPARE, body)


def recorded(body: dict[str, Any], data: DataIngestor) -> dict[str, Any]:
    """Return the parameters of a body as a job is recorded with them."""
    content: dict[str, Any] = json_bytes.decode(COMPARE.encode(COMPARE.parse(body, data)))
    return content


def test_what_is_asked_has_the_keys_of_states_or_of_strata() -> None:
    states = recorded({"states": ["OH", "tx"], "state": None}, dataset())
    assert list(states) == ["states", "stratum", "year"]
    assert states == {"states": ["Ohio", "Texas"], "stratum": "Total", "year": None}
    strata = recorded({"strata": ["male", "Female"], "year": 2019}, cdc_cut())
    assert list(strata) == ["strata", "state", "year"]
    assert strata == {"strata": ["Male", "Female"], "state": "National", "year": 2019}


def test_the_sentences() -> None:
    states = COMPARE.parse({"states": ["OH", "TX"]}, dataset())
    assert COMPARE.sentence(states) == (
        "How does Ohio differ from Texas on each question in the latest year that both have, "
        "among all adults?"
    )
    strata = COMPARE.parse({"strata": ["male", "Female"], "year": 2019}, cdc_cut())
    assert COMPARE.sentence(strata) == (
        'How does "Male" differ from "Female" on each question in 2019, in National?'
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
