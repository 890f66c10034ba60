"""Explore with the keyboard alone."""

import re

from unittests.browser.explore import FEW, Explore, estimates, pressed, rounded
from unittests.browser.playwrights import expect
from unittests.helpers.server import Server

FOCUSED = """() => {
  const node = document.activeElement;
  const card = node.closest("[data-card]")?.id ?? "";
  const { do: act, sort, show, state, part } = node.dataset;
  const what = act || sort || show || (state && "row") || part || node.id;
  return [card, what || node.getAttribute("role") || node.tagName];
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
    explore.add("Texas").drawn()
    explore.page.reload()
    explore.drawn()
    found = stops(explore)
    names = [what for card, what in found if not card]
    for name in ("question", "state", "neighbours", "group", "year", "theme"):
        assert names.count(name) == 1, names
    of = {card: [what for where, what in found if where == card] for card, _ in found}
    assert of["map"] == ["level", "change", "button"]
    assert of["years"] == ["img"]
    heads = ["against", "rank", "state", "value", "difference"]
    assert of["states"] == [*heads, *["row"] * (FEW + 1), "all"]
    assert {"map-csv", "years-png", "link", "cite", "bibtex", "command"} <= {*of["take"]}


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
    expect(explore.page.get_by_label("Question", exact=True)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(explore.page.get_by_label("Question", exact=True)).not_to_have_value("Q036")
    explore.shows(
        estimates(server, explore.page.get_by_label("Question", exact=True).input_value())
    )


def test_arrows_go_through_the_map_and_enter_chooses(explore: Explore, server: Server) -> None:
    page, keyboard = explore.page, explore.page.keyboard
    tip = page.locator("#tip")
    explore.mark("Kansas").focus()
    for key, state in (
        ("ArrowRight", "Missouri"),
        ("ArrowUp", "Iowa"),
        ("ArrowLeft", "Nebraska"),
        ("ArrowDown", "Kansas"),
    ):
        keyboard.press(key)
        expect(explore.mark(state)).to_be_focused()
        expect(tip).to_contain_text(f"{state}: ")
    keyboard.press("Enter")
    pressed(explore.mark("Kansas"), explore.name("Kansas"))
    value = rounded(estimates(server, "Q036")["Kansas"])
    expect(page.locator("#figure-value")).to_have_text(f"{value} %")
    expect(explore.mark("Kansas")).to_be_focused()
    keyboard.press("Escape")
    expect(tip).to_be_hidden()
    keyboard.press(" ")
    expect(page.locator(".area[aria-pressed=true]")).to_have_count(0)


def test_the_table_keeps_the_focus_while_it_is_made_anew(explore: Explore) -> None:
    keyboard = explore.page.keyboard
    explore.name("Colorado").focus()
    keyboard.press("Enter")
    pressed(explore.name("Colorado"))
    expect(explore.drawn().name("Colorado")).to_be_focused()
    explore.page.locator("[data-sort=state]").focus()
    keyboard.press("Enter")
    expect(explore.page.locator("[data-sort=state]")).to_be_focused()
    assert explore.names()[0] == "Alabama"


def test_states_are_added_and_taken_away_by_keys(explore: Explore) -> None:
    keyboard = explore.page.keyboard
    explore.page.locator("#state").focus()
    keyboard.type("new y")
    keyboard.press("Enter")
    keyboard.type("Utah")
    keyboard.press("Enter")
    assert explore.drawn().states() == ["New York", "Utah"]
    keyboard.press("Backspace")
    assert explore.states() == ["New York"]
    expect(explore.page.locator("#state")).to_be_focused()


def test_a_focus_is_seen(explore: Explore) -> None:
    explore.page.keyboard.press("Tab")
    explore.mark("Ohio").focus()
    explore.page.keyboard.press("ArrowLeft")
    focused = explore.page.locator("#map .place :focus")
    expect(focused).to_have_css("stroke-width", "3px")
    expect(focused).to_have_attribute("aria-label", re.compile(": "))
    explore.page.keyboard.press("Tab")
    expect(explore.page.locator("#against")).to_have_css("outline-width", "3px")
