"""What a prepared dataset saves: seconds and memory to load it, beside its CSV.

Each is loaded by two processes at one time. `own` is what a process has for itself alone once it
has loaded (its unique set), `shared` what both have together, `peak` the most that it ever held.
20,000,000 rows need 9 GB of disk for a while, and some ten minutes.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import generate
from benchmarks.programs import PROJECT, memory_mb
from benchmarks.tables import number, progress, table

_SIZES = (1_000_000, 5_000_000, 20_000_000)
_PROCESSES = 2
_LOAD = """
import sys, time, pathlib
from app.data_ingestor import DataIngestor
began = time.perf_counter()
dataset = DataIngestor(pathlib.Path(sys.argv[1]))
print(time.perf_counter() - began, flush=True)
sys.stdin.read()
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("rows", type=int, nargs="*", default=_SIZES)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    lines = []
    for rows in options.rows:
        progress(f"{rows:,} rows")
        source, prepared = folder / f"{rows}.csv", folder / f"{rows}"
        generate.write(source, rows)
        lines.append([f"{rows:,}", "load the CSV", *map(number, _load(source))])
        seconds, peak = _prepare(source, prepared)
        lines.append([f"{rows:,}", "prepare", number(seconds), "", "", number(peak)])
        lines.append([f"{rows:,}", "load the prepared", *map(number, _load(prepared))])
        source.unlink()  # gigabytes
    table(["rows", "", "s", "own, MB", "shared, MB", "peak, MB"], lines)


def _load(path: Path) -> tuple[float, float, float, float]:
    """Load in two processes, one after the other; return what the second one took."""
    command = [sys.executable, "-c", _LOAD, str(path)]
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
        shared = kilobytes["Rss"] - own
        return seconds, own / 1000, shared / 1000, memory_mb(process.pid, peak=True)
    finally:
        for process in running:
            process.communicate()


def _prepare(source: Path, folder: Path) -> tuple[float, float]:
    """Prepare a dataset; return the seconds that it took, and the peak in megabytes."""
    command = [sys.executable, "-m", "app.prepare", "--data", str(source), "--to", str(folder)]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} failed")
    return time.perf_counter() - began, used.ru_maxrss / 1000
