"""Explore, driven as a user would: choose, click, point, go back, follow a link."""

import re

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import (
    FEW,
    Explore,
    asked,
    asked_by,
    estimates,
    pressed,
    rounded,
    table,
)
from unittests.browser.playwrights import expect
from unittests.helpers.server import Server

QUESTIONS = ("Q037", "Q047", "Q018", "Q043")


def test_a_first_visitor_sees_obesity_in_all_states(explore: Explore, server: Server) -> None:
    values = estimates(server, "Q036")
    explore.shows(values)
    assert len(explore.labels()) > len(values)  # with those that have no estimate
    page = explore.page
    expect(page.locator("h1")).to_have_text("Obesity, 2023")
    expect(page).to_have_title(re.compile("Obesity.*Le Stats Sportif"))
    expect(page.locator("#answer")).to_contain_text("of adults in the United States had obesity")
    expect(page.locator("#figure-value")).to_have_text("32.8 %")
    expect(page.locator("#dataset")).to_contain_text("106,260 rows")
    assert explore.names() == list(values)[:FEW]
    assert explore.address() == "/?q=Q036"


def test_is_obesity_in_ohio_rising(explore: Explore) -> None:
    explore.add("Ohio").drawn()  # the first step
    expect(explore.page.locator("#answer")).to_contain_text("up from 29.6 % in 2011")
    explore.page.locator("[data-show=change]").click()  # the second
    expect(explore.page.locator("#answer")).to_contain_text("in Ohio, the share of adults who had")
    expect(explore.page.locator("#answer")).to_contain_text("rose")
    expect(explore.row("Ohio")).to_contain_text("rising")


def test_how_does_ohio_compare_with_its_neighbours(explore: Explore) -> None:
    explore.add("Ohio").drawn()
    explore.page.locator("#neighbours").click()
    expect(explore.page.locator("#state")).to_be_focused()
    neighbours = ["Indiana", "Kentucky", "Michigan", "Pennsylvania", "West Virginia"]
    assert explore.drawn().states() == ["Ohio", *neighbours]
    assert explore.address() == "/?q=Q036&state=OH,IN,KY,MI,PA,WV"
    expect(explore.row("West Virginia")).to_contain_text("clearly higher")
    expect(explore.row("Michigan")).to_contain_text("no clear difference")
    expect(explore.row("Kentucky")).to_contain_text("not released by CDC")
    for state in ("Ohio", *neighbours):
        points = explore.page.locator(f'#years .dot[aria-label^="{state}, "]')
        expect(points.first).to_be_attached()


def test_which_states_are_really_worse(explore: Explore, server: Server) -> None:
    against = asked(server, "against", question="Q036", state="National")
    worse = {row["state"] for row in table(against) if row["verdict"] == "lower"}
    explore.page.locator("#states [data-part=all]").click()
    rows = explore.page.locator("#states tbody tr", has=explore.page.locator(".sense-worse"))
    expect(rows).to_have_count(len(worse))
    told = rows.locator("[data-state]").evaluate_all("all => all.map(one => one.dataset.state)")
    assert set(told) == worse
    expect(explore.page.locator("#answer")).to_contain_text(f"clearly below {len(worse)}")


def test_what_is_clear_is_told_of_ohio_too(explore: Explore, server: Server) -> None:
    explore.add("Ohio").drawn()
    told = explore.page.locator("#verdicts")
    expect(told).to_have_text(
        "Beside 48 others, Ohio is clearly above 20, clearly below 3, and not clearly different"
        " from 25."
    )
    against = table(asked(server, "against", question="Q036", state="Ohio"))
    explore.page.locator("#states [data-part=all]").click()
    turned = {"higher": "clearly lower", "lower": "clearly higher"}
    for row in against:
        verdict = turned.get(row["verdict"], row["verdict"])
        expect(explore.row(row["state"])).to_contain_text(verdict)
    first = against[0]
    expect(explore.row(first["state"])).to_contain_text(rounded(-first["difference"]))
    explore.page.locator("#against").select_option("National")
    expect(explore.row("Michigan")).to_contain_text("+")
    assert explore.address() == "/?q=Q036&state=OH&against=National&rows=all"


def test_a_state_is_chosen_on_the_map_in_the_table_and_by_its_name(explore: Explore) -> None:
    page = explore.page
    explore.mark("Ohio").click()
    explore.drawn()
    pressed(explore.mark("Ohio"), explore.name("Ohio"))
    expect(page.locator("h1")).to_have_text("Obesity: Ohio, 2023")
    explore.name("Colorado").click()
    explore.add("tex").drawn()
    assert explore.states() == ["Ohio", "Colorado", "Texas"]
    pressed(*(explore.mark(state) for state in explore.states()))
    expect(page.locator("h1")).to_have_text("Obesity: Ohio, Colorado and Texas, 2023")
    page.get_by_role("button", name="Remove Ohio").click()
    explore.mark("Texas").click()
    explore.drawn()
    assert explore.states() == ["Colorado"]
    expect(page.locator("#map [aria-pressed=true].area")).to_have_count(1)
    assert explore.address() == "/?q=Q036&state=CO"


