"""The classes of values that a map colours by, and its legend.

Coordinates are those of the atlas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from math import ceil, floor
from types import MappingProxyType
from typing import Any

from app.charts.geography import Point, Ring, box, hatching
from app.charts.style import BETTER, INK, LESS, MORE, PAPER, SEQUENCE, SOFT, WORSE
from app.charts.words import ChartWords
from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD
from app.methods.verdicts import NOT_CLEAR

Sides = tuple[Sequence[str], Sequence[str]]

_STRONG = tuple(side[-1] for side in (BETTER, WORSE, LESS, MORE))
HATCH = 6.0  # between the lines of a hatching
IMPRECISE = "imprecise"
# What the legend says of each kind of hatching: a phrase.
_ENTRIES = MappingProxyType(
    {
        WITHHELD: WITHHELD,
        NOT_RELEASED: NOT_RELEASED,
        NO_ESTIMATE: "legend_no estimate",
        IMPRECISE: "legend_imprecise",
        NOT_CLEAR: NOT_CLEAR,
    }
)
_ENTRY, _LETTER = 56.0, 7.0  # how wide an entry is without its words, and a letter, about
_SMALL_STEPS = (0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 1, 1.5, 2, 2.5)
_STEPS = (3, 4, 5, 6, 8, 10, 15, 20, 25)  # and these times 10, 100 and so on
_LEFT, _TOP, _WIDE, _HIGH = -44.0, -24.0, 58.0, 13.0  # of the legend


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of values: their edges in ascending order, and the colour of each class."""

    edges: Sequence[float]
    colours: Sequence[str]

    @classmethod
    def of(cls, found: Sequence[float], sides: Sides | None = None) -> "Classes":
        """Return at most six classes of values with round edges.

        Around zero where `sides` has the colours of values below it and above it, palest first.
        """
        low, high = min(found), max(found)
        if sides:
            high = max(abs(low), abs(high))
            low = -high
        for step in chain(_SMALL_STEPS, (step * 10**n for n in count() for step in _STEPS)):
            first, last = floor(low / step), ceil(high / step)
            if last - first <= len(SEQUENCE):
                break
        last = max(last, first + 1)
        if sides:
            first, last = min(first, -1), max(last, 1)
        # Floats: there are larger values than JSON's readers take for whole numbers.
        edges = [round(float(place * step), 2) for place in range(first, last + 1)]
        return cls(edges, _colours(len(edges) - 1, sides))

    def scale(self) -> dict[str, Any]:
        """Return the scale of Vega that gives a value its colour."""
        return {"type": "threshold", "domain": self.edges[1:-1], "range": self.colours}

    def ink(self, value: float) -> str:
        """Return the colour of letters that are to be read on the colour of a value."""
        colour = self.colours[sum(value >= edge for edge in self.edges[1:-1])]
        return PAPER if colour in (*SEQUENCE[3:], *_STRONG) else INK


@dataclass(frozen=True, slots=True)
class Legend:
    """What a legend draws: boxes with a value (or None), hatching by its kind, and texts."""

    boxes: list[dict[str, Any]]
    hatching: Mapping[str, list[list[Point]]]
    texts: list[dict[str, Any]]


def hatched(rings: Sequence[Ring], kind: str) -> list[list[Point]]:
    """Return the lines of an area: of a kind without an estimate, or of IMPRECISE ones.

    One without a clear difference has none: it is pale.
    """
    if kind == NOT_CLEAR:
        return []
    if kind == WITHHELD:
        return hatching(rings, HATCH, falling=True)
    rising = hatching(rings, HATCH)
    return rising + hatching(rings, HATCH, falling=True) if kind == NOT_RELEASED else rising


def legend_of(classes: Classes, title: str, kinds: Sequence[str], words: ChartWords) -> Legend:
    """Return the legend above a map, with an entry for each of the kinds of hatching."""
    edges = classes.edges
    decimals = next(n for n in (0, 1, 2) if all(round(edge, n) == edge for edge in edges))
    texts = [text(_LEFT, _TOP - 12, title, SOFT, "left")]
    boxes = []
    for place, edge in enumerate(edges):
        at = _LEFT + _WIDE * place
        texts.append(text(at, _TOP + _HIGH + 11, words.number(edge, decimals), INK, "center"))
        if place < len(edges) - 1:
            within = (edge + edges[place + 1]) / 2
            boxes.append(feature([box(at, _TOP, _WIDE, _HIGH)], {"value": within}))
    # Beside the classes: at least as far to the right as the title may reach.
    at = _LEFT + max(_WIDE * (len(edges) - 1) + 50, 7.2 * len(title) * (len(edges) < 7))
    lines = {}
    for kind in kinds:
        told = words.say(_ENTRIES[kind])
        entry = box(at, _TOP, 30, _HIGH)
        value = (edges[-2] + edges[-1]) / 2 if kind == IMPRECISE else None
        boxes.append(feature([entry], {"value": value}))
        texts.append(text(at + 38, _TOP + _HIGH / 2, told, INK, "left"))
        lines[kind] = hatched([entry], kind)
        at += _ENTRY + _LETTER * len(told)
    return Legend(boxes, lines, texts)


def feature(rings: Sequence[Ring], cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return rings as a feature of GeoJSON, with cells of its own."""
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": rings}, **cells}


def text(x: float, y: float, words: str, colour: str, align: str) -> dict[str, Any]:
    """Return words to be put at a place of the map."""
    return {"x": round(x, 1), "y": round(y, 1), "text": words, "colour": colour, "align": align}


def _colours(classes: int, sides: Sides | None) -> list[str]:
    if sides:
        below, above = (side[: classes // 2] for side in sides)
        return [*reversed(below), *above]
    if classes == 1:
        return [SEQUENCE[2]]
    last = len(SEQUENCE) - 1
    return [SEQUENCE[round(place * last / (classes - 1))] for place in range(classes)]
