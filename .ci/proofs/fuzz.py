"""Random and nearly right requests; no answer may be a fault of the server, and memory stays flat.

python .ci/proofs/fuzz.py [--runs N] [--seed S]
"""

import argparse
import contextlib
import json
import random
import socket
import string
import sys
import tempfile
from pathlib import Path

from clients import Truth

from unittests.helpers.server import Server
from unittests.helpers.waiting import eventually

ROUTES = [
    "/",
    "/index",
    "/api/health",
    "/api/jobs",
    "/api/num_jobs",
    "/metrics",
    "/openapi/",
    "/openapi/openapi.json",
    "/api/get_results/1",
    "/api/get_results/job_id_2",
    "/api/jobs/3",
    "/api/jobs/3/rows",
    "/api/get_results/3?format=csv",
    "/api/get_results/3?format=vega&chart=dot",
    "/nowhere",
    "/api/dataset",
    "/api/datasets",
    "/api/dataset/reload",
    "/api/questions",
    "/api/states",
    "/api/categories",
]
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "X")
HEADERS = (
    ("Content-Type", ("application/json", "text/xml", "multipart/form-data", "x", "a/b;charset=x")),
    ("Content-Encoding", ("gzip", "identity", "")),
    ("Accept", ("text/html", "*/*")),
    ("Origin", ("null", "http://localhost")),
    ("Authorization", ("Bearer x", "\xff")),
    ("X-Forwarded-For", ("1.2.3.4",)),
    ("Cookie", ("a=b; c", "=")),
    ("Range", ("bytes=0-1",)),
    ("If-None-Match", ('"x"', "*")),
)
SCALARS = ("null", "true", "0", "-1", "1e999", "NaN", '""', '"\\ud800"', '"\\u0000"', '"Ohio"')


class Fuzzer:
    """Makes requests, each from the chance that it was given."""

    def __init__(self, chance: random.Random, truth: Truth) -> None:
        self.chance = chance
        self.truth = truth

    def request(self) -> bytes:
        """Return the bytes of one request; its length is always told rightly."""
        method, path, body = self.chance.choice(METHODS), self.path(), b""
        if self.chance.random() < 0.6:
            method, path = "POST", f"/api/{self.truth.ask(self.chance).statistic}"
            body = self.body()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        for name, values in HEADERS:
            if self.chance.random() < 0.08:
                lines.append(f"{name}: {self.chance.choice(values)}")
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    def path(self) -> str:
        """Return a known path, or one that is nearly that."""
        path = self.chance.choice(ROUTES)
        if self.chance.random() < 0.5:
            at = self.chance.randrange(len(path) + 1)
            odd = ("//", "%00", "%2f", "..", "%c3%28", "?", "#", ";", "%", "\u00e9", "a" * 3000)
            path = path[:at] + self.chance.choice(odd) + path[at:]
        return "/" + path.lstrip("/") if not path.startswith("//") else path

    def body(self) -> bytes:
        """Return a body that is right, nearly right, or noise."""
        body = self.truth.ask(self.chance).body.encode()
        match self.chance.randrange(6):
            case 0:
                return body
            case 1:
                at = self.chance.randrange(len(body))
                return body[:at] + self.chance.randbytes(self.chance.randrange(4)) + body[at + 1 :]
            case 2:
                return self.chance.randbytes(self.chance.randrange(200))
            case 3:
                depth = self.chance.choice((1, 50, 1100, 20_000))
                return b"[" * depth + b"]" * depth
            case 4:
                keys = ("question", "state", "question", "x")
                pairs = (f'"{self.chance.choice(keys)}": {self.scalar()}' for _ in range(3))
                return ("{" + ", ".join(pairs) + "}").encode()
            case _:
                return b'{"question": "%b"}' % (b"x" * self.chance.choice((10, 60_000, 70_000)))

    def scalar(self) -> str:
        """Return a JSON value, or something like one."""
        if self.chance.random() < 0.5:
            return self.chance.choice(SCALARS)
        letters = "".join(self.chance.choices(string.printable, k=self.chance.randrange(20)))
        return json.dumps(letters)


def exchange(port: int, requests: list[bytes]) -> list[tuple[bytes, int, bytes]]:
    """Send requests over a connection, or more where the server closes it; return the answers."""
    answers, connection, received = [], None, b""
    for request in requests:
        if connection is None:
            connection = socket.create_connection(("127.0.0.1", port), 30)
            received = b""
        # Where it was refused before it was read to its end, the answer is there all the same.
        with contextlib.suppress(OSError):
            connection.sendall(request)
        head, length = b"", None
        while length is None or len(received) < length:
            part = connection.recv(262_144)
            if not part:
                break
            received += part
            if length is None and b"\r\n\r\n" in received:
                head, _, received = received.partition(b"\r\n\r\n")
                told = [line for line in head.lower().split(b"\r\n") if b"content-length:" in line]
                length = int(told[0].partition(b":")[2]) if told else 0
                if request.startswith(b"HEAD"):
                    length = 0
        status = int(head[9:12]) if head else 0
        answers.append((request, status, received[: length or 0]))
        received = received[length or 0 :]
        if not head or b"connection: close" in head.lower() or status in (408, 431):
            connection.close()
            connection = None
    return answers


def fault(request: bytes, status: int, body: bytes) -> str | None:
    """Return what is wrong with an answer, or None."""
    if status == 0:
        return "no answer"
    if status >= 500 and status not in (503, 507, 501):
        return f"status {status}"
    # The pages are HTML, for who takes it; an error never is.
    page = b"openapi" in request.split(b"\r\n")[0] or b"text/html" in request
    if b"<html" in body.lower() and not (page and status == 200):
        return "HTML"
    if b"Traceback" in body:
        return "a traceback"
    if status >= 400 and body and json.loads(body).get("status") != "error":
        return f"an error of another shape: {body[:100]!r}"
    return None


def memory(server: Server) -> int:
    """Return the server's resident memory, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def main() -> int:
    """Send the requests in lots of a hundred."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000, help="requests")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    fuzzer = Fuzzer(random.Random(options.seed), Truth())
    statuses: dict[int, int] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        # Few jobs are kept, so that what grows is a leak.
        server = Server(Path(folder), "--keep-jobs", "1000")
        # After each lot. Requests take what memory they need and give it back: peaks are compared.
        sizes = []
        for _ in range(options.runs // 100):
            for request, status, body in exchange(
                server.port, [fuzzer.request() for _ in range(100)]
            ):
                statuses[status] = statuses.get(status, 0) + 1
                what = fault(request, status, body)
                if what:
                    wrong += 1
                    print("WRONG", what, request[:300], body[:200])
            sizes.append(memory(server))
        eventually(lambda: server.get("api/num_jobs")["num_jobs"] == 0)
        quarter = len(sizes) // 4
        grown = max(sizes[-quarter:]) - max(sizes[quarter : 2 * quarter])
        lines = server.log_text().split("\n")
        if server.stop() != 0:
            wrong += 1
            print("WRONG the server did not exit cleanly")
    torn = [line for line in lines[:-1] if line[4:5] != "-" or "Z " not in line[:26]]
    wrong += len(torn)
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    print(f"{sum(statuses.values())} requests, seed {options.seed}: {told}")
    print(
        f"{wrong} wrong; the peak of memory grew by {grown} MiB from the second quarter to the last"
    )
    return 1 if wrong or grown > 30 else 0


if __name__ == "__main__":
    sys.exit(main())
