"""Widths, themes and languages, and how much a first view takes."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import Explore, estimates, overflow, pressed, rounded
from unittests.browser.playwrights import Page, expect
from unittests.helpers.server import Server
from unittests.helpers.waiting import eventually

# Bytes that the first view may take, the API's answers with it.
MOST_BYTES = 350_000
# Pixels that a phone may have to scroll through.
MOST_PIXELS = 2200
# What moves while the first view comes, as browsers count it.
MOST_SHIFT = 0.05
PHONE = 360
WIDTHS = (320, PHONE, 641, 801, 1060, 1279, 1280, 1440)


def cut(page: Page) -> Any:
    """Return the words of charts that reach beyond their picture."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#map svg, #years svg")].flatMap((svg) => {
          const whole = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")]
            .map((text) => [text.textContent, text.getBoundingClientRect()])
            .filter(([words, { left, right, top, bottom }]) => words && (
              left < whole.left - 1 || right > whole.right + 1
              || top < whole.top - 1 || bottom > whole.bottom + 1))
            .map(([words]) => `${svg.closest("[data-card]").id}: ${words}`);
        })"""
    )


def beyond_their_cards(page: Page) -> Any:
    """Return the tables that are wider than there is room for in their cards."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#states table, #groups table")]
          .filter((table) => table.scrollWidth > table.parentElement.clientWidth + 1)
          .map((table) => [table.closest("section").id, table.scrollWidth])"""
    )


@pytest.mark.parametrize("locale", ["en-US", "ro-RO"])
def test_no_width_needs_scrolling_to_the_side(opens: Opens, server: Server, locale: str) -> None:
    server.post("best5", question="Q036")
    explore = Explore(opens(f"{server.url}/?state=LA,DC,NC&rows=all", locale=locale)).drawn()
    page = explore.page
    asked = '/ask?statistic=compare&parameters={"states":["Ohio","Texas"]}'
    for path in ("", "/?view=pair&state=DC", "/?view=years&state=DC", "/jobs", asked, "/pool"):
        if path:
            page.goto(f"{server.url}{path}")
        if path.startswith("/?"):
            explore.drawn()
        elif path:
            expect(page.locator("#rows tr, #locks tr").first).to_be_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if not path:  # charts are drawn anew
                for fold in page.locator(".folds[aria-expanded=false]").all():
                    if fold.is_visible():
                        fold.click()
                eventually(lambda: narrow_enough(page, "#map"))
                eventually(lambda: narrow_enough(page, "#years"))
            wide, out = overflow(page)
            assert wide <= 0, (path, width, wide, out)
            if not path:
                assert not cut(page), width
                assert not beyond_their_cards(page), width


def narrow_enough(page: Page, view: str) -> Any:
    """Tell whether a chart has been drawn for the width that it has now."""
    return page.evaluate(
        """(view) => {
          const place = document.querySelector(`${view} .place`);
          const drawn = Number(place.querySelector("svg")?.getAttribute("width") ?? 0);
          return Math.abs(drawn - place.clientWidth) < 50;
        }""",
        view,
    )


def test_a_phone_shows_and_chooses_the_same(opens: Opens, server: Server) -> None:
    size = {"width": PHONE, "height": 740}
    explore = Explore(opens(server.url, viewport=size, has_touch=True, is_mobile=True)).drawn()
    page, values = explore.page, estimates(server, "Q036")
    assert explore.names() == [*list(values)[:5], *list(values)[-5:]]
    explore.mark("Texas").tap()
    explore.drawn()
    pressed(explore.mark("Texas"), explore.name("Texas"))
    for name in ("District of Columbia", "Puerto Rico"):
        expect(explore.mark(name)).to_be_visible()
    assert overflow(page)[0] <= 0
    expect(page.locator("#question")).to_be_hidden()
    page.locator("#fold").tap()
    explore.choose(question="Q047").drawn()
    expect(page.locator("#fold-text")).to_have_text(
        "No leisure-time physical activity: Texas, 2023"
    )
    page.locator("#groups .folds").tap()
    expect(page.get_by_role("button", name="Hide")).to_be_visible()
    expect(explore.group("Men")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-US", "ro-RO"])
def test_a_phone_has_little_to_scroll_through(opens: Opens, server: Server, locale: str) -> None:
    size = {"width": PHONE, "height": 740}
    explore = Explore(opens(f"{server.url}/?state=OH", viewport=size, locale=locale)).drawn()
    height = explore.page.evaluate("document.documentElement.scrollHeight")
    assert height < MOST_PIXELS


def shifts_of(explore: Explore) -> list[tuple[float, float, str]]:
    """Return how far things moved while a page came, when, and what from where to where."""
    found: list[tuple[float, float, str]] = explore.page.evaluate(
        """() => new Promise((resolve) => {
          const shifts = [];
          new PerformanceObserver((list) => {
            for (const { value, startTime, sources } of list.getEntries()) {
              const moved = sources.map(({ node, previousRect, currentRect }) => [
                node?.id || node?.className || node?.nodeName, previousRect, currentRect]);
              shifts.push([value, startTime, JSON.stringify(moved)]);
            }
            resolve(shifts);
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(shifts), 500);
        })"""
    )
    return found


@pytest.mark.parametrize("width", [360, 1440])
def test_a_first_view_hardly_moves_while_it_comes(opens: Opens, server: Server, width: int) -> None:
    size = {"width": width, "height": 900}
    # In which order its parts come is chance; one view of three may have had a bad one.
    views = [
        shifts_of(Explore(opens(f"{server.url}/?state=OH", viewport=size)).drawn())
        for _ in range(3)
    ]
    median = sorted(sum(value for value, *_ in shifts) for shifts in views)[1]
    assert median < MOST_SHIFT, views


@pytest.mark.parametrize("locale", ["en-US", "ro-RO"])
@pytest.mark.parametrize("address", ["", "?q=Q019&state=OH", "?dataset=course"])
def test_what_is_asked_ahead_is_not_asked_again(
    opens: Opens, server: Server, locale: str, address: str
) -> None:
    explore = Explore(opens(f"{server.url}/{address}", locale=locale)).drawn()
    explore.page.reload()  # now the server has the answers in memory
    asked = explore.drawn().page.evaluate(
        """() => performance.getEntriesByType("resource")
          .filter(({ name }) => name.includes("/api/"))
          .map(({ name, initiatorType }) => [name, initiatorType])"""
    )
    ahead = [name for name, by in asked if by == "link"]
    assert len(ahead) == (5 if "dataset" in address else 7)
    for list_of in ("dataset", "statistics", "questions", "states", "categories"):
        assert sum(urlsplit(name).path == f"/api/{list_of}" for name, _ in asked) == 1
    for answer in ("ranking", "trend"):
        assert sum(f"/api/answers/{answer}?" in name for name, _ in asked) == 1


@pytest.mark.parametrize("locale", ["en-US", "ro-RO"])
def test_numbers_and_days_are_written_as_browsers_write_them(
    opens: Opens, server: Server, locale: str
) -> None:
    different = opens(server.url, locale=locale).page.evaluate(
        """async () => {
          const texts = `${document.body.dataset.assets}/js/texts.js`;
          const { dayText, language, number } = await import(texts);
          const found = [];
          const minus = "\u2212";
          const check = (own, theirs) => own === theirs || found.push([own, theirs]);
          for (const value of [0, 1, 0.5, 1.005, 23.65, 99.95, 999.95, 1234.5, 18650, 1234567.891,
            1e-7, 0.049, 0.05, 2.5, 1e15])
            for (const signed of [value, -value])
              for (const decimals of [0, 1, 2, 3])
                for (const sign of [false, true]) {
                  const theirs = new Intl.NumberFormat(language, {
                    minimumFractionDigits: decimals,
                    maximumFractionDigits: decimals,
                    signDisplay: sign ? "exceptZero" : "negative",
                  });
                  check(number(signed, decimals, sign), theirs.format(signed).replace("-", minus));
                }
          const long = new Intl.DateTimeFormat(language, { dateStyle: "long" });
          for (let month = 0; month < 12; month++) {
            const day = new Date(2026, month, 1 + 2 * month);
            check(dayText(day), long.format(day));
          }
          return found;
        }"""
    )
    assert different == []


def pages(page: Page) -> int:
    """Return how many pages a page takes on paper."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("locale", ["en-US", "ro-RO"])
def test_print_is_one_page(opens: Opens, server: Server, locale: str) -> None:
    states = "WV,MS,AR,LA,AL,OK,IN,TN,SD,NE"  # most of them far down in the table
    explore = Explore(opens(f"{server.url}/?state={states}", locale=locale)).drawn()
    assert pages(explore.page) == 1
    explore.open("/?state=OH&rows=all")
    assert pages(explore.page) == 2


def test_print_keeps_the_colours_that_say_something(opens: Opens, server: Server) -> None:
    page = Explore(opens(server.url)).drawn().page
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    expect(page.locator("#map .swatch").first).to_have_css("print-color-adjust", "exact")
    expect(page.locator("#map .swatch").first).to_have_css("background-color", "rgb(214, 230, 242)")
    expect(page.locator("h1")).to_have_css("color", "rgb(31, 41, 51)")


def test_print_has_all_of_a_table(opens: Opens, server: Server) -> None:
    server.post("best5", question="Q036")
    page = opens(f'{server.url}/ask?statistic=ranking&parameters={{"question":"Q036"}}').page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1047})  # A4 without its margins
    for path, rows in (("", "#rows tbody tr"), ("/jobs", "#rows tr")):
        if path:
            page.goto(f"{server.url}{path}")
        expect(page.locator(rows).last).to_be_visible()
        assert overflow(page)[0] <= 0
        cut = """(table) => [table, table.parentElement].some(({ scrollWidth, clientWidth,
          scrollHeight, clientHeight }) => scrollWidth > clientWidth + 1
          || scrollHeight > clientHeight + 1)"""
        assert not page.locator("table").evaluate(cut)
        expect(page.locator("form:visible, .top")).to_be_hidden()


