"""Two questions state by state: a dot for each state, the outermost ones named."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from app.charts.chart_data import Row, told_limits
from app.charts.picture import Drawing, Room
from app.charts.style import BLUE, SOFT, values
from app.charts.words import ChartWords
from app.datasets.places import short
from app.errors import BadRequest
from app.messages import reasons
from app.statistics.table import Table

_WIDTH, _HEIGHT = 500, 420
_LETTER = 6.4  # pixels that a letter of an axis' title takes, about
_NAMED = 12  # states at most, those farthest from the middle, whose letters are shown
_LETTERS_WIDE, _LETTERS_HIGH, _RADIUS = 17, 11, 5  # pixels
# Where letters may stand by their dot, best first: from its middle to theirs.
_SIDES = ((16, 0), (-16, 0), (0, -13), (0, 13), (13, -10), (-13, -10), (13, 10), (-13, 10))


def scatter(table: Table, words: ChartWords, room: Room | None = None) -> Drawing:
    """Return the states' values of two questions as dots; the coefficients are in the notes.

    Raises BadRequest where fewer than two states have both values.
    """
    sentences = table.about["points"]
    points = [dict(zip(sentences["columns"], row, strict=True)) for row in sentences["rows"]]
    points = [point for point in points if point["x"] is not None and point["y"] is not None]
    if len(points) < 2:
        raise BadRequest(reasons.FEW_TO_DRAW())
    width, height = (_WIDTH, _HEIGHT) if room is None else (room.width - 90, room.height - 70)
    axes = {"x": _domain(points, "x"), "y": _domain(points, "y")}
    x, y = (
        {
            "field": name,
            "type": "quantitative",
            "title": wrap(
                words.question(table.about[name]["text"]),
                int((width if name == "x" else height) / _LETTER),
            ),
            "scale": {"domain": list(axes[name]), "zero": False, "nice": False},
            "axis": {"tickCount": 6},
        }
        for name in ("x", "y")
    )
    place = {"x": x, "y": y}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "circle", "size": 62, "color": BLUE, "opacity": 0.6},
            "encoding": {**place, "description": {"field": "state"}},
        }
    ]
    for dx, dy in _SIDES:
        layers.append(
            {
                "transform": [{"filter": f"datum.dx == {dx} && datum.dy == {dy}"}],
                "mark": {"type": "text", "dx": dx, "dy": dy, "baseline": "middle", "color": SOFT},
                "encoding": {**place, "text": {"field": "letters"}},
            }
        )
    rows = _named(points, axes, (width, height))
    body = {"data": values(rows), "width": width, "height": height, "layer": layers}
    return Drawing(body, _coefficients(table, len(points), words), width + 70)


def _domain(points: Sequence[Row], name: str) -> tuple[float, float]:
    found = [point[name] for point in points]
    # Where all are the same, room that shows beside large ones, too.
    room = 0.07 * (max(found) - min(found)) or max(1.0, 0.07 * abs(found[0]))
    return min(found) - room, max(found) + room


def _coefficients(table: Table, states: int, words: ChartWords) -> list[str]:
    names = [column.name for column in table.columns]
    sentences, limits = [], ""
    for row in (dict(zip(names, cells, strict=True)) for cells in table.rows):
        if row["value"] is not None:
            text = f"{words.say(row['coefficient'])} {words.number(row['value'], 2)}"
            if row["low"] is not None and row["high"] is not None:
                text += f" ({words.range(row['low'], row['high'], 2)})"
                limits = told_limits("coefficient", words)
            sentences.append(f"{text}.")
    in_brackets = [words.say("in_brackets", limits=limits)] if limits else []
    return [*sentences, *in_brackets, words.say("states", count=states)]


def _named(
    points: Sequence[Row], axes: dict[str, tuple[float, float]], size: tuple[float, float]
) -> list[Row]:
    """Return the points with letters where there is room for them, the outermost first."""
    dots = [
        (_pixel(point["x"], axes["x"], size[0]), _pixel(point["y"], axes["y"], -size[1]))
        for point in points
    ]
    middle = tuple(sum(dot[axis] for dot in dots) / len(dots) for axis in (0, 1))
    outermost = sorted(
        range(len(dots)),
        key=lambda place: -sum((dots[place][axis] - middle[axis]) ** 2 for axis in (0, 1)),
    )
    rows: list[Row] = [{**point, "letters": ""} for point in points]
    taken: list[tuple[float, float]] = []
    for place in outermost[:_NAMED]:
        across, down = dots[place]
        for dx, dy in _SIDES:
            at = (across + dx, down + dy)
            if _is_free(at, taken, dots):
                taken.append(at)
                rows[place] |= {"letters": short(points[place]["state"]), "dx": dx, "dy": dy}
                break
    return rows


def _pixel(value: float, domain: tuple[float, float], length: float) -> float:
    return (value - domain[0]) / (domain[1] - domain[0]) * length


def _is_free(
    at: tuple[float, float],
    taken: Sequence[tuple[float, float]],
    dots: Sequence[tuple[float, float]],
) -> bool:
    """Tell whether letters at a place would lie over neither other letters nor dots."""
    wide, high = _LETTERS_WIDE / 2, _LETTERS_HIGH / 2
    return not any(
        abs(at[0] - x) < wide + room_x and abs(at[1] - y) < high + room_y
        for others, room_x, room_y in ((taken, wide, high), (dots, _RADIUS, _RADIUS))
        for x, y in others
    )
