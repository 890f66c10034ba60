"""What can be taken from a view: its table, its files, its link, the curl commands."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import (
    ABOUT_STATES,
    VIEWS,
    Explore,
    asked,
    body_of,
    estimates,
    rounded,
    table,
)
from unittests.browser.pictures import pixels
from unittests.browser.playwrights import expect
from unittests.browser.shell import run
from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def of_ohio(explore: Explore) -> Explore:
    """Give Explore with a state chosen, so that all views have something in them."""
    explore.mark("ranking", "Ohio").click()
    expect(explore.page.locator("#strata .chart [aria-label]").first).to_be_attached()
    return explore.drawn()


def test_the_curl_commands_ask_and_answer_what_is_shown(of_ohio: Explore, server: Server) -> None:
    answers = {}
    for view in VIEWS:
        panel = of_ohio.card(view).locator("[data-part=command]")
        expect(panel).to_be_hidden()
        of_ohio.button(view, "curl").click()
        expect(panel).to_be_visible()
        submitted, answer = run(panel.inner_text())
        told = json.loads(answer)
        assert told["status"] == "done"
        assert server.outcome(json.loads(submitted)["job_id"]) == told
        answers[view] = told["data"]
    values = {row["state"]: row["value"] for row in table(answers["map"])}
    of_ohio.shows(values)
    for row in table(answers["strata"]):
        if row["category"] != "Total" and row["value"] is not None:
            mark = of_ohio.card("strata").locator(f'[aria-label*=": {rounded(row["value"])} %"]')
            expect(mark.first).to_be_attached()


def test_the_downloads_of_data_are_what_the_api_answers(of_ohio: Explore, server: Server) -> None:
    for view in VIEWS:
        of_ohio.button(view, "curl").click()
        command = of_ohio.card(view).locator("[data-part=command]").inner_text()
        body = body_of(command)
        job = command.split("/api/get_results/")[1].split("?")[0]
        path = of_ohio.download(view, "json")
        assert path.name.endswith(f"{view}.json" if view != "strata" else "strata-Ohio.json")
        data = json.loads(path.read_text(encoding="utf-8"))["data"]
        assert data["about"]["parameters"]["question"]
        assert body["question"] == "Q036"
        csv = of_ohio.download(view, "csv").read_bytes()
        again = server.http.get(f"{server.url}/api/get_results/{job}?format=csv", timeout=PATIENCE)
        assert csv == again.content
        assert len(csv.splitlines()) >= 1 + len(data["rows"])


def drawn_in(path: Path) -> ElementTree.Element:
    """Parse a picture, and check that it stands alone."""
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    for node in root.iter():
        assert node.tag not in {f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject"}
        for name, value in node.attrib.items():
            assert not name.endswith("href") or value.startswith("#"), (name, value)
            assert "url(" not in value or "url(#" in value, (name, value)
            assert not name.startswith("on")
    return root


def test_a_picture_stands_alone_and_tells_what_it_shows(of_ohio: Explore) -> None:
    for view in VIEWS:
        title = of_ohio.page.locator(f"#{view}-title").inner_text()
        root = drawn_in(of_ohio.download(view, "svg"))
        texts = ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]
        assert any(title in text and "Obesity" in text for text in texts), texts
        assert any("Made with Le Stats Sportif" in text for text in texts), view
        assert view != "strata" or any("Ohio" in text for text in texts)
        image = pixels(of_ohio.download(view, "png"))
        sides = [round(2 * float(root.attrib[name])) for name in ("height", "width")]
        assert list(image.shape[:2]) == sides, view
        reds = np.bincount(image[:, :, 0].ravel())
        assert np.count_nonzero(reds) > 20, view
        assert reds.max() < 0.99 * reds.sum(), view
        assert image[1:-1, 1:-1, 3:].min(initial=255) == 255  # a ground of its own


def test_a_table_has_the_numbers_of_its_chart(of_ohio: Explore, server: Server) -> None:
    values = estimates(server, "Q036")
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
    assert table(json.loads(run(copied)[1])["data"]) == table(
        asked(server, "ranking", question="Q047")
    )
