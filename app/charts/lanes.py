"""Rows of a chart from top to bottom, under headings where they are of several categories."""

from collections.abc import Sequence
from copy import copy
from math import ceil
from textwrap import wrap
from typing import Any, Self

from app.charts.chart_data import ChartData, Row
from app.charts.picture import Room
from app.datasets.strata import category_of, stratum_key
from app.errors import BadRequest
from app.messages import reasons

_MOST = 80  # lanes that can be read
_LETTERS = 56  # of a label's line
_LINE = 13  # pixels from one line of a label to the next
_MOST_LINES = 8
_COLUMN, _FEWEST = 290, 8  # pixels that a column needs in width, and lanes


class Lanes:
    """The lanes of a chart: `domain` has their keys, top to bottom; each row has its `lane`.

    A key is a number, a colon (a hash for a heading) and the label, so that equal labels under two
    headings are two lanes.
    """

    def __init__(self, data: ChartData, *, without: Sequence[str] = ()) -> None:
        """Lay out the rows of the data; they are told apart by other groups than `without`.

        Raises BadRequest where there are too many lanes.
        """
        names = [group for group in data.varying() if group not in without]
        self._words = data.words
        self._heading = "category" if {"category", "stratum"} <= set(names) else None
        self._names = [name for name in names if name != self._heading]
        if not self._names:
            # Nothing differs: the one lane is named by what the rows are of.
            given = [name for name in data.groups if name not in (*without, "category")]
            self._names = given[-1:]
        rows = data.rows if data.ordered else sorted(data.rows, key=self._order)
        self.domain: list[str] = []
        self.rows: list[Row] = []
        known: dict[tuple[Any, ...], str] = {}
        for row in rows:
            place = tuple(row[name] for name in names)
            if place not in known:
                self._head(row)
                known[place] = self._add(":", self._label(row))
            self.rows.append({**row, "lane": known[place]})
        if len(known) > _MOST:
            raise BadRequest(reasons.MANY_LANES(rows=len(known), most=_MOST))

    @property
    def step(self) -> int:
        """How many pixels a lane is high."""
        return max(18, 10 + _LINE * max(key.count("\n") + 1 for key in self.domain))

    def columns(self, room: Room | None) -> list[Self]:
        """Return the lanes in as many parts, side by side, as can be drawn largest in a room."""
        if room is None:
            return [self]
        within, lanes = room, len(self.domain)

        def scale(count: int) -> float:
            height = ceil(lanes / count) * self.step
            return min(1.0, within.width / (count * _COLUMN), within.height / height)

        each = ceil(lanes / max(range(1, ceil(lanes / _FEWEST) + 1), key=scale))
        parts, rest = [], self.domain
        while rest:
            # A heading stands above its first lane.
            end = each - 1 if len(rest) > each > 1 and rest[each - 1][3] == "#" else each
            parts.append(self._part(rest[:end]))
            rest = rest[end:]
        return parts

    def _part(self, domain: list[str]) -> Self:
        part, there = copy(self), set(domain)
        part.domain = domain
        part.rows = [row for row in self.rows if row["lane"] in there]
        return part

    def name(self, row: Row) -> str:
        """Return the label of a row's lane, in one line."""
        return str(row["lane"])[4:].replace("\n", " ")

    def encoding(self) -> dict[str, Any]:
        """Return the channel of Vega-Lite that puts a row in its lane."""
        heading = "substring(datum.value, 3, 4) == '#'"
        return {
            "field": "lane",
            "type": "nominal",
            "scale": {"domain": self.domain, "paddingInner": 0.28, "paddingOuter": 0.14},
            "title": None,
            "axis": {
                "labelExpr": "split(substring(datum.value, 4), '\\n')",
                "labelFontWeight": {
                    "condition": {"test": heading, "value": "bold"},
                    "value": "normal",
                },
                "labelLineHeight": _LINE,
                "labelLimit": 380,
                # Vega has the first line of a label in the middle of the lane, not all of it.
                "labelOffset": {
                    "condition": [
                        {
                            "test": f"length(split(datum.value, '\\n')) == {lines}",
                            "value": -_LINE * (lines - 1) / 2,
                        }
                        for lines in range(2, _MOST_LINES + 1)
                    ],
                    "value": 0,
                },
            },
        }

    def _head(self, row: Row) -> None:
        """Put the heading of a row's category there, once."""
        if self._heading is not None:
            heading = self._words.name(self._heading, row[self._heading])
            headed = any(key[3:] == f"#{heading}" for key in self.domain)
            if not headed and row[self._heading] != row["stratum"]:  # "Total" says it once
                self._add("#", heading)

    def _add(self, sign: str, label: str) -> str:
        key = f"{len(self.domain):03}{sign}{label}"
        self.domain.append(key)
        return key

    def _label(self, row: Row) -> str:
        names = [self._words.name(name, row[name]) for name in self._names]
        text = " \N{MIDDLE DOT} ".join(names) or self._words.say("answer")
        return "\n".join(wrap(text[0].upper() + text[1:], _LETTERS)[:_MOST_LINES])

    def _order(self, row: Row) -> tuple[Any, ...]:
        place: list[Any] = []
        if "stratum" in row:
            place.append(stratum_order(row))
        if "year" in self._names:
            place.append(str(row["year"]))
        value = row["value"]
        return (*place, value is None, -(value or 0.0), self._label(row))


def stratum_order(row: Row) -> tuple[Any, ...]:
    """Return the key that sorts rows by their strata, in natural order."""
    stratum = str(row["stratum"])
    return stratum_key(str(row.get("category") or category_of(stratum)), stratum)
