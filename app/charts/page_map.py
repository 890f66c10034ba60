"""The map as the page in a browser draws it: paths of SVG, ready to be put there."""

from itertools import pairwise

from app import json_bytes
from app.charts.geography import Atlas, Point, Ring, letters_at


def page_map() -> bytes:
    """Return the states as JSON: {name: {path, letters, neighbours}}.

    `letters` is where the abbreviation stands, [x, y], null where there is no room for it. All are
    on the plane of the atlas, to a tenth of its unit.
    """
    atlas = Atlas()
    neighbours = atlas.neighbours()
    states = {
        name: {
            "path": "".join(map(_path, rings)),
            "letters": _rounded(letters_at(name, rings)),
            "neighbours": neighbours[name],
        }
        for name, rings in atlas.outlines.items()
    }
    return json_bytes.encode(states)


def _path(ring: Ring) -> str:
    """Return a ring as steps from point to point, which is half as long as where points are."""
    # Rounded before they are subtracted, so that roundings do not add up.
    points = [(round(10 * x), round(10 * y)) for x, y in ring]
    start = _pair(*points[0])
    # The last point is the first, where Z goes by itself.
    steps = [
        _pair(x - before_x, y - before_y)
        for (before_x, before_y), (x, y) in pairwise(points[:-1])
        if (x, y) != (before_x, before_y)
    ]
    return f"M{start}l{' '.join(steps)}Z" if steps else ""


def _pair(x: int, y: int) -> str:
    return f"{x / 10:g},{y / 10:g}"


def _rounded(point: Point | None) -> Point | None:
    return point and (round(point[0], 1), round(point[1], 1))
