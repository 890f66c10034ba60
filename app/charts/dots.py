"""Dots in lanes: one with its limits, a few side by side, or a strip of all states."""

from collections.abc import Sequence
from typing import Any

from app.charts.bars import national_line, step_of, width_of, zero_line
from app.charts.chart_data import NATIONAL, ChartData, Row
from app.charts.lanes import Lanes
from app.charts.picture import Drawing, Room, beside
from app.charts.style import BLUE, INK, ORANGE, PALE, PAPER, SERIES, SOFT, values
from app.datasets.absence import NO_ESTIMATE
from app.datasets.places import short
from app.methods.verdicts import HIGHER, LOWER, NOT_CLEAR, UNKNOWN

_WIDTH = 520
_VERDICTS = {HIGHER: BLUE, LOWER: ORANGE, NOT_CLEAR: PALE, UNKNOWN: PALE}
_NARROW = 240  # pixels, with room for few numbers along the axis
_SIDE_BY_SIDE = 6  # states that can be told apart within a lane


def dots(data: ChartData, room: Room | None = None) -> Drawing:
    """Return dots of all rows of the data, by stratum where the rows have one.

    Raises BadRequest for more than can be read.
    """
    states = data.distinct("state") if "state" in data.groups else []
    if len(states) > 1 and set(data.varying()) - {"state"}:
        if len(states) > _SIDE_BY_SIDE:
            return _strips(data, room)
        return _side_by_side(data, states, room)
    return _single(data, room)


def _single(data: ChartData, room: Room | None) -> Drawing:
    lanes = Lanes(data)
    rows = []
    for row in lanes.rows:
        special = row.get("state") == NATIONAL or _is_reference(row)
        colour = INK if special else _VERDICTS.get(row.get("verdict", ""), BLUE)
        extra = {"colour": colour, "label": _gap(row, data), "end": _end(row)}
        if "absent" in row:
            extra["absent"] = data.words.say(row["absent"])
        rows.append(row | extra | {"shape": "diamond" if _is_reference(row) else "circle"})
    lanes.rows = rows
    parts = lanes.columns(room)
    views = [_column(part, data, width_of(parts, room, _WIDTH), room) for part in parts]
    body = views[0] if len(views) == 1 else beside(views)
    notes = [*data.notes(), _told_gaps(rows, data), _told_verdicts(rows, data)]
    return Drawing(body, notes, _WIDTH + 170)


def _column(lanes: Lanes, data: ChartData, width: float, room: Room | None) -> dict[str, Any]:
    rows = lanes.rows
    y, across = lanes.encoding(), _across(data)
    if width < _NARROW:
        across["axis"] = {"tickCount": 3}
    look = {"color": {"field": "colour", "scale": None}}
    layers = [
        *(zero_line() if data.diverging else national_line(data)),
        _limits({"y": y, **look}, across),
        _points(
            {
                "y": y,
                "x": across,
                "stroke": {"field": "colour", "scale": None},
                "shape": {"field": "shape", "scale": None},
            },
            {"field": "colour", "scale": None},
        ),
        {
            "transform": [{"filter": "datum.label != ''"}],
            "mark": {"type": "text", "align": "left", "dx": 9, "baseline": "middle"},
            "encoding": {
                "y": y,
                "x": {**across, "field": "end"},
                "text": {"field": "label"},
                "color": {"value": SOFT},
            },
        },
    ]
    empty = [row for row in rows if row["value"] is None]
    if empty:
        told: dict[str, Any] = {"value": data.words.say(NO_ESTIMATE)}
        if any("absent" in row for row in empty):
            told = {"field": "absent"}
        layers.append(
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "align": "left", "x": 6, "color": SOFT},
                "encoding": {"y": y, "text": told},
            }
        )
    step = step_of(lanes, room)
    return {"data": values(rows), "width": width, "height": {"step": step}, "layer": layers}


def _side_by_side(data: ChartData, states: list[str], room: Room | None) -> Drawing:
    lanes = Lanes(data, without=["state"])
    states = [data.words.place(state) for state in states]
    rows = [{**row, "state": data.words.place(row["state"])} for row in lanes.rows]
    scale = {"domain": states, "range": list(SERIES[: len(states)])}
    colour: dict[str, Any] = {"field": "state", "type": "nominal", "scale": scale}
    legend = {"title": None, "orient": "top", "symbolType": "circle", "symbolOpacity": 1}
    stroke = fill = {**colour, "legend": legend}  # one legend for both
    place = {"y": lanes.encoding(), "yOffset": {"field": "state", "scale": {"domain": states}}}
    place["y"]["scale"]["paddingInner"] = 0.35
    across = _across(data)
    points = _points({**place, "x": across, "stroke": stroke}, fill)
    layers = [_limits({**place, "stroke": stroke}, across), points]
    height = {"step": max(lanes.step, 8 + 11 * len(states)), "for": "position"}
    body = {"data": values(rows), "height": height, "layer": layers}
    return _whole(body, data.notes(), lanes, room)


