"""The first way to the data: the export, one CSV, streamed and resumed where it broke off."""

import itertools
import re

import requests

from app.datasets.csv_scan import count_records
from app.download.part_file import PartFile
from app.download.release import EXPORT_PATH, Release, check_size
from app.download.retrying_http import Again, RetryingHttp, end_is_marked, is_web_page
from app.errors import DatasetError, DownloadError
from app.progress import Meter

_KEEP_BYTES = 4 * 2**20
_WHAT = "the export"
_PIECE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)", re.ASCII)
_NO_PIECE = re.compile(r"bytes \*/(\d+)", re.ASCII)


def fetch_export(http: RetryingHttp, release: Release, part: PartFile, meter: Meter) -> str:
    """Bring the export to `part`, from where an earlier run left it; return its URL.

    Raises DownloadError when that fails; then `part` keeps what came.
    """
    export = _Export(http, release, part, meter)
    url = f"{http.base}{EXPORT_PATH}?accessType=DOWNLOAD"
    part.take_up({"url": url, "updated": release.updated})
    try:
        http.get(
            _WHAT,
            EXPORT_PATH,
            export.read,
            params={"accessType": "DOWNLOAD"},
            headers=export.headers,
            accept=frozenset({200, 206, 416}),
            brought=lambda: part.size,
        )
    finally:
        part.keep()
    return url


class _Export:
    def __init__(self, http: RetryingHttp, release: Release, part: PartFile, meter: Meter) -> None:
        self._http, self._release, self._part, self._meter = http, release, part, meter

    def headers(self) -> dict[str, str]:
        """Return the headers of the next attempt, which asks only for what is not here yet."""
        validator = self._part.state.get("validator")
        if self._part.size and validator:
            return {"Range": f"bytes={self._part.size}-", "If-Range": validator}
        return {}

    def read(self, response: requests.Response) -> None:
        """Add an answer's body to the part file; raise Again where that was not all."""
        if response.status_code == 416:
            self._nothing_more(response)
            return
        chunks = self._http.chunks(response)
        first = next(chunks, b"")
        if response.status_code == 206:
            self._check_piece(response)
        elif is_web_page(response, first):
            raise DownloadError(f"{_WHAT}: expected a CSV, found a web page ({response.url})")
        else:
            if self._part.size:
                self._http.tell(f"{_WHAT}: starting again from its beginning")
            self._part.begin()
            self._part.state = {"validator": _validator(response)}
        size = _size(response)
        self._meter.begin(self._part.size, self._part.size + size if size else None)
        for chunk in itertools.chain([first], chunks):
            self._part.append(chunk)
            check_size(self._part.size, self._release)
            self._meter.at(self._part.size)
            if self._part.size - self._part.kept >= _KEEP_BYTES:
                self._part.keep()
        if not end_is_marked(response):
            self._check_end()

    def _nothing_more(self, response: requests.Response) -> None:
        """Accept that all is here, if the server's size of the file says so."""
        whole = _NO_PIECE.fullmatch(response.headers.get("Content-Range", ""))
        if not (whole and int(whole[1]) == self._part.size):
            self._part.begin()
            raise Again("the server does not have the rest of what is here", 0)

    def _check_piece(self, response: requests.Response) -> None:
        """Raise Again, for the whole file, where a piece does not continue what is here."""
        piece = _PIECE.fullmatch(response.headers.get("Content-Range", ""))
        validator = self._part.state.get("validator")
        same = _validator(response) in (validator, None)
        if not (piece and int(piece[1]) == self._part.size and same):
            self._part.begin()
            raise Again("the server sent another piece than the one asked for", 0)

    def _check_end(self) -> None:
        """Raise Again where a body without a marked end seems to have been cut."""
        self._part.flush()
        with self._part.path.open("rb") as file:
            file.seek(max(0, self._part.size - 1))
            ended = file.read() == b"\n"
        try:
            rows = count_records(self._part.path)
        except DatasetError:
            rows = 0
        if not ended or rows < self._release.rows:
            raise Again(f"the connection was closed after {rows:,} whole rows")


def _size(response: requests.Response) -> int | None:
    """Return the length of the body in bytes, where the server says it."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _validator(response: requests.Response) -> str | None:
    """Return what tells one version of the file from another, to the byte, as If-Range needs it."""
    etag = response.headers.get("ETag")
    # A weak ETag vouches for the meaning of the content, not for its bytes.
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")
