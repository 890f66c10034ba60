"""The formats of answers: tables in files, and charts."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

from app import json_bytes
from app.answers.formats import as_csv, as_ndjson, as_parquet
from app.charts.drawer import Drawer
from app.datasets.units import Unit
from app.statistics.statistic import Statistic
from app.statistics.table import Table


class Format(NamedTuple):
    """A format's media type, and what writes a table in it."""

    media_type: str
    write: Callable[[Table], bytes]


TABLES = MappingProxyType(
    {
        "csv": Format("text/csv; charset=utf-8", as_csv),
        "ndjson": Format("application/x-ndjson", as_ndjson),
        "parquet": Format("application/vnd.apache.parquet", as_parquet),
    }
)
CHARTS = MappingProxyType(
    {
        "svg": "image/svg+xml",
        "png": "image/png",
        "vega": "application/vnd.vegalite.v6+json",
    }
)
MEDIA_TYPES = MappingProxyType(
    {**{name: kind.media_type for name, kind in TABLES.items()}, **CHARTS}
)
TABLE_FORMATS = ("json", *TABLES)
FORMATS = (*TABLE_FORMATS, *CHARTS)


class Words(NamedTuple):
    """What stands over and under a chart, and what its axes say."""

    title: str
    asked: str
    source: str
    unit: Unit
    beginning: str  # what most questions begin with, a pattern


def drawn(
    wanted: str,
    kind: str | None,
    statistic: Statistic[Any],
    table: Table,
    words: Words,
    drawer: Drawer,
) -> bytes:
    """Return a chart of an answer, in a format of CHARTS.

    `kind` is that of the chart, None for the one that suits. Raises BadRequest for what cannot be
    drawn so, DrawingError and ShuttingDown.
    """
    # Imported when first drawn: it takes a tenth of a start.
    from app.charts.chart_data import Axes
    from app.charts.specs import chart_of

    below = words.asked
    if table.about.get("years"):
        below += f" Years: {table.about['years']}."
    below += f" Source: {words.source}."
    axes = Axes(words.unit, words.beginning)
    spec = chart_of(statistic, table, words.title, below, axes, kind)
    draw = {"svg": drawer.svg, "png": drawer.png}.get(wanted, json_bytes.encode)
    return draw(spec)


def disposition(wanted: str, name: str) -> tuple[str, str]:
    """Return the header by which a file in a format is saved under a name, given without its end.

    A browser shows charts, and saves tables.
    """
    kind = "inline" if wanted in CHARTS else "attachment"
    ending = "vl.json" if wanted == "vega" else wanted
    return "Content-Disposition", f'{kind}; filename="{name}.{ending}"'
