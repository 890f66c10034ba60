"""Explore with the keyboard alone."""

import re

from unittests.browser.explore import ABOUT_STATES, VIEWS, Explore, estimates, pressed, rounded
from unittests.browser.playwrights import expect
from unittests.helpers.server import Server

FOCUSED = """() => {
  const node = document.activeElement;
  const view = node.closest("[data-view]")?.id ?? "";
  return [view, node.id || node.dataset.do || node.getAttribute("role") || node.tagName];
}"""


def stops(explore: Explore) -> list[tuple[str, str]]:
    """Press Tab through the whole page; return where it stopped, as (view, what)."""
    found: list[tuple[str, str]] = []
    while True:
        explore.page.keyboard.press("Tab")
        view, what = explore.page.evaluate(FOCUSED)
        if what == "BODY" or len(found) == 200:
            return found
        found.append((view, what))


def test_tab_reaches_everything_and_a_chart_is_one_stop(explore: Explore) -> None:
    explore.choose(state="TX").drawn()
    expect(explore.page.locator("#strata .chart [aria-label]").first).to_be_attached()
    explore.page.reload()
    explore.drawn()
    expect(explore.page.locator("#strata .chart [aria-label]").first).to_be_attached()
    found = stops(explore)
    names = [what for _, what in found]
    for name in ("question", "statistic", "state", "theme"):
        assert names.count(name) == 1, names
    for view in VIEWS:
        of_view = [what for where, what in found if where == view]
        chart = "img" if view == "strata" else "button"
        pictures = [] if view == "difference" else ["png", "svg"]  # the server draws no such one
        assert of_view == [chart, "table", "curl", "link", "csv", "json", *pictures]


def test_the_first_stop_skips_to_the_content_where_keys_choose(
    explore: Explore, server: Server
) -> None:
    keyboard = explore.page.keyboard
    keyboard.press("Tab")
    skip = explore.page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    keyboard.press("Enter")
    expect(explore.page.locator("#main")).to_be_focused()
    keyboard.press("Tab")
    expect(explore.page.get_by_label("Question")).to_be_focused()
    keyboard.press("ArrowDown")
    expect(explore.page.get_by_label("Question")).not_to_have_value("Q036")
    explore.shows(estimates(server, explore.chosen()["question"]))


def test_arrows_go_through_the_map_and_enter_chooses(explore: Explore, server: Server) -> None:
    page, keyboard = explore.page, explore.page.keyboard
    tip = page.locator("#tip")
    explore.mark("map", "Kansas").focus()
    for key, state in (
        ("ArrowRight", "Missouri"),
        ("ArrowUp", "Iowa"),
        ("ArrowLeft", "Nebraska"),
        ("ArrowDown", "Kansas"),
    ):
        keyboard.press(key)
        expect(explore.mark("map", state)).to_be_focused()
        expect(tip).to_contain_text(f"{state}: ")
    keyboard.press("Enter")
    pressed(explore.mark(view, "Kansas") for view in ABOUT_STATES)
    value = rounded(estimates(server, "Q036")["Kansas"])
    expect(page.locator("#chosen .figure-value")).to_have_text(f"{value} %")
    expect(explore.mark("map", "Kansas")).to_be_focused()
    keyboard.press("Escape")
    expect(tip).to_be_hidden()
    keyboard.press(" ")
    expect(page.locator(".chart [aria-pressed=true]")).to_have_count(0)
    values = list(estimates(server, "Q036"))
    explore.marks("ranking").nth(3).focus()
    for key, state in (("Home", values[0]), ("ArrowDown", values[1]), ("End", values[-1])):
        keyboard.press(key)
        expect(explore.mark("ranking", state)).to_be_focused()


def test_a_focus_is_seen(explore: Explore) -> None:
    explore.page.keyboard.press("Tab")
    explore.mark("map", "Ohio").focus()
    explore.page.keyboard.press("ArrowLeft")
    focused = explore.page.locator("#map .chart :focus")
    expect(focused).to_have_css("stroke-width", "3px")
    expect(focused).to_have_attribute("aria-label", re.compile(": "))
    explore.page.keyboard.press("Tab")
    expect(explore.button("map", "table")).to_have_css("outline-width", "3px")
    explore.page.keyboard.press("Enter")
    expect(explore.page.locator("#map table")).to_be_visible()
