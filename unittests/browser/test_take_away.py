"""What can be taken away: files of each answer, pictures, a link, a citation, an address."""

import csv
import json
import re
from pathlib import Path

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import Explore, estimates, table
from unittests.browser.playwrights import expect
from unittests.browser.shell import run
from unittests.helpers.server import Server, box_server

FILES = ("map", "states", "years", "groups", "all")


@pytest.fixture
def of_ohio(opens: Opens, server: Server) -> Explore:
    """Give Explore with a state and a group, so that all views have something in them."""
    return Explore(opens(f"{server.url}/?state=OH&group=Male")).drawn()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_answers_what_is_shown(of_ohio: Explore) -> None:
    command = of_ohio.command()
    answer = json.loads(run(command)[0])
    shown = {row["state"]: row["value"] for row in table(answer)}
    shown.pop("National", None)
    shown = {state: value for state, value in shown.items() if value is not None}
    of_ohio.shows({state: shown[state] for state in sorted(shown, key=lambda one: shown[one])})
    assert command == f'curl "{of_ohio.take("map", "json").get_attribute("href")}"'


def test_each_file_holds_what_it_says_and_of_whom(of_ohio: Explore, server: Server) -> None:
    expect(of_ohio.page.locator("h1")).to_have_text("Obesity among men: Ohio, 2023")
    values = estimates(server, "Q036", stratum="Male")
    names = {}
    for name in FILES:
        path = of_ohio.download(name, "csv")
        rows, names[name] = rows_of(path), path.name
        assert all(row["question"].endswith("have obesity") for row in rows)
        if name == "groups":
            assert {row["state"] for row in rows} == {"Ohio", "National"}
            assert {row["stratum"] for row in rows} > {"Male", "Female"}
            continue
        assert {row.get("stratum", row.get("strata")) for row in rows if row["value"]} == {"Male"}
        if name in ("map", "states"):
            told = {row["state"]: float(row["value"]) for row in rows if row["value"]}
            told.pop("National", None)
            assert told == values
        else:
            states = {"Ohio", "National"} if name == "years" else {*values, "National"}
            assert {row["state"] for row in rows} >= states
            assert len({row["year"] for row in rows}) == 13
    assert len({names[name] for name in ("map", "states", "years", "groups")}) == 4
    assert names["map"] == "obesity-2023-men-query.csv"
    assert names["states"] == "obesity-2023-men-ranking.csv"


def test_pictures_are_the_servers_of_the_same_answer(of_ohio: Explore) -> None:
    for name in ("map", "states", "years", "groups"):
        for form in ("png", "svg"):
            path = of_ohio.download(name, form)
            assert path.suffix == f".{form}"
            assert path.name.startswith("obesity-")
            assert path.read_bytes().startswith(b"\x89PNG" if form == "png" else b"<svg")
    expect(of_ohio.take("all", "png")).to_have_count(0)


def test_a_link_and_a_citation_lead_to_what_is_shown(opens: Opens, server: Server) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    explore = Explore(opens(server.url, permissions=permissions)).drawn()
    explore.choose(question="Q047").add("Ohio").drawn()
    copied = {}
    for name in ("link", "cite", "bibtex", "command"):
        button = explore.page.locator(f"#take [data-do={name}]")
        button.click()
        expect(button).to_have_text("Copied")
        copied[name] = explore.page.evaluate("navigator.clipboard.readText()")
    link = copied["link"]
    assert link == f"{server.url}/?q=Q047&state=OH"
    title = "No leisure-time physical activity: Ohio, 2023"
    assert copied["cite"].startswith("CDC's release")
    # A citation is of the year that it names, also once there is a later one.
    cited = f"{server.url}/?q=Q047&year=2023&state=OH"
    assert f"“{title}.” Le Stats Sportif, {cited}. Accessed " in copied["cite"]
    expect(explore.page.locator("#take [data-part=cite]")).to_have_text(copied["cite"])
    key = r"lestatssportif-\d{4}-no-leisure-time-physical-activity-ohio-2023"
    assert re.match(rf"@misc\{{{key},\n  title = \{{\{{No leisure", copied["bibtex"])
    assert f"url = {{{cited}}}" in copied["bibtex"]
    other = Explore(opens(link)).drawn()
    other.shows(estimates(server, "Q047"))
    assert table(json.loads(run(copied["command"])[0]))


def test_of_two_questions_their_answer_is_what_is_taken_away(opens: Opens, server: Server) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    asked = "q=Q036&view=pair&with=Q047&group=%2415%2C000+-+%2424%2C999"
    explore = Explore(opens(f"{server.url}/?{asked}", permissions=permissions)).drawn()
    expect(explore.take("pair", "png")).to_be_visible()
    assert table(json.loads(run(explore.command())[0]))[0]["coefficient"] == "pearson"
    path = explore.download("pair", "png")
    assert path.read_bytes().startswith(b"\x89PNG")
    title = "Obesity and No leisure-time physical activity in the group “$15,000 - $24,999”, 2023"
    expect(explore.page.locator("#pair-title")).to_have_text(title)
    expect(explore.page.locator("#take [data-part=cite]")).to_contain_text(title)
    explore.page.locator("#take [data-do=bibtex]").click()
    # Where LaTeX would read a formula, it reads a sign.
    escaped = title.replace("$", r"\$")
    bibtex = explore.page.evaluate("navigator.clipboard.readText()")
    assert f"title = {{{{{escaped}}}}}" in bibtex


def test_a_frame_is_offered_where_other_sites_may_show_it(
    opens: Opens, server: Server, tmp_path: Path
) -> None:
    asked = "?q=Q036&group=Male&view=pair&with=Q047"
    own = Explore(opens(f"{server.url}/{asked}")).drawn()
    expect(own.page.locator("#take [data-do=embed]")).to_have_count(0)
    with box_server(tmp_path, "--public") as public:
        permissions = ["clipboard-read", "clipboard-write"]
        page = Explore(opens(f"{public.url}/{asked}", permissions=permissions)).drawn().page
        page.locator("#take [data-do=embed]").click()
        frame = page.evaluate("navigator.clipboard.readText()")
    assert f'src="{public.url}/embed?q=Q036&amp;group=Male&amp;view=pair&amp;with=Q047"' in frame
    title = "Obesity and No leisure-time physical activity among men, 2023"
    assert f'title="{title}"' in frame


def test_nothing_of_an_earlier_pair_is_taken_for_one_that_is_none(
    opens: Opens, server: Server
) -> None:
    explore = Explore(opens(f"{server.url}/?q=Q036&view=pair&with=Q018")).drawn()
    cited = explore.page.locator("#take [data-part=cite]")
    expect(cited).to_contain_text("Obesity and Fruit less than once a day")
    explore.tab.expects("status of 400")
    explore.page.locator("#question").select_option("Q018")
    expect(explore.page.get_by_text("must be two different ones")).to_be_visible()
    expect(cited).to_contain_text("“Fruit less than once a day, ")
    expect(cited).not_to_contain_text("Obesity and")
