"""What can be taken from a view: its table, its files, its link, its address."""

import csv
import json
from pathlib import Path

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import (
    ABOUT_STATES,
    VIEWS,
    Explore,
    asked,
    estimates,
    rounded,
    table,
)
from unittests.browser.playwrights import expect
from unittests.browser.shell import run
from unittests.helpers.server import Server

PICTURES = {"map", "ranking", "strata"}  # that the server draws


@pytest.fixture
def of_ohio(opens: Opens, server: Server) -> Explore:
    """Give Explore with a state and a group, so that all views have something in them."""
    return Explore(opens(f"{server.url}/?state=OH&group=Male")).drawn()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_address_of_a_view_answers_what_is_shown(of_ohio: Explore) -> None:
    answers = {}
    for view in VIEWS:
        panel = of_ohio.card(view).locator("[data-part=command]")
        expect(panel).to_be_hidden()
        of_ohio.button(view, "curl").click()
        expect(panel).to_be_visible()
        [answer] = run(panel.inner_text())
        answers[view] = json.loads(answer)
        address = of_ohio.button(view, "json").get_attribute("href")
        assert panel.inner_text() == f'curl "{address}"'
    for view in ABOUT_STATES:
        shown = {row["state"]: row["value"] for row in table(answers[view])}
        shown.pop("National", None)
        shown = {state: value for state, value in shown.items() if value is not None}
        of_ohio.shows({state: shown[state] for state in sorted(shown, key=lambda one: shown[one])})
    for row in table(answers["strata"]):
        if row["category"] != "Total" and row["value"] is not None:
            mark = of_ohio.card("strata").locator(f'[aria-label*=": {rounded(row["value"])} %"]')
            expect(mark.first).to_be_attached()


def test_a_file_of_a_view_holds_what_it_shows_and_says_of_whom(
    of_ohio: Explore, server: Server
) -> None:
    expect(of_ohio.page.locator("h1")).to_have_text("Obesity among men: Ohio, 2023")
    expect(of_ohio.page.locator("#chosen-note")).to_have_text("2023, Men")
    values = estimates(server, "Q036", stratum="Male")
    names = {}
    for view in VIEWS:
        path = of_ohio.download(view, "csv")
        rows, names[view] = rows_of(path), path.name
        assert all(row["question"].endswith("have obesity") for row in rows)
        if view == "strata":
            assert {row["state"] for row in rows} == {"Ohio"}
            assert {row["stratum"] for row in rows} > {"Male", "Female"}
        else:
            assert {row.get("stratum", row.get("strata")) for row in rows if row["value"]} == {
                "Male"
            }
            assert {row["years"] for row in rows if row["value"]} == {"2023"}
            told = {row["state"]: float(row["value"]) for row in rows if row["value"]}
            told.pop("National", None)
            assert told == values
    assert names["map"] == "obesity-2023-men-query.csv"
    assert names["ranking"] == names["difference"] == "obesity-2023-men-ranking.csv"
    assert names["strata"] == "obesity-ohio-2023-query.csv"


def test_pictures_are_the_servers_of_the_same_answer(of_ohio: Explore) -> None:
    for view in VIEWS:
        for form in ("png", "svg"):
            link = of_ohio.button(view, form)
            if view not in PICTURES:
                expect(link).to_be_hidden()
                continue
            path = of_ohio.download(view, form)
            assert path.suffix == f".{form}"
            assert path.name.startswith("obesity-")
            assert path.read_bytes().startswith(b"\x89PNG" if form == "png" else b"<svg")


def test_a_table_has_the_numbers_of_its_chart(of_ohio: Explore, server: Server) -> None:
    values = estimates(server, "Q036", stratum="Male")
    for view in ABOUT_STATES:
        panel = of_ohio.card(view).locator("[data-part=table]")
        expect(panel).to_be_hidden()
        of_ohio.button(view, "table").click()
        expect(of_ohio.button(view, "table")).to_have_attribute("aria-expanded", "true")
        row = panel.locator("tbody tr", has=of_ohio.page.get_by_text("Ohio", exact=True))
        expect(row).to_contain_text(f"{rounded(values['Ohio'])} %")
        of_ohio.button(view, "table").click()
        expect(panel).to_be_hidden()


def test_a_copied_link_leads_to_the_view(opens: Opens, server: Server) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    explore = Explore(opens(server.url, permissions=permissions)).drawn()
    explore.choose(question="Q047", state="OH").drawn()
    button = explore.button("difference", "link")
    button.click()
    expect(button).to_have_text("Copied")
    link = explore.page.evaluate("navigator.clipboard.readText()")
    expect(button).to_have_text("Copy link")
    other = Explore(opens(link)).drawn()
    assert other.page.url.endswith("#difference")
    expect(other.page.locator("#difference-title")).to_be_in_viewport()
    other.shows(estimates(server, "Q047"))
    explore.button("map", "curl").click()
    explore.button("map", "copy-curl").click()
    copied = explore.page.evaluate("navigator.clipboard.readText()")
    copied_values = {row["state"]: row["value"] for row in table(json.loads(run(copied)[0]))}
    copied_values.pop("National")
    ranking = table(asked(server, "ranking", question="Q047"))
    told = {state: value for state, value in copied_values.items() if value is not None}
    assert told == {row["state"]: row["value"] for row in ranking}
