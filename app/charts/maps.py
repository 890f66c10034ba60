"""A map of the states, coloured by class of value; what the atlas lacks stands in boxes."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.charts.chart_data import (
    LEFT_OUT,
    NATIONAL,
    SUBJECT,
    ChartData,
    Row,
    lacking,
    told_national,
)
from app.charts.geography import Atlas, Point, box, letters_at
from app.charts.map_classes import IMPRECISE, Classes, feature, hatched, legend_of, text
from app.charts.picture import Drawing, Room
from app.charts.style import INK, MISSING, PAPER, SMALL_SIZE, SOFT, TEXT_SIZE, values
from app.datasets.absence import NO_ESTIMATE, NOT_RELEASED, WITHHELD
from app.datasets.places import short
from app.errors import BadRequest
from app.messages import reasons
from app.methods.verdicts import NOT_CLEAR

_SCALE = 0.82  # pixels for one of the atlas
_LEFT, _TOP, _RIGHT, _BOTTOM = -66, -48, 1040, 612  # what is shown of the atlas' plane
_ABSENT = (WITHHELD, NOT_RELEASED, NO_ESTIMATE)
_BOXES = (
    ("District of Columbia", "D.C."),
    ("Puerto Rico", "Puerto Rico"),
    ("Guam", "Guam"),
    ("Virgin Islands", "Virgin Is."),
)


def state_map(data: ChartData, _room: Room | None = None) -> Drawing:
    """Return a map of the data; raise BadRequest unless it has one value for each state.

    A state with no estimate is hatched in grey, by why it has none; one with an imprecise estimate
    in white.
    """
    rows = _by_state(data)
    found = [row["value"] for row in rows.values() if row["value"] is not None]
    if not found:
        raise BadRequest(reasons.MAP_NEEDS_STATES())
    classes = Classes.of(found, data.sides if data.diverging else None)
    atlas = Atlas()
    places = {name: [box(918, 322 + 44 * place, 36, 28)] for place, (name, _) in enumerate(_BOXES)}
    names = [*atlas.outlines, *(name for name in places if name not in atlas.outlines)]
    absent = {state: why for why, states in data.without.items() for state in states}
    kinds = {name: _kind(rows.get(name), absent.get(name, NO_ESTIMATE)) for name in names}
    known = {name: _told(name, rows.get(name), kinds[name], data) for name in names}
    legend = legend_of(classes, data.axis, _entries(set(kinds.values())), data.words)
    missing = [line for kind in _ABSENT for line in legend.hatching.get(kind, ())]
    doubtful = list(legend.hatching.get(IMPRECISE, ()))
    for shapes in (atlas.outlines, places):
        for name, rings in shapes.items():
            if kinds[name] in _ABSENT:
                missing += hatched(rings, kinds[name])
            elif kinds[name] == IMPRECISE:
                doubtful += hatched(rings, IMPRECISE)
    boxes = [feature(rings, known[name]) for name, rings in places.items()]
    beside = [
        text(960, 336 + 44 * place, name, INK, "left") for place, (_, name) in enumerate(_BOXES)
    ]
    looked_up = {"data": values(list(known.values())), "key": "state", "fields": ["value", "told"]}
    states: dict[str, Any] = {
        "data": {"values": atlas.topology, "format": {"type": "topojson", "feature": "states"}},
        "transform": [{"lookup": "properties.name", "from": looked_up}],
    }
    area = {"type": "geoshape", "stroke": SOFT, "strokeWidth": 0.6, "invalid": None}
    told: dict[str, Any] = {"description": {"field": "told"}, "tooltip": {"field": "told"}}
    layers = [
        {**states, "mark": area, "encoding": {"fill": _fill(classes), **told}},
        {"data": values(boxes), "mark": area, "encoding": {"fill": _fill(classes), **told}},
        {
            "data": values(legend.boxes),
            "mark": {**area, "aria": False},
            "encoding": {"fill": _fill(classes)},
        },
        _lines(missing, "missing", "#9aa3ad"),
        _lines(doubtful, "imprecise", PAPER),
        *_texts([*_letters(atlas, known, classes), *beside, *legend.texts]),
    ]
    body = {
        "width": (_RIGHT - _LEFT) * _SCALE,
        "height": (_BOTTOM - _TOP) * _SCALE,
        "projection": {
            "type": "identity",
            "scale": _SCALE,
            "translate": [-_LEFT * _SCALE, -_TOP * _SCALE],
        },
        "layer": layers,
    }
    notes = data.told_without(SUBJECT, LEFT_OUT)
    if data.national is not None and not data.diverging:
        notes = [told_national(data), *lacking(data.lacks, data.words), *notes]
    return Drawing(body, notes, (_RIGHT - _LEFT) * _SCALE)


def _by_state(data: ChartData) -> dict[str, Row]:
    if "state" not in data.groups:
        raise BadRequest(reasons.MAP_NEEDS_BY_STATE())
    others = [group for group in data.varying() if group != "state"]
    if others:
        raise BadRequest(reasons.MAP_NEEDS_ONE(others=others[0]))
    return {row["state"]: row for row in data.rows if row["state"] != NATIONAL}


def _kind(row: Row | None, absent: str) -> str:
    """Return how a state is hatched, empty for not at all; `absent`: why, where there is no row.

    One without a clear difference has neither hatching nor a colour.
    """
    if row is None:
        return absent
    if row["value"] is None:
        return str(row.get("absent", NO_ESTIMATE))
    if row.get("verdict") == NOT_CLEAR:
        return NOT_CLEAR
    return IMPRECISE if row["hollow"] else ""


def _entries(kinds: set[str]) -> list[str]:
    """Return which kinds of hatching the legend has."""
    there = [kind for kind in _ABSENT if kind in kinds] or [NO_ESTIMATE]
    return [*there, *(kind for kind in (IMPRECISE, NOT_CLEAR) if kind in kinds)]


def _told(state: str, row: Row | None, kind: str, data: ChartData) -> Row:
    value, words = row["value"] if row else None, data.words
    hollow = kind == IMPRECISE
    if value is None:
        label = words.say(kind)
    else:
        label = words.number(value, 2 if abs(value) < 3 else 1, sign=data.diverging)
    notes = {IMPRECISE: words.say("imprecise"), NOT_CLEAR: f", {words.say(NOT_CLEAR)}"}
    told = f"{words.place(state)}: {label}{notes.get(kind, '')}"
    drawn = None if kind == NOT_CLEAR else value
    return {"state": state, "value": drawn, "hollow": hollow, "told": told}


def _fill(classes: Classes) -> dict[str, Any]:
    return {
        "condition": {"test": "!isValid(datum.value)", "value": MISSING},
        "field": "value",
        "type": "quantitative",
        "scale": classes.scale(),
        "legend": None,
    }


def _letters(atlas: Atlas, known: Mapping[str, Row], classes: Classes) -> list[Row]:
    """Return the letters of the states that are large enough for them."""
    texts = []
    for name, rings in atlas.outlines.items():
        if place := letters_at(name, rings):
            value = known[name]["value"]
            ink = INK if value is None else classes.ink(value)
            texts.append(text(*place, short(name), ink, "center"))
    return texts


def _lines(lines: Sequence[Sequence[Point]], name: str, colour: str) -> dict[str, Any]:
    shape = {"type": "MultiLineString", "coordinates": lines}
    mark = {"type": "geoshape", "filled": False, "stroke": colour, "strokeWidth": 1.3}
    return {
        "name": f"{name}_hatching",
        "data": values([{"type": "Feature", "geometry": shape}]),
        "mark": {**mark, "aria": False},
    }


def _texts(texts: Sequence[Row]) -> list[dict[str, Any]]:
    layers = []
    for align, size in (("left", TEXT_SIZE), ("center", SMALL_SIZE)):
        mark = {"type": "text", "align": align, "baseline": "middle", "fontSize": size}
        layers.append(
            {
                "data": values([row for row in texts if row["align"] == align]),
                "mark": mark,
                "encoding": {
                    "longitude": {"field": "x", "type": "quantitative"},
                    "latitude": {"field": "y", "type": "quantitative"},
                    "text": {"field": "text"},
                    "color": {"field": "colour", "scale": None},
                },
            }
        )
    return layers
