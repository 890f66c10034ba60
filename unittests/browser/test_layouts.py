"""Explore names those who were asked, and the unit, of whatever layout is served."""

from collections.abc import Callable
from pathlib import Path

from unittests.browser.explore import Explore
from unittests.browser.playwrights import expect
from unittests.browser.tab import Tab
from unittests.datasets.test_layouts import INDICATORS, SURVEY, indicator, survey_row, written
from unittests.helpers.server import running_server

STATES = {"Ohio": 4.0, "Texas": 3.0, "National": 3.5}


def test_children_are_not_called_adults(tmp_path: Path, opens: Callable[..., Tab]) -> None:
    rows = [survey_row("wic", state, 10 * value) for state, value in STATES.items()]
    data = written(tmp_path / "wic.csv", SURVEY, rows)
    with running_server(tmp_path, "--data", str(data)) as server:
        page = Explore(opens(server.url)).drawn().page
        expect(page.locator("select[name=group]")).to_contain_text("All children in WIC")
        expect(page.locator("#map [data-part=key]")).to_contain_text("% of children in WIC")
        expect(page.locator("#states thead")).to_contain_text("% of children in WIC")
        expect(page.locator("main")).not_to_contain_text("adults")


def test_means_are_shown_without_a_percent_sign(tmp_path: Path, opens: Callable[..., Tab]) -> None:
    rows = [
        indicator(kind, state, value)
        for kind in ("CrdMean", "AgeAdjMean")
        for state, value in STATES.items()
    ]
    data = written(tmp_path / "cdi.csv", INDICATORS, rows)
    with running_server(tmp_path, "--data", str(data)) as server:
        explore = Explore(opens(f"{server.url}/?q=MTH1_0-CrdMean&state=OH")).drawn()
        page = explore.page
        questions = page.locator("select[name=question] option")
        expect(questions).to_have_text(
            ["Mentally unhealthy days (age-adjusted mean)", "Mentally unhealthy days (crude mean)"]
        )
        expect(explore.mark("Ohio")).to_have_attribute(
            "aria-label", "Ohio: 4.0, 3.6 to 4.4, rank 2"
        )
        expect(page.locator("#map [data-part=key]")).to_contain_text("crude mean")
        expect(page.locator("#figure-value")).to_have_text("4.0")
        explore.mark("Ohio").hover()
        expect(page.locator("#tip")).to_contain_text("+0.5")
        expect(page.locator("#tip")).not_to_contain_text("points")
        explore.choose(question="MTH1_0-AgeAdjMean").drawn()
        expect(page.locator("#map [data-part=key]")).to_contain_text("age-adjusted mean")
