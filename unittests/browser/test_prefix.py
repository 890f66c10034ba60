"""The page below a path of a proxy that takes the path away, as nginx does."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from unittests.browser.conftest import Opens
from unittests.browser.explore import Explore
from unittests.browser.playwrights import expect
from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE

PREFIX = "/some/path"


@pytest.fixture
def address(server: Server) -> Iterator[str]:
    """Give the address of the page behind the proxy."""

    class Proxy(BaseHTTPRequestHandler):
        """Passes requests on, but for the path, and refuses all others."""

        def pass_on(self) -> None:
            """Answer as the server does."""
            if not self.path.startswith(f"{PREFIX}/"):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            beyond = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            path = self.path.removeprefix(PREFIX)
            beyond.request(self.command, path, body or None, dict(self.headers))
            answer = beyond.getresponse()
            content = answer.read()
            beyond.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_port}{PREFIX}"
        proxy.shutdown()


def test_all_pages_work_below_the_path_of_a_proxy(opens: Opens, address: str) -> None:
    explore = Explore(opens(f"{address}/?state=OH")).drawn()
    assert explore.command().startswith(f'curl "{address}/api/answers/')
    tab = explore.page
    tab.locator("nav a[href$='/jobs']").click()
    expect(tab.locator("#gauge-server")).to_have_text("Takes questions")
    tab.locator("[data-language=ro]").click()
    expect(tab.locator("html")).to_have_attribute("lang", "ro")
    assert tab.url == f"{address}/jobs"
    tab.locator("nav a[href$='/openapi/']").click()
    expect(tab.get_by_text("/api/best5", exact=True).first).to_be_visible()
    expect(tab.locator(".servers option, .servers .computed-url").first).to_be_attached()
