"""No finding of axe-core, in both themes, on a phone and on a large screen."""

from collections.abc import Iterator
from typing import Any

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import Explore
from unittests.browser.made import EMPTY, made_server
from unittests.browser.playwrights import Page, expect
from unittests.browser.staged import staged_server
from unittests.helpers.server import Server, box_server
from unittests.helpers.waiting import PATIENCE

sync_axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="pip install -r requirements-dev.txt"
)

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PATIENT = ("--job-seconds", "3600")  # jobs are held as long as the tests of this module take
EACH_LOOK = pytest.mark.parametrize("width", [360, 1440])
EACH_THEME = pytest.mark.parametrize("theme", ["light", "dark"])


def look(width: int, theme: str) -> dict[str, Any]:
    """Return how a browser of this width shows a theme, with nothing in motion."""
    size = {"width": width, "height": 900}
    return {"viewport": size, "color_scheme": theme, "reduced_motion": "reduce"}


def check(page: Page, when: str) -> None:
    """Run axe-core on the page as it is now."""
    found = sync_axe.Axe().run(page, options=RULES)
    assert not found.violations_count, f"{when}: {found.generate_report()}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with made_server(tmp_path_factory.mktemp("made")) as server:
        yield server


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server with jobs of all kinds: failed, done, running, queued."""
    with staged_server(tmp_path_factory.mktemp("busy"), "--threads", "1", *PATIENT) as stage:
        server = stage.server
        with stage.failing():
            server.outcome(server.post("best5", question="Q036"))
        server.outcome(server.post("best5", question="Q018"))
        stage.hold()
        server.post("worst5", question="Q018")
        server.post("worst5", question="Q036")
        yield server


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server in slow motion, which stands still before a job."""
    with box_server(tmp_path_factory.mktemp("taught"), "--teach") as server:
        address = f"{server.url}/api/teach"
        assert server.http.put(address, json={"paused": True}, timeout=PATIENCE).ok
        assert server.http.post(f"{address}/jobs", json={"count": 2}, timeout=PATIENCE).ok
        yield server


@EACH_LOOK
@EACH_THEME
def test_explore(opens: Opens, made: Server, width: int, theme: str) -> None:
    explore = Explore(opens(made.url, **look(width, theme))).drawn()
    explore.tab.expects("status of 400")
    page = explore.page
    check(page, "nothing chosen")
    explore.mark("Ohio").click()
    for fold in page.locator(".fold, .folds").all():
        if fold.is_visible():
            fold.click()
    expect(explore.drawn().group("Men")).to_be_visible()
    explore.mark("Ohio").focus()
    expect(page.locator("#tip")).to_be_visible()
    check(page, "a state, its tip, all that can be opened")
    for view in ("years", "pair"):
        page.locator(f"[data-tab={view}]").click()
        explore.drawn()
        check(page, view)
    page.locator("[data-tab=overview]").click()
    page.locator("[data-show=change]").click()
    expect(page.locator("h1")).to_contain_text("change a year")
    explore.drawn()  # what is on its way is paler
    check(page, "changes")
    page.locator("[data-show=level]").click()
    explore.choose(question=EMPTY).drawn()
    expect(page.locator("#answer.error")).to_be_visible()
    check(page, "an error")


@EACH_LOOK
@EACH_THEME
def test_statistics(opens: Opens, made: Server, width: int, theme: str) -> None:
    page = opens(f"{made.url}/ask?statistic=compare", **look(width, theme)).page
    expect(page.locator("#fields fieldset").first).to_be_visible()
    check(page, "two names, and names that may be left out")
    page.get_by_label("Statistic", exact=True).select_option("query")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#answer")).to_be_visible()
    check(page, "an answer")


@EACH_LOOK
@EACH_THEME
def test_jobs(opens: Opens, busy: Server, width: int, theme: str) -> None:
    page = opens(f"{busy.url}/jobs", **look(width, theme)).page
    expect(page.get_by_role("button", name="Cancel job_id_4", exact=True)).to_be_visible()
    check(page, "jobs of all kinds")
    page.get_by_role("button", name="Details job_id_2", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="CSV")).to_be_visible()
    check(page, "the dialog of a job")


@EACH_LOOK
@EACH_THEME
def test_pool(opens: Opens, busy: Server, taught: Server, width: int, theme: str) -> None:
    page = opens(f"{busy.url}/pool", **look(width, theme)).page
    expect(page.locator("#runners button").first).to_have_text("job_id_3")
    expect(page.locator("#locks tr").first).to_be_visible()
    check(page, "a pool at work")
    page = opens(f"{taught.url}/pool", **look(width, theme)).page
    expect(page.locator("#teach-threads li").first).to_be_visible()
    check(page, "slow motion, paused")
