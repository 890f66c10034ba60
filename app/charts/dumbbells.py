"""Two states, or other two, question by question: a dot for each of them on a line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.charts.bars import step_of
from app.charts.chart_data import (
    ADJUSTED,
    ChartData,
    Row,
    adjusted,
    imprecise,
    lacking,
    published,
    told_limits,
)
from app.charts.lanes import Lanes
from app.charts.picture import Drawing, Room
from app.charts.style import BLUE, ORANGE, PALE, PAPER, SOFT, values
from app.charts.words import ChartWords
from app.errors import BadRequest
from app.messages import reasons
from app.statistics.table import Table

_WIDTH = 460
_BESIDE = 380  # pixels that labels and numbers take in a room
_ENDS = ("", "_low", "_high")


def dumbbells(table: Table, words: ChartWords, room: Room | None = None) -> Drawing:
    """Return the two values of each question as dots on a line, with limits and difference."""
    words = replace(words, brief=room is not None)
    names = [column.name for column in table.columns]
    names_of_sides = {side: str(table.about[side]) for side in ("first", "second")}
    sides = {side: _called(name, words) for side, name in names_of_sides.items()}
    cells = [dict(zip(names, row, strict=True)) for row in table.rows]
    cells = [row for row in cells if row["first"] is not None or row["second"] is not None]
    if not cells:
        raise BadRequest(reasons.NO_BOTH_TO_DRAW())
    cells.sort(key=lambda row: (row["difference"] is None, -(row["difference"] or 0.0)))
    rows = [
        {
            "question": row["question"],
            "year": row.get("year"),
            "value": row["difference"],
            "label": _difference(row, names_of_sides, sides, words),
            **{f"{side}{end}": row.get(f"{side}{end}") for side in sides for end in _ENDS},
            "hollow": imprecise(row),
        }
        for row in cells
    ]
    groups = ("question", "year")
    share = words.axis("{share}")
    drawn = ChartData(
        rows,
        groups,
        share,
        diverging=False,
        national=None,
        ordered=True,
        words=words,
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
        "width": _WIDTH if room is None else max(_WIDTH, room.width - _BESIDE),
        "height": {"step": max(34, step_of(lanes, room))},
        "layer": layers,
    }
    how = ADJUSTED if adjusted(table.about) else published(words)
    limits = any(row["first_low"] is not None for row in rows)
    notes = [
        words.say("minus", **sides, difference=words.axis("{difference}")),
        words.say("thin_lines", limits=told_limits(how, words)) if limits else "",
        words.say("hollow") if any(row["hollow"] for row in rows) else "",
        *lacking(table.about.get("national_lacks", {}), words),
    ]
    return Drawing(body, notes, _WIDTH + 320)


def _called(name: str, words: ChartWords) -> str:
    """Return what one of the two is called, a place or a stratum."""
    place = words.place(name)
    return words.called("strata", name) if place == name else place


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


def _difference(
    row: Row, names: Mapping[str, str], sides: Mapping[str, str], words: ChartWords
) -> str:
    difference = row["difference"]
    if difference is None:
        return str(row.get("missing") or words.say("one_missing"))
    better = next((side for side, name in names.items() if row.get("better") in (side, name)), "")
    known = words.say("better", name=sides[better]) if better else ""
    return words.number(difference, sign=True) + known
