"""A tab that takes note of all that is wrong in it."""

import re
from urllib.parse import urlsplit

from unittests.browser.playwrights import BrowserContext, ConsoleMessage, Page, Request
from unittests.helpers.waiting import PATIENCE

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
_LOCAL = {"data", "blob"}

# What Chromium calls it where a server was killed, by what it had in hand.
AWAY = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED")


class Tab:
    """A page in a profile of its own, and the faults that were seen in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        """`address` is of the one server that the page may talk to."""
        self._context = context
        self._host = urlsplit(address).netloc
        self._faults: list[str] = []
        self._expected: list[str] = []
        context.set_default_timeout(PATIENCE * 1000)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("request", self._requested)
        context.on("requestfailed", self._failed)
        context.on("console", self._told)
        context.on("weberror", lambda error: self._faults.append(f"error: {error.error}"))
        self.page: Page = context.new_page()

    def open(self, address: str) -> None:
        """Go to an address, or to a path of the server."""
        if address.startswith("/"):
            address = f"http://{self._host}{address}"
        self.page.goto(address)

    def expects(self, *patterns: str) -> None:
        """Let faults be that match one of these: what a test brings about."""
        self._expected += patterns

    def close(self) -> list[str]:
        """Close the tab and return the faults that were not expected."""
        found = [
            fault
            for fault in self._faults
            if not any(re.search(pattern, fault) for pattern in self._expected)
        ]
        self._context.close()
        return found

    def _requested(self, request: Request) -> None:
        to = urlsplit(request.url)
        if to.scheme not in _LOCAL and to.netloc != self._host:
            self._faults.append(f"request to elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        # A page gives up what it asked for when something else is chosen, and when it is left.
        if request.failure == "net::ERR_ABORTED":
            return
        self._faults.append(f"request failed: {request.url} {request.failure}")

    def _told(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._faults.append(f"console: {message.text} {message.location}")
