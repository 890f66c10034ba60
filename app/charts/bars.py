"""Horizontal bars, with whiskers where limits are known, and the national value as a line."""

from typing import Any

from app.charts.chart_data import NATIONAL, ChartData, Row
from app.charts.lanes import Lanes
from app.charts.style import (
    INK,
    LIGHT_BLUE,
    LIGHT_ORANGE,
    ORANGE,
    PAPER,
    SOFT,
    chart,
    number,
    values,
)

_WIDTH = 520
_THICKEST = 20.0  # pixels
_MISSING = "none"


def bars(data: ChartData, title: str, subtitle: str) -> dict[str, Any]:
    """Return bars of all rows of the data; two-sided ones where values are differences.

    Raises BadRequest for more than can be read.
    """
    lanes = Lanes(data)
    decimals = 1 if max(abs(row["value"] or 0) for row in data.rows) >= 3 else 2
    rows = [_drawn(row, data, decimals) for row in lanes.rows]
    across = {
        "field": "value",
        "type": "quantitative",
        "title": data.axis,
        "scale": {"zero": True, "nice": True},
        "axis": {"tickCount": 6},
    }
    low = {**across, "field": "low"}
    thick = min(0.72 * lanes.step, _THICKEST)
    # One number has its limits behind it, which need room to the right.
    column = {"align": "left", "dx": 10} if len(rows) == 1 else {"align": "right", "dx": 46}
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
    if data.diverging:
        layers += zero_line()
    else:
        layers += national_line(data)
    body = {
        "data": values(rows),
        "width": _WIDTH,
        "height": {"step": lanes.step},
        "layer": layers,
    }
    return chart(title, [subtitle, *data.notes()], body, width=_WIDTH + 130)


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
    text = {"type": "text", "y": -7, "color": ORANGE, "text": f"{NATIONAL} {number(value)}"}
    layers: list[dict[str, Any]] = [
        {"data": values([{}]), "mark": line, "encoding": place},
        {"data": values([{}]), "mark": text, "encoding": place},
    ]
    if national.get("low") is not None and national.get("high") is not None:
        limits = {"x": {"datum": national["low"]}, "x2": {"datum": national["high"]}}
        band = {"type": "rect", "color": ORANGE, "opacity": 0.12, "aria": False}
        layers.insert(0, {"data": values([{}]), "mark": band, "encoding": limits})
    return layers


def _drawn(row: Row, data: ChartData, decimals: int) -> Row:
    value, name = row["value"], row["lane"][4:].replace("\n", " ")
    colour = LIGHT_BLUE
    if row.get("state") == NATIONAL:
        colour = INK
    elif data.diverging and value is not None and value < 0:
        colour = LIGHT_ORANGE
    label = (
        row.get("absent", _MISSING)
        if value is None
        else number(value, decimals, sign=data.diverging)
    )
    low, high = row.get("low"), row.get("high")
    if len(data.rows) == 1 and value is not None and low is not None and high is not None:
        # One number may be printed alone: its limits go along.
        signs = {"sign": data.diverging}
        label += f" ({number(low, decimals, **signs)} to {number(high, decimals, **signs)})"
    return {
        **row,
        "colour": colour,
        "label": label,
        "told": f"{name}: {label}" + (" (too imprecise to show)" if row["hollow"] else ""),
    }
