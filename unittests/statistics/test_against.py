"""One state or stratum against each of the others."""

from collections import Counter
from typing import Any

import pytest

from app.datasets.layouts import LAYOUTS
from app.statistics.against import Against
from app.statistics.query import Query
from app.statistics.wording import beside_the_nation
from unittests.helpers.data import release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import (
    Z,
    answer,
    ask,
    dicts,
    error_of,
    in_words,
    named,
    recorded,
    refuses,
    sentence,
    two_sided,
)

AGAINST = Against()


def test_ohio_against_the_other_states_and_the_district() -> None:
    table = ask(AGAINST, release(), question="Q036", state="OH", year=2023)
    assert Counter(table.column("verdict")) == {
        "higher": 20,
        "lower": 3,
        "no clear difference": 25,
    }
    assert (table.about["subject"]["value"], table.about["national"]["value"]) == (36.4, 32.8)
    assert table.about["left_out"] == ["Guam", "Puerto Rico", "Virgin Islands"]
    assert table.about["without_estimate"]["not released"] == ["Kentucky", "Pennsylvania"]
    assert Counter(table.column("kind")) == {"state": 47, "district": 1}
    latest = ask(AGAINST, release(), question="Q036", state="OH")
    assert latest.rows == table.rows


def test_differences_and_verdicts_by_hand() -> None:
    table = ask(AGAINST, release(), question="Q047", state="OH", year=2021, others="places")
    own = table.about["subject"]
    error = error_of(own["value"], own["low"], own["high"])
    p_values = []
    for cells in dicts(table):
        other = error_of(cells["value"], cells["value_low"], cells["value_high"])
        spread = (error**2 + other**2) ** 0.5
        difference = own["value"] - cells["value"]
        limits = [difference, difference - Z * spread, difference + Z * spread]
        found = [cells[name] for name in ("difference", "low", "high")]
        assert found == pytest.approx(limits, abs=2e-6)
        p_values.append(two_sided(difference / spread))
    assert table.column("p_value") == pytest.approx(p_values, abs=1e-6)
    # Holm: the smallest times their number, the next times one less, until one is too large.
    clear = set()
    for tested, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if (len(p_values) - tested) * p_values[place] >= 0.05:
            break
        clear.add(place)
    assert 5 < len(clear) < 45
    for place, cells in enumerate(dicts(table)):
        wanted = "higher" if cells["difference"] > 0 else "lower"
        assert cells["verdict"] == (wanted if place in clear else "no clear difference")
        assert (cells["p_adjusted"] < 0.05) == (place in clear)
    assert {"Guam", "Virgin Islands"} <= set(table.column("state"))


def test_a_stratum_against_the_others_of_its_category() -> None:
    body = {"question": "Q036", "state": "OH", "stratum": "18 - 24", "year": 2023}
    table = ask(AGAINST, release(), **body, others="strata")
    strata = ["25 - 34", "35 - 44", "45 - 54", "55 - 64", "65 or older"]
    assert table.column("stratum") == strata
    assert set(table.column("verdict")) == {"lower"}
    assert "national" not in table.about
    income = ask(
        AGAINST, release(), question="Q036", stratum="Less than $15,000", others="strata", year=2019
    )
    assert income.about["subject"]["state"] == "National"
    assert "Data not reported" not in income.column("stratum")


def test_a_territory_is_no_part_of_the_nation() -> None:
    data = made([row(name, 30.0) for name in ("Ohio", "Utah", "Guam", "National")])
    for state, is_part in {"Ohio": True, "National": True, "Guam": False}.items():
        warnings = answer(AGAINST, data, question="Q036", state=state).about["warnings"]
        assert any("errors are not independent" in one for one in warnings) is is_part
    (unknown,) = beside_the_nation(["Guam", "National"], LAYOUTS["wic"])
    assert unknown.startswith("Whether National counts the people of Guam is not known")
    assert unknown.endswith("the limits of the difference from National are somewhat too wide.")
    # A query of one state has a test of the difference, and no limits of it.
    where = {"question": "Q036", "where": {"state": "OH", "year": 2023}}
    (part,) = (
        one for one in answer(Query(), release(), **where).about["warnings"] if "a part" in one
    )
    assert part.endswith("the test of the difference from National is somewhat conservative.")


