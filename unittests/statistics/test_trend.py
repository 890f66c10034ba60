"""Trends, on real and on made rows; years that are missing or not alike."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.layouts import BRFSS
from app.datasets.years import spans
from app.methods import breaks
from app.statistics.trend import Trend
from unittests.helpers.data import cdc_cut, dataset, release
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import Z, answer, ask, in_words, named, refuses, sentence

TREND = Trend()


def found(cells: dict[str, Any]) -> list[Any]:
    return [cells[name] for name in ("slope", "low", "high", "p_value")]


def test_each_trend_has_its_difference_from_the_nations() -> None:
    data = cdc_cut()
    table = ask(TREND, data, question="Q036", stratum="Female")
    states = named(table, "state")
    for cells in states.values():
        if cells["slope"] is not None:
            gap = cells["slope"] - states["National"]["slope"]
            assert cells["from_national"] == pytest.approx(gap, abs=2e-6)
    for asked in ("Ohio", "Guam", ["Texas", "Ohio"]):
        # It does not depend on what else is asked for.
        alone = ask(TREND, data, question="Q036", stratum="Female", state=asked)
        for cells in named(alone, "state").values():
            assert cells["from_national"] == states[cells["state"]]["from_national"]
    years = {"from": 2015, "to": 2020}
    body: dict[str, Any] = {"question": "Q036", "stratum": "male", "years": years}
    pair = ask(TREND, data, state=["Ohio", "National"], **body)
    alone = ask(TREND, data, state="Ohio", **body)
    assert alone.column("from_national") == pair.column("from_national")[:1] != [None]
    assert "National" not in alone.column("state")
    territory = ask(TREND, release(), question="Q036", state="Florida")
    every = named(ask(TREND, release(), question="Q036"), "state")["Florida"]
    assert territory.column("from_national") == [every["from_national"]] != [None]


def test_published_figures_come_out_as_they_are() -> None:
    table = ask(TREND, cdc_cut(), question="Q036", state=["Alaska", "US"], stratum="male")
    yearly = table.about["yearly"]
    assert yearly["columns"][:6] == ["state", "year", "value", "low", "high", "sample_size"]
    assert ["Alaska", 2011, 28.0, 24.9, 31.3, 1620, "show"] in yearly["rows"]
    assert [(cells[0], cells[1]) for cells in table.rows] == [
        ("Alaska", "state"),
        ("National", "nation"),
    ]
    assert table.about["years"] == "2011-2023"


def test_years_that_are_not_asked_for_are_not_missing() -> None:
    for question, state, years, missing in (
        ("Q036", "US", [2011, 2023], None),
        ("Q036", "US", [2011, 2015, 2023], None),
        ("Q047", "OH", [2011, 2013, 2015, 2017, 2019], None),
        ("Q043", "OH", [2011, 2012, 2013, 2030], "2012, 2030"),
    ):
        warnings = answer(TREND, release(), question=question, state=state, years=years).about[
            "warnings"
        ]
        start = "This dataset has no estimate of what was asked in "
        told = [one.removeprefix(start) for one in warnings if one.startswith(start)]
        assert told == ([f"{missing}."] if missing else []), (question, state, years)


def test_a_cut_of_the_release_does_not_say_what_cdc_published() -> None:
    warnings = answer(TREND, dataset(), question="Q036", state="OH").about["warnings"]
    assert "This dataset has no estimate of what was asked in 2016-2018." in warnings
    assert not any("published" in one for one in warnings)


def test_missing_years_are_warned_of() -> None:
    warnings = ask(TREND, cdc_cut(), question="Q043", stratum="male").about["warnings"]
    gaps = "This dataset has no estimate of what was asked in 2012, 2014, 2016, 2018, 2020-2022."
    assert gaps in warnings
    (lacking,) = [one for one in warnings if one.startswith("Years without an estimate")]
    assert "New Jersey (2019)" in lacking
    body = {"question": "Q036", "state": "Florida", "stratum": "male", "years": {"from": 2020}}
    table = ask(TREND, cdc_cut(), **body)
    assert (table.rows[0][2], table.rows[0][3]) == ("2020-2023", 3)
    assert spans([2015, 2011, 2012, 2013, 2015]) == "2011-2013, 2015"


def test_breaks_between_the_years_are_warned_of() -> None:
    rows = [row("Ohio", 30.0, year=year, question="Q018") for year in range(2009, 2020)]
    data = made(rows)

    def breaks_of(**years: int) -> list[int]:
        table = ask(TREND, data, question="Q018", years=years)
        words = [one for one in table.about["warnings"] if one.startswith("Years before")]
        return [int(one.split()[2]) for one in words]

    assert breaks_of() == [2011, 2017, 2019]
    assert breaks_of(**{"from": 2011}) == [2017, 2019]
    assert breaks_of(**{"from": 2011, "to": 2016}) == []
    assert breaks_of(to=2011) == [2011]
    assert breaks_of(**{"from": 2017}) == [2019]  # told, but years are not kept apart
    assert breaks.warnings(BRFSS, "Q036", [2012, 2023]) == []
    assert "perhaps not" in breaks.warnings(BRFSS, "Q043", [2019, 2023])[0]


def test_what_is_said_of_the_physical_activity_questions_is_what_the_rows_show() -> None:
    estimates = cdc_cut().estimates
    estimates = estimates.filter(estimates["state"].cast(str) != "National")
    rises: list[float] = []
    for question in ("Q043", "Q044", "Q045", "Q046"):
        rows = estimates.filter(question_id=question)
        assert set(rows["year_start"]) == {2011, 2013, 2015, 2017, 2019, 2023}
        by_year = rows.pivot(on="year_start", index=["state", "stratum"], values="value")
        change = (by_year["2023"] - by_year["2019"]).drop_nulls()
        assert (change > 0).sum() > 0.98 * change.len() > 90
        rises += change.to_list()
    assert (sum(rise > 0 for rise in rises), len(rises)) == (399, 400)
    rows = estimates.filter(question_id="Q047")
    by_year = rows.pivot(on="year_start", index=["state", "stratum"], values="value")
    for year in (2013, 2015, 2017, 2019):
        above = by_year[f"{year}"] - (by_year[f"{year - 1}"] + by_year[f"{year + 1}"]) / 2
        assert (above.drop_nulls() > 0).sum() > 0.9 * above.drop_nulls().len() > 90
    warnings = breaks.warnings(BRFSS, "Q047", [2018, 2019])
    assert len(warnings) == 1
    assert not breaks.warnings(BRFSS, "Q047", [2011, 2013, 2015])
    assert not breaks.warnings(BRFSS, "Q047", [2020, 2021, 2022])


def test_that_2023_asked_more_again_is_told_and_parts_no_years() -> None:
    (told,) = breaks.warnings(BRFSS, "Q047", [2020, 2021, 2022, 2023])
    assert "the nation's of 2023 is above that of 2022 by more than sampling error" in told
    everyone = release().estimates.filter(category="Total", question_id="Q047")
    states = everyone.filter(everyone["state"].cast(str) != "National")
    by_year = states.pivot(on="year_start", index="state", values="value")
    change = (by_year["2023"] - by_year["2022"]).drop_nulls()
    assert ((change > 0).sum(), change.len()) == (36, 52)
    assert change.mean() == pytest.approx(0.93, abs=0.005)
    assert breaks.segments(BRFSS, ["Q047"], [2022, 2023]) == [[2022, 2023]]
    assert breaks.only_told(BRFSS, "Q047", [(2012, 2023)]) == [2023]
    activities, strength = (
        breaks.warnings(BRFSS, question, [2019, 2023])[0] for question in ("Q045", "Q046")
    )
    assert "recorded as 11 kinds then" in activities
    assert "no document on it was found" in strength


def test_the_worked_example_of_the_documentation() -> None:
    values = {2019: 30.0, 2020: 31.0, 2021: 33.0}
    rows = [row("Ohio", value, Z, year=year) for year, value in values.items()]
    cells = named(ask(TREND, made(rows), question="Q036"), "state")["Ohio"]
    # Errors are nearly 1, read on the logit scale.
    assert cells["slope"] == pytest.approx(1.5, abs=0.01)
    assert cells["high"] - cells["slope"] == pytest.approx(1.96 * 0.7071, abs=0.01)
    assert (cells["basis"], cells["direction"]) == ("sampling error", "rising")
    changed = [cells[name] for name in ("change", "change_low", "change_high")]
    assert changed == pytest.approx([3.0, 0.23, 5.77], abs=0.04)


def test_imprecise_estimates_are_marked_and_those_without_error_are_not_fitted() -> None:
    rows = [row("Ohio", 30.0 + year - 2011, 1.0, year=year) for year in range(2011, 2016)]
    rows[1] = rows[1]._replace(sample_size=29)
    rows[2] = rows[2]._replace(low=None, high=None)
    table = ask(TREND, made(rows), question="Q036")
    cells = named(table, "state")["Ohio"]
    assert cells["presentation"] == "withhold: 1 of 5 years (2012)"
    assert (cells["points"], cells["rows_used"], cells["sample_size"]) == (5, 5, 4029)
    kept = [point for point in rows if point.low is not None]
    alone = named(ask(TREND, made(kept), question="Q036"), "state")["Ohio"]
    assert found(cells) == found(alone)
    assert any("be read from: 1 of 5." in w for w in table.about["warnings"])
    doubled = ask(TREND, made([*rows, rows[0]._replace(sample_size=999)]), question="Q036")
    assert named(doubled, "state")["Ohio"]["sample_size"] is None
    assert any("plain means of several rows" in w for w in doubled.about["warnings"])


def line(values: list[float], half: float = 1.0) -> list[Row]:
    """Return the estimates of Ohio in some years from 2011 on."""
    return [row("Ohio", value, half, year=2011 + place) for place, value in enumerate(values)]


def test_no_direction_is_told_where_line_and_change_are_clear_and_contradict() -> None:
    values = [30.0, *(22.0 + year for year in range(11)), 27.0]
    table = ask(TREND, made(line(values)), question="Q036")
    cells = named(table, "state")["Ohio"]
    assert cells["slope"] > 0 > cells["change"]
    assert max(cells["p_value"], cells["change_p_value"]) < 0.025
    assert (cells["direction"], cells["direction_by"]) == ("unknown", None)
    warned = "are both clear, and go opposite ways, so no direction is told: Ohio."
    assert any(warned in one for one in table.about["warnings"])
    told = in_words(TREND, made(line(values)), question="Q036")
    assert told.endswith(
        "went from 30.0 % to 27.0 %, a change of \u22123.0 percentage points"
        " (\u22124.4 to \u22121.6); no direction is told."
    )
    # Years that are not comparable are the one reason, where there is that.
    parted = made([one._replace(question="Q044") for one in line(values)])
    crossed = ask(TREND, parted, question="Q044", across_breaks=True)
    assert named(crossed, "state")["Ohio"]["direction"] == "unknown"
    assert not any("opposite ways" in one for one in crossed.about["warnings"])
    # With a change that is not clear it is the line's, and that is said.
    nearly = [30.0, *(22.0 + year for year in range(11)), 29.9]
    table = ask(TREND, made(line(nearly)), question="Q036")
    cells = named(table, "state")["Ohio"]
    assert (cells["direction"], cells["direction_by"]) == ("rising", "slope")
    warned = "though from the first year to the last it went the other way: Ohio."
    assert any(warned in one for one in table.about["warnings"])


def test_few_years_with_an_error_tell_no_direction_by_their_line() -> None:
    rows = [*line([20.0, 23.0, 26.0]), row("Ohio", 20.0, None, year=2014)]
    cells = named(ask(TREND, made(rows), question="Q036"), "state")["Ohio"]
    assert (cells["points"], cells["direction"], cells["direction_by"]) == (4, "unknown", None)
    # Many years, of which few have an error: the change tells, and the warning says so.
    values = [row("Ohio", 20.0 + year, None, year=2011 + year) for year in range(8)]
    ends = [row("Ohio", 20.0, year=2011), row("Ohio", 27.0, year=2018)]
    table = ask(TREND, made([ends[0], *values[1:-1], ends[1]]), question="Q036")
    cells = named(table, "state")["Ohio"]
    assert (cells["direction"], cells["direction_by"]) == ("rising", "change")
    few = "fewer than 7 years have an estimate with a standard error"
    assert any(few in one for one in table.about["warnings"])


def test_states_without_estimates_stay_in_the_table() -> None:
    rows = [row("Ohio", 30.0 + year, year=2010 + year) for year in range(5)]
    rows += [Row("Utah", 2011, None), Row("Utah", 2012, 9.0, filled=True), row("Iowa", 3.0)]
    rows += [row("Utah", 9.0, year=year, category="Sex", stratum="Male") for year in (2011, 2012)]
    table = ask(TREND, made(rows), question="Q036", state=["UT", "OH", "IA"], years={"to": 2015})
    utah = named(table, "state")["Utah"]
    assert (utah["points"], utah["rows_suppressed"], utah["rows_filled"]) == (0, 1, 1)
    assert (utah["years"], utah["presentation"], utah["direction"]) == (None, None, "unknown")
    assert (table.about["rows_suppressed"], table.about["rows_filled"]) == (1, 1)
    assert named(table, "state")["Iowa"]["points"] == 0
    assert any(one.endswith("so no slope: Iowa and Utah.") for one in table.about["warnings"])


numbers = st.lists(
    st.tuples(st.floats(10, 80), st.floats(0.3, 4.0)).map(lambda p: (round(p[0], 1), p[1])),
    min_size=3,
    max_size=8,
)


@settings(max_examples=2)
@given(numbers, st.integers(-40, 40))
def test_algebra(points: list[tuple[float, float]], shift: int) -> None:
    rows = [row("Ohio", *point, year=2011 + n) for n, point in enumerate(points)]
    rows += [
        row("Utah", 100 - one.value, point[1], year=one.year)  # type: ignore[operator]
        for one, point in zip(list(rows), points, strict=True)
    ]
    moved = [one._replace(year=one.year + shift, question="Q047") for one in rows]
    data = made([*rows, *moved])
    states = named(answer(TREND, data, question="Q036"), "state")
    assert states["Utah"]["slope"] == pytest.approx(-states["Ohio"]["slope"], abs=2e-6, rel=1e-6)
    assert states["Utah"]["low"] == pytest.approx(-states["Ohio"]["high"], abs=2e-6, rel=1e-6)
    later = named(answer(TREND, data, question="Q047", across_breaks=True), "state")
    for state, cells in states.items():
        assert found(later[state]) == pytest.approx(found(cells), abs=2e-6, rel=1e-6)


def test_what_cannot_be_asked() -> None:
    data = made([row("Ohio", 30.0, year=2015), row("Utah", 30.0, year=2018)])
    period = made([row("Ohio", 30.0, year=2011, until=2022)])
    refuses(TREND, period, {"question": "Q036"}, "no single years", "make data")
    refuses(TREND, cdc_cut(), {"question": "Q036"}, "make data")
    refuses(TREND, data, {"question": "Q036", "years": 2015}, '{"from": 2011')
    refuses(
        TREND, data, {"question": "Q036", "years": {"since": 2015}}, 'unknown key "years.since"'
    )
    refuses(
        TREND, data, {"question": "Q036", "years": {"from": "2015"}}, '"years.from" must be a year'
    )
    refuses(TREND, data, {"question": "Q036", "years": {"from": 2019, "to": 2015}}, "2019 to 2015")
    refuses(
        TREND, data, {"question": "Q036", "years": {"from": 2019}}, "other years only: 2015, 20"
    )
    body = {"question": "Q036", "state": "UT", "years": {"to": 2016}}
    refuses(TREND, data, body, "for Utah in other years only: 2018")
    refuses(TREND, data, {"question": "Q036", "state": {}}, "an array of one or more names")
    refuses(TREND, made([Row(value=None)]), {"question": "Q036"}, "has no estimates of Q036")


def test_the_sentence() -> None:
    body = {"question": "Q036", "state": "oh", "stratum": "male", "years": {"to": 2020}}
    assert sentence(TREND, cdc_cut(), **body) == (
        "How did the percent of adults aged 18 years and older who have obesity change in Ohio "
        'up to 2020, in the stratum "Male"?'
    )
