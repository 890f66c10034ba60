"""Playwright's names; a test module that imports them is skipped where it is not installed."""

import pytest

try:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Locator,
        Page,
        Request,
        expect,
        sync_playwright,
    )
except ImportError:
    pytest.skip(
        "Playwright is not installed: pip install -r requirements-dev.txt",
        allow_module_level=True,
    )

__all__ = [
    "Browser",
    "BrowserContext",
    "ConsoleMessage",
    "Locator",
    "Page",
    "Request",
    "expect",
    "sync_playwright",
]
