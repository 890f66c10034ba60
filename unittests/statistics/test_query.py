"""The general question, held against hand calculations and CDC's own figures."""

import json
import math
import random
import statistics
from fractions import Fraction
from itertools import cycle, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.methods.pooling import METHODS
from app.statistics.parameters import choices
from app.statistics.query import Query
from app.statistics.query_parameters import GROUPS, QueryParameters, Where
from unittests.helpers.data import OBESITY, cdc_cut, dataset, release
from unittests.helpers.rows import Row, made
from unittests.helpers.statistics import (
    Z,
    answer,
    dicts,
    error_of,
    in_words,
    logit,
    recorded,
    refuses,
    sentence,
)

QUERY = Query()
OBESITY_BY_STATE = {"question": "Q036", "method": "mean", "group_by": ["state"]}
EXAMPLES = settings(max_examples=2)


def row(**given: Any) -> Row:
    """Return a row: women in Ohio in 2022, but for what is given."""
    usual = {"category": "Sex", "stratum": "Female", "year": 2022, "sample_size": None}
    return Row(**{**usual, **given})


def ask(data: DataIngestor, **body: Any) -> list[dict[str, Any]]:
    """Return the rows of an answer, each as a dict by column."""
    return dicts(answer(QUERY, data, **body))


def about(data: DataIngestor, **body: Any) -> Any:
    return answer(QUERY, data, **body).about


# Of everyone in two states, and of two strata of one.
STATES = [
    row(category="Total", stratum="Total", value=30.0, low=27.0, high=33.2, sample_size=900),
    row(
        state="Texas",
        category="Total",
        stratum="Total",
        value=26.0,
        low=22.5,
        high=29.8,
        sample_size=600,
    ),
]
TWO = [
    row(stratum="Female", value=30.0, low=27.0, high=33.2, sample_size=900),
    row(stratum="Male", value=26.0, low=22.5, high=29.8, sample_size=600),
]


def test_a_single_estimate_stays_as_cdc_published_it() -> None:
    # Alaska, men and women, 2011: read by hand from CDC's file.
    answer = ask(
        cdc_cut(),
        question="Q036",
        where={"state": "AK", "year": 2011},
        method="sample_weighted",
        group_by=["stratum"],
    )
    shown = [(r["stratum"], r["value"], r["low"], r["high"], r["sample_size"]) for r in answer]
    assert shown == [("Male", 28.0, 24.9, 31.3, 1620), ("Female", 26.7, 23.9, 29.7, 1716)]
    assert {r["interval"] for r in answer} == {"published"}
    assert answer[1]["standard_error"] == pytest.approx(error_of(26.7, 23.9, 29.7), abs=1e-6)


def test_the_national_method_is_cdcs_own_row() -> None:
    answer = ask(cdc_cut(), question="Q036", method="national", group_by=["year", "stratum"])
    (women,) = [r for r in answer if (r["year"], r["stratum"]) == ("2011", "Female")]
    assert (women["value"], women["low"], women["high"]) == (27.1, 26.8, 27.5)
    assert len(answer) == 26
    body = {"question": "Q036", "method": "national"}
    refuses(QUERY, made(STATES), body, "has no rows of the United States", "make data")


def test_weighted_by_sample_size_by_hand() -> None:
    data = made(STATES)
    (answer,) = ask(data, question="Q036", method="sample_weighted")
    value = float(Fraction(30 * 900 + 26 * 600, 1500))
    error = math.hypot(900 * error_of(30, 27, 33.2), 600 * error_of(26, 22.5, 29.8)) / 1500
    assert answer["value"] == pytest.approx(value, abs=1e-6)
    assert answer["standard_error"] == pytest.approx(error, abs=1e-6)
    reach = Z * error / (value * (100 - value) / 100)
    for name, sign in (("low", -1), ("high", 1)):
        limit = 100 / (1 + math.exp(-(logit(value) + sign * reach)))
        assert answer[name] == pytest.approx(limit, abs=1e-6)
    assert (answer["sample_size"], answer["rows_used"], answer["interval"]) == (1500, 2, "computed")


def test_the_median_is_pythons() -> None:
    values = [float(v) for v in random.Random(5).sample(range(1, 99), 8)]
    rows = [row(state=f"State {n}", value=value) for n, value in enumerate(values)]
    data = made(rows)
    (answer,) = ask(data, question="Q036", method="median")
    assert answer["value"] == statistics.median(values)
    assert answer["low"] is None


