"""Waits for what another thread or process does, never longer than it takes."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 20.0  # seconds until a test gives up on something that should happen at once


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Poll `what` until it is true, and return it; fail when it stays false."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        value = what()
        if value:
            return value
        # Polling must not slow down what is waited for.
        time.sleep(min(max(waited / 10, 0.002), 0.05))
    raise AssertionError(f"did not happen within {seconds} s: {what}")