def test_each_question_is_shown(explore: Explore, server: Server) -> None:
    for question in QUESTIONS:
        explore.choose(question=question).shows(estimates(server, question))


def test_years_play_from_the_first_to_the_last(explore: Explore, server: Server) -> None:
    page = explore.page
    explore.choose(question="Q018").shows(estimates(server, "Q018"))
    fill = explore.mark("Ohio").evaluate("mark => mark.style.fill")
    page.evaluate(
        """() => {
          globalThis.told = [];
          const headline = document.querySelector("h1");
          const note = () => told.push(headline.textContent.split(", ")[1]);
          new MutationObserver(note).observe(headline, { childList: true });
        }"""
    )
    page.get_by_role("button", name="Play the years").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_role("button", name="Play the years")).to_be_visible()
    told = page.evaluate("() => told.filter((year) => year)")
    assert list(dict.fromkeys(told)) == ["2017", "2019", "2021"]
    explore.shows(estimates(server, "Q018", year=2021))
    # Classes are of all years, so a colour means the same in each.
    assert explore.mark("Ohio").evaluate("mark => mark.style.fill") == fill
    explore.at(2019).shows(estimates(server, "Q018", year=2019))
    assert explore.address() == "/?q=Q018&year=2019"


def test_the_table_is_sorted_by_its_heads_and_the_address_keeps_it(explore: Explore) -> None:
    page = explore.page
    page.locator("[data-sort=state]").click()
    assert explore.names()[:2] == ["Alabama", "Alaska"]
    page.locator("[data-sort=state]").click()
    assert explore.names()[:2] == ["Wyoming", "Wisconsin"]
    expect(page.locator("th[aria-sort=descending]")).to_have_text(re.compile("State"))
    page.locator("#states [data-part=all]").click()
    assert explore.address() == "/?q=Q036&sort=-state&rows=all"
    page.reload()
    assert explore.drawn().names()[:2] == ["Wyoming", "Wisconsin"]
    assert len(explore.names()) == 54
    page.locator("[data-sort=difference]").click()
    assert explore.names()[0] == "District of Columbia"


def test_pointing_at_a_state_and_focusing_it_show_its_number(
    explore: Explore, server: Server
) -> None:
    value = f"Ohio: {rounded(estimates(server, 'Q036')['Ohio'])} %"
    tip = explore.page.locator("#tip")
    explore.mark("Ohio").hover()
    expect(tip).to_contain_text(value)
    expect(tip).to_contain_text("Made of")
    tip.hover()
    expect(tip).to_contain_text(value)
    explore.page.locator("#map-title").hover()
    expect(tip).to_be_hidden()
    explore.mark("Ohio").focus()
    expect(tip).to_contain_text(value)
    explore.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_back_and_forward_go_through_what_was_chosen(explore: Explore, server: Server) -> None:
    page = explore.page
    explore.choose(question="Q047").shows(estimates(server, "Q047"))
    explore.mark("Texas").click()
    expect(page.locator("h1")).to_contain_text("Texas")
    page.go_back()
    expect(page.locator("h1")).not_to_contain_text("Texas")
    explore.shows(estimates(server, "Q047"))
    page.go_back()
    explore.shows(estimates(server, "Q036"))
    page.go_forward()
    page.go_forward()
    explore.shows(estimates(server, "Q047"))
    pressed(explore.mark("Texas"), explore.name("Texas"))


def test_a_link_shows_the_same_to_another_and_after_a_reload(
    explore: Explore, opens: Opens
) -> None:
    explore.choose(question="Q018").add("Utah").drawn()
    explore.page.locator("[data-show=change]").click()
    expect(explore.page.locator("h1")).to_contain_text("change a year")
    shown = explore.drawn().labels(), explore.names()
    explore.page.reload()
    other = Explore(opens(explore.page.url))
    for one in (explore, other):
        one.drawn()
        pressed(one.mark("Utah"))
        assert (one.labels(), one.names()) == shown
        expect(one.page.locator("#groups-title")).to_have_text("Groups in Utah, 2021")


def test_who_chooses_quickly_ends_with_the_last_choice_everywhere(
    explore: Explore, server: Server
) -> None:
    values = estimates(server, QUESTIONS[-1])
    for question in (*QUESTIONS, *QUESTIONS):
        explore.choose(question=question).add("Ohio", "Texas")
        explore.page.get_by_role("button", name="Remove Ohio").click()
    explore.shows(values)
    pressed(explore.mark("Texas"), explore.name("Texas"))
    expect(explore.page.locator("#figure-value")).to_have_text(f"{rounded(values['Texas'])} %")
    expect(explore.page.locator("#answer")).to_contain_text("Texas")
    expect(explore.page.locator("#groups-title")).to_contain_text("Texas")
    assert asked_by(explore.command())["question"] == [QUESTIONS[-1]]


