"""Growth with the rows of the dataset: loading, memory, and the time of an answer."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import generate, latency, starts
from benchmarks.asking import all_questions, mixed
from benchmarks.contestants import uncached
from benchmarks.goals import Goal, at_most
from benchmarks.load import percentile
from benchmarks.panels import Panel, Row
from benchmarks.programs import PROJECT, peak_memory_mb
from benchmarks.session import Session

SIZES = (18_650, 106_000, 1_000_000, 10_000_000)
PANELS = (
    Panel("load_s", "Reading the CSV", "s"),
    Panel("ready_s", "Start to first answer", "s"),
    Panel("peak_mb", "Peak memory", "MB"),
    Panel("answer_ms", "Time of an answer, p50", "ms"),
)
_QUESTIONS = 500


def measure(session: Session, sizes: Sequence[int]) -> list[Row]:
    """Start a server on generated rows of each size."""
    asked = mixed(all_questions(), _QUESTIONS)
    rows: list[Row] = []
    for size in sizes:
        session.tell(f"{size:,} rows: generating")
        path = session.folder / f"{size}.csv"
        generate.write(path, size)
        session.tell(f"{size:,} rows: reading")
        load_seconds = _load_seconds(path)
        session.tell(f"{size:,} rows: serving")
        with session.programs() as programs:
            started = starts.start(programs, asked[0], "--data", str(path), *uncached())
            peak = peak_memory_mb(started.process_id)
            seconds = latency.question_to_answer(started.port, asked)
        path.unlink()  # gigabytes, and one file only
        rows.append(
            {
                "rows": size,
                "load_s": load_seconds,
                "ready_s": started.seconds,
                "peak_mb": peak,
                "answer_ms": percentile(seconds, 0.5),
            }
        )
    return rows


def _load_seconds(path: Path) -> float:
    """Return the seconds that reading the CSV takes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.apps.reading", str(path)]
    return float(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stdout)


def goals(rows: Sequence[Row]) -> list[Goal]:
    """Return the goals for 106,000 and 10,000,000 rows."""
    by_size = {row["rows"]: row for row in rows}
    found = []
    if 106_000 in by_size:
        found.append(at_most("106,000 rows ready", 1, _seen(by_size[106_000]["ready_s"]), "s"))
    if 10_000_000 in by_size:
        most = by_size[10_000_000]
        found.append(at_most("10,000,000 rows ready", 30, _seen(most["ready_s"]), "s"))
        found.append(at_most("10,000,000 rows, peak memory", 1500, _seen(most["peak_mb"]), "MB"))
    return found


def _seen(value: float | None) -> list[float]:
    return [] if value is None else [value]
