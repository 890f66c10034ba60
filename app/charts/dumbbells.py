"""Two states, or other two, question by question: a dot for each of them on a line."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.charts.chart_data import IMPRECISE, Axes, ChartData, Row, imprecise, lacking
from app.charts.lanes import Lanes
from app.charts.style import BLUE, ORANGE, PALE, PAPER, SOFT, chart, number, values
from app.errors import BadRequest
from app.statistics.table import Table

_WIDTH = 460
_ENDS = ("", "_low", "_high")


def dumbbells(table: Table, title: str, subtitle: str, axes: Axes) -> dict[str, Any]:
    """Return the two values of each question as dots on a line, with limits and difference."""
    names = [column.name for column in table.columns]
    sides = {"first": str(table.about["first"]), "second": str(table.about["second"])}
    cells = [dict(zip(names, row, strict=True)) for row in table.rows]
    cells = [row for row in cells if row["first"] is not None or row["second"] is not None]
    if not cells:
        raise BadRequest("there is nothing to draw: the answer has no estimate of both")
    cells.sort(key=lambda row: (row["difference"] is None, -(row["difference"] or 0.0)))
    rows = [
        {
            "question": row["question"],
            "year": row.get("year"),
            "value": row["difference"],
            "label": _difference(row, sides),
            **{f"{side}{end}": row.get(f"{side}{end}") for side in sides for end in _ENDS},
            "hollow": imprecise(row),
        }
        for row in cells
    ]
    groups = ("question", "year")
    share = axes.unit.share
    drawn = ChartData(
        rows,
        groups,
        share,
        diverging=False,
        national=None,
        ordered=True,
        axes=axes,
    )
    lanes = Lanes(drawn)
    y = lanes.encoding()
    across: dict[str, Any] = {
        "type": "quantitative",
        "title": share,
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 6},
    }
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "rule", "strokeWidth": 5, "color": PALE, "opacity": 0.55},
            "encoding": {"y": y, "x": {**across, "field": "first"}, "x2": {"field": "second"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 14, "baseline": "middle"},
            "encoding": {
                "y": y,
                "x": {"value": "width"},
                "text": {"field": "label"},
                "color": {"value": SOFT},
            },
        },
    ]
    for side, shift in (("first", -4), ("second", 4)):
        layers += _side(side, sides[side], shift, list(sides.values()), {"y": y, "across": across})
    body = {
        "data": values(lanes.rows),
        "width": _WIDTH,
        "height": {"step": max(lanes.step, 34)},
        "layer": layers,
    }
    limits = any(row["first_low"] is not None for row in rows)
    notes = [
        subtitle,
        f"Numbers: {sides['first']} minus {sides['second']}, {axes.unit.difference}.",
        "Thin lines: 95 % confidence limits." if limits else "",
        f"Hollow: {IMPRECISE}." if any(row["hollow"] for row in rows) else "",
        *lacking(table.about.get("national_lacks", {})),
    ]
    return chart(title, notes, body, width=_WIDTH + 320)


def _side(
    side: str, name: str, shift: int, names: Sequence[str], place: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the layers of one of the two: its limits, a little off the line, and its dots."""
    y, across = place["y"], place["across"]
    colour: dict[str, Any] = {
        "datum": name,
        "type": "nominal",
        "scale": {"domain": list(names), "range": [BLUE, ORANGE]},
    }
    legend = {"title": None, "orient": "top", "symbolType": "circle"}
    limits = {
        "transform": [{"filter": f"isValid(datum.{side}_low) && isValid(datum.{side}_high)"}],
        "mark": {"type": "rule", "strokeWidth": 1.4, "yOffset": shift, "aria": False},
        "encoding": {
            "y": y,
            "x": {**across, "field": f"{side}_low"},
            "x2": {"field": f"{side}_high"},
            "stroke": {**colour, "legend": legend},
        },
    }
    dots = {
        "transform": [{"filter": f"isValid(datum.{side})"}],
        "mark": {"type": "point", "size": 85, "strokeWidth": 2, "opacity": 1},
        "encoding": {
            "y": y,
            "x": {**across, "field": side},
            "stroke": {**colour, "legend": legend},
            "fill": {
                "condition": {"test": "datum.hollow", "value": PAPER},
                **colour,
                "legend": legend,
            },
        },
    }
    return [limits, dots]


def _difference(row: Row, sides: Mapping[str, str]) -> str:
    difference = row["difference"]
    if difference is None:
        return str(row.get("missing") or "one estimate is missing")
    better = sides.get(str(row.get("better")), row.get("better"))
    known = f" (better: {better})" if better in sides.values() else ""
    return number(difference, sign=True) + known