def test_all_states_years_are_shown_by_their_change(explore: Explore, server: Server) -> None:
    page = explore.page
    page.locator("[data-tab=years]").click()
    expect(page.locator("#overview")).to_be_hidden()
    rows = [row for row in table(asked(server, "trend", question="Q036")) if row["change"]]
    rows = [row for row in rows if row["state"] != "National"]
    rows.sort(key=lambda row: -row["change"])
    cells = page.locator("#all-years [data-state]")
    expect(cells).to_have_count(len(rows))
    for place in (0, -1):
        cell = cells.nth(place)
        expect(cell).to_contain_text(rows[place]["state"])
        expect(cell).to_contain_text(rounded(rows[place]["change"]))
    cells.first.click()
    pressed(cells.first)
    assert explore.states() == [rows[0]["state"]]
    assert "view=years" in explore.address()


def test_two_questions_stand_against_each_other(explore: Explore, server: Server) -> None:
    page = explore.page
    explore.add("Ohio").drawn()
    page.get_by_role("link", name="Two questions").click()
    page.locator("#other").select_option("Q047")
    pair = asked(server, "correlation", questions=["Q036", "Q047"])
    card = explore.card("pair")
    expect(card.locator("[data-part=sentence]")).to_have_text(pair["about"]["answer"])
    expect(card.locator("[data-part=warnings] li")).to_have_count(len(pair["about"]["warnings"]))
    points = pair["about"]["points"]["rows"]
    expect(card.locator("circle")).to_have_count(len(points))
    ohio = next(row for row in points if row[0] == "Ohio")
    told = re.compile(rf"^Ohio: Obesity {ohio[1]} % \(.*\), .* {ohio[2]} % \(")
    expect(card.locator('circle[aria-label^="Ohio"]')).to_have_attribute("aria-label", told)
    card.locator('circle[aria-label^="Utah"]').click()
    assert explore.states() == ["Ohio", "Utah"]
    assert explore.drawn().address() == "/?q=Q036&state=OH,UT&view=pair&with=Q047"
    expect(explore.take("pair", "csv")).to_be_visible()


def test_a_link_to_what_there_is_not_says_so_and_shows_what_there_is(
    opens: Opens, server: Server
) -> None:
    path = "/?q=Q999&statistic=guess&group=Aliens&year=1990&state=%3Cb%3EZZ%3C/b%3E&against=Mars"
    explore = Explore(opens(f"{server.url}{path}")).drawn()
    message = explore.page.locator("#link-message")
    for sentence in (
        "The link asks for the question “Q999”, which this dataset does not have.",
        "The link asks to show “guess”, which this page does not know.",
        "The link asks for the group “Aliens”, which this dataset does not have.",
        "The link asks for the year 1990, for which this question has no estimates.",
        "The link asks for the state “<b>ZZ</b>”, which this dataset does not have.",
        "The link compares with “Mars”, which this dataset does not have.",
    ):
        expect(message).to_contain_text(sentence)
    expect(message.get_by_role("link", name="Perhaps “2011”?")).to_be_visible()
    explore.shows(estimates(server, "Q036"))
    explore.choose(question="Q047").shows(estimates(server, "Q047"))
    expect(message).to_be_empty()


@pytest.mark.parametrize(
    ("query", "headline"),
    [
        (
            "question=Q047&group=female&state=OH,&state=tx",
            "No leisure-time physical activity among women: Ohio and Texas, 2023",
        ),
        ("q=obesity&state=US&group=total", "Obesity, 2023"),
    ],
)
def test_a_frame_leads_to_what_it_shows(
    opens: Opens, server: Server, query: str, headline: str
) -> None:
    page = opens(f"{server.url}/embed?{query}").page
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Explore the numbers").click()
    expect(opened.value.locator("h1")).to_have_text(headline)
    expect(opened.value.locator("#link-message")).to_be_empty()


def test_a_link_takes_names_as_the_page_shows_them(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?q=Obesity&group=Men&against=national")).drawn()
    expect(explore.page.locator("h1")).to_have_text("Obesity among men, 2023")
    expect(explore.page.locator("#link-message")).to_be_empty()
    assert explore.address() == "/?q=Q036&group=Male"


def test_a_link_to_more_states_than_are_shown_says_so(opens: Opens, server: Server) -> None:
    states = ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA"]
    explore = Explore(opens(f"{server.url}/?state={','.join(states)}")).drawn()
    expect(explore.page.locator("#link-message")).to_have_text(
        "The link asks for more than 10 states; the first 10 are shown."
    )
    expect(explore.page.locator("#chips li")).to_have_count(10)


def test_a_link_of_version_1_leads_to_the_same(explore: Explore, server: Server) -> None:
    explore.open("/?q=Q047&statistic=trend&state=OH")
    expect(explore.page.locator("h1")).to_contain_text("change a year: Ohio")
    assert explore.address() == "/?q=Q047&show=change&state=OH"
    explore.tab.open("/?q=Q047&statistic=mean&dataset=course")
    page = explore.page
    expect(page).to_have_url(re.compile(r"/ask\?dataset=course&statistic=diff_from_mean&"))
    expect(page.get_by_label("Statistic", exact=True)).to_have_value("diff_from_mean")
    means = asked(server, "diff_from_mean", question="Q047")
    state, value = next(iter(means.items()))
    expect(page.locator("#rows tr", has_text=state).first).to_contain_text(f"{value:.3f}"[:4])