def test_the_mean_is_the_courses_for_every_question_and_state() -> None:
    def means(*groups: str, **body: Any) -> dict[tuple[str, ...], float]:
        rows = ask(dataset(), method="mean", group_by=groups, **body)
        return {tuple(r[name] for name in groups): r["value"] for r in rows}

    whole, by_state = means("question"), means("question", "state")
    for text, table in dataset().tables.items():
        assert whole.pop((text,)) == round(table.global_mean, 6)
        for state, mean in table.state_means.items():
            assert by_state.pop((text, state)) == round(mean, 6)
    assert (whole, by_state) == ({}, {})
    by_stratum = means("state", "category", "stratum", question="Q036")
    assert {repr(names): mean for names, mean in by_stratum.items() if names[1]} == {
        names: round(mean, 6) for names, mean in dataset().question("Q036").category_means.items()
    }


def test_rows_that_count_the_same_people_have_no_interval() -> None:
    ages = [
        row(category="Age (years)", stratum=name, value=31.0, low=28.0, high=34.0, sample_size=500)
        for name in ("18 - 24", "25 - 34")
    ]
    data = made([*TWO, *ages])
    (answer,) = ask(data, question="Q036", method="mean")
    assert answer["interval"] == "none: rows count the same people"
    assert (answer["low"], answer["high"], answer["standard_error"]) == (None, None, None)
    warnings = about(data, question="Q036", method="mean")["warnings"]
    assert any("same people" in warning for warning in warnings)
    by_category = ask(data, question="Q036", method="mean", group_by=["category"])
    assert {r["interval"] for r in by_category} == {
        "none: strata count the same, whatever their share of the people"
    }


def test_what_is_not_independent() -> None:
    cases: dict[str, dict[str, Any]] = {
        "National beside a state": {"state": "National"},
        "two questions": {"question": "Q043"},
        "one cell twice": {"stratum": "Female"},
        "several years": {"year": 2015, "until": 2022},
    }
    for why, second in cases.items():
        data = made([TWO[0], row(**{**TWO[1]._asdict(), **second})])
        where = {"state": list(data.states), "year": {"from": 2015}}
        (answer,) = ask(data, method="mean", where=where)
        assert answer["interval"] == "none: rows count the same people", why


def test_different_years_and_states_are_independent() -> None:
    later = [one._replace(year=2021) for one in STATES]
    data = made([*STATES, *later])
    body = {"question": "Q036", "method": "inverse_variance"}
    (answer,) = ask(data, **body, where={"year": {"from": 2021}})
    assert (answer["interval"], answer["rows_used"]) == ("computed", 4)
    assert answer["years"] == "2021-2022"


def test_suppressed_and_filled_rows_are_counted_and_not_used() -> None:
    suppressed = row(stratum="Male", value=None, year=2021)
    filled = row(stratum="Female", value=99.0, filled=True, year=2021)
    data = made([*TWO, suppressed, filled, row(category="Total", stratum="Total", year=2021)])
    sexes: dict[str, Any] = {
        "where": {"category": "Sex", "year": {"from": 2021}},
        "question": "Q036",
        "method": "median",
    }
    answer = ask(data, **sexes, group_by=["year"])
    assert [(r["year"], r["value"] is None) for r in answer] == [
        ("2021", True),
        ("2022", False),
    ]
    assert (answer[0]["rows_suppressed"], answer[0]["rows_filled"]) == (1, 1)
    told = about(data, **sexes)
    assert sum(told["excluded"].values()) == 2
    assert (told["rows_suppressed"], told["rows_filled"]) == (1, 1)
    # The course's mean takes the constant for an estimate.
    (mean,) = ask(data, **{**sexes, "method": "mean"})
    assert mean["value"] == pytest.approx((30 + 26 + 99) / 3, abs=1e-6)
    assert any("constant" in w for w in about(data, method="mean")["warnings"])


