"""Finished answers in the formats that can be asked for, ready to be saved under a name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from app import json_bytes
from app.analysis.table import Table
from app.formats import as_csv, as_ndjson, as_parquet
from app.responses import Reply


class Kind(NamedTuple):
    """A format's media type, and what writes it."""

    media_type: str
    write: Callable[[Any], bytes]


def _svg(chart: Mapping[str, Any]) -> bytes:
    # Imported when first asked for: it brings a browser's engine along.
    from app.charts.drawing import svg

    return svg(chart)


def _png(chart: Mapping[str, Any]) -> bytes:
    from app.charts.drawing import png

    return png(chart)


_TABLES = MappingProxyType(
    {
        "csv": Kind("text/csv; charset=utf-8", as_csv),
        "ndjson": Kind("application/x-ndjson", as_ndjson),
        "parquet": Kind("application/vnd.apache.parquet", as_parquet),
    }
)
_CHARTS = MappingProxyType(
    {
        "svg": Kind("image/svg+xml", _svg),
        "png": Kind("image/png", _png),
        "vega": Kind("application/vnd.vegalite.v5+json", json_bytes.encode),
    }
)
TABLE_FORMATS = ("json", *_TABLES)
FORMATS = (*TABLE_FORMATS, *_CHARTS)


def download(wanted: str, table: Table, name: str) -> Reply:
    """Return a table as a file, in a format of TABLE_FORMATS other than JSON."""
    kind = _TABLES[wanted]
    headers = [("Content-Disposition", f'attachment; filename="{name}.{wanted}"')]
    return Reply(kind.write(table), headers=headers, content_type=kind.media_type)