def _strips(data: ChartData, room: Room | None) -> Drawing:
    lanes = Lanes(data, without=["state"])
    rows = [row for row in lanes.rows if row["value"] is not None]
    by_lane: dict[str, list[Row]] = {}
    for row in rows:
        if row["state"] != NATIONAL:
            by_lane.setdefault(row["lane"], []).append(row)
    ends = []
    for lane in by_lane.values():
        lane.sort(key=lambda row: row["value"])
        for row, side in ((lane[0], "left"), (lane[-1], "right")):
            ends.append({**row, "letters": short(row["state"]), "side": side})
    y, across = lanes.encoding(), _across(data)
    across["scale"]["padding"] = 24  # where the names of the outermost stand
    place = {"y": y, "x": across}
    layers: list[dict[str, Any]] = [
        {
            "transform": [{"filter": f"datum.state != '{NATIONAL}'"}],
            "mark": {"type": "circle", "size": 46, "color": BLUE, "strokeWidth": 1},
            "encoding": {
                **place,
                "fillOpacity": {
                    "condition": {"test": "datum.hollow", "value": 0},
                    "value": 0.28,
                },
                "stroke": {"value": BLUE},
                "strokeOpacity": {"value": 0.35},
            },
        },
        {
            "transform": [{"filter": f"datum.state == '{NATIONAL}'"}],
            "mark": {"type": "tick", "color": ORANGE, "thickness": 3, "height": 15},
            "encoding": place,
        },
    ]
    for side, align, shift in (("left", "right", -7), ("right", "left", 7)):
        text = {"type": "text", "align": align, "dx": shift, "baseline": "middle", "fontSize": 10}
        layers.append(
            {
                "data": values([row for row in ends if row["side"] == side]),
                "mark": {**text, "color": SOFT},
                "encoding": {**place, "text": {"field": "letters"}},
            }
        )
    marked = any(row["state"] == NATIONAL for row in rows)
    notes = [
        data.words.say("strips"),
        data.words.say("strips_nation", nation=data.words.nation) if marked else "",
        *data.notes()[1:],
    ]
    body = {"data": values(rows), "height": {"step": max(lanes.step, 21)}, "layer": layers}
    return _whole(body, notes, lanes, room)


def _whole(body: dict[str, Any], notes: list[str], lanes: Lanes, room: Room | None) -> Drawing:
    width = width_of([lanes], room, _WIDTH)
    return Drawing({"width": width, **body}, notes, width + 170)


def _across(data: ChartData) -> dict[str, Any]:
    return {
        "field": "value",
        "type": "quantitative",
        "title": data.axis,
        "scale": {"zero": data.diverging, "nice": True},
        "axis": {"tickCount": 6},
    }


def _limits(encoding: dict[str, Any], across: dict[str, Any]) -> dict[str, Any]:
    return {
        "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
        "mark": {"type": "rule", "strokeWidth": 1.6, "opacity": 0.75, "aria": False},
        "encoding": {**encoding, "x": {**across, "field": "low"}, "x2": {"field": "high"}},
    }


def _points(encoding: dict[str, Any], colour: dict[str, Any]) -> dict[str, Any]:
    hollow = {"condition": {"test": "datum.hollow", "value": PAPER}, **colour}
    return {
        "transform": [{"filter": "isValid(datum.value)"}],
        "mark": {"type": "point", "size": 62, "strokeWidth": 1.8, "opacity": 1},
        "encoding": {**encoding, "fill": hollow},
    }


def _is_reference(row: Row) -> bool:
    return row.get("reference") is not None and row.get("stratum") == row["reference"]


def _gap(row: Row, data: ChartData) -> str:
    gap = row.get("gap")
    return "" if gap is None or _is_reference(row) else data.words.number(gap, sign=True)


def _told_gaps(rows: Sequence[Row], data: ChartData) -> str:
    """Return what the numbers beside the dots are, if there are any."""
    words = data.words
    difference = words.axis("{difference}")
    if any(_is_reference(row) for row in rows):
        return words.say("gaps_reference", difference=difference)
    compared = sorted({str(row["reference"]) for row in rows if row["label"]})
    if not compared:
        return ""
    named = ", ".join(words.quoted(words.called("strata", name)) for name in compared)
    references = named if len(compared) <= 3 else words.say("compared_with")
    return words.say("gaps", difference=difference, references=references)


def _told_verdicts(rows: Sequence[Row], data: ChartData) -> str:
    """Return what the colours of the dots say, if they are those of verdicts."""
    if not any("verdict" in row for row in rows):
        return ""
    of_strata = any("reference" in row for row in rows)
    return data.words.say("verdicts_reference" if of_strata else "verdicts")


def _end(row: Row) -> float | None:
    ends = [end for end in (row["value"], row["high"]) if end is not None]
    return max(ends) if ends else None