def test_rows_of_a_mean_say_how_many_constants_are_in_them() -> None:
    filled = [
        row(stratum="Female", value=99.0, filled=True, year=2021),
        row(stratum="Male", value=99.0, filled=True, year=2021),
        row(stratum="Male", value=99.0, filled=True, year=2015, until=2021),  # beyond 2021
    ]
    data = made([*TWO, *filled, row(stratum="Male", value=None, year=2021)])
    where = {"year": {"from": 2021, "to": 2022}}
    (mean,) = ask(data, question="Q036", method="mean", where=where)
    counts = ("rows_used", "rows_filled", "rows_suppressed", "rows_excluded")
    # Nothing is there to tell by why one has no value.
    assert [mean[name] for name in counts] == [4, 2, 0, 2]
    (median,) = ask(data, question="Q036", method="median", where=where)
    assert [median[name] for name in counts] == [2, 2, 0, 2]

    whole = answer(QUERY, dataset(), **OBESITY_BY_STATE)
    place = [column.name for column in whole.columns].index("rows_filled")
    assert sum(cells[place] for cells in whole.rows) == whole.about["rows_filled"] == 333


MARKS = (
    ((30.0, 27.0, 33.2, 900), "show"),
    ((30.0, 15.0, 50.0, 29), "withhold: sample of 29, below 30; exact interval of"),
    ((30.0, 14.0, 53.0, 300), "withhold: effective sample of 19.5, below 30"),
    ((30.0, 17.0, 47.0, 300), "withhold: exact interval of"),
    ((3.0, 1.0, 9.0, 90), "withhold: exact interval of 280 % of the value, over 130 %"),
    ((97.0, 91.0, 99.0, 90), "caution: exact interval of 280 % of the complement, over 130"),
    ((1.0, 0.6, 1.6, 3000), "show"),  # narrow, whatever it is of the value
    ((5.0, 2.0, 12.0, 49), "withhold: exact interval of"),
    ((50.0, 36.5, 63.5, 49), "caution: sample of 49, below the 50 of CDC"),
    ((0.0, 0.0, 4.0, 90), "caution: a value of 0 or 100 %"),
    ((0.0, 0.0, 6.0, 60), "withhold: exact interval of 6.0 points about a value of 0"),
    ((100.0, 100.0, 100.0, 90), "caution: a value of 0 or 100 %"),
    ((100.0, 96.0, 100.0, 29), "withhold: sample of 29"),
    ((30.0, None, None, 900), "caution: no interval"),
    ((30.0, 27.0, 33.2, None), "caution: no sample size"),
)


def test_how_an_estimate_may_be_presented() -> None:
    names = ("value", "low", "high", "sample_size")
    rows = [
        row(
            state=f"State {place:02}",
            category="Total",
            stratum="Total",
            **dict(zip(names, estimate, strict=True)),
        )
        for place, (estimate, _) in enumerate(MARKS)
    ]
    answer = ask(made(rows), question="Q036", group_by=["state"])
    for cells, (estimate, mark) in zip(answer, MARKS, strict=True):
        assert cells["presentation"].startswith(mark), cells["presentation"]
        assert cells["value"] == estimate[0]  # it is a mark: CDC's number is given all the same


def test_limits_that_cannot_be_give_no_error() -> None:
    usual: dict[str, Any] = {"category": "Total", "stratum": "Total", "sample_size": 70}
    above = row(state="Ohio", value=30.0, low=31.0, high=33.0, **usual)
    none_wide = row(state="Texas", value=30.0, low=30.0, high=30.0, **usual)
    for cells in ask(made([above, none_wide]), question="Q036", group_by=["state"]):
        assert (cells["low"], cells["standard_error"]) == (None, None)
        assert cells["interval"] == "none: rows have no confidence limits that can be used"


