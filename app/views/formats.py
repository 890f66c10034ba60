"""The formats of answers: tables in files, and charts."""

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from app.answers.formats import as_csv, as_ndjson, as_parquet
from app.http.responses import Header
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


def file_headers(wanted: str, name: str, table: Table) -> list[Header]:
    """Return the headers of a table's file: `disposition`, and how many rows had no room in it.

    Its name says that, too: a CSV has nothing to say it with.
    """
    left_out = table.about.get("rows_left_out")
    if not left_out:
        return [disposition(wanted, name)]
    named = f"{name}-first-{len(table.rows)}-rows"
    return [disposition(wanted, named), ("rows-left-out", str(left_out))]


def disposition(wanted: str, name: str) -> Header:
    """Return the header by which a file in a format is saved under a name, given without its end.

    A browser shows charts, and saves tables.
    """
    kind = "inline" if wanted in CHARTS else "attachment"
    ending = "vl.json" if wanted == "vega" else wanted
    return "content-disposition", f'{kind}; filename="{name}.{ending}"'
