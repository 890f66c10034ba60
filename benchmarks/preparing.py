"""What a prepared dataset saves: time and memory to load it, beside the CSV that it was made from.

    python -m benchmarks.preparing [ROWS ...]

Each is loaded by two processes at one time. `own` is what a process has for itself alone once it
has loaded (its unique set), `shared` what both have together, `peak` the most that it ever held.
20,000,000 rows need 9 GB of disk for a while, and some ten minutes.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks import generate
from benchmarks.programs import PROJECT, peak_memory_mb

_SIZES = (1_000_000, 5_000_000, 20_000_000)
_PROCESSES = 2


class Loaded(NamedTuple):
    """What loading took: seconds, and megabytes of memory."""

    seconds: float
    own: float
    shared: float
    peak: float


def load(path: Path) -> Loaded:
    """Load a dataset in two processes, one after the other, and look at the second."""
    command = [sys.executable, "-m", "benchmarks.apps.loading", str(path)]
    running = []
    try:
        for _ in range(_PROCESSES):
            process = subprocess.Popen(
                command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            running.append(process)
            assert process.stdout
            seconds = float(process.stdout.readline())
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        kilobytes = {name: int(size) for name, size in re.findall(r"(\w+):\s+(\d+) kB", text)}
        own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
        peak = peak_memory_mb(process.pid)
        return Loaded(seconds, own / 1000, (kilobytes["Rss"] - own) / 1000, peak)
    finally:
        for process in running:
            process.communicate()


def prepare(source: Path, folder: Path) -> tuple[float, float]:
    """Prepare a dataset; return the seconds that it took, and the peak in megabytes."""
    program = (
        "import resource, sys\nfrom app.prepare import main\ncode = main(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)\nsys.exit(code)"
    )
    command = [sys.executable, "-c", program, "--data", str(source), "--to", str(folder)]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, float(done.stdout.splitlines()[-1])


def main() -> None:
    """Print a line for each way to load each size."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.preparing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", type=int, nargs="*", default=_SIZES)
    print(f"{'rows':>12}  {'what':<18}{'s':>8}{'own MB':>9}{'shared MB':>11}{'peak MB':>9}")
    for rows in parser.parse_args().rows:
        with tempfile.TemporaryDirectory() as place:
            source, folder = Path(place) / "rows.csv", Path(place) / "prepared"
            generate.write(source, rows)
            _print(rows, "load the CSV", *load(source))
            seconds, peak = prepare(source, folder)
            print(f"{rows:12,}  {'prepare':<18}{seconds:8.1f}{'':>20}{peak:9.0f}", flush=True)
            _print(rows, "load the prepared", *load(folder))


def _print(rows: int, what: str, seconds: float, own: float, shared: float, peak: float) -> None:
    print(f"{rows:12,}  {what:<18}{seconds:8.2f}{own:9.0f}{shared:11.0f}{peak:9.0f}", flush=True)


if __name__ == "__main__":
    main()
