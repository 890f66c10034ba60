"""The page Statistics: it asks whatever the server has, also what its scripts never heard of."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.playwrights import Locator, Page, expect
from unittests.browser.tab import AWAY
from unittests.helpers.row_count import RowCount
from unittests.helpers.server import Server, box_server


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server with one statistic more."""
    program = ("-m", "unittests.helpers.row_count", "serve")
    with box_server(tmp_path_factory.mktemp("toy"), program=program) as server:
        yield server


def statistics(server: Server) -> list[dict[str, Any]]:
    """Return the server's list of statistics."""
    listed: list[dict[str, Any]] = server.get("api/statistics")["data"]
    return listed


def ask(page: Page, statistic: str) -> Locator:
    """Ask a statistic as its example has it, and return the answer."""
    page.get_by_label("Statistic", exact=True).select_option(statistic)
    page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator("#answer")
    expect(answer).to_be_visible()
    return answer


def cells(answer: Locator) -> list[list[str]]:
    """Return the texts of the answer's table, row by row, its heading first."""
    rows = answer.locator("#rows tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


def test_a_statistic_that_the_page_never_heard_of_is_listed_asked_and_shown(
    opens: Opens, toy: Server
) -> None:
    page = opens(f"{toy.url}/ask").page
    listed = page.get_by_label("Statistic", exact=True).locator("option")
    expect(listed).to_have_text([one["title"] for one in statistics(toy)])
    page.get_by_label("Statistic", exact=True).select_option(label=RowCount.title)
    expect(page.locator("#summary")).to_have_text(RowCount.summary)
    page.get_by_label("Question", exact=True).select_option("Fruit less than once a day")
    page.get_by_label("State", exact=True).select_option(["Utah", "Iowa"])
    page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator("#answer")
    expect(answer.locator("h2")).to_have_text(RowCount.title)
    body = {"question": "Q018", "state": ["Iowa", "Utah"]}
    rows = toy.outcome(toy.http.post(f"{toy.url}/api/row_count", json=body).json()["job_id"])
    counted = [[state, str(count)] for state, count in rows["data"]["rows"]]
    assert cells(answer) == [["state", "rows"], *counted]
    picture = answer.get_by_role("img")
    assert picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 100
    expect(answer).to_contain_text("How many rows are there of")


def test_every_statistic_answers_its_example(opens: Opens, server: Server) -> None:
    page = opens(f"{server.url}/ask").page
    for statistic in statistics(server):
        if statistic["name"] == "trend":  # the bundled dataset has no single years
            continue
        answer = ask(page, statistic["name"])
        sent = page.evaluate("JSON.parse(new URLSearchParams(location.search).get('parameters'))")
        assert sent == statistic["example"]
        expect(answer.locator("h2")).to_have_text(statistic["title"])
        expect(answer.get_by_role("img")).to_be_visible()
        assert len(cells(answer)) > 1
        if statistic["name"] == "query":
            expect(answer.locator("#sentence")).to_contain_text("the highest is")
        curl = answer.get_by_label("curl").inner_text()
        assert f"/api/answers/{statistic['name']}?" in curl


def test_a_link_shows_the_same_and_back_goes_to_what_was_asked_before(
    opens: Opens, server: Server
) -> None:
    page = opens(f"{server.url}/ask").page
    five = cells(ask(page, "best5"))
    disparity = cells(ask(page, "disparity"))
    assert cells(ask(opens(page.url).page, "disparity")) == disparity
    page.go_back()
    answer = page.locator("#answer")
    expect(answer.locator("h2")).to_have_text("The five best states, best first")
    assert cells(answer) == five


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("statistic=guess", "The link asks for the statistic “guess”, which does not exist."),
        (
            "statistic=rankin",
            "The link asks for the statistic “rankin”, which does not exist."
            " Perhaps “Ranking of the states”?",
        ),
        ("statistic=best5&parameters={", "The parameters in the link are not JSON."),
        (
            'statistic=state_mean&parameters={"question": "Q036", "state": "Ohoi"}',
            'The server says: unknown state "Ohoi"; nearest: "Ohio"',
        ),
    ],
)
def test_a_link_to_what_there_is_not_says_so(
    opens: Opens, server: Server, query: str, told: str
) -> None:
    tab = opens(f"{server.url}/ask?{query}")
    tab.expects("status of 400")
    expect(tab.page.locator("#message")).to_contain_text(told)


LABELS = "(node) => [...node.selectedOptions].map((option) => option.text)"


def link(server: Server, statistic: str, parameters: dict[str, Any]) -> str:
    """Return the address of the page where it asks this."""
    query = {"statistic": statistic, "parameters": json.dumps(parameters)}
    return f"{server.url}/ask?{urlencode(query)}"


def asked_next(page: Page) -> Any:
    """Press "Ask", and return what is asked then."""
    page.get_by_role("button", name="Ask", exact=True).click()
    return page.evaluate("JSON.parse(new URLSearchParams(location.search).get('parameters'))")


