"""Time that passes only while somebody sleeps."""

from typing import Any

from app.client import Pace


class Clock:
    """A clock that only sleeping moves; `slept` are the pauses."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Pass so many seconds at once."""
        self.slept.append(seconds)

    def now(self) -> float:
        """Return the seconds that were slept."""
        return sum(self.slept)

    def pace(self, **changes: Any) -> Pace:
        """Return a pace by this clock, whose pauses are as long as they may be."""
        return Pace(**self.options(**changes))

    def options(self, **changes: Any) -> dict[str, Any]:
        """Return what such a pace is made of."""
        return {"sleep": self.sleep, "clock": self.now, "chance": lambda: 1.0} | changes
