"""What is drawn of a growth series."""

from collections.abc import Mapping
from dataclasses import dataclass

# One point of a series: its size and what was seen there, by column; None where it was not seen.
Row = Mapping[str, float | None]


@dataclass(frozen=True)
class Panel:
    """One quantity: its column, what it is, and its unit."""

    column: str
    what: str
    unit: str
