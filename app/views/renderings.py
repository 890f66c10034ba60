"""Finished answers in the formats that can be asked for."""

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from app import json_bytes
from app.answers.formats import as_csv, as_ndjson, as_parquet
from app.answers.tables import table_of
from app.charts.drawer import Drawer
from app.data_ingestor import DataIngestor
from app.http.responses import Header, Reply
from app.job import Job
from app.statistics.table import Table
from app.views.explanations import sentence, title


class Kind(NamedTuple):
    """A format's media type, and what writes a table in it."""

    media_type: str
    write: Callable[[Table], bytes]


_TABLES = MappingProxyType(
    {
        "csv": Kind("text/csv; charset=utf-8", as_csv),
        "ndjson": Kind("application/x-ndjson", as_ndjson),
        "parquet": Kind("application/vnd.apache.parquet", as_parquet),
    }
)
_CHARTS = MappingProxyType(
    {
        "svg": "image/svg+xml",
        "png": "image/png",
        "vega": "application/vnd.vegalite.v6+json",
    }
)
MEDIA_TYPES = MappingProxyType(
    {**{name: kind.media_type for name, kind in _TABLES.items()}, **_CHARTS}
)
TABLE_FORMATS = ("json", *_TABLES)
FORMATS = (*TABLE_FORMATS, *_CHARTS)


def rendered(
    job: Job,
    result: bytes,
    dataset: DataIngestor,
    drawer: Drawer,
    wanted: str,
    chart: str | None,
    tag: Header,
) -> Reply:
    """Return the result of a job, in a format of FORMATS other than JSON.

    `chart` is the kind of chart, None for the one that suits. Raises BadRequest for what cannot be
    drawn so, DrawingError and ShuttingDown.
    """
    statistic = job.parameters.statistic
    table = table_of(statistic, json_bytes.decode(result))
    if wanted in _TABLES:
        return download(wanted, _TABLES[wanted].write(table), f"{job.id}.{wanted}", tag)
    # Imported when first drawn: it takes a tenth of a start.
    from app.charts.specs import chart_of

    above, below = title(job.parameters, dataset), sentence(job.parameters)
    if table.about.get("years"):
        below += f" Years: {table.about['years']}."
    drawn = chart_of(statistic, table, above, below, chart)
    # To be looked at: a name for who saves it, but not a file at once.
    name = f"{job.id}.{'vl.json' if wanted == 'vega' else wanted}"
    headers = [("Content-Disposition", f'inline; filename="{name}"'), tag]
    draw = {"svg": drawer.svg, "png": drawer.png}.get(wanted, json_bytes.encode)
    return Reply(draw(drawn), headers=headers, content_type=_CHARTS[wanted])


def download(wanted: str, content: bytes, name: str, *more: Header) -> Reply:
    """Return a table in a format of TABLE_FORMATS other than JSON, as a file of this name."""
    headers = [("Content-Disposition", f'attachment; filename="{name}"'), *more]
    return Reply(content, headers=headers, content_type=_TABLES[wanted].media_type)
