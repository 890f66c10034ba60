"""A public server, while one client asks a thousand questions: how long another one waits.

Clients come from different addresses of loopback. The other client asks one question after another:
one whose answer is in memory, a new one that takes microseconds (of the course's nine), and a new
trend. It does so alone, and then while the first asks a thousand new trends, sixteen at a time.
No rate keeps the first one back (`--compute-rate none`).
"""

import argparse
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.http_client import percentile
from benchmarks.programs import programs_in
from benchmarks.servers import this_server
from benchmarks.tables import median, progress, table

_GREEDY, _OTHER = "127.0.0.2", "127.0.0.3"
_QUESTIONS = ("Q018", "Q019", "Q036", "Q037", "Q043", "Q044", "Q045", "Q047")
_STATES = ("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "GA", "HI", "ID", "IL", "IN", "IA")
_QUICK = ("state_mean", "state_diff_from_mean", "state_mean_by_category")
_MORE_STATES = (
    *("KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NM"),
    *("NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA"),
)
_KNOWN = "/api/answers/ranking?question=Q036"
_BUSY = (429, 503)  # asked again: as many as may wait do


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=int, default=1000, help="of the first client (1000)")
    parser.add_argument("--connections", type=int, default=16, help="of the first client (16)")


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    rows: dict[str, list[list[float]]] = {}
    took: list[float] = []
    for number in range(options.rounds):
        with programs_in(folder) as programs:
            port = this_server("--public", "--rate", "none", "--compute-rate", "none")(programs)
            questions = _new()
            _Client(port, _OTHER).ask(_KNOWN)
            progress(f"round {number + 1} of {options.rounds}: alone")
            quick = _new_quick()
            other = _Other(port, questions, quick)
            other.ask(50)
            for name, times in other.rows("alone"):
                rows.setdefault(name, []).append(times)
            progress(f"round {number + 1} of {options.rounds}: with the first client")
            other = _Other(port, questions, quick)
            done = threading.Event()
            began = time.perf_counter()
            greedy = threading.Thread(target=_ask_all, args=(port, questions, options, done))
            greedy.start()
            other.ask_until(done)
            greedy.join()
            took.append(time.perf_counter() - began)
            for name, times in other.rows("meanwhile"):
                rows.setdefault(name, []).append(times)
    print(f"{options.questions} new questions of the first client took {median(took)} seconds\n")
    heads = ["the other client, ms", "median", "p99", "asked a round"]
    columns = [[name, *map(median, zip(*found, strict=True))] for name, found in rows.items()]
    table(heads, columns)


class _Client:
    """One connection from an address."""

    def __init__(self, port: int, address: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, source_address=(address, 0))
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, path: str) -> float:
        """Ask until there is an answer; return the seconds that it took."""
        began = time.perf_counter()
        while True:
            self._connection.request("GET", path)
            answer = self._connection.getresponse()
            body = answer.read()
            if answer.status == 200:
                return time.perf_counter() - began
            if answer.status not in _BUSY:
                raise RuntimeError(f"{path} answered {answer.status}: {body[:200]!r}")
            time.sleep(0.05)


class _Other:
    """The client who asks one question after another, and how long each took."""

    def __init__(self, port: int, questions: Iterator[str], quick: Iterator[str]) -> None:
        self._client = _Client(port, _OTHER)
        self._questions = {
            "in memory": itertools.repeat(_KNOWN),
            "new": quick,
            "a trend": questions,
        }
        self._times: dict[str, list[float]] = {name: [] for name in self._questions}

    def ask(self, times: int) -> None:
        """Ask so many of each kind."""
        for _ in range(times):
            for name, questions in self._questions.items():
                if path := next(questions, None):
                    self._times[name].append(self._client.ask(path))

    def ask_until(self, done: threading.Event) -> None:
        """Ask until another one is done."""
        while not done.wait(0.02):
            self.ask(1)

    def rows(self, when: str) -> list[tuple[str, list[float]]]:
        """Return the median and the 99th percentile of each kind, in ms, and how many there are."""
        return [
            (f"{name}, {when}", [percentile(some, 0.5), percentile(some, 0.99), len(some)])
            for name, some in self._times.items()
        ]


def _ask_all(
    port: int, questions: Iterator[str], options: argparse.Namespace, done: threading.Event
) -> None:
    """Ask many questions over some connections; set `done` in the end."""
    lock, left = threading.Lock(), itertools.islice(questions, options.questions)

    def work() -> None:
        client = _Client(port, _GREEDY)
        while True:
            with lock:
                path = next(left, None)
            if path is None:
                return
            client.ask(path)

    threads = [threading.Thread(target=work) for _ in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()


def _new_quick() -> Iterator[str]:
    """Yield addresses of questions that take microseconds to answer, each another one."""
    for asked in itertools.product(_QUICK, _QUESTIONS, (*_STATES, *_MORE_STATES)):
        name, question, state = asked
        yield f"/api/answers/{name}?question={question}&state={state}"


def _new() -> Iterator[str]:
    """Yield addresses of questions, each another one."""
    for year in itertools.count(2011):
        for pair in itertools.combinations(_STATES, 2):
            for question in _QUESTIONS:
                body = {"question": question, "state": ",".join(pair), "years.from": year}
                yield f"/api/answers/trend?{urlencode(body)}"