def ground(page: Page) -> Any:
    """Return how light the page's ground is, from 0 to 255."""
    return page.evaluate(
        "getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0]"
    )


def fill(explore: Explore) -> Any:
    """Return the colour of a state on the map."""
    return explore.mark("Ohio").evaluate("mark => getComputedStyle(mark).fill")


def test_the_theme_is_the_systems_until_one_is_chosen(opens: Opens, server: Server) -> None:
    explore = Explore(opens(server.url, color_scheme="dark")).drawn()
    page, button = explore.page, explore.page.locator("#theme")
    assert int(ground(page)) < 50
    dark = fill(explore)
    page.emulate_media(color_scheme="light")
    assert fill(explore) != dark
    assert int(ground(page)) > 200
    expect(button).to_contain_text("Theme: auto")
    button.click()
    expect(button).to_contain_text("Theme: light")
    button.click()
    expect(button).to_contain_text("Theme: dark")
    assert fill(explore) == dark
    page.reload()
    explore.drawn()
    expect(button).to_contain_text("Theme: dark")
    assert int(ground(page)) < 50
    assert fill(explore) == dark
    button.click()
    expect(button).to_contain_text("Theme: auto")


def test_the_language_is_the_browsers_until_one_is_chosen(opens: Opens, server: Server) -> None:
    explore = Explore(opens(server.url, locale="ro-RO")).drawn()
    page = explore.page
    value = rounded(estimates(server, "Q036")["Texas"]).replace(".", ",")
    expect(page.locator("html")).to_have_attribute("lang", "ro")
    expect(page.locator("h1")).to_contain_text("Obezitate")
    expect(page.locator("#map-title")).to_have_text("Nivelul, 2023")
    expect(page.locator("#dataset")).to_contain_text("106.260 de rânduri")
    explore.add("Texas").drawn()
    rank = list(estimates(server, "Q036")).index("Texas") + 1
    expect(explore.mark("Texas")).to_have_attribute(
        "aria-label", re.compile(rf"^Texas: {value} %, [\d,]+ . [\d,]+, locul {rank}$")
    )
    explore.add("Carolina de Nord").drawn()
    expect(page.locator("h1")).to_have_text("Obezitate: Texas și Carolina de Nord, 2023")
    expect(page.locator("#question-text")).to_contain_text("Procentul adulților")
    address = explore.address()
    page.get_by_role("link", name="English").click()
    expect(page.locator("#map-title")).to_have_text("Level, 2023")
    explore.drawn()
    assert explore.address() == address
    expect(page.locator("h1")).to_have_text("Obesity: Texas and North Carolina, 2023")
    expect(page.locator("#figure-value")).to_have_text(f"{value.replace(',', '.')} %")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{server.url}/jobs")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Română").click()
    expect(page.locator("h1")).to_have_text("Joburi")