def test_estimates_of_none_and_all() -> None:
    rows = [
        row(state="Ohio", value=0.0, low=0.0, high=4.0, sample_size=70),
        row(state="Texas", value=100.0, low=96.0, high=100.0, sample_size=70),
    ]
    data = made(rows)
    (answer,) = ask(data, question="Q036", method="mean")
    assert answer["value"] == 50
    assert 45 < answer["low"] < 50 < answer["high"] < 55
    # These have no logit, so nothing can be pooled; alone, each stays as it was published.
    pooled: dict[str, Any] = {"question": "Q036", "method": "inverse_variance"}
    assert not ask(data, **pooled)
    told = about(data, **pooled)
    assert told["excluded"] == {"0 or 100 %, which has no logit to pool": 2}
    warned = "Rows of 0 or 100 %, which have no logit, are not pooled (2): the values"
    assert any(one.startswith(warned) for one in told["warnings"])
    for body in ({"group_by": ["state"]}, {"group_by": ["state", "year"]}):
        ohio, texas = ask(data, **pooled, **body)
        assert (ohio["value"], ohio["low"], ohio["high"]) == (0.0, 0.0, 4.0)
        assert (texas["value"], texas["low"], texas["high"]) == (100.0, 96.0, 100.0)
        assert ohio["interval"] == texas["interval"] == "published"
    (ohio,) = ask(data, **pooled, where={"state": "Ohio"})
    assert (ohio["value"], ohio["high"], ohio["i_squared"]) == (0.0, 4.0, None)


def test_a_row_of_total_that_stands_for_categories_is_one_row_of_everyone() -> None:
    ohio: dict[str, Any] = {"state": "Ohio", "year": 2023}
    strata = {"stratum": ["Male", "Female", "Asian"]}
    body: dict[str, Any] = {"question": "Q036", "group_by": ["category"]}
    told = about(release(), **body, where={**ohio, **strata})
    assert "strata_without_estimate" not in told
    # What parts the years of income does not part those of everyone.
    by_year = {"question": "Q036", "group_by": ["category", "year"]}
    income = about(release(), **by_year, where={"state": "Ohio", "category": "Income"})
    alone = about(release(), question="Q036", group_by=["year"], where={"state": "Ohio"})
    assert income["comparable"] == alone["comparable"]
    assert not any("income" in one.casefold() for one in income["warnings"])
    # Nor is it several rows.
    absent = ask(
        release(), question="Q019", group_by=["category"], where={"state": "NJ", "year": 2019}
    )
    assert {row["rows_not_released"] for row in absent} == {1}


def test_a_topic_that_does_not_fit_the_question_has_no_rows() -> None:
    for method in ("sample_weighted", "overall"):
        where = {"topic": "Fruits and Vegetables - Behavior", "category": "Sex"}
        told = about(release(), question="Q043", where=where, method=method)
        assert told["rows_matched"] == 0


def test_what_the_nation_lacks_is_told_where_it_is_told() -> None:
    where = {"stratum": "Asian", "state": "Vermont", "year": 2023}
    told = about(release(), question="Q036", where=where)
    assert told["beside"]["nation"] is None
    assert "national_lacks" not in told


def test_a_row_of_none_that_is_alone_in_the_latest_year_is_the_answer() -> None:
    total = {"category": "Total", "stratum": "Total"}
    earlier = row(value=30.0, low=27.0, high=33.2, year=2019, **total)
    latest = row(value=0.0, low=0.0, high=4.0, year=2020, **total)
    for method in ("inverse_variance", "overall"):
        body = {"question": "Q036", "method": method, "where": {"state": "Ohio"}}
        (answer,) = ask(made([earlier, latest]), **body)
        assert (answer["value"], answer["years"]) == (0.0, "2020")


def test_a_state_without_a_row_of_its_own_is_named() -> None:
    strata = [row(state="Utah", stratum=sex) for sex in ("Male", "Female")]
    everyone = [row(state=state, category="Total", stratum="Total") for state in ("Ohio", "Texas")]
    data = made([*everyone, *strata])
    where: dict[str, Any] = {"state": ["Ohio", "Utah"]}
    bodies: tuple[dict[str, Any], ...] = ({"group_by": ["state"]}, {})
    for body in bodies:
        told = about(data, question="Q036", where=where, **body)
        assert told["without_estimate"] == {"not used": ["Utah"]}
        words = in_words(QUERY, data, question="Q036", where=where, **body)
        assert words.endswith(
            "Without an estimate: Utah (there is one, which this method cannot use)."
        )
    told = about(data, question="Q036", where={"state": ["Ohio", "Texas"]}, group_by=["state"])
    assert "without_estimate" not in told
    # Where the table is cut, those that are not shown have a row all the same.
    told = about(
        data, question="Q036", where={"state": ["Ohio", "Texas"]}, group_by=["state"], limit=1
    )
    assert "without_estimate" not in told


