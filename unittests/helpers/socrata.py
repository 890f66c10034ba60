"""A server on loopback that behaves as Socrata does, and misbehaves when told to."""

import csv
import io
import json
import re
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from unittests.helpers.files import DATASET
from unittests.helpers.waiting import PATIENCE

ID = "hn4x-zwk7"
UPDATED = 1_757_980_800  # 2025-09-16 UTC
PAGE = b"<!DOCTYPE html>\n<html><body>We are down for maintenance.</body></html>\n"
_PIECE_BYTES = 4000
_POINT = re.compile(r"\((\S+), (\S+)\)")

with DATASET.open(newline="", encoding="utf-8") as _file:
    # CDC's own order and spelling; a trailing space is part of one name.
    COLUMNS = tuple(next(csv.reader(_file))[1:])

Kind = Literal["about", "count", "export", "page"]
Row = tuple[str, ...]


def made_up(rows: int, value: str = "30.5") -> list[Row]:
    """Return rows in CDC's layout, with all that makes CSV hard in columns that nobody reads."""
    made = []
    for number in range(rows):
        state = ("Ohio", "OH") if number % 2 else ("Guam", "GU")
        row = {
            "YearStart": str(2011 + number % 12),
            "YearEnd": str(2011 + number % 12),
            "LocationAbbr": state[1],
            "LocationDesc": state[0],
            "Topic": 'é, "quoted"\nsecond line' if number % 3 else f"row {number}",
            "Question": "Percent of adults, aged 18 years and older, who have obesity",
            "QuestionID": "Q036",
            "Data_Value": value if number % 5 else "",
            "StratificationCategory1": "Total",
            "Stratification1": "Total",
        }
        made.append(tuple(row.get(name, "") for name in COLUMNS))
    return made


@cache
def field_name(name: str) -> str:
    """Return the name of a column in the paged API: `Age(years)` is `age_years`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _as_wkt(text: str) -> str:
    """Return a text with its points as the paged API writes them."""
    return _POINT.sub(r"POINT (\2 \1)", text)


def as_csv(header: Iterable[str], rows: Iterable[Iterable[str]], *, quoted: bool = False) -> bytes:
    """Return a CSV; the paged API quotes everything, the export what needs it."""
    text = io.StringIO(newline="")
    if quoted:
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Fault:
    """How one answer differs from a good one.

    `cut_at` closes the connection after so many bytes of the body; `end_at` ends the body there as
    if it were all; `declared` is added to its Content-Length. `before` runs first of all,
    `meanwhile` after half of what is sent.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut_at: int | None = None
    end_at: int | None = None
    declared: int = 0
    before: Callable[[], object] = lambda: None
    meanwhile: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came: its kind, its parameters, its headers."""

    kind: Kind
    parameters: dict[str, str]
    headers: dict[str, str]


class Socrata:
    """The server's data and ways; `faults[kind]` are taken one an answer, `always[kind]` stays.

    `framing` is how the end of the export is marked: by its length, by chunks, or by closing.
    """

    def __init__(self, rows: list[Row], columns: tuple[str, ...] = COLUMNS) -> None:
        self.columns = columns
        self.faults: dict[Kind, deque[Fault]] = defaultdict(deque)
        self.always: dict[Kind, Fault] = {}
        self.asked: list[Asked] = []
        self.framing: Literal["length", "chunked", "close"] = "chunked"
        self.ranges = True
        self.minds_if_range = True
        self.weak = False
        self.offsets = True
        self.most_page_rows = 50_000
        self.miscounted = 0
        self.released = threading.Event()  # ends every wait of a fault's `meanwhile`
        self.url = ""
        self.publish(rows, UPDATED)

    def publish(self, rows: list[Row], updated: int) -> None:
        """Replace the data; `updated` is the time in seconds since 1970."""
        self.rows, self.updated = rows, updated
        self.export = as_csv(self.columns, rows)

    def asks(self, kind: Kind) -> list[Asked]:
        """Return the requests of a kind, in the order in which they came."""
        return [asked for asked in self.asked if asked.kind == kind]

    def wait(self) -> None:
        """Wait until the test is over: the `meanwhile` of a server that hangs."""
        self.released.wait(PATIENCE)

    @property
    def etag(self) -> str:
        """The export's ETag."""
        return ("W/" if self.weak else "") + f'"{self.updated}-{len(self.export)}"'

    def about(self) -> bytes:
        """Return the dataset's description."""
        columns = [
            {"position": place, "name": name, "fieldName": field_name(name), "dataTypeName": "text"}
            for place, name in enumerate(self.columns, 1)
        ]
        columns.append({"name": "States", "fieldName": ":@computed_region_bxsw_vy29"})
        columns.append({"name": "Secret", "fieldName": "secret", "flags": ["hidden"]})
        return json.dumps(
            {"id": ID, "name": "BRFSS", "rowsUpdatedAt": self.updated, "columns": columns}
        ).encode()

    def page(self, parameters: dict[str, str]) -> bytes:
        """Return a page of rows, as the parameters ask for it."""
        assert parameters["$order"] == ":id", "pages without an order overlap"
        wanted = parameters["$select"].split(",")
        fields = [field_name(name) for name in self.columns]
        places = [fields.index(name) for name in wanted]
        start = int(parameters["$offset"]) if self.offsets else 0
        end = start + min(int(parameters["$limit"]), self.most_page_rows)
        # Names in no promised order, points in WKT: neither is as in the export.
        places.reverse()
        rows = [
            [_as_wkt(row[place]) if "(" in row[place] else row[place] for place in places]
            for row in self.rows[start:end]
        ]
        return as_csv(reversed(wanted), rows, quoted=True)