def test_what_the_server_says_is_in_the_pages_language(opens: Opens, server: Server) -> None:
    tab = opens(f"{server.url}/?q=Q037&state=KY&year=2023", locale="ro-RO")
    page = Explore(tab).drawn().page
    expect(page.locator("#cautions-list li")).to_have_count(3)
    expect(page.locator("#cautions-list")).to_contain_text("spune CDC): Kentucky și Pennsylvania.")
    address = '/ask?statistic=ranking&parameters={"question":"Q036","year":1999}'
    tab.expects("400")
    page.goto(f"{server.url}{address}")
    expect(page.locator("#message")).to_have_text(
        "Serverul spune: acest set de date nu are estimări la Q036 pentru state în grupul „Toți” "
        "în 1999; există în 2011-2023."
    )
    expect(page.locator("#summary")).to_contain_text("cu intervalul fiecărui loc")
    page.get_by_label("An", exact=True).fill("2023")
    page.get_by_role("button", name="Întreabă", exact=True).click()
    expect(page.locator("#asked")).to_contain_text("Cum se clasează statele")
    expect(page.locator("#warnings")).to_contain_text("Nepublicate în 2023")
    page.goto(
        f'{server.url}/ask?statistic=query&parameters={{"question":"Q036","group_by":["state","stratum"]}}'
    )
    expect(page.locator("#message")).to_have_text(
        "Sunt afișate primele 500 din 1.540 de rânduri; fișierele le au pe toate."
    )


def test_axes_have_numbers_as_the_language_writes_them(opens: Opens, server: Server) -> None:
    explore = Explore(opens(f"{server.url}/?q=Q019", locale="ro-RO")).drawn()
    axis = explore.page.locator("#years .axis")
    expect(axis).to_contain_text("18,5")
    expect(axis).not_to_contain_text("18.5")


def test_a_first_view_takes_little(explore: Explore) -> None:
    expect(explore.page.locator("#dataset")).to_contain_text("rows")
    sizes = explore.page.evaluate(
        """() => [
          ...performance.getEntriesByType("navigation"),
          ...performance.getEntriesByType("resource"),
        ].map(({ name, encodedBodySize }) => [name, encodedBodySize])"""
    )
    assert len(sizes) < 20
    total = sum(size for _, size in sizes)
    assert total < MOST_BYTES, sorted(sizes, key=lambda one: one[1])
