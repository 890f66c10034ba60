"""The map of the states: its file, their outlines as points, and hatching across outlines.

Coordinates are those of the file, which is projected already: pixels of a map of 975 by 610, y
downwards.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app import json_bytes
from app.datasets.places import short

Point = tuple[float, float]
Ring = Sequence[Point]

_FILE = Path(__file__).with_name("us-states.json")

# The smallest area of a state that has room for its letters, and how far from its middle they stand
# where they look better there.
_SMALLEST_LABELLED = 1_700
_NUDGES: Mapping[str, Point] = MappingProxyType(
    {"FL": (13, 6), "LA": (-11, 0), "MI": (10, 20), "ID": (0, 12), "CA": (-6, 0)}
)


class Atlas:
    """The map. `topology` is the file as TopoJSON; `outlines` are the rings of each state."""

    def __init__(self) -> None:
        """Read the file that comes with the program."""
        self.topology: dict[str, Any] = json_bytes.decode(_FILE.read_bytes())
        self._arcs = [self._arc(arc) for arc in self.topology["arcs"]]
        shapes = self.topology["objects"]["states"]["geometries"]
        self.outlines = {shape["properties"]["name"]: list(self._rings(shape)) for shape in shapes}

    def _arc(self, steps: Iterable[Sequence[int]]) -> list[Point]:
        """Return the points of an arc, which the file has as steps on a grid."""
        across, down = zip(*steps, strict=True)
        scale, start = self.topology["transform"]["scale"], self.topology["transform"]["translate"]
        return [
            (x * scale[0] + start[0], y * scale[1] + start[1])
            for x, y in zip(accumulate(across), accumulate(down), strict=True)
        ]

    def neighbours(self) -> dict[str, list[str]]:
        """Return the names of the states that each has a border with, in order."""
        names: dict[int, set[str]] = {}  # of those that share an arc
        for shape in self.topology["objects"]["states"]["geometries"]:
            for number in (number for ring in _arcs_of(shape) for number in ring):
                names.setdefault(max(number, ~number), set()).add(shape["properties"]["name"])
        beside: dict[str, set[str]] = {name: set() for name in self.outlines}
        for sharing in names.values():
            for name in sharing:
                beside[name] |= sharing - {name}
        return {name: sorted(others) for name, others in beside.items()}

    def _rings(self, shape: dict[str, Any]) -> Iterator[list[Point]]:
        for ring in _arcs_of(shape):
            points: list[Point] = []
            for number in ring:
                arc = self._arcs[number] if number >= 0 else self._arcs[~number][::-1]
                points += arc[1:] if points else arc
            yield points


def _arcs_of(shape: dict[str, Any]) -> list[list[int]]:
    """Return the numbers of the arcs of each ring; ~number stands for that arc backwards."""
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return [ring for polygon in polygons for ring in polygon]


def letters_at(state: str, rings: Sequence[Ring]) -> Point | None:
    """Return the middle of a state's abbreviation, None where the state is too small for it."""
    (x, y), area = _middle(rings)
    if area < _SMALLEST_LABELLED:
        return None
    across, down = _NUDGES.get(short(state), (0, 0))
    return x + across, y + down


def _middle(rings: Sequence[Ring]) -> tuple[Point, float]:
    """Return the centroid of the largest of some rings, and its area."""
    best: tuple[Point, float] = ((0.0, 0.0), 0.0)
    for ring in rings:
        area = x = y = 0.0
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
            cross = x1 * y2 - x2 * y1
            area, x, y = area + cross / 2, x + (x1 + x2) * cross, y + (y1 + y2) * cross
        if abs(area) > best[1]:
            best = ((x / (6 * area), y / (6 * area)), abs(area))
    return best


def hatching(rings: Sequence[Ring], distance: float, *, falling: bool = False) -> list[list[Point]]:
    """Return the lines, rising or falling at 45 degrees, that hatch what some rings enclose."""
    if falling:  # the mirror image of rising lines in the mirror image
        mirrored = [[(-x, y) for x, y in ring] for ring in rings]
        return [[(-x, y) for x, y in line] for line in hatching(mirrored, distance)]
    crossings: dict[int, list[float]] = {}
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
            # A line of the hatching is where x + y is a multiple of the distance.
            if (x1 + y1) // distance == (x2 + y2) // distance:
                continue  # as of most: outlines have far more points than lines
            (low, x_low), (high, x_high) = sorted(((x1 + y1, x1), (x2 + y2, x2)))
            for line in range(int(low // distance) + 1, int(high // distance) + 1):
                share = (line * distance - low) / (high - low)
                crossings.setdefault(line, []).append(x_low + share * (x_high - x_low))
    lines = []
    for line, across in sorted(crossings.items()):
        across.sort()
        for left, right in zip(across[::2], across[1::2], strict=False):
            total = line * distance
            lines.append([_rounded(left, total - left), _rounded(right, total - right)])
    return lines


def box(left: float, top: float, width: float, height: float) -> list[Point]:
    """Return a rectangle as a ring, in the direction in which the file has its rings."""
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def _rounded(x: float, y: float) -> Point:
    return round(x, 1), round(y, 1)
