"""A thousand connections that sit idle or half-sent; a client that works must hardly notice.

python .ci/proofs/idle.py [--runs N] [--seed S] [--connections N]

Fails when the working client's slowest answer in a hundred takes a second or more.
"""

import argparse
import json
import random
import resource
import socket
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from clients import Ledger, Truth, call, check_all

from unittests.helpers.server import Server

PARTS = (
    b"",
    b"POST /api/best5 HT",
    b"POST /api/best5 HTTP/1.1\r\nHost: localhost\r\n",
    b'POST /api/best5 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n{"quest',
    b"POST /api/best5 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    b"POST /api/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n[",
)


def main() -> int:
    """Open the connections, then be the client that works."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="jobs of the working client")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=1000)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    ledger, chance = Ledger(Truth()), random.Random(options.seed)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        stuck = []
        for number in range(options.connections):
            connection = socket.create_connection(("127.0.0.1", server.port), 10)
            connection.sendall(PARTS[number % len(PARTS)])
            stuck.append(connection)
        working = HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in range(options.runs):
            asked = ledger.truth.ask(chance)
            began = time.perf_counter()
            _, answer = call(working, "POST", f"/api/{asked.statistic}", json.loads(asked.body))
            ledger.promise(answer["job_id"], asked)
            call(working, "GET", f"/api/get_results/{answer['job_id']}")
            seconds.append(time.perf_counter() - began)
        check_all(server, ledger, list(ledger.promised))
        for connection in stuck:
            connection.close()
        if server.stop() != 0:
            ledger.complain("the server did not exit cleanly")
    p99 = sorted(seconds)[int(len(seconds) * 0.99)]
    print(
        f"{options.connections} stuck connections: submit and ask p99 {p99 * 1e3:.1f} ms,"
        f" {len(ledger.wrong)} wrong"
    )
    return 1 if ledger.wrong or p99 >= 1 else 0


if __name__ == "__main__":
    sys.exit(main())
