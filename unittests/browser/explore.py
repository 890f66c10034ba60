"""The page Explore as a user sees and works it."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from unittests.browser.playwrights import Locator, Page, expect
from unittests.browser.tab import Tab
from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE

ABOUT_STATES = ("map", "ranking", "difference")
VIEWS = (*ABOUT_STATES, "strata")
FORMATS = ("csv", "json", "png", "svg")


def rounded(value: float, decimals: int = 1) -> str:
    """Return a number as the English page writes it: rounded from its shortest decimals."""
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact:,}".replace("-", "\N{MINUS SIGN}")


def asked(server: Server, statistic: str, **body: Any) -> dict[str, Any]:
    """Return the data that the API answers."""
    job = server.http.post(f"{server.url}/api/{statistic}", json=body, timeout=PATIENCE).json()
    data: dict[str, Any] = server.outcome(job["job_id"])["data"]
    return data


def table(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an answer's table, each by its columns."""
    return [dict(zip(data["columns"], row, strict=True)) for row in data["rows"]]


def estimates(server: Server, question: str, **more: Any) -> dict[str, float]:
    """Return the estimate of each state, best first, as the API answers them."""
    rows = table(asked(server, "ranking", question=question, **more))
    return {row["state"]: row["value"] for row in rows}


class Explore:
    """The page in a tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page: Page = tab.page

    def drawn(self) -> Self:
        """Wait until no view waits for anything any more."""
        settled = self.page.locator('[data-view][aria-busy="false"]')
        expect(settled).to_have_count(len(VIEWS))
        return self

    def open(self, path: str) -> Self:
        """Go to a path."""
        self.tab.open(path)
        return self.drawn()

    def choose(self, **choices: str) -> Self:
        """Choose something in the form, by the values of its options."""
        for name, value in choices.items():
            self.page.locator(f"select[name={name}]").select_option(value)
        return self

    def chosen(self) -> dict[str, str]:
        """Return what is chosen in the form."""
        selects = self.page.locator("#choices select").all()
        return {str(one.get_attribute("name")): one.input_value() for one in selects}

    def card(self, view: str) -> Locator:
        """Return the card of a view."""
        return self.page.locator(f"#{view}")

    def marks(self, view: str) -> Locator:
        """Return all marks of a chart that tell something."""
        return self.page.locator(f"#{view} .chart [aria-label][role=button]")

    def mark(self, view: str, state: str) -> Locator:
        """Return a state's mark in a view."""
        return self.page.locator(f'#{view} .chart [role=button][aria-label^="{state}: "]')

    def button(self, view: str, name: str) -> Locator:
        """Return a button of a view by what it does."""
        return self.page.locator(f"#{view} [data-do={name}]")

    def labels(self, view: str) -> list[str]:
        """Return what the marks of a view tell, in their order."""
        found = self.marks(view).evaluate_all("marks => marks.map(mark => mark.ariaLabel)")
        return [str(label) for label in found]

    def shows(self, values: dict[str, float]) -> Self:
        """Wait until map, ranking and difference are of these values, one for each state."""
        for state in (next(iter(values)), list(values)[-1]):
            told = re.compile(rf"^{re.escape(state)}: {re.escape(rounded(values[state]))} %")
            for view in ("map", "ranking"):
                expect(self.mark(view, state)).to_have_attribute("aria-label", told)
        self.drawn()
        for view in ("map", "ranking"):
            found = dict(label.split(": ", 1) for label in self.labels(view))
            for state, value in values.items():
                assert found[state].startswith(f"{rounded(value)} %"), (view, state)
        assert [label.split(": ")[0] for label in self.labels("ranking")] == list(values)
        assert {label.split(": ")[0] for label in self.labels("difference")} <= set(values)
        return self

    def command(self, view: str) -> str:
        """Return the command of a view, shown or not."""
        return str(self.card(view).locator("[data-part=command]").text_content())

    def download(self, view: str, form: str) -> Path:
        """Download a view and return the file, by the name that it was given."""
        with self.page.expect_download() as caught:
            self.button(view, form).click()
        download = caught.value
        path = download.path().with_name(download.suggested_filename)
        download.save_as(path)
        return path

    def address(self) -> str:
        """Return the path and query of the page's address."""
        return re.sub(r"^http://[^/]+", "", self.page.url)


def pressed(marks: Iterable[Locator]) -> None:
    """Wait until marks are shown as chosen."""
    for mark in marks:
        expect(mark).to_have_attribute("aria-pressed", "true")


def asked_by(command: str) -> dict[str, list[str]]:
    """Return what the address of a curl command asks, by parameter."""
    return parse_qs(urlsplit(command.split('"')[-2]).query)