def test_years_filter_and_group() -> None:
    by_year = ask(cdc_cut(), question="Q043", method="median", group_by=["year"])
    assert [r["year"] for r in by_year] == ["2011", "2013", "2015", "2017", "2019", "2023"]
    where = {"year": {"from": 2014, "to": 2018}}
    (some,) = ask(cdc_cut(), question="Q043", method="median", where=where)
    assert some["years"] == "2015, 2017"
    listed = about(cdc_cut(), question="Q043", method="median", where={"year": [2011, 2012, 2013]})
    assert listed["years"] == "2011, 2013"


def test_sorting_and_limiting() -> None:
    body = {"question": "Q036", "method": "median", "group_by": ["state"], "sort": "-value"}
    rows = ask(cdc_cut(), **body)
    assert all(one["value"] >= other["value"] for one, other in pairwise(rows))
    assert ask(cdc_cut(), **body, limit=3) == rows[:3]
    told = about(cdc_cut(), **body, limit=3)
    assert "Only 3 rows are here, the first of 53." in told["warnings"]
    assert "rows_left_out" not in told  # but by who asked


def test_what_is_told_of_a_cut_answer_is_of_its_rows() -> None:
    data = release()
    by_year: dict[str, Any] = {
        "question": "Q036",
        "group_by": ["year"],
        "where": {"state": "US"},
        "sort": "-year",
        "limit": 1,
    }
    told = about(data, **by_year)
    assert told["warnings"] == [
        "Only 1 row is here, the first of 13.",
        "National is made without states for which CDC released nothing: Kentucky and Pennsylvania"
        " in 2023.",
    ]
    assert (told["years"], told["dataset_rows_used"], told["comparable"]) == ("2023", 1, [[2023]])
    # So it is one estimate, as if its year had been asked for.
    assert in_words(QUERY, data, **by_year).startswith(
        "In 2023, 32.8 % (32.4-33.1) of adults in the United States had obesity, up from 27.4 % in"
    )
    highest: dict[str, Any] = {
        "question": "Q036",
        "group_by": ["state", "year"],
        "where": {"year": {"from": 2022}},
        "sort": "-value",
        "limit": 2,
    }
    assert about(data, **highest)["warnings"] == ["Only 2 rows are here, the first of 110."]
    asked = QUERY.ask(highest, data)
    assert QUERY.used(asked).select("state", "year_start", "value").rows() == [
        ("West Virginia", 2022, 41.0),
        ("West Virginia", 2023, 41.2),
    ]
    # The only row has no estimate; others fit the question and have one.
    first = about(data, question="Q036", group_by=["year"], where={"state": "GU"}, limit=1)
    assert "No row of this dataset that fits the question can be used." not in first["warnings"]


def test_what_rows_of_many_years_cannot_answer_is_said() -> None:
    data = made([row(stratum="Total", category="Total", year=2011, until=2022)])
    for body in (
        {"method": "sample_weighted"},
        {"method": "inverse_variance"},
        {"where": {"year": 2015}},
        {"group_by": ["year"], "where": {"year": [2015]}},
    ):
        with pytest.raises(BadRequest, match="make data"):
            ask(data, question="Q036", **body)
    warnings = about(data, question="Q036", group_by=["state"])["warnings"]
    assert any("no confidence limits" in warning for warning in warnings)


def test_a_stratum_that_is_named_is_answered_as_cdc_published_it() -> None:
    men: dict[str, Any] = {"state": "Ohio", "stratum": "Male", "year": 2023}
    (one,) = ask(release(), question="Q036", where=men)
    assert (one["value"], one["low"], one["high"], one["interval"]) == (
        *(35.8, 34.1, 37.6),
        "published",
    )
    told = in_words(QUERY, release(), question="Q036", where=men)
    assert told.startswith("In 2023, among men, 35.8 % (34.1-37.6) of adults in Ohio had obesity")
    asked = sentence(QUERY, release(), question="Q036", where=men)
    assert "median" not in asked
    assert "mean" not in asked
    by_sex = {"group_by": ["stratum"], "where": {"state": "Ohio", "category": "Sex", "year": 2023}}
    assert [row["value"] for row in ask(release(), question="Q036", **by_sex)] == [35.8, 37.0]
    # All of a category together are everyone, of whom CDC's own row tells.
    whole = {"where": {"state": "Ohio", "category": "Sex", "year": 2023}}
    assert [row["value"] for row in ask(release(), question="Q036", **whole)] == [36.4]


