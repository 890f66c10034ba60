"""What CDC says of its current release: the columns, the number of rows, the last change."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from app.download.retrying_http import RetryingHttp, is_web_page
from app.errors import DownloadError, WrongDownload
from app.json_bytes import DecodeError, decode

DATASET = "hn4x-zwk7"
EXPORT_PATH = f"/api/views/{DATASET}/rows.csv"
ROWS_PATH = f"/resource/{DATASET}"
_ABOUT_PATH = f"/api/views/{DATASET}.json"
_MOST_BYTES = 16 * 2**20
# CDC's rows have some 400 bytes each.
_MOST_ROW_BYTES = 4096
_MOST_RELEASE_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Release:
    """CDC's release as it was when asked.

    `updated` is when its rows last changed, UTC, as `2026-01-31T12:00:00Z`. `columns` are pairs of
    the name that the paged API uses and the one that the export uses, in the export's order.
    """

    updated: str
    rows: int
    columns: tuple[tuple[str, str], ...]

    @property
    def header(self) -> list[str]:
        """The first record of the export."""
        return [name for _, name in self.columns]


def most_bytes(rows: int) -> int:
    """Return how many bytes so many rows, and the header, may have at most."""
    return min(2**20 + rows * _MOST_ROW_BYTES, _MOST_RELEASE_BYTES)


def check_size(size: int, release: Release) -> None:
    """Raise WrongDownload where more bytes came than the release can have."""
    if size > most_bytes(release.rows):
        raise WrongDownload(
            f"{size:,} bytes came so far, too many for the {release.rows:,} rows that CDC counts"
        )


def ask_release(http: RetryingHttp) -> Release:
    """Ask CDC about its release; raise DownloadError when that fails or makes no sense."""
    about = _json(http, "the dataset's description", _ABOUT_PATH)
    count = _json(http, "the number of rows", ROWS_PATH + ".json", {"$select": "count(*)"})
    where = _ABOUT_PATH
    try:
        updated = datetime.fromtimestamp(int(about["rowsUpdatedAt"]), UTC)
        columns = tuple(
            (str(column["fieldName"]), str(column["name"]))
            for column in about["columns"]
            # Socrata's own columns begin with a colon; those hidden are not exported.
            if not column["fieldName"].startswith(":") and "hidden" not in column.get("flags", ())
        )
        where = f"{ROWS_PATH}.json?$select=count(*)"
        (row,) = count
        (rows,) = row.values()
        number = int(rows)
    except (ArithmeticError, AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise DownloadError(
            f"{http.base}{where} does not describe dataset {DATASET} as Socrata does"
        ) from error
    return Release(updated.strftime("%Y-%m-%dT%H:%M:%SZ"), number, columns)


def _json(http: RetryingHttp, what: str, path: str, params: dict[str, str] | None = None) -> Any:
    def read(response: requests.Response) -> Any:
        content = http.body(response, _MOST_BYTES)
        try:
            return decode(content)
        except DecodeError:
            found = "a web page" if is_web_page(response, content) else "something else"
            raise DownloadError(f"{what}: expected JSON, found {found} ({response.url})") from None

    return http.get(what, path, read, params=params)
