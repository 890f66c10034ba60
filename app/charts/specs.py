"""Which chart an answer is drawn as."""

from typing import Any

from app.charts.bars import bars
from app.charts.chart_data import NATIONAL, ChartData, read, read_series
from app.charts.dots import dots
from app.charts.dumbbells import dumbbells
from app.charts.kinds import KINDS
from app.charts.lines import lines
from app.charts.maps import state_map
from app.charts.picture import Caption, Drawing, Picture, Room, Size
from app.charts.scatter import scatter
from app.charts.words import ChartWords
from app.errors import BadRequest
from app.messages import reasons
from app.statistics.statistic import Statistic
from app.statistics.table import Table


def chart_of(
    statistic: Statistic[Any],
    table: Table,
    caption: Caption,
    words: ChartWords,
    kind: str | None = None,
    size: Size | None = None,
    *,
    lower_is_better: bool | None = None,
) -> dict[str, Any]:
    """Return a chart of a statistic's answer, a whole description in Vega-Lite with its data in it.

    `caption` is what stands around it, and colours say what is better by `lower_is_better`, of the
    question. `kind` is one of KINDS, None for the one that suits the
    answer. Raises BadRequest where the answer cannot be drawn, or not so, or has nothing to draw.
    """
    room = None if size is None else size.room
    drawing = _drawing(statistic, table, words, kind, room, lower_is_better)
    picture = Picture(drawing, caption, words.locale())
    return picture.described() if size is None else picture.framed(size)


def _drawing(
    statistic: Statistic[Any],
    table: Table,
    words: ChartWords,
    kind: str | None,
    room: Room | None,
    lower_is_better: bool | None,
) -> Drawing:
    plan = statistic.chart
    if kind is not None and kind not in KINDS:
        raise BadRequest(reasons.UNKNOWN_CHART(kind=kind[:40], known=", ".join(KINDS)))
    if not table.rows:
        raise BadRequest(reasons.NO_ROWS_TO_DRAW())
    if plan.kind in ("dumbbell", "scatter"):
        if kind not in (None, "dot"):
            raise BadRequest(reasons.OF_DOTS(statistic=statistic.name, kind=kind))
        if plan.kind == "dumbbell":
            return dumbbells(table, words, room)
        return scatter(table, words, room)
    is_series = plan.series and kind in (None, plan.kind)
    if is_series:
        data = read_series(plan, table, words)
    else:
        data = read(plan, table, words, lower_is_better)
    draw = {"line": lines, "map": state_map, "dot": dots}.get(
        kind or plan.kind or _kind_for(data), bars
    )
    return draw(data, room)


def _kind_for(data: ChartData) -> str:
    """Return the kind of chart that suits what the rows differ by."""
    varying = set(data.varying())
    if "year" in varying:
        return "line"
    if varying & {"stratum", "category"}:
        return "dot"
    if "state" in varying:
        states = [state for state in data.distinct("state") if state != NATIONAL]
        # Questions differ too: a map has one value for each state, dots have room for more.
        return "dot" if varying != {"state"} or len(states) < 2 else "map"
    return "bar"