def test_without_rows_of_total_there_is_no_overall() -> None:
    with pytest.raises(BadRequest, match="Total"):
        ask(cdc_cut(), question="Q036")


NOT_TO_BE_ASKED: list[dict[str, Any]] = [
    {"method": "magic"},
    {"method": ["mean"]},
    {"question": "Q999"},
    {"question": []},
    {"question": [1]},
    {"question": {"id": 1}},
    {"group_by": "state"},
    {"group_by": ["planet"]},
    {"group_by": [["state"]]},
    {"where": []},
    {"where": {"planet": "Mars"}},
    {"where": {"state": "Atlantis"}},
    {"where": {"state": []}},
    {"where": {"year": "2015"}},
    {"where": {"year": 2015.5}},
    {"where": {"year": True}},
    {"where": {"year": []}},
    {"where": {"year": {"from": 2020, "to": 2010}}},
    {"where": {"year": {"since": 2020}}},
    {"where": {"year": 10**30}},
    {"sort": "planet"},
    {"sort": "state"},
    {"sort": 1},
    {"limit": 0},
    {"limit": True},
    {"limit": 1.5},
    {"limit": 10**9},
    {"colour": "red"},
    {"method": "overall", "where": {"stratum": ["Female", "18 - 24"]}},
    {"method": "national", "group_by": ["state"]},
]


def test_what_cannot_be_asked() -> None:
    for body in NOT_TO_BE_ASKED:
        refuses(QUERY, dataset(), body)


@st.composite
def surveys(draw: st.DrawFn) -> list[Any]:
    """Draw rows of everyone in four states and two years, some suppressed."""
    cells = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["Guam", "Iowa", "Ohio", "Texas"]),
                st.sampled_from([2020, 2021]),
            ),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    rows: list[Any] = []
    for state, year in cells:
        # One at least: a dataset with no estimates has no weights either, and is refused.
        values = st.integers(200, 800)
        value = draw(st.none() | values if rows else values)
        reach = draw(st.integers(10, 90))
        rows.append(
            row(
                state=state,
                year=year,
                category="Total",
                stratum="Total",
                value=value and value / 10,
                low=value and (value - reach) / 10,
                high=value and (value + reach) / 10,
                sample_size=value and draw(st.integers(40, 4000)),
            )
        )
    return rows


WITHOUT_THE_NATION = [method for method in METHODS if method != "national"]
BOTH = {"year": [2020, 2021]}


@EXAMPLES
@given(surveys(), st.sampled_from(WITHOUT_THE_NATION), st.randoms(use_true_random=False))
def test_the_algebra(rows: list[Any], method: str, chance: random.Random) -> None:
    values = [one.value for one in rows if one.value is not None]
    data = made(rows)
    asked = QUERY.ask({"question": "Q036", "method": method, "where": BOTH}, data)
    table = QUERY.compute(asked)
    told, used = table.about, QUERY.used(asked).height
    assert used == told["dataset_rows_used"]
    assert told["rows_matched"] == used + sum(told["excluded"].values())
    whole = dicts(table)
    by_state = ask(data, question="Q036", method=method, group_by=["state"], where=BOTH)
    by_year = ask(data, question="Q036", method=method, group_by=["year"])
    for groups in (whole, by_state, by_year):
        # Groups, and filters, divide the rows: nothing is counted twice or lost.
        assert sum(r["rows_used"] for r in groups) == len(values)
        lacking = sum(
            r["rows_suppressed"] + r["rows_excluded"] + r.get("rows_not_released", 0)
            for r in groups
        )
        assert lacking == len(rows) - len(values)
    if values:
        (one,) = whole
        assert min(values) - 1e-6 <= one["value"] <= max(values) + 1e-6
        if method != "median" and one["low"] is not None:
            assert 0 <= one["low"] <= one["value"] <= one["high"] <= 100
    shuffled = chance.sample(rows, len(rows))
    data = made(shuffled)
    assert ask(data, question="Q036", method=method, group_by=["state"], where=BOTH) == by_state
    each = chance.choice(by_state)
    (alone,) = ask(data, question="Q036", method=method, where={"state": each["state"], **BOTH})
    assert {**alone, "state": each["state"]} == each


