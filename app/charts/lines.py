"""Lines over the years: a few together with their names at the end, or a panel for each state."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from app.charts.chart_data import ChartData, Row
from app.charts.lanes import stratum_order
from app.charts.picture import Drawing, Room
from app.charts.style import BLUE, GRID, INK, PALE, PAPER, SERIES, values
from app.errors import BadRequest
from app.messages import reasons

_WIDTH, _HEIGHT = 600, 340
_NAMES_APART = 15  # pixels
_BANDS = 3  # as many bands of limits can be told apart
_PANEL_WIDTH, _PANEL_HEIGHT, _PANELS_ACROSS = 108, 76, 7
_MOST_PANELS = 60
# Lines go on within comparable years alone.
_SEGMENT = {"field": "segment", "type": "nominal"}


def lines(data: ChartData, room: Room | None = None) -> Drawing:
    """Return lines over the years; raise BadRequest for a single year, or more than can be read."""
    if "year" not in data.groups or len(data.distinct("year")) < 2:
        raise BadRequest(reasons.LINES_NEED_YEARS())
    by = [group for group in data.varying() if group != "year"]
    if "stratum" in by and "category" in by and not _repeats(data):
        by.remove("category")  # the strata say it
    years = [str(row["year"]) for row in data.rows]
    numbers = all(len(year) == 4 and year.isdecimal() for year in years)
    rows = [
        {
            **row,
            "series": _name(row, by, data),
            "when": int(year) if numbers else year,
            "segment": data.segment(year),
        }
        for row, year in zip(data.rows, years, strict=True)
    ]
    rows.sort(key=lambda row: row["when"])
    series = sorted({row["series"]: row for row in rows}.items(), key=_order)
    names = [name for name, _ in series]
    if len(names) <= len(SERIES):
        return _together(data, rows, names, room)
    if by == ["state"] and len(names) <= _MOST_PANELS:
        return _panels(data, rows, names, room)
    raise BadRequest(reasons.MANY_LINES(lines=len(names), most=len(SERIES)))


def _together(data: ChartData, rows: list[Row], names: list[str], room: Room | None) -> Drawing:
    width, height = _size(names, room)
    nation = data.words.nation
    colours = dict(zip(names, SERIES, strict=False))
    if nation in colours:
        colours[nation] = INK
        rest = [name for name in names if name != nation]
        colours |= dict(zip(rest, SERIES, strict=False))
    low, high = _domain(rows, with_limits=len(names) <= _BANDS)
    x, y = _axes(rows, data, low, high)
    colour: dict[str, Any] = {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": names, "range": [colours[name] for name in names]},
        "legend": None,
    }
    layers: list[dict[str, Any]] = []
    if len(names) <= _BANDS:
        limited = "isValid(datum.low) && isValid(datum.high)"
        if any(row["value"] is None for row in rows):  # where bands break, as lines do
            limited = f"!isValid(datum.value) || {limited}"
        layers.append(
            {
                "transform": [{"filter": limited}],
                "mark": {"type": "area", "opacity": 0.16, "aria": False},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
                | {"fill": colour, "detail": _SEGMENT},
            }
        )
    hollow = {"condition": {"test": "datum.hollow", "value": PAPER}, **colour}
    layers += [
        {
            "mark": {"type": "line", "strokeWidth": 2.2, "strokeJoin": "round"},
            "encoding": {"x": x, "y": y, "stroke": colour, "detail": _SEGMENT},
        },
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "size": 38, "strokeWidth": 1.8, "opacity": 1},
            "encoding": {"x": x, "y": y, "stroke": colour, "fill": hollow},
        },
        {
            "data": values(_ends(rows, low, high, height)),
            "mark": {"type": "text", "align": "left", "dx": 10, "baseline": "middle"},
            "encoding": {
                "x": {"value": width},
                "y": {**y, "field": "at"},
                "text": {"field": "series"},
                "color": colour,
            },
        },
    ]
    body = {"data": values(rows), "width": width, "height": height, "layer": layers}
    say, bands = data.words.say, ""
    if not data.has_limits:
        bands = say("no_limits")
    elif len(names) <= _BANDS:
        bands = say("bands", limits=data.told_limits())
    return Drawing(body, [bands, *data.breaks(), *data.notes()[1:]], width + 120)


def _size(names: Sequence[str], room: Room | None) -> Room:
    """Return how large the chart is, with its names to the right."""
    if room is None:
        return Room(_WIDTH, _HEIGHT)
    names_wide = 7.0 * max(map(len, names))
    return Room(room.width - 70 - names_wide, room.height - 30)


def _panels(data: ChartData, rows: list[Row], names: list[str], room: Room | None) -> Drawing:
    """Return a panel for each state, with the national line in grey behind."""
    low, high = _domain(rows, with_limits=False)
    x, y = _axes(rows, data, low, high)
    first, last = (str(rows[place]["year"]) for place in (0, -1))
    x = {**x, "title": None, "axis": {**x["axis"], "values": [rows[0]["when"], rows[-1]["when"]]}}
    y = {**y, "title": None, "axis": {**y["axis"], "tickCount": 3}}
    say, nation = data.words.say, data.words.nation
    national = [row for row in rows if row["series"] == nation]
    states = [name for name in names if name != nation]
    alone, across = _alone(rows), _across(len(states), room)
    own = [
        {key: row[key] for key in ("series", "year", "when", "segment", "value", "hollow")}
        | {"alone": (row["series"], row["when"]) in alone}
        for row in rows
        if row["series"] != nation
    ]
    # Every panel has a copy of the national line.
    behind = [
        {name: row[name] for name in ("when", "segment")}
        | {"series": state, "country": row["value"], "alone": (nation, row["when"]) in alone}
        for state in states
        for row in national
    ]
    plain = {"type": "line", "strokeJoin": "round"}
    layers = [
        {
            "mark": {**plain, "color": PALE, "strokeWidth": 1.5, "aria": False},
            "transform": [{"filter": "isValid(datum.country)"}],
            "encoding": {"x": x, "y": {**y, "field": "country"}, "detail": _SEGMENT},
        },
        {
            "mark": {**plain, "color": BLUE, "strokeWidth": 2},
            "transform": [{"filter": "!isValid(datum.country)"}],
            "encoding": {"x": x, "y": y, "detail": _SEGMENT},
        },
        {
            # An estimate between two gaps makes no line: it is a point.
            "transform": [{"filter": "datum.alone && isValid(datum.country)"}],
            "mark": {"type": "point", "size": 18, "stroke": PALE, "fill": PALE, "opacity": 1},
            "encoding": {"x": x, "y": {**y, "field": "country"}},
        },
        {
            "transform": [{"filter": "(datum.hollow || datum.alone) && isValid(datum.value)"}],
            "mark": {"type": "point", "size": 18, "stroke": BLUE, "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "fill": {"condition": {"test": "datum.hollow", "value": PAPER}, "value": BLUE},
            },
        },
    ]
    body = {
        "data": values([*own, *behind]),
        "facet": {
            "field": "series",
            "type": "nominal",
            "sort": states,
            "title": None,
            "header": {"labelAnchor": "start", "labelPadding": 3},
        },
        "columns": across,
        "spacing": {"row": 14, "column": 24},
        "spec": {"width": _PANEL_WIDTH, "height": _PANEL_HEIGHT, "layer": layers},
    }
    axis = data.axis[0].upper() + data.axis[1:]
    notes = [
        say("panels", axis=axis, first=first, last=last),
        say("panels_nation", nation=nation) if national else "",
        *data.breaks(),
        say("hollow_points") if data.notes()[1] else "",
        *data.gaps(),
    ]
    return Drawing(body, notes, across * (_PANEL_WIDTH + 24))


def _across(panels: int, room: Room | None) -> int:
    """Return how many panels stand side by side."""
    if room is None:
        return _PANELS_ACROSS
    shape = (room.width / (_PANEL_WIDTH + 24)) / (room.height / (_PANEL_HEIGHT + 34))
    return min(panels, max(1, round(sqrt(panels * shape))))


def _alone(rows: Sequence[Row]) -> set[tuple[str, Any]]:
    """Return the series and time of each estimate that no line leads to or from."""
    lines: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        lines.setdefault((row["series"], row["segment"]), []).append(row)
    alone = set()
    for (name, _), line in lines.items():
        around = [None, *(row["value"] for row in line), None]
        for before, row, after in zip(around, line, around[2:], strict=False):
            if row["value"] is not None and before is None and after is None:
                alone.add((name, row["when"]))
    return alone


def _axes(
    rows: Sequence[Row], data: ChartData, low: float, high: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    numeric = isinstance(rows[0]["when"], int)
    x: dict[str, Any] = {
        "field": "when",
        "type": "quantitative" if numeric else "ordinal",
        "title": None,
        "axis": {"grid": False, "domain": True, "domainColor": GRID, "labelAngle": 0},
    }
    if numeric:
        x["scale"] = {"zero": False, "nice": False, "padding": 8}
        x["axis"] |= {"format": "d", "tickMinStep": 1}
    y = {
        "field": "value",
        "type": "quantitative",
        "title": data.axis,
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"tickCount": 6},
    }
    return x, y


def _domain(rows: Sequence[Row], *, with_limits: bool) -> tuple[float, float]:
    names = ("value", "low", "high") if with_limits else ("value",)
    found = [row[name] for row in rows for name in names if row[name] is not None]
    room = max(0.5, 0.06 * (max(found) - min(found)))
    return max(0.0, round(min(found) - room, 1)), round(max(found) + room, 1)


def _ends(rows: Sequence[Row], low: float, high: float, height: float) -> list[Row]:
    """Return where the names of the lines stand: at their last values, moved apart if need be."""
    last = {row["series"]: row["value"] for row in rows if row["value"] is not None}
    apart = _NAMES_APART * (high - low) / height
    placed: list[Row] = []
    for name, value in sorted(last.items(), key=lambda item: item[1]):
        at = max(value, placed[-1]["at"] + apart) if placed else value
        placed.append({"series": name, "at": at})
    over = placed[-1]["at"] - high
    for place in reversed(placed):  # back down from the upper edge
        if over <= 0:
            break
        place["at"], high = min(place["at"], high), min(place["at"], high) - apart
    return placed


def _name(row: Mapping[str, Any], by: Sequence[str], data: ChartData) -> str:
    name = data.words.name
    parts = [name(group, row[group]) for group in by]
    given = [name(group, row[group]) for group in ("state", "stratum") if row.get(group)]
    return " \N{MIDDLE DOT} ".join(parts or given[:1] or [data.words.say("all")])


def _order(item: tuple[str, Row]) -> tuple[Any, ...]:
    name, row = item
    if "stratum" in row:
        strata = stratum_order(row)
        return (str(row.get("state")), *strata, name)
    return (name,)


def _repeats(data: ChartData) -> bool:
    """Tell whether a stratum is found in more than one category."""
    pairs = {(row["category"], row["stratum"]) for row in data.rows}
    return len(pairs) > len({stratum for _, stratum in pairs})
