"""The page Explore as a user sees and works it."""

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from unittests.browser.playwrights import Locator, Page, expect
from unittests.browser.tab import Tab
from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE

VIEWS = ("map", "years", "states", "groups")
FEW = 15  # rows of the table, until all are wanted


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
        """Wait until no card waits for anything any more."""
        expect(self.page.locator('[data-card][aria-busy="true"]')).to_have_count(0)
        expect(self.page.locator("[data-card]")).to_have_count(7)
        return self

    def open(self, path: str) -> Self:
        """Go to a path."""
        self.tab.open(path)
        return self.drawn()

    def choose(self, **choices: str) -> Self:
        """Choose a question or a group in the bar, by the values of their options."""
        for name, value in choices.items():
            self.page.locator(f"select[name={name}]").select_option(value)
        return self

    def add(self, *states: str) -> Self:
        """Add states to those that are chosen, by typing their names."""
        for state in states:
            self.page.locator("#state").fill(state)
            self.page.locator("#state").press("Enter")
        return self

    def at(self, year: int) -> Self:
        """Move the slider to a year."""
        told = self.page.locator("#years-field output")
        slider = self.page.locator("#year")
        for _ in range(50):
            now = int(told.inner_text())
            if now == year:
                return self
            slider.press("ArrowLeft" if now > year else "ArrowRight")
        raise AssertionError(f"the slider has no {year}")

    def states(self) -> list[str]:
        """Return the states that are chosen, as their chips tell them."""
        chips = self.page.locator("#chips [data-state]")
        return [
            str(name) for name in chips.evaluate_all("all => all.map(one => one.dataset.state)")
        ]

    def card(self, view: str) -> Locator:
        """Return the card of a view."""
        return self.page.locator(f"#{view}")

    def marks(self) -> Locator:
        """Return all marks of the map that tell something."""
        return self.page.locator("#map .place [aria-label][role=button]")

    def mark(self, state: str) -> Locator:
        """Return a state's mark on the map."""
        return self.page.locator(f'#map .place [role=button][aria-label^="{state}: "]')

    def row(self, state: str) -> Locator:
        """Return a state's row of the table."""
        named = self.page.locator(f'[data-state="{state}"]')
        return self.page.locator("#states tbody tr", has=named)

    def name(self, state: str) -> Locator:
        """Return the button with a state's name in the table."""
        return self.page.locator(f'#states [data-state="{state}"]')

    def names(self) -> list[str]:
        """Return the states that the table shows, in its order."""
        found = self.page.locator("#states tbody [data-state]")
        return [
            str(name) for name in found.evaluate_all("all => all.map(one => one.dataset.state)")
        ]

    def group(self, name: str) -> Locator:
        """Return the row of a group."""
        named = self.page.get_by_role("rowheader", name=name, exact=True)
        return self.page.locator("#groups tbody tr", has=named)

    def labels(self) -> list[str]:
        """Return what the marks of the map tell, in their order."""
        found = self.marks().evaluate_all("marks => marks.map(mark => mark.ariaLabel)")
        return [str(label) for label in found]

    def shows(self, values: dict[str, float]) -> Self:
        """Wait until map and table are of these values, one for each state, best first."""
        for state in (next(iter(values)), list(values)[-1]):
            told = re.compile(rf"^{re.escape(state)}: {re.escape(rounded(values[state]))} %")
            expect(self.mark(state)).to_have_attribute("aria-label", told)
        self.drawn()
        found = dict(label.split(": ", 1) for label in self.labels())
        for state, value in values.items():
            assert found[state].startswith(f"{rounded(value)} %"), state
        few = list(values)[:FEW]
        assert [name for name in self.names() if name in few] == few
        for state in few[:3]:
            expect(self.row(state)).to_contain_text(rounded(values[state]))
        return self

    def take(self, name: str, form: str) -> Locator:
        """Return the link to a file of an answer."""
        return self.page.locator(f"[data-do={name}-{form}]")

    def command(self) -> str:
        """Return the command that asks for the same in a terminal."""
        return str(self.page.locator("#take [data-part=command]").text_content())

    def download(self, name: str, form: str) -> Path:
        """Download a file and return it, by the name that it was given."""
        with self.page.expect_download() as caught:
            self.take(name, form).click()
        download = caught.value
        path = download.path().with_name(download.suggested_filename)
        download.save_as(path)
        return path

    def address(self) -> str:
        """Return the path and query of the page's address."""
        return re.sub(r"^http://[^/]+", "", self.page.url)


def pressed(*marks: Locator) -> None:
    """Wait until marks are shown as chosen."""
    for mark in marks:
        expect(mark).to_have_attribute("aria-pressed", "true")


def asked_by(command: str) -> dict[str, list[str]]:
    """Return what the address of a curl command asks, by parameter."""
    return parse_qs(urlsplit(command.split('"')[-2]).query)


def overflow(page: Page) -> Any:
    """Return by how many pixels the page is wider than the window, and what sticks out."""
    return page.evaluate(
        """() => {
          const page = document.scrollingElement;
          const wide = page.scrollWidth - page.clientWidth;
          const out = wide <= 0 ? [] : [...document.body.querySelectorAll("*")]
            .filter((one) => one.getBoundingClientRect().right > page.clientWidth)
            .map((one) => one.id || one.className || one.tagName);
          return [wide, out.slice(0, 5)];
        }"""
    )
