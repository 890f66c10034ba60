"""The outlines of the states as the page gets them."""

import json
import re
from itertools import accumulate

from app.charts.geography import Atlas, Point
from app.charts.page_map import page_map

STATES = json.loads(page_map())


def points(path: str) -> list[list[Point]]:
    """Return the corners of each ring of a path that goes by steps."""
    rings = []
    for ring in re.findall(r"M([^Z]+)Z", path):
        pairs = [pair.split(",") for pair in re.split(r"[l ]", ring)]
        across, down = zip(*((float(x), float(y)) for x, y in pairs), strict=True)
        rings.append(list(zip(accumulate(across), accumulate(down), strict=True)))
    return rings


def test_a_path_goes_where_the_outline_does() -> None:
    atlas = Atlas()
    assert list(STATES) == list(atlas.outlines)
    for name, rings in atlas.outlines.items():
        drawn = points(STATES[name]["path"])
        corners = {(round(x, 1), round(y, 1)) for ring in rings for x, y in ring}
        found = {(round(x, 1), round(y, 1)) for ring in drawn for x, y in ring}
        assert found <= corners, name  # roundings do not add up
        assert len(found) > 0.99 * len(corners), name  # a ring smaller than a tenth is nothing


def test_who_lies_beside_whom() -> None:
    assert STATES["Ohio"]["neighbours"] == [
        "Indiana", "Kentucky", "Michigan", "Pennsylvania", "West Virginia",
    ]  # fmt: skip
    assert STATES["Hawaii"]["neighbours"] == []
    for name, state in STATES.items():
        assert all(name in STATES[other]["neighbours"] for other in state["neighbours"])


def test_there_is_no_room_for_letters_in_a_small_state() -> None:
    for name in ("Rhode Island", "Delaware", "District of Columbia"):
        assert STATES[name]["letters"] is None, name


def test_letters_stand_within_a_state() -> None:
    # Louisiana's middle is in the water without the nudge.
    for name in ("Ohio", "Texas", "Louisiana", "Florida"):
        (x, y), rings = STATES[name]["letters"], points(STATES[name]["path"])
        largest = max(rings, key=len)
        crossed = [
            x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            for (x1, y1), (x2, y2) in zip(largest, [*largest[1:], largest[0]], strict=True)
            if (y1 > y) != (y2 > y)
        ]
        assert sum(one > x for one in crossed) % 2 == 1, name
