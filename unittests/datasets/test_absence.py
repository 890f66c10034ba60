"""Why there is no estimate: withheld, not released, or nobody can tell."""

import polars as pl

from app.datasets.absence import Counts, counts, nation_lacks, releases, statuses, with_status
from unittests.helpers.data import cdc_cut, release
from unittests.helpers.rows import TEXTS, Row, made

NO_TOTAL = Row(value=None)
MEN = Row(category="Sex", stratum="Male")
NO_MEN = MEN._replace(value=None)
NOTHING = [NO_TOTAL, NO_MEN]
YEARS = {"year_start": 2020, "year_end": 2020}
OTHERS = [Row("Texas"), MEN._replace(state="Texas")]  # the question was asked


def frame(rows: list[Row]) -> pl.DataFrame:
    """Return what a dataset of these rows has of them, as far as a status depends on it."""
    return pl.DataFrame(
        {
            "question": [TEXTS[row.question] for row in rows],
            "state": [row.state for row in rows],
            "year_start": [row.year for row in rows],
            "year_end": [row.until or row.year for row in rows],
            "category": [row.category for row in rows],
            "stratum": [row.stratum for row in rows],
            "value": pl.Series([row.value for row in rows], dtype=pl.Float64),
            "filled": [row.filled for row in rows],
            "invalid": False,
        }
    )


def status(rows: list[Row]) -> str:
    """Return the status of all adults in Ohio in 2020."""
    every = frame([*rows, *OTHERS])
    cells = pl.DataFrame({"question": TEXTS["Q036"], "state": "Ohio"} | YEARS)
    total = every.filter(pl.col("category") == "Total")
    (found,) = statuses(cells, total, releases(every))["status"]
    return str(found)


def test_the_rule() -> None:
    for rows, expected in (
        ([Row()], "estimate"),
        ([NO_TOTAL, Row()], "estimate"),  # one of two rows of the cell
        ([NO_TOTAL, MEN], "withheld"),
        ([Row(filled=True), MEN], "withheld"),
        (NOTHING, "not released"),
        ([Row(filled=True), MEN._replace(filled=True)], "not released"),
        # Of a place whose rows are not all there, nobody knows.
        ([NO_TOTAL], "no estimate"),
        ([Row(year=2010)], "no estimate"),
        # There is no row of all adults: it is not known that there should be one.
        ([MEN], "no estimate"),
        # An estimate of this year and others together.
        ([*NOTHING, Row(year=2019, until=2021)], "no estimate"),
        ([*NOTHING, MEN._replace(year=2020, until=2022)], "no estimate"),
        ([*NOTHING, Row(year=2018, until=2019)], "not released"),
        # Another year, another question.
        ([*NOTHING, Row(year=2019)], "not released"),
        ([*NOTHING, Row(question="Q043")], "not released"),
    ):
        assert status(rows) == expected, rows
        assert status(rows[::-1]) == expected, rows


def told(rows: list[Row]) -> list[str]:
    """Return the status of each row."""
    every = frame(rows)
    return with_status(every, releases(every))["status"].to_list()


def test_gender_is_sex_in_a_file_of_both() -> None:
    data = made([NO_TOTAL, NO_MEN._replace(category="Gender"), *OTHERS])
    found = with_status(data.estimates, data.releases)["status"]
    assert found.to_list() == ["not released"] * 2 + ["estimate"] * 2


def test_a_question_that_was_not_asked_is_not_told_to_be_not_released() -> None:
    nobody = [Row(state, 2019, None) for state in ("Ohio", "Texas", "National")]
    assert told([*nobody, Row()]) == ["no estimate"] * 3 + ["estimate"]


def test_a_file_of_one_category_tells_only_by_its_total() -> None:
    assert told([NO_TOTAL, Row("Texas")]) == ["not released", "estimate"]
    assert told([NO_MEN, OTHERS[1]]) == ["no estimate", "estimate"]
    assert told([NO_MEN, MEN._replace(stratum="Female")]) == ["withheld", "estimate"]


def test_periods_of_several_years_are_as_good_as_years() -> None:
    rows = [one._replace(year=2015, until=2019) for one in (NO_TOTAL, NO_MEN, *OTHERS)]
    assert told(rows) == ["not released"] * 2 + ["estimate"] * 2
    rows[1] = rows[1]._replace(value=30.0)
    assert told(rows) == ["withheld"] + ["estimate"] * 3


def test_a_row_without_category_is_of_its_place_all_the_same() -> None:
    nowhere = Row(category="", stratum="")
    assert told([NO_TOTAL, nowhere, *OTHERS])[0] == "withheld"
    assert told([NO_TOTAL, nowhere._replace(value=None), *OTHERS])[0] == "no estimate"


def test_rows_are_counted_once() -> None:
    rows = [NO_TOTAL, MEN._replace(filled=True)]  # nothing was released
    for state, total in (("Utah", NO_TOTAL), ("Iowa", Row(filled=True))):  # withheld
        rows += [total._replace(state=state), MEN._replace(state=state)]
    data = made([*rows, NO_TOTAL._replace(state="Guam"), *OTHERS])  # of Guam nobody knows
    assert counts(data.estimates, data.releases) == Counts(1, 2, 1, 1)


def test_the_nation_lacks_states_and_the_district_but_no_territory() -> None:
    places = ("Ohio", "District of Columbia", "Guam")
    rows = [one._replace(state=place) for place in places for one in NOTHING]
    nation = [Row("National"), MEN._replace(state="National"), Row("National", 2019)]
    data = made([*rows, *nation, *OTHERS])
    every, known = data.estimates, data.releases
    assert nation_lacks(every, known) == {"2020": ["District of Columbia", "Ohio"]}
    assert nation_lacks(every.filter(pl.col("year_start") == 2019), known) == {}
    assert nation_lacks(every.filter(pl.col("state") != "National"), known) == {}


def test_what_cdc_did_not_release() -> None:
    """The release has 28 rows of each question, place and year; 111 of these have no estimate."""
    data = release()
    nothing = data.releases.filter(~pl.col("released"))
    assert nothing.height == 111
    known = data.releases["released"]
    assert not known.null_count()
    years: dict[str, list[int]] = {}
    pairs = nothing.select(pl.col("state").cast(pl.String), "year_start").unique()
    for state, year in pairs.sort("state", "year_start").iter_rows():
        years.setdefault(state, []).append(year)
    assert years == {
        "Florida": [2021],
        "Guam": [2011, 2012, 2013],
        "Kentucky": [2023],
        "New Jersey": [2019],
        "Pennsylvania": [2023],
        "Puerto Rico": [2011, 2012, 2013],
        "Virgin Islands": [2011, 2012, 2013, 2014, 2015, 2017, 2018, 2019, 2020],
    }
    # In 2022 no place has an estimate of the race "Other", of three questions.
    assert counts(data.estimates, data.releases) == Counts(
        12755 - 111 * 28 - 3 * 55, 111 * 28, 0, 3 * 55
    )
    other = data.estimates.filter(pl.col("stratum") == "Other", pl.col("year_start") == 2022)
    assert set(with_status(other, data.releases)["status"]) == {"no estimate"}
    assert nation_lacks(data.estimates, data.releases) == {
        "2019": ["New Jersey"],
        "2021": ["Florida"],
        "2023": ["Kentucky", "Pennsylvania"],
    }


def test_of_a_file_that_leaves_out_rows_without_a_value_nothing_is_told() -> None:
    data = cdc_cut()
    assert data.releases["released"].all()
    assert nation_lacks(data.estimates, data.releases) == {}
