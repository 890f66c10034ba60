"""No finding of axe-core, in both themes, on a phone and on a large screen."""

from pathlib import Path
from typing import Any

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import Explore
from unittests.browser.made import UNJUDGED, made_server
from unittests.browser.playwrights import Page, expect
from unittests.browser.staged import staged_server

sync_axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="pip install -r requirements-dev.txt"
)

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
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


@EACH_LOOK
@EACH_THEME
def test_explore(opens: Opens, tmp_path: Path, width: int, theme: str) -> None:
    with made_server(tmp_path) as server:
        explore = Explore(opens(server.url, **look(width, theme))).drawn()
        explore.tab.expects("status of 400")
        page = explore.page
        check(page, "nothing chosen")
        explore.mark("map", "Ohio").click()
        expect(page.locator("#strata .chart [aria-label]").first).to_be_attached()
        for view in ("map", "strata"):
            for panel in ("table", "curl"):
                explore.button(view, panel).click()
        explore.drawn().mark("ranking", "Ohio").focus()
        expect(page.locator("#tip")).to_be_visible()
        check(page, "a state, its tip, tables and commands")
        explore.choose(statistic="trend").drawn()
        check(page, "a trend")
        explore.choose(statistic="estimate", question=UNJUDGED).drawn()
        expect(page.locator("#map .message.error")).to_be_visible()
        check(page, "an error")


@EACH_LOOK
@EACH_THEME
def test_jobs(opens: Opens, tmp_path: Path, width: int, theme: str) -> None:
    with staged_server(tmp_path, "--threads", "1") as stage:
        with stage.failing():
            stage.server.outcome(stage.server.post("best5", question="Q036"))
        stage.server.outcome(stage.server.post("best5", question="Q018"))
        stage.hold()
        stage.server.post("worst5", question="Q018")
        last = stage.server.post("worst5", question="Q036")
        page = opens(f"{stage.server.url}/jobs", **look(width, theme)).page
        expect(page.get_by_role("button", name=f"Cancel {last}", exact=True)).to_be_visible()
        check(page, "jobs of all kinds")
        page.get_by_role("button", name="Details job_id_2", exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("button", name="CSV")).to_be_visible()
        check(page, "the dialog of a job")
