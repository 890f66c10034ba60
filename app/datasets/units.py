"""What the numbers of a question are, in words: percent of adults, an age-adjusted mean, a rate."""

from collections.abc import Iterable
from typing import NamedTuple

from app.datasets.layouts import Layout

PERCENT, NUMBER = "percent", "number"

_UNKNOWN = "the unit of "


class Measure(NamedTuple):
    """The type of a question's values, empty for no particular one, and their unit.

    The unit is empty where it is not known.
    """

    value_type: str
    unit: str


class Unit(NamedTuple):
    """A unit in words: as an axis has it, and as it stands within sentences.

    | field | of a share of adults | of a rate |
    | --- | --- | --- |
    | `share` | percent of adults | cases per 100,000 (crude rate) |
    | `in_share` | in percent of adults | in cases per 100,000 (crude rate) |
    | `value` | in percent | in cases per 100,000 |
    | `plain` | percent | cases per 100,000 |
    | `points` | points | the same unit |
    | `difference` | percentage points | difference in cases per 100,000 (crude rate) |
    """

    share: str
    in_share: str
    value: str
    plain: str
    points: str
    difference: str

    @property
    def is_known(self) -> bool:
        """Whether the unit has a name."""
        return not self.plain.startswith(_UNKNOWN)

    def fill(self, text: str) -> str:
        """Return a text with its fields in braces replaced by these."""
        return text.format(**self._asdict())


def unit_called(plain: str) -> Unit:
    """Return the unit of this name, the field `plain` of another, without those who were asked."""
    if plain == PERCENT:
        return Unit(PERCENT, "in percent", "in percent", PERCENT, "points", "percentage points")
    return _unit(plain, plain)


def unit_of(layout: Layout, measures: Iterable[Measure]) -> Unit:
    """Return the unit of values of these measures, in words."""
    found = set(measures)
    if len(found) != 1:
        return _unit("the unit of each question", f"{_UNKNOWN}its question")
    value_type, unit = found.pop()
    if unit == PERCENT:
        share = f"{PERCENT} of {layout.people}" if layout.people and not value_type else PERCENT
        share += f" ({value_type})" * bool(value_type)
        return unit_called(PERCENT)._replace(share=share, in_share=f"in {share}")
    if unit not in ("", NUMBER):
        return _unit(f"{unit} ({value_type})" if value_type else unit, unit)
    if NUMBER in (value_type, unit) and value_type in ("", NUMBER):
        return _unit(NUMBER, NUMBER)._replace(in_share="as a number", value="as a number")
    known = value_type or unit or "value"
    return _unit(known, f"{_UNKNOWN}the {known}")._replace(in_share=f"as {known}")


def _unit(share: str, plain: str) -> Unit:
    return Unit(
        share, f"in {share}", f"in {plain}", plain, "the same unit", f"difference in {share}"
    )
