"""Explore on data with single years, limits, and states without an estimate."""

import csv
import re
from collections.abc import Iterator

import pytest

from unittests.browser.explore import ABOUT_STATES, VIEWS, Explore, estimates, pressed
from unittests.browser.made import (
    EMPTY,
    FILLED,
    MISSING,
    NO_GROUPS,
    UNJUDGED,
    UNRELEASED,
    WITHHELD,
    YEARS,
    made_server,
)
from unittests.browser.playwrights import expect
from unittests.helpers.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with made_server(tmp_path_factory.mktemp("made")) as server:
        yield server


def test_years_and_groups_are_shown_as_chosen(explore: Explore, server: Server) -> None:
    explore.shows(estimates(server, "Q036"))
    expect(explore.page.locator("h1")).to_have_text(f"Obesity, {YEARS[-1]}")
    explore.choose(year="2018").shows(estimates(server, "Q036", year=2018))
    expect(explore.page.locator("#map [data-part=note]")).to_contain_text("2018")
    explore.choose(group="Female").shows(estimates(server, "Q036", year=2018, stratum="Female"))
    expect(explore.page.locator("#map [data-part=note]")).to_contain_text("2018, Women")
    expect(explore.page.locator("h1")).to_have_text("Obesity among women, 2018")
    expect(explore.page.locator("#chosen-note")).to_have_text("2018, Women")
    explore.choose(question="Q043").shows(estimates(server, "Q043", year=2018, stratum="Female"))
    assert explore.address() == "/?q=Q043&statistic=estimate&group=Female&year=2018"
    explore.page.reload()
    explore.shows(estimates(server, "Q043", year=2018, stratum="Female"))
    explore.choose(group="", year="").shows(estimates(server, "Q043"))


def test_why_a_state_has_no_estimate_is_told(explore: Explore) -> None:
    page = explore.page
    for state, told, fill in (
        (WITHHELD, "withheld by CDC", "url(#withheld)"),
        (FILLED, "withheld by CDC", "url(#withheld)"),
        (UNRELEASED, "not released by CDC", "url(#unreleased)"),
        (MISSING, "no estimate", "url(#absent)"),
    ):
        mark = explore.mark("map", state)
        expect(mark).to_have_attribute("aria-label", f"{state}: {told}")
        expect(mark).to_have_attribute("fill", fill)
        expect(page.locator("#map .chart").get_by_text(told, exact=True)).to_be_visible()
        mark.hover()
        expect(page.locator("#tip")).to_contain_text(f"{state}: {told}")
        mark.click()
        expect(page.locator("#chosen-title")).to_have_text(state)
        expect(page.locator("#chosen .facts")).to_contain_text("Why")
        expect(page.locator("#chosen .figure")).to_have_count(0)
        explore.drawn()
    explore.button("map", "table").click()
    for state, told in ((WITHHELD, "withheld by CDC"), (UNRELEASED, "not released by CDC")):
        expect(page.locator("#map table tr", has_text=state)).to_contain_text(told)


def test_what_was_not_released_is_told_wherever_the_nation_is(explore: Explore) -> None:
    page = explore.page
    explore.mark("map", UNRELEASED).click()
    card = page.locator("#chosen .facts")
    expect(card).to_contain_text("CDC released nothing for this state and year")
    expect(card).to_contain_text(f"Made without{UNRELEASED}")
    message = page.locator("#strata [data-part=message]")
    expect(message).to_contain_text("CDC released nothing for this state and year")
    for view in ("ranking", "difference"):
        note = page.locator(f"#{view} [data-part=note]")
        expect(note).to_contain_text(f"United States without {UNRELEASED}.")
    told = page.locator("#cautions-list li", has_text="CDC released nothing")
    expect(told).to_contain_text(f"{UNRELEASED} in {YEARS[-1]}")
    explore.choose(year=str(YEARS[0])).drawn()
    expect(card).not_to_contain_text("Made without")
    explore.choose(statistic="trend").drawn()
    note = page.locator("#strata [data-part=note]")
    expect(note).to_contain_text(f"{YEARS[-1]}: not released by CDC.")
    expect(note).to_contain_text(f"United States without {UNRELEASED} ({YEARS[-1]}).")
    explore.button("strata", "table").click()
    last = page.locator("#strata table tr", has_text=UNRELEASED).last
    expect(last).to_contain_text(f"{YEARS[-1]}not released by CDC")


