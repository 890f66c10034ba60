"""Explore on data with single years, limits, and states without an estimate."""

import csv
import re
from collections.abc import Iterator

import pytest

from unittests.browser.explore import VIEWS, Explore, estimates, pressed
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
    explore.at(2018).shows(estimates(server, "Q036", year=2018))
    expect(explore.page.locator("#map-title")).to_have_text("Level, 2018")
    explore.choose(group="Female").shows(estimates(server, "Q036", year=2018, stratum="Female"))
    expect(explore.page.locator("h1")).to_have_text("Obesity among women, 2018")
    explore.choose(question="Q043").shows(estimates(server, "Q043", year=2018, stratum="Female"))
    assert explore.address() == "/?q=Q043&group=Female&year=2018"
    explore.page.reload()
    explore.shows(estimates(server, "Q043", year=2018, stratum="Female"))
    explore.choose(group="").at(YEARS[-1]).shows(estimates(server, "Q043"))


def test_a_citation_of_a_file_of_unknown_origin_begins_with_the_title(explore: Explore) -> None:
    cite = explore.page.locator("#take [data-part=cite]")
    expect(cite).to_contain_text(f"“Obesity, {YEARS[-1]}.” Le Stats Sportif, ")
    expect(cite).to_have_text(re.compile("^“"))


def test_why_a_state_has_no_estimate_is_told(explore: Explore) -> None:
    page = explore.page
    for state, told, fill in (
        (WITHHELD, "withheld by CDC", "#withheld"),
        (FILLED, "withheld by CDC", "#withheld"),
        (UNRELEASED, "not released by CDC", "#unreleased"),
        (MISSING, "no estimate", "#missing"),
    ):
        mark = explore.mark(state)
        expect(mark).to_have_attribute("aria-label", f"{state}: {told}")
        assert fill in mark.evaluate("mark => mark.style.fill")
        expect(page.locator("#map [data-part=key]").get_by_text(told, exact=True)).to_be_visible()
        mark.hover()
        expect(page.locator("#tip")).to_contain_text(f"{state}: {told}")
        expect(page.locator("#tip")).to_contain_text("Why")
        mark.click()
        expect(page.locator("h1")).to_contain_text(state)
        expect(explore.drawn().row(state)).to_contain_text(told)
        expect(page.locator("#figure-value")).to_be_empty()
        page.get_by_role("button", name=f"Remove {state}").click()
        explore.drawn()


def test_what_was_not_released_is_told_wherever_the_nation_is(explore: Explore) -> None:
    page = explore.page
    explore.mark(UNRELEASED).click()
    expect(explore.card("groups")).to_contain_text("CDC released nothing for this state and year")
    without = f"figures of the United States are made without {UNRELEASED}"
    for view in ("years", "states"):
        expect(page.locator(f"#{view} [data-part=note]")).to_contain_text(without)
    told = page.locator("#cautions-list li", has_text="CDC released nothing")
    expect(told).to_contain_text(f"{UNRELEASED} in {YEARS[-1]}")
    note = page.locator("#years [data-part=note]")
    expect(note).to_contain_text(f"{UNRELEASED}: not released by CDC, {YEARS[-1]}.")
    explore.at(YEARS[0]).drawn()
    expect(page.locator("#states [data-part=note]")).not_to_contain_text("made without")


def test_an_interval_is_told_with_its_number(explore: Explore) -> None:
    explore.name("Ohio").click()
    explore.drawn()
    page, row = explore.page, explore.row("Ohio")
    expect(page.locator("#figure-value")).to_have_text("36.5 %")
    expect(page.locator("#figure-range")).to_have_text("95 % interval 35.5 to 37.5")
    expect(row).to_contain_text("36.5 (35.5 to 37.5)")
    expect(row.locator(".interval .range")).to_be_attached()
    expect(explore.group("Men")).to_contain_text("34.5")
    explore.mark("Ohio").hover()
    for told in ("2 of 4", "1,000 people", "+2.0 points"):
        expect(page.locator("#tip")).to_contain_text(told)


def test_changes_are_shown_by_their_slopes_and_years(explore: Explore) -> None:
    page = explore.page
    page.locator("[data-show=change]").click()
    expect(page.locator("h1")).to_have_text(f"Obesity, change a year, {YEARS[0]}-{YEARS[-1]}")
    expect(page.locator("#year")).to_be_disabled()
    slope = re.compile(r"^Ohio: \+0\.50 points a year, ")
    expect(explore.drawn().mark("Ohio")).to_have_attribute("aria-label", slope)
    expect(explore.row("Ohio")).to_contain_text("+0.50")
    # More is worse, so it has the colour of what is bad, and its word beside it.
    assert "--worse-" in explore.mark("Ohio").evaluate("mark => mark.style.fill")
    explore.mark("Ohio").click()
    explore.drawn()
    pressed(explore.mark("Ohio"), explore.name("Ohio"))
    expect(explore.row("Ohio")).to_contain_text("+1.5")
    years = list(csv.DictReader(explore.download("years", "csv").open(encoding="utf-8")))
    told = {(row["state"], row["year"]): float(row["value"]) for row in years if row["value"]}
    assert set(told) == {(state, str(year)) for state in ("Ohio", "National") for year in YEARS}
    assert told["Ohio", str(YEARS[1])] == 35.5
    for year in YEARS:
        label = f"Ohio, {year}: {35 + 0.5 * (year - YEARS[0]):.1f} %"
        point = page.locator(f'#years [aria-label^="{label}"]')
        expect(point).to_be_attached()
        point.hover()
        expect(page.locator("#tip")).to_contain_text(str(year))


def test_a_state_without_groups_says_so(explore: Explore) -> None:
    explore.mark(NO_GROUPS).click()
    message = explore.page.locator("#groups [data-part=message]")
    expect(message).to_have_text("The dataset has no such groups.")
    explore.page.get_by_role("button", name=f"Remove {NO_GROUPS}").click()
    explore.mark("Ohio").click()
    expect(explore.group("Men")).to_be_visible()


def test_a_question_of_which_nobody_knows_what_is_better_has_no_ranks(explore: Explore) -> None:
    page = explore.page
    explore.choose(question=UNJUDGED).drawn()
    expect(page.locator("#states-title")).to_have_text("The states, lowest first")
    expect(page.locator("#states")).not_to_contain_text("undefined")
    assert explore.names()[:2] == ["Ohio", "Texas"]
    explore.mark("Texas").click()
    expect(page.locator("#figure-value")).to_have_text("51.0 %")
    explore.mark("Texas").hover()
    expect(page.locator("#tip")).not_to_contain_text("Rank")
    expect(page.locator(".sense-better, .sense-worse")).to_have_count(0)


def test_a_question_that_cannot_be_answered_says_why(explore: Explore, server: Server) -> None:
    explore.tab.expects("status of 400")
    page = explore.page
    explore.mark("Ohio").click()
    explore.choose(question=EMPTY).drawn()
    answer = page.locator("#answer")
    expect(answer).to_contain_text("this dataset has no estimates of Q018")
    expect(answer).to_contain_text("Choose something else above.")
    expect(page.get_by_text("no estimates of Q018")).to_have_count(1)
    for view in VIEWS:
        expect(explore.card(view)).to_be_hidden()
    explore.choose(question="Q036").shows(estimates(server, "Q036"))
    expect(answer).to_contain_text("of adults in Ohio had obesity")
    expect(page.locator("#figure-value")).to_have_text("36.5 %")
