"""Horizontal bars, with whiskers where limits are known, and the national value as a line."""

from collections.abc import Sequence
from typing import Any

from app.charts.chart_data import NATIONAL, ChartData, Row
from app.charts.lanes import Lanes
from app.charts.picture import Drawing, Room, beside
from app.charts.style import INK, LIGHT_BLUE, LIGHT_ORANGE, ORANGE, PAPER, SOFT, values

_WIDTH = 520
_NUMBERS, _LABELS = 56, 140  # pixels that numbers and labels take beside bars, about
_NARROWEST, _AXIS = 90, 60
_THICKEST = 20.0  # pixels


def bars(data: ChartData, room: Room | None = None) -> Drawing:
    """Return bars of all rows of the data; two-sided ones where values are differences.

    Raises BadRequest for more than can be read.
    """
    lanes = Lanes(data)
    decimals = 1 if max(abs(row["value"] or 0) for row in data.rows) >= 3 else 2
    lanes.rows = [_drawn(row, lanes.name(row), data, decimals) for row in lanes.rows]
    parts = lanes.columns(room)
    width = width_of(parts, room, _WIDTH)
    views = [_view(part, data, width, room) for part in parts]
    body = views[0] if len(views) == 1 else beside(views)
    return Drawing(body, data.notes(), len(views) * (width + 130))


def width_of(parts: Sequence[Lanes], room: Room | None, usual: float) -> float:
    """Return how wide each of some columns is, without its labels and numbers.

    Together they fill the room, or, where they are higher, one of its shape.
    """
    if room is None:
        return usual
    height = max(len(part.domain) * part.step for part in parts) + _AXIS
    width = room.width * max(1.0, height / room.height)
    return max(_NARROWEST, width / len(parts) - _LABELS - _NUMBERS)


def step_of(lanes: Lanes, room: Room | None) -> float:
    """Return how high a lane is: higher where there are few, and room for more."""
    if room is None:
        return lanes.step
    return max(lanes.step, min(2.0 * lanes.step, (room.height - _AXIS) / len(lanes.domain)))


def _view(lanes: Lanes, data: ChartData, width: float, room: Room | None) -> dict[str, Any]:
    rows, step = lanes.rows, step_of(lanes, room)
    across = {
        "field": "value",
        "type": "quantitative",
        "title": data.axis,
        "scale": {"zero": True, "nice": True},
        "axis": {"tickCount": 6 if width > 200 else 3},
    }
    low = {**across, "field": "low"}
    thick = min(0.72 * step, _THICKEST)
    # One number has its limits behind it, which need room to the right.
    column = {"align": "left", "dx": 10} if len(data.rows) == 1 else {"align": "right", "dx": 46}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 2, "strokeWidth": 1.2, "size": thick},
            "encoding": {
                "x": across,
                "fill": {
                    "condition": {"test": "datum.hollow", "value": PAPER},
                    "field": "colour",
                    "scale": None,
                },
                "stroke": {"field": "colour", "scale": None},
                "description": {"field": "told"},
            },
        },
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule", "strokeWidth": 1.2, "color": INK, "aria": False},
            "encoding": {"x": low, "x2": {"field": "high"}},
        },
        {
            # A column of numbers at the right, where neither limits nor lines cross them.
            "mark": {"type": "text", "baseline": "middle", **column},
            "encoding": {
                "x": {"value": "width"},
                "text": {"field": "label"},
                "color": {
                    "condition": {"test": "isValid(datum.value)", "value": INK},
                    "value": SOFT,
                },
            },
        },
    ]
    for layer in layers:
        layer["encoding"]["y"] = lanes.encoding()
    layers += zero_line() if data.diverging else national_line(data)
    return {"data": values(rows), "width": width, "height": {"step": step}, "layer": layers}


def zero_line() -> list[dict[str, Any]]:
    """Return the layer of a line at zero."""
    zero = {"type": "rule", "color": INK, "strokeWidth": 1, "aria": False}
    return [{"data": values([{}]), "mark": zero, "encoding": {"x": {"datum": 0}}}]


def national_line(data: ChartData) -> list[dict[str, Any]]:
    """Return the layers of a dashed line at the national value, with its name above."""
    national = data.national
    if national is None:
        return []
    value = national["value"]
    assert value is not None
    place = {"x": {"datum": value, "type": "quantitative"}}
    line = {"type": "rule", "color": ORANGE, "strokeDash": [4, 3], "strokeWidth": 1.4}
    told = f"{data.words.nation} {data.words.number(value)}"
    text = {"type": "text", "y": -7, "color": ORANGE, "text": told}
    layers: list[dict[str, Any]] = [
        {"data": values([{}]), "mark": line, "encoding": place},
        {"data": values([{}]), "mark": text, "encoding": place},
    ]
    if national.get("low") is not None and national.get("high") is not None:
        limits = {"x": {"datum": national["low"]}, "x2": {"datum": national["high"]}}
        band = {"type": "rect", "color": ORANGE, "opacity": 0.12, "aria": False}
        layers.insert(0, {"data": values([{}]), "mark": band, "encoding": limits})
    return layers


def _drawn(row: Row, name: str, data: ChartData, decimals: int) -> Row:
    value, words = row["value"], data.words
    colour = LIGHT_BLUE
    if row.get("state") == NATIONAL:
        colour = INK
    elif data.diverging and value is not None and value < 0:
        colour = LIGHT_ORANGE
    if value is None:
        label = words.say(row.get("absent", "none"))
    else:
        label = words.number(value, decimals, sign=data.diverging)
    low, high = row.get("low"), row.get("high")
    if len(data.rows) == 1 and value is not None and low is not None and high is not None:
        # One number may be printed alone: its limits go along.
        label += f" ({words.range(low, high, decimals, sign=data.diverging)})"
    return {
        **row,
        "colour": colour,
        "label": label,
        "told": f"{name}: {label}" + (words.say("imprecise") if row["hollow"] else ""),
    }