def test_an_interval_is_told_with_its_number(explore: Explore) -> None:
    explore.mark("ranking", "Ohio").click()
    card = explore.page.locator("#chosen")
    expect(card.locator(".figure-value")).to_have_text("36.5 %")
    expect(card.locator(".figure-range")).to_have_text("95 % interval 35.5 to 37.5")
    expect(card).to_contain_text("2 of 4")
    expect(card).to_contain_text("1,000 people")
    expect(card).to_contain_text("+2.0 points")
    strata = explore.page.locator("#strata .chart [aria-label]")
    expect(
        strata.and_(explore.page.locator('[aria-label="Men: 34.5 %, 32.5 to 36.5"]'))
    ).to_be_attached()


def test_a_trend_shows_slopes_and_the_years_of_a_state(explore: Explore, server: Server) -> None:
    page = explore.page
    explore.choose(statistic="trend").drawn()
    expect(page.locator("select[name=year]")).to_be_disabled()
    for view in ("map", "ranking"):
        expect(explore.mark(view, "Ohio")).to_have_attribute(
            "aria-label", re.compile(r"^Ohio: \+0\.50 points a year, ")
        )
    explore.mark("map", "Ohio").click()
    explore.drawn()
    pressed(explore.mark(view, "Ohio") for view in ABOUT_STATES)
    expect(page.locator("#strata-title")).to_have_text("The state over the years")
    expect(page.locator("h1")).to_have_text(f"Obesity: Ohio, {YEARS[0]}-{YEARS[-1]}")
    years = list(csv.DictReader(explore.download("strata", "csv").open(encoding="utf-8")))
    told = {(row["state"], row["year"]): float(row["value"]) for row in years if row["value"]}
    assert set(told) == {(state, str(year)) for state in ("Ohio", "National") for year in YEARS}
    assert told["Ohio", str(YEARS[1])] == 35.5
    expect(page.locator("#chosen")).to_contain_text("First to last year+1.5 points (")
    for year in YEARS:
        label = f"Ohio, {year}: {35 + 0.5 * (year - YEARS[0]):.1f} %"
        point = page.locator(f'#strata .chart [aria-label^="{label}"]')
        expect(point).to_be_attached()
        point.hover()
        expect(page.locator("#tip")).to_contain_text(str(year))
    explore.choose(statistic="estimate", state="").shows(estimates(server, "Q036"))
    expect(page.locator("#strata-title")).to_have_text("Groups within the state")


def test_a_state_without_groups_says_so(explore: Explore) -> None:
    explore.mark("map", NO_GROUPS).click()
    message = explore.page.locator("#strata [data-part=message]")
    expect(message).to_have_text("The dataset has no groups of this state.")
    explore.mark("map", "Ohio").click()
    expect(explore.page.locator('#strata .chart [aria-label^="Men: "]')).to_be_attached()


def test_a_question_of_which_nobody_knows_what_is_better_has_no_ranks(explore: Explore) -> None:
    page = explore.page
    explore.choose(question=UNJUDGED).drawn()
    expect(page.locator("#ranking-title")).to_have_text("States, lowest first")
    expect(page.locator("#ranking .chart")).not_to_contain_text("undefined")
    assert [label.split(" %")[0] for label in explore.labels("ranking")] == [
        "Ohio: 50.0",
        "Texas: 51.0",
    ]
    explore.mark("map", "Texas").click()
    expect(page.locator("#chosen .figure-value")).to_have_text("51.0 %")
    expect(page.locator("#chosen .facts")).not_to_contain_text("Rank")
    expect(page.locator("#difference [data-part=message]")).not_to_be_empty()


def test_a_question_that_cannot_be_answered_says_why(explore: Explore, server: Server) -> None:
    explore.tab.expects("status of 400")
    page = explore.page
    explore.mark("map", "Ohio").click()
    explore.choose(question=EMPTY).drawn()
    answer = page.locator("#answer")
    expect(answer).to_contain_text("this dataset has no estimates of Q018")
    expect(answer).to_contain_text("Choose something else above.")
    expect(page.get_by_text("no estimates of Q018")).to_have_count(1)
    expect(page.locator(".chart svg")).to_have_count(0)
    for view in VIEWS:
        expect(explore.card(view)).to_be_hidden()
    explore.choose(question="Q036").shows(estimates(server, "Q036"))
    expect(answer).to_contain_text("of adults in Ohio had obesity")
    expect(page.locator("#chosen .figure-value")).to_have_text("36.5 %")
