"""Explore when the server is slow, fails, stops, is gone, is back, or asks for a token."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import VIEWS, Explore, estimates, pressed
from unittests.browser.playwrights import expect
from unittests.browser.shell import run
from unittests.browser.staged import Stage, staged_server
from unittests.browser.tab import AWAY
from unittests.helpers.server import Server, box_server

ASKING = "Asking the server…"
TOKEN = "s3cret"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged_server(tmp_path_factory.mktemp("stage"), "--threads", "2") as stage:
        yield stage


@pytest.fixture
def server(stage: Stage) -> Iterator[Server]:
    yield stage.server
    stage.release()


def test_a_slow_answer_shows_progress_and_then_comes(explore: Explore, stage: Stage) -> None:
    stage.hold()
    explore.choose(question="Q047")
    for view in VIEWS:
        expect(explore.card(view)).to_have_attribute("aria-busy", "true")
        expect(explore.card(view).locator("[data-part=message]")).to_have_text(ASKING)
    # A headline never stands above another question's number.
    told, headline = explore.page.locator(".told"), explore.page.locator("h1")
    expect(told).to_have_attribute("aria-busy", "true")
    expect(headline).to_have_text("Obesity, 2023")
    expect(explore.page.locator("#figure-value")).to_have_text("32.8 %")
    stage.release()
    explore.shows(estimates(stage.server, "Q047"))
    expect(headline).to_have_text("No leisure-time physical activity, 2023")
    expect(told).to_have_attribute("aria-busy", "false")
    expect(explore.page.get_by_text(ASKING)).to_have_count(0)


def test_a_choice_that_is_taken_back_leaves_what_was_shown(explore: Explore, stage: Stage) -> None:
    values = estimates(stage.server, "Q036")
    stage.hold()
    explore.choose(question="Q037")
    expect(explore.card("map").locator("[data-part=message]")).to_have_text(ASKING)
    explore.choose(question="Q036").shows(values)
    expect(explore.page.get_by_text(ASKING)).to_have_count(0)
    stage.release()


def test_a_state_chosen_while_views_are_being_drawn_is_shown_in_all(
    explore: Explore, stage: Stage
) -> None:
    values = estimates(stage.server, "Q043")
    state = next(iter(values))
    explore.page.evaluate(
        """(state) => {
          const field = document.getElementById("state");
          const choose = new MutationObserver(() => {
            choose.disconnect();
            field.value = state;
            field.dispatchEvent(new Event("change", { bubbles: true }));
          });
          choose.observe(document.querySelector("#map .place"), { childList: true });
        }""",
        state,
    )
    explore.choose(question="Q043").shows(values)
    pressed(explore.mark(state), explore.name(state))


def test_what_fails_is_said_once_and_what_was_shown_stays(explore: Explore, stage: Stage) -> None:
    reason = "The server could not answer: "
    values = estimates(stage.server, "Q036")
    explore.tab.expects("status of 500")
    with stage.failing():
        explore.choose(question="Q019").drawn()
        answer = explore.page.locator("#answer")
        expect(answer).to_contain_text(reason)
        expect(answer).to_contain_text("Still shown: Obesity, 2023.")
        expect(explore.page.get_by_text(reason)).to_have_count(1)
        expect(explore.page.locator("h1")).to_have_text("Obesity, 2023")
        explore.shows(values)
        assert explore.download("states", "csv").name == "obesity-2023-ranking.csv"
    answer.get_by_role("button", name="Try again").click()
    explore.shows(estimates(stage.server, "Q019"))
    expect(explore.page.get_by_text(reason)).to_have_count(0)


def test_only_the_groups_of_a_state_fail_where_only_they_cannot_be_answered(
    explore: Explore, stage: Stage
) -> None:
    explore.tab.expects("status of 500")
    with stage.failing():
        explore.mark("Texas").click()
        again = explore.card("groups").get_by_role("button", name="Try again")
        expect(again).to_be_visible()
    explore.shows(estimates(stage.server, "Q036"))
    again.click()
    expect(explore.group("Men")).to_be_visible()


def test_a_page_goes_through_a_restart(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path) as server:
        before, values = estimates(server, "Q036"), estimates(server, "Q047")
        explore = Explore(opens(server.url)).drawn()
        banner = explore.page.locator("#banner")
        expect(banner).to_be_hidden()
        explore.tab.expects(*AWAY, "status of 503")
        server.stop(signal.SIGKILL)
        explore.choose(question="Q047").add("Texas").drawn()
        expect(banner).to_contain_text("The server cannot be reached.")
        expect(explore.page.get_by_text("cannot be reached")).to_have_count(1)
        expect(explore.page.locator("h1")).to_have_text("Obesity: Texas, 2023")
        explore.shows(before)  # what it is of is not wrong
    with box_server(tmp_path, "--port", str(server.port)):
        expect(banner).to_have_text("The server is back.")
        explore.shows(values)
        pressed(explore.mark("Texas"), explore.name("Texas"))
        expect(banner).to_be_hidden()


def test_an_answer_that_is_waited_for_comes_after_the_restart(opens: Opens, tmp_path: Path) -> None:
    with staged_server(tmp_path) as stage:
        server = stage.server
        explore = Explore(opens(server.url)).drawn()
        explore.tab.expects(*AWAY)
        stage.hold()
        explore.choose(question="Q047")
        expect(explore.card("map").locator("[data-part=message]")).to_have_text(ASKING)
        server.stop(signal.SIGKILL)
        expect(explore.page.locator("#banner")).to_contain_text("cannot be reached")
    with box_server(tmp_path, "--port", str(server.port)) as server:
        explore.shows(estimates(server, "Q047"))


def test_a_server_that_shuts_down_is_told_of(opens: Opens, tmp_path: Path) -> None:
    with staged_server(tmp_path) as stage:
        server = stage.server
        explore = Explore(opens(server.url)).drawn()
        explore.tab.expects("status of 503", *AWAY)
        stage.hold()
        server.post("best5", question="Q018")  # which it finishes before it stops
        server.get("api/graceful_shutdown")
        explore.choose(question="Q047").drawn()
        banner = explore.page.locator("#banner")
        expect(banner).to_contain_text("The server is shutting down")
        expect(explore.page.locator("#answer")).to_have_text("Still shown: Obesity, 2023.")
        stage.release()
        server.stop()
        expect(banner).to_contain_text("The server cannot be reached.")
    with box_server(tmp_path, "--port", str(server.port)) as server:
        expect(banner).to_have_text("The server is back.")
        explore.shows(estimates(server, "Q047"))


def test_a_server_with_a_token_asks_for_it(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path, "--token", TOKEN) as server:
        server.http.headers["Authorization"] = f"Bearer {TOKEN}"
        tab = opens(server.url)
        tab.expects("status of 401")
        page = tab.page
        dialog = page.get_by_role("dialog", name="This server asks for a token")
        for given in ("wrong", TOKEN):
            expect(dialog).to_be_visible()
            expect(page.get_by_label("Token", exact=True)).to_be_focused()
            page.keyboard.type(given)
            with page.expect_navigation():
                page.keyboard.press("Enter")
        explore = Explore(tab).drawn()
        explore.shows(estimates(server, "Q036"))
        expect(dialog).to_be_hidden()
        command = explore.command()
        assert TOKEN not in command
        assert json.loads(run(command, TOKEN=TOKEN)[0])["rows"]
        assert explore.download("states", "csv").name == "obesity-2023-ranking.csv"
        page.reload()
        explore.drawn()
        expect(dialog).to_be_hidden()


def test_a_public_server_shows_explore_to_all_and_jobs_to_who_has_the_token(
    opens: Opens, tmp_path: Path
) -> None:
    with box_server(tmp_path, "--public", "--token", TOKEN) as server:
        tab = opens(f"{server.url}/?state=OH")
        explore = Explore(tab).drawn()
        page = explore.page
        expect(page.locator("#answer")).to_contain_text("in Ohio")
        expect(explore.group("Men")).to_be_visible()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.get_by_role("link", name="Jobs")).to_be_hidden()
        tab.open("/ask?statistic=best5")
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("#rows tr").nth(5)).to_be_visible()
        expect(page.get_by_role("button", name="Ask as a job")).to_be_hidden()
        tab.expects("status of 401")
        tab.open("/jobs")
        page.get_by_label("Token", exact=True).fill(TOKEN)
        page.keyboard.press("Enter")
        expect(page.locator("#gauge-server")).to_have_text("Takes questions")
        expect(page.get_by_role("link", name="Jobs")).to_be_visible()


def test_who_asks_too_much_is_told_when_to_ask_again(opens: Opens, tmp_path: Path) -> None:
    with box_server(tmp_path, "--public", "--compute-rate", "1/hour") as server:
        server.get("api/answers/ranking?question=Q047")
        tab = opens(f'{server.url}/ask?statistic=ranking&parameters={{"question":"Q036"}}')
        tab.expects("status of 429")
        expect(tab.page.locator("#message")).to_have_text(
            re.compile(r"^The server says: at most 1 .* ask again in \d+ seconds\.$")
        )
