"""GETs by `wrk`, a load generator in C: the one in `load.py` takes more of two cores than a server.

It only asks for what is there: it sends no jobs, and reads no answers.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_SCRIPT = Path(__file__).with_name("collect.lua")

MISSING = "" if shutil.which("wrk") else "needs wrk; on Debian: apt-get install wrk"


class Rate(NamedTuple):
    """Answers per second, and the milliseconds that 99 of 100 stayed within."""

    per_second: float
    p99_ms: float


def write_paths(file: Path, paths: Sequence[str]) -> None:
    """Write what `get` shall ask for."""
    file.write_text("".join(f"{path}\n" for path in paths))


def get(port: int, file: Path, connections: int, seconds: int) -> Rate:
    """Ask for the paths in a file, in turn, over so many connections for so long.

    Raises RuntimeError where an answer was another than 200, or none came.
    """
    told = subprocess.run(
        [
            *("wrk", "--threads", "1", "--connections", str(connections)),
            *("--duration", f"{seconds}s", "--script", str(_SCRIPT)),
            *(f"http://127.0.0.1:{port}", "--", str(file)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in told.stdout.splitlines() if line.startswith("{")]
    if told.returncode or not lines:
        raise RuntimeError(f"wrk said: {(told.stdout + told.stderr)[-500:]}")
    seen = json.loads(lines[-1])
    if seen["failed"] or not seen["answers"]:
        raise RuntimeError(f"wrk saw: {seen}")
    return Rate(seen["answers"] / seen["microseconds"] * 1e6, seen["p99"] / 1000)