@EXAMPLES
@given(surveys())
def test_equal_samples_weigh_the_same(rows: list[Any]) -> None:
    even = [row(**{**one._asdict(), "sample_size": 500}) for one in rows]
    data = made(even)
    weighted = ask(data, question="Q036", method="sample_weighted", where=BOTH)
    plain = ask(data, question="Q036", method="mean", where=BOTH)
    for one, other in zip(weighted, plain, strict=True):
        for name in ("value", "low", "high", "standard_error"):
            assert one[name] == pytest.approx(other[name], abs=2e-6), name


def test_every_group_and_filter_works() -> None:
    values = {"topic": cdc_cut().estimates["topic"][0], "state": "OH", "year": 2019}
    values |= {"category": "gender", "stratum": "male"}
    for group, name in zip(GROUPS, cycle(Where.__struct_fields__), strict=False):
        asked = {"method": "median", "group_by": [group], "where": {name: values[name]}}
        assert ask(cdc_cut(), **asked)


def test_the_same_question_has_the_same_bytes() -> None:
    body = {"method": "sample_weighted", "group_by": ["stratum", "state"], "question": "Q036"}
    same = {"group_by": ["state", "stratum"], "question": OBESITY, "method": "sample_weighted"}
    one, other = (QUERY.ask(each, cdc_cut()) for each in (body, same))
    assert QUERY.encode(one.parameters) == QUERY.encode(other.parameters)
    answers = [json.dumps(QUERY.answer(one)) for _ in range(2)]
    assert answers[0] == answers[1]


def test_parameters_are_recorded_in_one_form() -> None:
    body = {
        "where": {"stratum": "male", "year": {"to": 2019}, "state": ["tx", "OH", "Ohio"]},
        "question": ["Q043", "Q036"],
        "method": "median",
        "group_by": ["year", "state", "year"],
    }
    texts = sorted(cdc_cut().question(name).question.text for name in ("Q036", "Q043"))
    assert QUERY.encode(QUERY.parse(body, cdc_cut())) == json.dumps(
        {
            "question": texts,
            "group_by": ["state", "year"],
            "where": {
                "state": ["Ohio", "Texas"],
                "year": {"from": None, "to": 2019},
                "stratum": ["Male"],
            },
            "method": "median",
            "sort": None,
            "limit": None,
            "adjust": None,
        },
        separators=(",", ":"),
    )
    single = {"question": ["Q036"], "method": "median", "where": {"year": [2019, 2011, 2019]}}
    asked = recorded(QUERY, cdc_cut(), **single)
    assert (asked["question"], asked["where"]) == (OBESITY, {"year": [2011, 2019]})


def test_a_mean_is_of_the_years_of_the_course_unless_others_are_asked_for() -> None:
    asked = recorded(QUERY, dataset(), method="mean")
    assert asked["where"] == {"year": {"from": 2011, "to": 2022}}


def test_a_sentence_says_what_is_asked() -> None:
    for where, words in (
        ({}, "in the latest year"),
        ({"state": ["OH", "TX"], "year": [2012, 2014]}, "in Ohio and Texas in 2012 and 2014"),
        ({"state": "US", "year": {"from": 2012}}, "in the United States from 2012 on"),
        ({"year": {"to": 2015}, "category": "Income"}, "up to 2015 for the strata of Income"),
        (
            {"year": 2015, "stratum": ["Male", "Female"]},
            'in 2015 in the strata "Female" and "Male"',
        ),
        ({"year": {"from": 2015, "to": 2016}, "stratum": "Male"}, 'to 2016 in the stratum "Male"'),
    ):
        text = sentence(QUERY, dataset(), question="Q036", group_by=["state"], where=where)
        assert text.startswith(f"What is the p{OBESITY[1:]} by state "), where
        assert text.endswith(f"{words}?"), where


def test_people_who_are_counted_twice_or_are_unknown_make_no_sample_size() -> None:
    beside_women = {
        "Iowa": TWO[1]._replace(sample_size=None),
        "Ohio": TWO[0]._replace(value=31.0),
        "Utah": row(category="Age (years)", stratum="18 - 24", sample_size=10),
    }
    data = made(
        one._replace(state=state)
        for state, other in beside_women.items()
        for one in (TWO[0], other)
    )
    answer = ask(data, question="Q036", method="mean", group_by=["state"])
    assert [(r["state"], r["rows_used"]) for r in answer] == [("Iowa", 2), ("Ohio", 2), ("Utah", 2)]
    for cells in answer:
        assert cells["sample_size"] is None
        assert "no sample size" in cells["presentation"]


