"""What holds of every statistic that answers with a table."""

import random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data_ingestor import DataIngestor
from app.statistics.statistic import Statistic
from app.statistics.table import Table
from unittests.helpers.registry import TABLE_STATISTICS
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import answer, bodies, never_fails, recorded, without_counts

STATES = ("Alabama", "District of Columbia", "Guam", "Iowa", "Ohio", "Texas", "Utah")
AGES = ("18 - 24", "25 - 34", "35 - 44")


class Case(NamedTuple):
    """Bodies with something wrong in them, some rows, and a question about these."""

    bodies: st.SearchStrategy[dict[str, Any]]
    rows: list[Row]
    body: dict[str, Any]


def pairs(question: str, values: list[float]) -> list[Row]:
    """Return a row of each of some states."""
    return [
        row(state, value, question=question) for state, value in zip(STATES, values, strict=False)
    ]


CASES = {
    "query": Case(
        bodies(
            ("question", "group_by", "where", "method", "sort", "limit", "x"), {"question": "Q036"}
        ),
        pairs("Q036", [30.0, 20.0, 40.0]),
        {"question": "Q036", "method": "sample_weighted", "group_by": ["state"]},
    ),
    "trend": Case(
        bodies(
            ("question", "state", "stratum", "years", "across_breaks", "x"), {"question": "Q036"}
        ),
        [row("Ohio", 30.0 + year % 3, year=year) for year in range(2011, 2017)]
        + [row("Utah", 20.0 + year % 4, year=year) for year in range(2011, 2017)],
        {"question": "Q036"},
    ),
    "change": Case(
        bodies(
            ("question", "state", "stratum", "years", "across_breaks", "x"), {"question": "Q036"}
        ),
        [row(state, 30.0 + year % 3, year=year) for state in STATES[:2] for year in (2011, 2015)],
        {"question": "Q036"},
    ),
    "ranking": Case(
        bodies(("question", "year", "stratum", "method", "state", "x"), {"question": "Q036"}),
        pairs("Q036", [30.0, 30.0, 31.5, 12.0, 99.0, 55.5, 31.0]),
        {"question": "Q036"},
    ),
    "disparity": Case(
        bodies(
            ("question", "category", "state", "year", "reference", "x"),
            {"question": "Q036", "category": "Education"},
        ),
        [
            row("National", 20.0 + 5 * number, category="Age (years)", stratum=stratum)
            for number, stratum in enumerate(AGES)
        ],
        {"question": "Q036", "category": "Age (years)"},
    ),
    "inequality": Case(
        bodies(
            ("question", "category", "state", "year", "reference", "shares", "x"),
            {"question": "Q036", "category": "Education"},
        ),
        [
            row("National", 20.0 + 5 * number, category="Age (years)", stratum=stratum)
            for number, stratum in enumerate(AGES)
        ],
        {"question": "Q036", "category": "Age (years)"},
    ),
    "compare": Case(
        bodies(("states", "strata", "state", "year", "stratum", "x"), {"states": ["OH", "TX"]})
        | bodies(("strata", "state", "year"), {"strata": ["Male", "Female"]}),
        [*pairs("Q036", [30.0, 20.0]), *pairs("Q043", [30.0, 31.0]), *pairs("Q018", [9.0, 7.0])],
        {"states": list(STATES[:2])},
    ),
    "against": Case(
        bodies(
            ("question", "state", "stratum", "year", "others", "x"),
            {"question": "Q036", "state": "OH"},
        ),
        pairs("Q036", [30.0, 30.0, 31.5, 12.0, 29.0, 55.5, 31.0]),
        {"question": "Q036", "state": "Iowa"},
    ),
    "correlation": Case(
        bodies(("questions", "year", "stratum", "x"), {"questions": ["Q036", "Q047"]}),
        [*pairs("Q036", [1.0, 5.0, 3.0, 9.0, 7.0]), *pairs("Q043", [4.0, 3.0, 6.0, 8.0, 9.0])],
        {"questions": ["Q036", "Q043"]},
    ),
}


def test_every_statistic_with_a_table_is_here() -> None:
    assert set(CASES) == set(TABLE_STATISTICS)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=3)
@given(data=st.data())
def test_any_body_is_answered_or_refused(name: str, data: st.DataObject) -> None:
    never_fails(TABLE_STATISTICS[name], data.draw(CASES[name].bodies))


class Answered(NamedTuple):
    """A case, its dataset, and the answer to its question."""

    statistic: Statistic[Any]
    case: Case
    data: DataIngestor
    table: Table


@pytest.fixture(scope="module", name="answered", params=CASES)
def answered_once(request: pytest.FixtureRequest) -> Answered:
    """Give each case with its answer."""
    statistic, case = TABLE_STATISTICS[request.param], CASES[request.param]
    data = made(case.rows)
    return Answered(statistic, case, data, answer(statistic, data, **case.body))


def test_the_same_question_is_answered_the_same_again(answered: Answered) -> None:
    statistic, case, data, table = answered
    # As a job that was recorded is: from its parameters.
    again = statistic.ask(recorded(statistic, data, **case.body), data)
    assert statistic.compute(again).as_json() == table.as_json()


def test_rows_without_an_estimate_and_their_order_do_not_matter(answered: Answered) -> None:
    statistic, case, _, table = answered
    first, second, *_ = case.rows
    mixed = [*case.rows, first._replace(value=None), second._replace(value=99.0, filled=True)]
    random.Random(statistic.name).shuffle(mixed)
    other = answer(statistic, made(mixed), **case.body)
    assert without_counts(other) == without_counts(table)
    assert (other.about["rows_suppressed"], other.about["rows_filled"]) == (1, 1)
