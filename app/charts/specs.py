"""Which chart an answer is drawn as."""

from typing import Any

from app.charts.bars import bars
from app.charts.chart_data import NATIONAL, Reading, read, read_yearly
from app.charts.dots import dots
from app.charts.dumbbells import dumbbells
from app.charts.kinds import KINDS
from app.charts.lines import lines
from app.charts.maps import state_map
from app.charts.scatter import scatter
from app.errors import BadRequest
from app.statistics.table import Table


def chart_of(
    statistic: str, table: Table, title: str, subtitle: str, kind: str | None = None
) -> dict[str, Any]:
    """Return a chart of an answer, as a whole description in Vega-Lite with its data in it.

    `kind` is one of KINDS, None for the one that suits the answer. Raises BadRequest where the
    answer cannot be drawn, or not so, or has nothing to draw.
    """
    if kind is not None and kind not in KINDS:
        raise BadRequest(f'unknown kind of chart "{kind[:40]}"; known: {", ".join(KINDS)}')
    if not table.rows:
        raise BadRequest("there is nothing to draw: the answer has no rows")
    if statistic in ("compare", "correlation"):
        if kind not in (None, "dot"):
            raise BadRequest(f"the chart of {statistic} is of dots; it cannot be of kind {kind}")
        pair = dumbbells if statistic == "compare" else scatter
        return pair(table, title, subtitle)
    if statistic == "trend" and kind in (None, "line"):
        return lines(read_yearly(table), title, subtitle)
    reading = read(statistic, table)
    match kind or _default(statistic, reading):
        case "line":
            return lines(reading, title, subtitle)
        case "map":
            return state_map(reading, title, subtitle)
        case "dot":
            return dots(reading, title, subtitle)
    return bars(reading, title, subtitle)


def _default(statistic: str, reading: Reading) -> str:
    match statistic:
        case "states_mean":
            return "map"
        case "mean_by_category" | "state_mean_by_category" | "disparity":
            return "dot"
        case "query":
            return _default_of_query(reading)
    return "bar"


def _default_of_query(reading: Reading) -> str:
    varying = set(reading.varying())
    if "year" in varying:
        return "line"
    if varying & {"stratum", "category"}:
        return "dot"
    if "state" in varying:
        states = [state for state in reading.distinct("state") if state != NATIONAL]
        # Questions differ too: a map has one value for each state, dots have room for more.
        return "dot" if varying != {"state"} or len(states) < 2 else "map"
    return "bar"
