"""An article of somebody else's site with answers of a public server: docs/how-to/publish.md."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.playwrights import expect
from unittests.helpers.doc_pages import PAGES
from unittests.helpers.server import Server, box_server

SITE = "https://stats.example.org"


@pytest.fixture(name="server")
def public_server(tmp_path: Path) -> Iterator[Server]:
    """Give a public server without a token."""
    with box_server(tmp_path, "--public") as server:
        yield server


@pytest.fixture(name="article")
def article_that_the_docs_show(server: Server) -> Iterator[str]:
    """Give the address of the page, of another site."""
    page = next(page for page in PAGES if page.name == "docs/how-to/publish.md")
    shown = next(block.text for block in page.blocks if block.kind == "html")
    content = f"<!doctype html><title>Obesity</title>{shown.replace(SITE, server.url)}".encode()

    class Site(BaseHTTPRequestHandler):
        """Answers with the article, and with no icon."""

        def do_GET(self) -> None:
            """Answer."""
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()


def test_a_picture_and_a_number_come_into_an_article(
    opens: Opens, server: Server, article: str
) -> None:
    tab = opens(article)
    tab.expects(f"^request to elsewhere: {re.escape(server.url)}/api/answers/")
    page = tab.page
    expect(page.locator("#ohio")).to_have_text("36.4 (35.2 to 37.7)")
    drawn = "image => image.decode().then(() => image.naturalWidth > 100)"
    assert page.get_by_role("img", name="Obesity by state").evaluate(drawn)
