"""The formats of answers: tables in files, and charts."""

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from app.answers.formats import as_csv, as_ndjson, as_parquet
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


def disposition(wanted: str, name: str) -> tuple[str, str]:
    """Return the header by which a file in a format is saved under a name, given without its end.

    A browser shows charts, and saves tables.
    """
    kind = "inline" if wanted in CHARTS else "attachment"
    ending = "vl.json" if wanted == "vega" else wanted
    return "content-disposition", f'{kind}; filename="{name}.{ending}"'
