"""What readers cost: answers by address, beside the result of a finished job, by wrk.

One thread of wrk with 8 connections asks one address over and over, of a server as `make run` has
it, and then of an nginx in front of it that is a cache (docs/scaling/nginx.conf). All take turns;
ratios are taken round by round. The last line is of questions that nobody has asked before.
"""

import argparse
import json
import re
import subprocess
from pathlib import Path

from benchmarks.http_client import Connection, request
from benchmarks.http_client import run as load
from benchmarks.programs import Programs, free_port, missing, programs_in
from benchmarks.servers import this_server
from benchmarks.tables import median, progress, ratios, spread, table
from unittests.helpers.nginx import configuration

_OHIO = "question=Q036&where.state=OH&where.year=2023"
_ANSWER = f"/api/answers/query?{_OHIO}"
_RESULT = "the result of a finished job"
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_ETAG = re.compile(rb'\r\netag: (".+?")\r\n', re.IGNORECASE)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of each, in each round (2)")
    parser.add_argument("--clients", type=int, default=8)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    lacks = missing(programs=["wrk", "nginx"])
    if lacks:
        raise SystemExit(f"needs {lacks}")
    rates: dict[str, list[float]] = {}
    with programs_in(folder) as programs:
        port = this_server()(programs)
        cache = _nginx(programs, port)
        with Connection(port) as connection:
            job = json.loads(connection.ask(_submit()))["job_id"]
            connection.ask(request("GET", f"/api/get_results/{job}?wait=20"))
        tag = _tag(port, _ANSWER)
        addresses: dict[str, tuple[int, str, str | None]] = {
            _RESULT: (port, f"/api/get_results/{job}", None),
            "an answer": (port, _ANSWER, None),
            "the same, 304": (port, _ANSWER, tag),
            "as CSV": (port, f"/api/answers/query.csv?{_OHIO}", None),
            "a ranking as SVG": (port, "/api/answers/ranking.svg?question=Q036&year=2023", None),
            "an answer from nginx": (cache, _ANSWER, None),
            "the same, 304 from nginx": (cache, _ANSWER, tag),
        }
        for number in range(options.rounds):
            for name, (where, path, known) in addresses.items():
                progress(f"round {number + 1} of {options.rounds}: {name}")
                rate = _wrk(where, path, known, options.clients, options.seconds)
                rates.setdefault(name, []).append(rate)
            new = load(port, options.clients, _new_questions(number))
            rates.setdefault("an answer that is computed", []).append(new.per_second)
    print(f"{options.clients} connections; medians of {options.rounds} rounds (least-most)\n")
    rows = [
        [name, spread(seen), median(ratios(seen, rates[_RESULT]))] for name, seen in rates.items()
    ]
    table(["", "a second", f"to {_RESULT}"], rows)


def _nginx(programs: Programs, server_port: int) -> int:
    port = free_port()
    file = configuration(programs.folder, port, server_port)
    programs.start("nginx", "-c", str(file), "-e", str(programs.folder / "error.log"))
    programs.wait_for(port)
    return port


def _submit() -> bytes:
    """Return the request for a job with the same answer."""
    body = {"question": "Q036", "where": {"state": "OH", "year": 2023}, "dataset": "release"}
    return request("POST", "/api/query", json.dumps(body).encode())


def _tag(port: int, path: str) -> str:
    """Return the ETag of an answer, which is in memory then."""
    with Connection(port) as connection:
        connection.socket.sendall(request("GET", path))
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.socket.recv(65536)
    found = _ETAG.search(head)
    assert found, head
    return found[1].decode()


def _wrk(port: int, path: str, known: str | None, clients: int, seconds: float) -> float:
    """Return how many answers came in a second; all must be 200, or 304 where it is known."""
    headers = [] if known is None else ["-H", f"If-None-Match: {known}"]
    url = f"http://127.0.0.1:{port}{path}"
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(seconds, 1):.0f}s", *headers, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = _RATE.search(said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{path} was not answered:\n{said}")
    return float(found[1])


def _new_questions(number: int) -> list[bytes]:
    """Return requests for answers that no round before has asked for."""
    asked = (
        f"question={question}&where.state={state}&where.year={year}&limit={number + 1}"
        for question in ("Q036", "Q037")
        for state in ("OH", "TX", "CA", "NY", "FL")
        for year in range(2012, 2022)
    )
    return [request("GET", f"/api/answers/query?{query}") for query in asked]