def test_the_latest_year_is_one_that_both_have() -> None:
    rows = [row(state, 30.0, year=year) for state in ("Iowa", "Utah") for year in (2019, 2020)]
    data = made([*rows, row("Ohio", 40.0, year=2019)])
    table = ask(AGAINST, data, question="Q036", state="OH")
    assert table.about["years"] == "2019"
    assert any(one.startswith("2020 left out") for one in table.about["warnings"])
    refuses(AGAINST, data, {"question": "Q036", "state": "OH", "year": 2020}, "some in 2019")


def test_without_a_standard_error_nothing_is_told_apart() -> None:
    rows = [row("Ohio", 10.0), row("Iowa", 90.0, None), Row("Guam", value=None), row("Utah", 9.9)]
    table = ask(AGAINST, made(rows), question="Q036", state="OH", others="places")
    cells = named(table, "state")
    verdicts = {state: cells[state]["verdict"] for state in cells}
    assert verdicts == {"Utah": "no clear difference", "Iowa": "unknown"}
    assert cells["Iowa"]["presentation"] == "caution: second: no interval"
    assert "cannot be told of 1" in in_words(
        AGAINST, made(rows), question="Q036", state="OH", others="places"
    )


def test_strata_without_an_estimate_are_named() -> None:
    ages: dict[str, Any] = {"18 - 24": 20.0, "25 - 34": 30.0, "35 - 44": None}
    rows = [row("Ohio", value, category="Age (years)", stratum=age) for age, value in ages.items()]
    rows.append(row("Ohio", 33.0, category="Age (years)", stratum="35 - 44", year=2019))
    body = {"question": "Q036", "state": "OH", "stratum": "18 - 24", "year": 2020}
    table = ask(AGAINST, made(rows), **body, others="strata")
    assert table.column("stratum") == ["25 - 34"]
    assert table.about["warnings"][0] == (
        "Withheld, for too small a sample of the stratum: Ohio (35 - 44)."
    )
    assert table.about["without_estimate"]["suppressed"] == ["35 - 44"]


def test_what_cannot_be_asked() -> None:
    data = release()
    refuses(AGAINST, data, {"state": "OH"}, '"question" is missing')
    refuses(AGAINST, data, {"question": "Q036", "others": "strata"}, '"stratum" must be one of')
    refuses(AGAINST, data, {"question": "Q036", "others": "all"}, "places", "strata")
    refuses(AGAINST, data, {"question": "Q036", "state": "KY", "year": 2023}, "for Kentucky")
    alone = made([row("Ohio", 30.0)])
    refuses(AGAINST, alone, {"question": "Q036"}, '"state" is missing')
    refuses(AGAINST, alone, {"question": "Q036", "state": "OH"}, "no estimates of Q036 for Ohio")


def test_what_is_asked() -> None:
    body = {"question": "Q036", "state": "oh"}
    assert recorded(AGAINST, release(), **body)["stratum"] == "Total"
    assert sentence(AGAINST, release(), **body) == (
        "How does Ohio differ from each of the other states in the percent of adults aged 18 years "
        "and older who have obesity in the latest year that has both, among all adults?"
    )
    district = sentence(AGAINST, release(), question="Q036", state="DC")
    assert district.startswith(
        "How does the District of Columbia differ from each of the states in"
    )
    strata = {**body, "stratum": "male", "others": "strata", "year": 2019}
    assert sentence(AGAINST, release(), **strata).startswith(
        'How does "Male" differ from each of the other strata in the percent of adults'
    )
