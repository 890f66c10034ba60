"""Explore, driven as a user would: choose, click, point, go back, follow a link."""

import re

from unittests.browser.conftest import Opens
from unittests.browser.explore import (
    ABOUT_STATES,
    VIEWS,
    Explore,
    asked,
    asked_by,
    estimates,
    pressed,
    rounded,
)
from unittests.browser.playwrights import expect
from unittests.helpers.server import Server

QUESTIONS = ("Q037", "Q047", "Q018", "Q043")


def test_a_first_visitor_sees_obesity_in_all_states(explore: Explore, server: Server) -> None:
    values = estimates(server, "Q036")
    explore.shows(values)
    assert len(explore.labels("map")) > len(values)  # with those that have no estimate
    page = explore.page
    expect(page.locator("h1")).to_contain_text("Obesity")
    expect(page).to_have_title(re.compile("Obesity.*Le Stats Sportif"))
    expect(page.locator("#chosen-title")).to_have_text("No state chosen")
    expect(page.locator("#dataset")).to_contain_text("106,260 rows")
    assert explore.address() == "/?q=Q036&statistic=estimate"


def test_a_click_on_a_state_in_one_view_chooses_it_in_all(explore: Explore, server: Server) -> None:
    value = estimates(server, "Q036")["Ohio"]
    page = explore.page
    for view in ABOUT_STATES:
        explore.mark(view, "Ohio").click()
        explore.drawn()
        pressed(explore.mark(one, "Ohio") for one in ABOUT_STATES)
        expect(page.locator(".chart [aria-pressed=true]")).to_have_count(len(ABOUT_STATES))
        expect(page.locator("#chosen-title")).to_have_text("Ohio")
        expect(page.locator("#chosen .figure-value")).to_have_text(f"{rounded(value)} %")
        expect(page.locator("#strata .chart [aria-label]").first).to_be_attached()
        assert explore.chosen()["state"] == "OH"
        assert explore.address().endswith("&state=OH")
        explore.mark(view, "Ohio").click()
        expect(page.locator(".chart [aria-pressed=true]")).to_have_count(0)
        expect(page.locator("#chosen-title")).to_have_text("No state chosen")


def test_a_state_chosen_in_the_form_is_chosen_in_all_views(explore: Explore) -> None:
    explore.choose(state="TX").drawn()
    pressed(explore.mark(view, "Texas") for view in ABOUT_STATES)
    expect(explore.page.locator("#chosen-title")).to_have_text("Texas")


def test_each_question_and_the_courses_mean_are_shown(explore: Explore, server: Server) -> None:
    explore.choose(question="Q043").shows(estimates(server, "Q043"))
    explore.choose(statistic="mean").drawn()
    means = asked(server, "states_mean", question="Q043", dataset="release")
    best = max(means, key=lambda state: means[state])
    expect(explore.marks("ranking").first).to_have_attribute(
        "aria-label", re.compile(f"^{best}: {rounded(means[best])} %, rank 1$")
    )
    differences = asked(server, "diff_from_mean", question="Q043", dataset="release")
    for label in explore.labels("difference"):
        state, told = label.split(": ")
        number = rounded(differences[state])
        sign = "+" if differences[state] > 0 and number != "0.0" else ""
        assert told == f"{sign}{number} points"


def test_pointing_at_a_state_and_focusing_it_show_its_number(
    explore: Explore, server: Server
) -> None:
    value = f"Ohio: {rounded(estimates(server, 'Q036')['Ohio'])} %"
    tip = explore.page.locator("#tip")
    for view in ABOUT_STATES:
        explore.mark(view, "Ohio").hover()
        expect(tip).to_contain_text(value)
        expect(tip).to_contain_text("Made of")
        tip.hover()
        expect(tip).to_contain_text(value)
        explore.page.locator(f"#{view}-title").hover()
        expect(tip).to_be_hidden()
        explore.mark(view, "Ohio").focus()
        expect(tip).to_contain_text(value)
        explore.page.keyboard.press("Escape")
        expect(tip).to_be_hidden()


def test_back_and_forward_go_through_what_was_chosen(explore: Explore, server: Server) -> None:
    page = explore.page
    explore.choose(question="Q047").shows(estimates(server, "Q047"))
    explore.mark("map", "Texas").click()
    expect(page.locator("#chosen-title")).to_have_text("Texas")
    page.go_back()
    expect(page.locator("#chosen-title")).to_have_text("No state chosen")
    explore.shows(estimates(server, "Q047"))
    page.go_back()
    explore.shows(estimates(server, "Q036"))
    assert explore.chosen()["question"] == "Q036"
    page.go_forward()
    page.go_forward()
    explore.shows(estimates(server, "Q047"))
    pressed(explore.mark(view, "Texas") for view in ABOUT_STATES)


def test_a_link_shows_the_same_to_another_and_after_a_reload(
    explore: Explore, opens: Opens
) -> None:
    explore.choose(question="Q018", statistic="mean", state="UT").drawn()
    pressed([explore.mark("map", "Utah")])
    shown = [explore.labels(view) for view in ABOUT_STATES]
    chosen = explore.chosen()
    explore.page.reload()
    other = Explore(opens(explore.page.url))
    for one in (explore, other):
        one.drawn()
        pressed([one.mark("map", "Utah")])
        assert one.chosen() == chosen
        assert [one.labels(view) for view in ABOUT_STATES] == shown
        expect(one.page.locator("#strata .chart [aria-label]").first).to_be_attached()


def test_who_chooses_quickly_ends_with_the_last_choice_in_all_views(
    explore: Explore, server: Server
) -> None:
    values = estimates(server, QUESTIONS[-1])
    for question in (*QUESTIONS, *QUESTIONS):
        explore.choose(question=question, state="OH").choose(state="TX")
    explore.shows(values)
    pressed(explore.mark(view, "Texas") for view in ABOUT_STATES)
    expect(explore.page.locator("#chosen .figure-value")).to_have_text(
        f"{rounded(values['Texas'])} %"
    )
    expect(explore.page.locator("#answer")).to_contain_text("Texas")
    for view in VIEWS:
        query = asked_by(explore.command(view))
        assert query["question"] == [QUESTIONS[-1]], view
    assert query["where.state"] == ["Texas"]


def test_a_link_to_what_there_is_not_says_so_and_shows_what_there_is(
    opens: Opens, server: Server
) -> None:
    path = "/?q=Q999&statistic=guess&group=Aliens&year=1990&state=%3Cb%3EZZ%3C/b%3E"
    explore = Explore(opens(f"{server.url}{path}")).drawn()
    message = explore.page.locator("#link-message")
    for sentence in (
        "The link asks for the question “Q999”, which this dataset does not have.",
        "The link asks for the statistic “guess”, which does not exist.",
        "The link asks for the group “Aliens”, which this dataset does not have.",
        "The link asks for the year 1990, for which this question has no estimates.",
        "The link asks for the state “<b>ZZ</b>”, which this dataset does not have.",
    ):
        expect(message).to_contain_text(sentence)
    explore.shows(estimates(server, "Q036"))
    explore.choose(question="Q047").shows(estimates(server, "Q047"))
    expect(message).to_be_empty()
