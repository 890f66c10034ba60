"""The pages around Explore: the API, what is not there, and what other sites embed."""

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.playwrights import expect
from unittests.browser.test_accessibility import EACH_THEME, check, look
from unittests.helpers.server import Server


@EACH_THEME
def test_the_api_has_the_frame_of_all_pages(server: Server, opens: Opens, theme: str) -> None:
    page = opens(f"{server.url}/openapi/", **look(1440, theme)).page
    expect(page.locator(".opblock").first).to_be_visible()
    expect(page.locator("nav a[aria-current=page]")).to_have_text("API")
    is_dark = page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert is_dark == (theme == "dark")
    check(page, f"the page of the API, {theme}")
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock.is-open")).to_be_visible()
    expect(page.locator("a.brand")).to_have_attribute("href", "../")


@pytest.mark.parametrize("path", ["/nothing", "/embed?q=obesity&state=OH", "/embed?q=obesety"])
@EACH_THEME
def test_pages_around_explore_are_for_everybody(
    server: Server, opens: Opens, path: str, theme: str
) -> None:
    tab = opens(f"{server.url}/robots.txt", **look(360, theme))
    tab.expects("40[04]")
    tab.open(path)
    expect(tab.page.locator("h1, .sentence").first).to_be_attached()
    check(tab.page, f"{path}, {theme}")