def _handler(socrata: Socrata) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A body would otherwise wait until the client has told, 40 ms later, that headers came.
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
            kinds: dict[str, Kind] = {
                f"/api/views/{ID}.json": "about",
                f"/api/views/{ID}/rows.csv": "export",
                f"/resource/{ID}.json": "count",
                f"/resource/{ID}.csv": "page",
            }
            kind = kinds[url.path]
            socrata.asked.append(Asked(kind, parameters, dict(self.headers)))
            faults = socrata.faults[kind]
            fault = faults.popleft() if faults else socrata.always.get(kind, Fault())
            fault.before()
            with suppress(OSError):  # the client went away
                self.answer(kind, parameters, fault)

        def answer(self, kind: Kind, parameters: dict[str, str], fault: Fault) -> None:
            if fault.body is not None or fault.status != 200:
                self.send(fault.status, fault.headers, fault.body or b"", fault, "length")
            elif kind == "about":
                self.send(200, fault.headers, socrata.about(), fault, "chunked")
            elif kind == "count":
                assert parameters == {"$select": "count(*)"}
                count = [{"count": str(len(socrata.rows) + socrata.miscounted)}]
                self.send(200, fault.headers, json.dumps(count).encode(), fault, "chunked")
            elif kind == "page":
                headers = {"X-SODA2-Truth-Last-Modified": formatdate(socrata.updated, usegmt=True)}
                headers |= {"Content-Type": "text/csv; charset=UTF-8"} | fault.headers
                self.send(200, headers, socrata.page(parameters), fault, "length")
            else:
                assert parameters == {"accessType": "DOWNLOAD"}
                self.answer_export(fault)

        def answer_export(self, fault: Fault) -> None:
            content, size = socrata.export, len(socrata.export)
            headers = {
                "Content-Type": "text/csv; charset=utf-8",
                "Last-Modified": formatdate(socrata.updated, usegmt=True),
                "ETag": socrata.etag,
            } | fault.headers
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            same = self.headers.get("If-Range") in (headers["ETag"], headers["Last-Modified"])
            if not (socrata.ranges and asked and (same or not socrata.minds_if_range)):
                self.send(200, headers, content, fault, socrata.framing)
            elif int(asked[1]) >= size:
                self.send(416, headers | {"Content-Range": f"bytes */{size}"}, b"", fault, "length")
            else:
                start = int(asked[1])
                headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
                self.send(206, headers, content[start:], fault, socrata.framing)

        def send(
            self, status: int, headers: dict[str, str], content: bytes, fault: Fault, framing: str
        ) -> None:
            """Send an answer; positions in a fault are those in this body."""
            if fault.end_at is not None:
                content = content[: fault.end_at]
            sent = content if fault.cut_at is None else content[: fault.cut_at]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if framing == "length":
                self.send_header("Content-Length", str(len(content) + fault.declared))
            elif framing == "chunked":
                self.send_header("Transfer-Encoding", "chunked")
            self.close_connection = framing == "close" or sent != content or fault.declared != 0
            self.end_headers()
            for start in range(0, len(sent), _PIECE_BYTES):
                piece = sent[start : start + _PIECE_BYTES]
                if framing == "chunked":
                    # A piece that is cut was to be a whole one.
                    size = len(content[start : start + _PIECE_BYTES])
                    piece = b"%x\r\n%b" % (size, piece) + b"\r\n" * (len(piece) == size)
                self.wfile.write(piece)
                if start <= len(sent) // 2 < start + _PIECE_BYTES:
                    fault.meanwhile()
            if framing == "chunked" and sent == content:
                self.wfile.write(b"0\r\n\r\n")

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that go away are what is tested."""


@contextmanager
def serving(socrata: Socrata, certificate: Path | None = None) -> Iterator[Socrata]:
    """Serve for the length of a with block, by https where there is a certificate with its key."""
    server = _Server(("127.0.0.1", 0), _handler(socrata))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    socrata.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield socrata
    finally:
        socrata.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
