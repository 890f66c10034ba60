"""The road from the socket to a view and back: this server to a Flask route that does nothing.

The route is served by Granian's WSGI mode with one thread, the fastest server for it that was
found. One thread of `wrk` with 8 connections asks for finished results, and submits mixed questions
to all nine statistics: what is counted are jobs that are accepted, on record, computed and stored
by the time that the last one is done. One client asks one question after another, and waits for
each; that is two bare requests, a POST and a GET. All take turns, in an order that changes from
round to round, and each server is started anew; ratios are taken round by round.
"""

import argparse
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import jobs
from benchmarks.http_client import Connection, request
from benchmarks.programs import (
    PROJECT,
    Programs,
    missing,
    processor_seconds,
    programs_in,
    wait_until_idle,
)
from benchmarks.servers import BARE_APP, launch, python
from benchmarks.tables import progress, ratios, spread, table

_BATCH = 10_000
_ONE_BY_ONE = 500
_GRANIAN = ("-m", "granian", "--interface", "wsgi", "--blocking-threads", "1", "--no-log")
_DONE = re.compile(r"^\s*(\d+) requests in ([\d.]+)(m?s)", re.MULTILINE)
BARE = "a bare Flask route"
GETS, POSTS, UNCACHED = "finished results, /s", "jobs, /s", "jobs with `--cache 0`, /s"
ONE, BATCH = "one question, p50, ms", "answers of 10,000-job batches, /s"
_OF_A_GET, _OF_A_JOB = "a finished result, processor us", "a job, processor us"

# Sends the requests that it is given in turn.
_SCRIPT = """
local bodies, at = {}, 0
for line in io.lines("%s") do bodies[#bodies + 1] = line end
request = function()
  at = at %% #bodies + 1
  local path, body = bodies[at]:match("^(%%S+) (.*)$")
  return wrk.format("POST", path, {["Content-Type"] = "application/json"}, body)
end
"""

Seen = dict[str, float]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each load, in each round (2)")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--beside", type=Path, help="folder of another checkout, to be measured too"
    )


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    if lacks := missing(programs=["wrk"]):
        raise SystemExit(f"needs {lacks}")
    load = _Wrk(folder, options.seconds, options.clients)
    sides: dict[str, Callable[[Programs], Seen]] = {
        BARE: lambda programs: _bare(programs, load),
        "this server": lambda programs: _ours(programs, load, PROJECT),
    }
    if options.beside:
        other = options.beside.resolve()
        sides["the other"] = lambda programs: _ours(programs, load, other)
    seen: dict[str, list[Seen]] = {name: [] for name in sides}
    for number in range(options.rounds):
        names = list(sides)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            progress(f"round {number + 1} of {options.rounds}: {name}")
            with programs_in(folder) as programs:
                seen[name].append(sides[name](programs))
    print(
        f"{options.clients} connections of wrk; medians of {options.rounds} rounds (least-most)\n"
    )
    bare = seen.pop(BARE)
    rows = []
    for what, yardstick in (
        *((GETS, GETS), (POSTS, POSTS), (UNCACHED, POSTS), (ONE, ONE), (BATCH, None)),
        *((_OF_A_GET, None), (_OF_A_JOB, None)),
    ):
        row = [what, spread([one[yardstick] for one in bare]) if yardstick else ""]
        for rounds in seen.values():
            ours = [one[what] for one in rounds]
            row.append(spread(ours))
            theirs = [one[yardstick] for one in bare] if yardstick else []
            row.append(spread(ratios(ours, theirs)) if yardstick else "")
        rows.append(row)
    heads = [head for name in seen for head in (name, "to bare")]
    table(["", BARE, *heads], rows)


class _Wrk:
    """Loads a server with wrk."""

    def __init__(self, folder: Path, seconds: int, clients: int) -> None:
        asked, self._script = folder / "requests.txt", folder / "submit.lua"
        lines = [
            f"/api/{one.statistic} {json.dumps({'question': one.question, 'state': 'Ohio'})}\n"
            for one in jobs.questions()
        ]
        asked.write_text("".join(lines))
        self._script.write_text(_SCRIPT % asked)
        self._options = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s"]

    def gets(self, port: int, path: str) -> tuple[int, float]:
        """Return how many answers came in how many seconds."""
        return self._run(f"http://127.0.0.1:{port}{path}")

    def posts(self, port: int) -> tuple[int, float]:
        """Return how many submits were accepted in how many seconds."""
        return self._run(f"http://127.0.0.1:{port}", "-s", str(self._script))

    def _run(self, *arguments: str) -> tuple[int, float]:
        said = subprocess.run(
            [*self._options, *arguments], capture_output=True, text=True, check=True
        ).stdout
        found = _DONE.search(said)
        if found is None or "Non-2xx" in said or "Socket errors" in said:
            raise RuntimeError(f"not answered:\n{said}")
        return int(found[1]), float(found[2]) / (1 if found[3] == "s" else 1000)


def _bare(programs: Programs, load: _Wrk) -> Seen:
    port = python(*_GRANIAN, "--port", "{port}", "--factory", BARE_APP)(programs)
    jobs.one_by_one(port, 20)
    gets, seconds = load.gets(port, "/api/get_results/job_id_1")
    posts, taken = load.posts(port)
    return {GETS: gets / seconds, POSTS: posts / taken, ONE: jobs.one_by_one(port, _ONE_BY_ONE)}


def _ours(programs: Programs, load: _Wrk, checkout: Path) -> Seen:
    port, process_id = launch(programs, checkout=checkout)
    programs.wait_for(port)
    wait_until_idle(process_id)
    jobs.answers(port)  # each question once: from now on, answers are in memory

    def processor(work: Callable[[], tuple[int, float]]) -> tuple[float, float]:
        """Return how many a second, and the processor time of each in microseconds."""
        before = processor_seconds(process_id)
        count, seconds = work()
        return count / seconds, (processor_seconds(process_id) - before) / count * 1e6

    seen: Seen = {ONE: jobs.one_by_one(port, _ONE_BY_ONE)}
    seen[GETS], seen[_OF_A_GET] = processor(lambda: load.gets(port, "/api/get_results/job_id_1"))
    seen[POSTS], seen[_OF_A_JOB] = processor(lambda: _jobs(port, load))
    seen[BATCH] = jobs.batch(port, _BATCH)
    programs.stop()
    port, process_id = launch(programs, "--cache", "0", checkout=checkout)
    programs.wait_for(port)
    wait_until_idle(process_id)
    jobs.one_by_one(port, 20)
    count, seconds = _jobs(port, load)
    seen[UNCACHED] = count / seconds
    return seen


def _jobs(port: int, load: _Wrk) -> tuple[int, float]:
    """Return how many jobs were done in how many seconds, from the first submit to the last end."""
    count, seconds = load.posts(port)
    began = time.perf_counter()
    with Connection(port) as connection:
        while b'"num_jobs":0}' not in connection.ask(request("GET", "/api/num_jobs")):
            time.sleep(0.002)
    return count, seconds + time.perf_counter() - began
