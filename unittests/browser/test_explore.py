"""Explore, driven as a user would: choose, click, point, go back, follow a link."""

import re

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import ABOUT_STATES, Explore, estimates, pressed, rounded
from unittests.browser.playwrights import expect
from unittests.support import Server

QUESTIONS = ("Q037", "Q047", "Q018", "Q043")


def test_a_first_visitor_sees_obesity_in_all_states(explore: Explore, server: Server) -> None:
    values = estimates(server, "Q036")
    explore.shows(values)
    assert len(explore.labels("map")) > len(values)  # with those that have no estimate
    page = explore.page
    expect(page.locator("h1")).to_contain_text("Obesity")
    expect(page).to_have_title(re.compile("Obesity.*Le Stats Sportif"))
    expect(page.locator("#chosen-title")).to_have_text("No state chosen")
    expect(page.locator("#dataset")).to_contain_text("18,650 rows")
    assert explore.address() == "/?q=Q036&statistic=estimate"


@pytest.mark.parametrize("view", ABOUT_STATES)
def test_a_click_on_a_state_in_one_view_chooses_it_in_all(
    explore: Explore, server: Server, view: str
) -> None:
    value = estimates(server, "Q036")["Ohio"]
    explore.mark(view, "Ohio").click()
    explore.drawn()
    pressed(explore.mark(one, "Ohio") for one in ABOUT_STATES)
    page = explore.page
    expect(page.locator(".chart [aria-pressed=true]")).to_have_count(len(ABOUT_STATES))
    expect(page.locator("#chosen-title")).to_have_text("Ohio")
    expect(page.locator("#chosen .figure-value")).to_have_text(f"{rounded(value)} %")
    expect(page.locator("#strata .chart [aria-label]").first).to_be_attached()
    assert explore.chosen()["state"] == "OH"
    assert explore.address().endswith("&state=OH")
    explore.mark(view, "Ohio").click()
    expect(page.locator(".chart [aria-pressed=true]")).to_have_count(0)
    expect(page.locator("#chosen-title")).to_have_text("No state chosen")