@pytest.mark.parametrize(
    ("statistic", "parameters", "chosen", "asked"),
    [
        (
            "ranking",
            {"question": "obesity", "state": "OH"},
            {"question": ["Obesity"], "state": ["Ohio"]},
            {"question": "Q036", "state": "Ohio"},
        ),
        (
            "trend",
            {"question": "q036", "state": "oh"},
            {"question": ["Obesity"], "state": ["Ohio"]},
            {"question": "Q036", "state": "Ohio"},
        ),
        (
            "trend",
            {"question": " OBESITY ", "state": ["TX", "ohio"], "stratum": "female"},
            {"question": ["Obesity"], "state": ["Ohio", "Texas"], "stratum": ["Women"]},
            {"question": "Q036", "state": ["Ohio", "Texas"], "stratum": "Female"},
        ),
        (
            "disparity",
            {"question": "Q036", "category": "gender", "reference": "best", "dataset": "RELEASE"},
            {"category": ["Sex"], "reference": ["best"], "dataset": ["release"]},
            {"question": "Q036", "category": "Sex", "reference": "best", "dataset": "release"},
        ),
        (
            "query",
            {"question": ["Obesity", "Q047"], "where": {"state": ["US"]}},
            {
                "question": ["Obesity", "No leisure-time physical activity"],
                "where-state": ["United States"],
            },
            {
                "question": ["Q036", "Q047"],
                "where": {"state": "National"},
            },
        ),
        (
            "correlation",
            {"questions": ["no leisure-time physical activity", "overweight"]},
            {
                "questions-0": ["No leisure-time physical activity"],
                "questions-1": ["Overweight"],
            },
            {"questions": ["Q047", "Q037"]},
        ),
    ],
)
def test_the_fields_say_what_a_link_asks_however_names_are_written(
    opens: Opens,
    server: Server,
    statistic: str,
    parameters: dict[str, Any],
    chosen: dict[str, list[str]],
    asked: dict[str, Any],
) -> None:
    page = opens(link(server, statistic, parameters)).page
    expect(page.locator("#answer")).to_be_visible()
    for field, labels in chosen.items():
        assert page.locator(f"[id='-{field}']").evaluate(LABELS) == labels
    sent = asked_next(page)
    assert {name: value for name, value in sent.items() if name in asked} == asked


def test_what_no_field_offers_stays_as_a_link_asks_it(opens: Opens, server: Server) -> None:
    parameters = {"question": "Q036", "state": "Ohoi", "year": "2023", "method": "guess"}
    tab = opens(link(server, "ranking", parameters))
    tab.expects("status of 400")
    page = tab.page
    expect(page.locator("#message")).to_contain_text("The server says")
    assert page.get_by_label("State", exact=True).evaluate(LABELS) == ["Ohoi"]
    assert page.get_by_label("Method", exact=True).evaluate(LABELS) == ["guess"]
    expect(page.get_by_label("Year", exact=True)).to_have_value('"2023"')
    assert asked_next(page) == parameters


@pytest.mark.parametrize(
    ("locale", "small", "other"), [("en-US", "<0.001", "0.001"), ("ro-RO", "<0,001", "0,001")]
)
def test_p_values_have_three_decimals(
    opens: Opens, server: Server, locale: str, small: str, other: str
) -> None:
    address = link(server, "trend", {"question": "Q036", "state": "Ohio"})
    page = opens(address, locale=locale).page
    expect(page.locator("#answer")).to_be_visible()
    heads, row = cells(page.locator("#answer"))
    told = dict(zip(heads, row, strict=True))
    assert (told["p_value"], told["scatter_p"]) == (small, other)


def test_whole_numbers_below_zero_have_a_true_minus(opens: Opens, server: Server) -> None:
    page = opens(link(server, "change", {"question": "Q037", "state": "Ohio"})).page
    expect(page.locator("#answer")).to_be_visible()
    heads, row = cells(page.locator("#answer"))
    told = dict(zip(heads, row, strict=True))
    assert (told["change"], told["low"]) == ("\u22123", "\u22124.84")
    expect(page.locator("#sentence")).to_contain_text("3.0 percentage points")


def test_who_wants_a_job_submits_one(opens: Opens, toy: Server) -> None:
    page = opens(f"{toy.url}/ask?statistic=best5").page
    before = len(toy.get("api/jobs")["data"])
    page.get_by_role("button", name="Ask as a job").click()
    expect(page.locator("#message")).to_contain_text(f"job_id_{before + 1}")
    assert len(toy.get("api/jobs")["data"]) == before + 1


def test_years_are_written_as_a_range_or_as_a_list(opens: Opens, server: Server) -> None:
    page = opens(f"{server.url}/ask").page
    for text, years in (("2012, 2014,2016", [2012, 2014, 2016]), ("2013..", {"from": 2013})):
        page.get_by_label("Statistic", exact=True).select_option("trend")
        page.get_by_label("Years", exact=True).fill(text)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("#answer")).to_be_visible()
        sent = page.evaluate("JSON.parse(new URLSearchParams(location.search).get('parameters'))")
        assert sent["years"] == years
    page.reload()
    expect(page.get_by_label("Years", exact=True)).to_have_value("2013..")


def test_what_was_asked_of_a_server_that_was_gone_is_asked_once_it_is_back(
    opens: Opens, tmp_path: Path
) -> None:
    with box_server(tmp_path) as server:
        tab = opens(f"{server.url}/ask")
        page = tab.page
        page.get_by_label("Statistic", exact=True).select_option("ranking")
        tab.expects(*AWAY, "status of 503")
        server.stop(signal.SIGKILL)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("#message")).to_contain_text("asks again when it is back")
    with box_server(tmp_path, "--port", str(server.port)):
        expect(page.locator("#answer")).to_be_visible()
        expect(page.locator("#message")).to_have_text("")


def test_a_job_that_could_not_be_sent_is_told_of(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path) as server:
        tab = opens(f"{server.url}/ask")
        tab.page.get_by_label("Statistic", exact=True).select_option("ranking")
        tab.expects(*AWAY, "status of 503")
        server.stop(signal.SIGKILL)
        tab.page.locator("#as-job").click()
        expect(tab.page.locator("#message")).to_have_text(
            "The job was not sent. Ask again once the server is back."
        )
