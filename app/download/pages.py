"""The second way to the data: the paged API, some thousand rows a request.

It names the columns by other names than the export does. They are given the export's names and
order here, so that both ways make a file that the server loads.
"""

import csv
import io
from typing import NamedTuple

import requests

from app.download.part_file import PartFile
from app.download.release import ROWS_PATH, Release, check_size, most_bytes
from app.download.retrying_http import Again, RetryingHttp, end_is_marked, is_web_page
from app.errors import DownloadError, WrongDownload
from app.progress import Meter


class _Page(NamedTuple):
    """The rows of a page, and the server's word for the version of the data they are of."""

    rows: list[list[str]]
    version: str | None


def fetch_pages(
    http: RetryingHttp, release: Release, part: PartFile, meter: Meter, page_rows: int
) -> str:
    """Bring all pages to `part`, after those that an earlier run left there; return their URL.

    Raises DownloadError when that fails; then `part` keeps the pages that came.
    """
    url = f"{http.base}{ROWS_PATH}.csv"
    about = {"url": url, "updated": release.updated, "header": release.header}
    part.take_up(about)
    rows, version = int(part.state.get("rows", 0)), part.state.get("version")
    if not part.size:
        part.append(_render([release.header]))
    meter.begin(rows, release.rows)
    while True:
        page = _page(http, release, rows, page_rows)
        if None not in (version, page.version) and version != page.version:
            raise WrongDownload("CDC changed the data between two pages")
        version = version or page.version
        rows += len(page.rows)
        part.append(_render(page.rows))
        check_size(part.size, release)
        part.state = {"rows": rows, "version": version}
        part.keep()
        meter.at(rows)
        # The last page is short, or empty. One that is short before its time may have been cut
        # between two rows, or the server may give less than it is asked for: it is simply gone on.
        if not page.rows or (rows >= release.rows and len(page.rows) < page_rows):
            return url
        if rows > release.rows:
            raise WrongDownload(f"{rows:,} rows came, and CDC counts {release.rows:,}")


def _page(http: RetryingHttp, release: Release, offset: int, page_rows: int) -> _Page:
    def read(response: requests.Response) -> _Page:
        content = http.body(response, most_bytes(page_rows))
        if is_web_page(response, content):
            raise DownloadError(f"rows: expected a CSV, found a web page ({response.url})")
        if content and not (end_is_marked(response) or content.endswith(b"\n")):
            raise Again("the connection was cut")
        version = response.headers.get("X-SODA2-Truth-Last-Modified")
        return _Page(_parse(content, release), version)

    params = {
        # Named one by one, or Socrata may add columns of its own.
        "$select": ",".join(field for field, _ in release.columns),
        "$order": ":id",
        "$limit": str(page_rows),
        "$offset": str(offset),
    }
    what = f"rows from {offset + 1:,} on"
    return http.get(what, ROWS_PATH + ".csv", read, params=params)


def _parse(content: bytes, release: Release) -> list[list[str]]:
    """Return a page's rows, their fields in the export's order; raise Again for a broken page."""
    fields = [field for field, _ in release.columns]
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        rows = [row for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Again(f"a page is not a whole CSV ({error})") from None
    if sorted(header) != sorted(fields):
        raise Again(f"a page has other columns than were asked for: {','.join(header)[:200]}")
    if any(len(row) != len(header) for row in rows):
        raise Again("a page has a row that is not whole")
    places = [header.index(field) for field in fields]
    return [[row[place] for place in places] for row in rows]


def _render(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