def test_a_sample_of_nobody_weighs_nothing() -> None:
    rows = [STATES[0], STATES[1]._replace(sample_size=0)]
    (answer,) = ask(made(rows), question="Q036", method="sample_weighted")
    assert (answer["rows_used"], answer["rows_excluded"], answer["value"]) == (1, 1, 30.0)


def test_the_nation_is_left_out_unless_it_is_asked_for() -> None:
    for method in ("overall", "sample_weighted", "inverse_variance", "median"):
        whole = {"category": "Total", "stratum": "Total", "sample_size": 1000}
        rows = [
            row(state=state, value=value, low=value - 2, high=value + 2, **whole)
            for state, value in (("Ohio", 30.0), ("Texas", 34.0), ("National", 50.0))
        ]
        data = made(rows)
        (without,) = ask(data, question="Q036", method=method)
        assert (without["rows_used"], without["rows_excluded"]) == (2, 1), method
        by_state = ask(data, question="Q036", method=method, group_by=["state"])
        assert [r["state"] for r in by_state] == ["National", "Ohio", "Texas"], method


def test_years_without_an_end() -> None:
    rows = [row(year=year, sample_size=100) for year in (2011, 2015, 2020)]
    data = made(rows)
    for where, years, words in (
        ({"from": 2015}, "2015, 2020", "from 2015 on"),
        ({"to": 2015}, "2011, 2015", "up to 2015"),
        ({"from": 2012, "to": None}, "2015, 2020", "from 2012 on"),
    ):
        asked = {"question": "Q036", "method": "median", "where": {"year": where}}
        assert about(data, **asked)["years"] == years
        assert words in sentence(QUERY, data, **asked)


def test_years_that_are_not_comparable_are_warned_of() -> None:
    rows = [row(question="Q018", year=year) for year in (2015, 2017)]
    warnings = about(made(rows), question="Q018", method="median", group_by=["year"])["warnings"]
    assert any("2017" in warning and "comparable" in warning for warning in warnings)


def test_nothing_said_is_the_same_as_null() -> None:
    nulls = dict.fromkeys(("question", "group_by", "where", "method", "sort", "limit"))
    assert QUERY.parse(nulls, dataset()) == QUERY.parse({}, dataset())


def test_all_methods_can_be_asked_for() -> None:
    assert choices(QueryParameters.__annotations__["method"]) == tuple(METHODS)


def test_a_refusal_names_the_key_that_is_wrong() -> None:
    data = dataset()
    for body, words in (
        ({"group_by": ["planet"]}, '"group_by" must be an array of some of question, topic, '),
        ({"method": "magic"}, '"method" must be one of overall, mean, '),
        ({"where": {"planet": "Mars"}}, 'unknown key "where.planet"; known are "topic", "state", '),
        ({"where": {"state": []}}, '"where.state" must be a name, or an array of one or more'),
        ({"where": {"state": ["Ohio"] * 1001}}, "at most 1000"),
        ({"question": ["Q036"] * 1001}, "at most 1000"),
        ({"question": ""}, 'unknown question ""'),
        ({"where": {"year": [2015] * 1001}}, '"where.year" must be a year from 1900 to 2100'),
        ({"where": {"year": {"since": 2020}}}, 'unknown key "where.year.since"'),
        ({"where": {"year": {"from": None}}}, '"where.year" must have "from", "to" or both'),
        ({"where": {"year": {"from": 2020, "to": 2010}}}, "2020 to 2010"),
        (
            {"where": {"category": "Gender", "stratum": ["Male", "18 - 24"]}},
            '"where.stratum" has strata of other categories than "where.category": 18 - 24 (Age',
        ),
        ({"sort": "planet"}, '"sort" must be a column, with "-" before it'),
        ({"sort": "-state"}, '"sort": state is no column of the answer'),
        ({"limit": 20_001}, '"limit" must be a whole number from 1 to 20000'),
    ):
        refuses(QUERY, data, body, words)
