"""webserver.log: entry and exit of each route, UTC, rotation, and lines that threads tore apart."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.grade.bench import Bench, side_by_side_of, until
from app.grade.expected import ROUTES
from app.grade.http_client import Client

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)")
_OFFSET = timedelta(hours=5, minutes=37)  # that no place on earth has: local time is told from UTC
_ZONE = "GRADE-05:37"  # the same, as POSIX writes it
_REQUESTS = 5  # for each route
_CLIENTS, _LINES = 12, 15
_LITTLE = 20_000  # bytes of log for a request of 400,000
_LARGE = 24_000_000  # bytes without a rotation


def run(bench: Bench) -> None:
    """Start a server in a time zone of its own, and read what it writes."""
    path = bench.places.log
    assert path is not None
    began = path.stat().st_size if path.exists() else 0
    with bench.server(2, TZ=_ZONE):
        log = _Log(path)
        with bench.client() as http:
            http.get("/api/num_jobs")
        first = log.wait(1, bench.patience)
        if not first:
            bench.found("no-log", f"nothing was written to {path}")
            return
        _utc(bench, first)
        if bench.wants("no-entry-exit"):
            _entries(bench, log)
        if bench.wants("torn-lines"):
            _torn(bench, log)
        grown = _rotation(bench, path) if bench.wants("no-rotation") else 0
    if grown and path.exists() and path.stat().st_size > began + grown:
        with path.open("r+b") as file:  # what this check had it write would fill the disk
            file.truncate(began)
    bench.silence(
        "Lines are counted, and their times read; what they say is for people to judge. "
        f"{_CLIENTS * _LINES * 2} lines were written by {_CLIENTS} clients at once."
    )


class _Log:
    """The file from now on, over rotations."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = path.stat().st_size if path.exists() else 0
        self._half = ""

    def lines(self) -> list[str]:
        """Return the lines that were added."""
        try:
            with self._path.open("rb") as file:
                file.seek(0, 2)
                if file.tell() < self._place:
                    self._place = 0
                file.seek(self._place)
                data = file.read()
        except OSError:
            return []
        self._place += len(data)
        *whole, self._half = (self._half + data.decode("utf-8", "replace")).split("\n")
        return whole

    def wait(self, count: int, seconds: float) -> list[str]:
        """Return the lines that were added, once they are so many or time is up."""
        end = time.monotonic() + seconds
        lines = self.lines()
        while len(lines) < count and time.monotonic() < end:
            time.sleep(0.01)
            lines += self.lines()
        return lines

    def settle(self) -> list[str]:
        """Return the lines that were added, once no more come."""
        lines = self.lines()
        quiet = 0
        while quiet < 3:
            time.sleep(0.05)
            more = self.lines()
            quiet = 0 if more else quiet + 1
            lines += more
        return lines


def _entries(bench: Bench, log: _Log) -> None:
    """Look for two lines for each request."""
    with bench.client() as http:
        for route, ask in _routes(bench, http):
            log.settle()
            for _ in range(_REQUESTS):
                ask()
            lines = log.wait(2 * _REQUESTS, bench.patience)
            if len(lines) < 2 * _REQUESTS:
                again = f"curl -s {bench.address.url}{route}; tail webserver.log"
                bench.found(
                    "no-entry-exit",
                    f"{_REQUESTS} requests to {route} wrote {len(lines)} lines, and not two each",
                    again=again,
                )
                break


def _routes(bench: Bench, http: Client) -> list[tuple[str, Callable[[], object]]]:
    route, body, _ = bench.question("global_mean")
    submit = http.submit(route, body)
    job_id = submit.job_id or "job_id_1"
    bench.ended(http, job_id)

    def posts(name: str) -> Callable[[], object]:
        _, asked, _ = bench.question(name)

        def ask() -> None:
            accepted = http.submit(name, asked).job_id
            if accepted is not None:
                # Not by get_results, which has lines of its own. A job may have a line, too.
                time.sleep(0.002)

        return ask

    return [
        ("/api/num_jobs", lambda: http.get("/api/num_jobs")),
        ("/api/jobs", lambda: http.get("/api/jobs")),
        (f"/api/get_results/{job_id}", lambda: http.get(f"/api/get_results/{job_id}")),
        *((f"/api/{name}", posts(name)) for name in ROUTES),
    ]


def _utc(bench: Bench, lines: list[str]) -> None:
    """Read the time of the last line."""
    match = next(filter(None, map(_TIME.search, reversed(lines))), None)
    if match is None:
        bench.note("The log has no time like 2026-01-31T12:00:00, so UTC was not looked at.")
        return
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        written = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return
    now = datetime.now(UTC)
    near = timedelta(minutes=5)
    if abs(now + _OFFSET - written) < near < abs(now - written):
        bench.found(
            "local-time",
            f"the log has {match[0]} when it is {now:%Y-%m-%d %H:%M:%S} UTC, in a zone "
            f"{_OFFSET} ahead",
            again=f"TZ={_ZONE} START YOUR SERVER; tail webserver.log; date -u",
        )


def _torn(bench: Bench, log: _Log) -> None:
    """Have many write at once: each line must still have its time, and no other."""
    log.settle()
    with bench.client() as http:
        for _ in range(_REQUESTS):
            http.get("/api/num_jobs")
    if not all(len(_TIME.findall(line)) == 1 for line in log.settle()):
        bench.note("Not each line has a time, so torn lines cannot be told from others.")
        return

    def client() -> None:
        with bench.client() as http:
            for _ in range(_LINES):
                http.get("/api/num_jobs")

    for number in until(bench.seconds, lambda: bench.has_found("torn-lines")):
        side_by_side_of(client, _CLIENTS)
        torn = next((line for line in log.settle() if len(_TIME.findall(line)) != 1), None)
        if torn is not None:
            bench.found(
                "torn-lines",
                f"{_CLIENTS} clients asked at once, and a line is {torn[:200]!r}",
                again=f"for n in $(seq {_CLIENTS}); do "
                f"curl -s {bench.address.url}/api/num_jobs & done; wait; cat webserver.log",
            )
        if number == 3:
            break


def _rotation(bench: Bench, path: Path) -> int:
    """Have the log grow until it rotates; return by how much it grew if it did not."""

    def older() -> dict[str, float]:
        others = path.parent.glob(f"{path.stem}*")
        return {one.name: one.stat().st_mtime for one in others if one.is_file() and one != path}

    before, size = older(), path.stat().st_size
    long = {"question": "x" * 400_000}
    end = time.monotonic() + bench.seconds
    sent = 0
    with bench.client() as http:
        while time.monotonic() < end:
            for _ in range(4):
                http.submit("states_mean", long)
            sent += 4
            if not path.exists() or path.stat().st_size < size or older() != before:
                return 0
            grown = path.stat().st_size - size
            if grown > _LARGE or (sent == 16 and grown < sent * _LITTLE):
                break  # it is large, or does not have what it is sent and will never be
        time.sleep(0.3)  # one that rotates in the background
    if older() != before or path.stat().st_size < size:
        return 0
    grown = path.stat().st_size - size
    if grown > _LARGE:
        bench.found(
            "no-rotation",
            f"{path.name} grew by {grown / 1e6:.0f} MB, and there is no other file beside it",
            again="ls -l webserver.log*   # after many requests",
        )
    else:
        bench.note(
            f"The log was not seen to rotate: it grew by {grown / 1e6:.1f} MB while it was watched."
        )
    return grown
