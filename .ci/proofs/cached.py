"""A cache in front: the server sees a question once per age, and readers do not see it die.

python .ci/proofs/cached.py [--runs N] [--seed S] [--cluster]

A real nginx, by docs/scaling/nginx.conf, in front of one server, or of two web processes on a
Redis. First 200 distinct questions are asked 20,000 times. Then, N times, the servers are killed
(kill -9) at a random moment while readers go on, stay away for a moment, and come back.
"""

import argparse
import contextlib
import json
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from itertools import pairwise, product
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clients import kept_up
from cluster_watch import needs_programs

from unittests.helpers.cluster import running_cluster
from unittests.helpers.figures import figures
from unittests.helpers.nginx import running_nginx
from unittests.helpers.server import Server
from unittests.helpers.waiting import eventually

QUESTIONS, ASKED, READERS = 200, 20_000, 4
AGE = 3  # seconds for which an answer is good
_SEEN = re.compile(r"^(\S+) INFO enter GET /api/answers/\S+ (\S+)$", re.MULTILINE)


def addresses() -> dict[str, Any]:
    """Return addresses of questions, each with its right answer."""
    known = figures()
    found: dict[str, Any] = {}
    for question, state in product(known.questions, sorted(known.states(known.questions[0]))):
        if len(found) < QUESTIONS and state in known.states(question):
            query = f"question={quote(question)}&state={quote(state)}"
            found[f"/api/answers/state_mean?{query}"] = known.answer("state_mean", question, state)
    return found


class Readers:
    """Clients that ask through the cache, and hold each answer against the right one."""

    def __init__(self, port: int, right: dict[str, Any]) -> None:
        self._port = port
        self._right = right
        # Guards the fields below.
        self._lock = threading.Lock()
        self.wrong: list[str] = []
        self.came: Counter[str] = Counter()  # from where, as nginx says

    def ask(self, paths: Sequence[str]) -> None:
        """Ask them one after the other, over one connection."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        for path in paths:
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                status, body = response.status, response.read()
            except (OSError, HTTPException) as error:
                self.complain(f"{path}: {error!r}")
                connection.close()
                continue
            if status != 200 or json.loads(body) != self._right[path]:
                self.complain(f"{path}: {status} {body[:200]!r}")
            with self._lock:
                self.came[response.headers.get("X-Cache", "-")] += 1
        connection.close()

    def complain(self, what: str) -> None:
        """Note that something was wrong."""
        with self._lock:
            self.wrong.append(what)

    def ask_together(self, paths: Sequence[str]) -> None:
        """Share them out among all readers, and wait until all are asked."""
        with ThreadPoolExecutor(READERS) as pool:
            list(pool.map(self.ask, [paths[n::READERS] for n in range(READERS)]))

    @contextlib.contextmanager
    def asking(self, chance: random.Random) -> Iterator[None]:
        """Ask on for the length of a with block."""
        paths = list(self._right)

        def run(_number: int, own: random.Random, stop: threading.Event) -> None:
            while not stop.is_set():
                self.ask(own.sample(paths, 20))

        with kept_up(run, READERS, chance):
            yield


class Servers:
    """What stands behind the cache: processes on one port, and their logs."""

    def __init__(self, start: Callable[[int], Server], count: int) -> None:
        """`start` starts a process on a port, any free one for 0."""
        self._start = start
        first = start(0)
        self.port = first.port
        self._running = [first, *(start(self.port) for _ in range(count - 1))]
        self._count = count
        self._logs = {one.log for one in self._running}

    def kill(self) -> None:
        """Kill all of them."""
        for one in self._running:
            one.stop(signal.SIGKILL)

    def start_again(self) -> None:
        """Start as many on the same port."""
        self._running = [self._start(self.port) for _ in range(self._count)]
        self._logs |= {one.log for one in self._running}

    def seen(self) -> dict[str, list[float]]:
        """Return for each question when it was asked, in order."""
        times = defaultdict(list)
        for log in self._logs:
            for at, query in _SEEN.findall(log.read_text(encoding="utf-8")):
                times[query].append(datetime.fromisoformat(at).timestamp())
        return {query: sorted(found) for query, found in times.items()}


@contextlib.contextmanager
def one_server(folder: Path) -> Iterator[Servers]:
    """Run a server as `make run` does."""

    def start(port: int) -> Server:
        return Server(folder, "--port", str(port), "--max-age", str(AGE))

    servers = Servers(start, 1)
    try:
        yield servers
    finally:
        servers.kill()


@contextlib.contextmanager
def two_of_a_cluster(folder: Path) -> Iterator[Servers]:
    """Run web processes as `make cluster` does; no worker is needed."""
    with running_cluster(folder) as there:
        yield Servers(lambda port: there.web("--port", str(port), "--max-age", str(AGE)), 2)


def check_ages(servers: Servers, readers: Readers) -> None:
    """Look that the server saw no question twice within the age of its answer."""
    seen = servers.seen()
    if len(seen) != QUESTIONS:
        readers.complain(f"the server saw {len(seen)} questions of {QUESTIONS}")
    # nginx counts in whole seconds, so an age may be short of one.
    gaps = [later - before for times in seen.values() for before, later in pairwise(times)]
    if gaps and min(gaps) < AGE - 1:
        readers.complain(f"the server was asked the same again after {min(gaps):.2f} s")
    print(f"the server saw {sum(map(len, seen.values()))} of {ASKED:,} requests, each of"
          f" {QUESTIONS} questions {max(map(len, seen.values()))} times at most")  # fmt: skip


def kill_and_return(servers: Servers, readers: Readers, chance: random.Random) -> None:
    """Kill the servers while they are asked, and start them again when answers are old."""
    time.sleep(chance.uniform(0.0, 0.5))
    servers.kill()
    time.sleep(chance.uniform(0.5, AGE + 1.5))
    before = sum(map(len, servers.seen().values()))
    servers.start_again()
    # They are asked whether what is old is still good.
    eventually(lambda: sum(map(len, servers.seen().values())) > before)


def main() -> int:
    """Ask, count, kill, and ask on."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cluster", action="store_true", help="two web processes on a Redis")
    options = parser.parse_args()
    needs_programs("nginx", *(["redis-server"] if options.cluster else []))
    chance, right = random.Random(options.seed), addresses()
    behind = two_of_a_cluster if options.cluster else one_server
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with behind(folder) as servers, running_nginx(folder, servers.port) as port:
            readers = Readers(port, right)
            began = time.monotonic()
            readers.ask_together([*right, *chance.choices(list(right), k=ASKED - QUESTIONS)])
            print(f"asked {ASKED:,} times in {time.monotonic() - began:.1f} s, an age is {AGE} s")
            check_ages(servers, readers)
            with readers.asking(chance):
                for _ in range(options.runs):
                    kill_and_return(servers, readers, chance)
            came = ", ".join(f"{count:,} {what}" for what, count in sorted(readers.came.items()))
            print(f"answers came: {came}")
            if not readers.came["STALE"] or not readers.came["HIT"]:
                readers.complain("nothing came from the cache, or nothing old while it was down")
    for wrong in readers.wrong[:20]:
        print("WRONG", wrong)
    print(f"{options.runs} deaths, seed {options.seed}: {sum(readers.came.values()):,} answers,"
          f" {len(readers.wrong)} wrong")  # fmt: skip
    return 1 if readers.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
