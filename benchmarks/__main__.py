"""Measure this server beside others of its kind, in turns, in one session.

    make bench                            the contest and the goals: some minutes
    python -m benchmarks growth [SERIES]  how it grows: rows, jobs, clients, threads (or all)
    python -m benchmarks cluster          several processes on Celery and Redis: three minutes

Prints tables; writes JSON and plots to benchmarks/out/. Machines differ: quote ratios.
"""

import argparse
import os
import platform
import signal
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app import json_bytes
from benchmarks import cluster, cluster_programs, cluster_tables, contest, goals, growth, tables
from benchmarks.contestants import PACKAGES
from benchmarks.programs import PROJECT
from benchmarks.session import Session, session

OUT = PROJECT / "benchmarks" / "out"

# Rounds, jobs a round, clients.
_USUAL = (5, 2000, 8)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, help="rounds (default: 5; of cluster, 3)")
    parser.add_argument("--jobs", type=int, help="jobs a round (default: 2000; of cluster, 800)")
    parser.add_argument("--clients", type=int, help="clients (default: 8; of cluster, 32)")
    commands = parser.add_subparsers(dest="command", metavar="growth|cluster")
    commands.add_parser("cluster", help="several processes on Celery and Redis")
    grows = commands.add_parser("growth", help="how the server grows")
    grows.add_argument("series", nargs="*", default=[], metavar="SERIES", help=growth.NAMES)
    grows.add_argument("--most", type=int, default=10**9, help="leave out sizes above this")
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    # As for Ctrl-C: the contestants are stopped, and the folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    usual = cluster.USUAL if options.command == "cluster" else _USUAL
    asked = (options.rounds, options.jobs, options.clients)
    with session(*(one or other for one, other in zip(asked, usual, strict=True))) as run:
        if options.command == "growth":
            _growth(run, options.series or list(growth.SERIES), options.most)
        elif options.command == "cluster":
            _cluster(run)
        else:
            _contest(run)


def _contest(run: Session) -> None:
    seen = contest.run(run)
    tables.print_contest(seen, run.clients)
    checked = [*goals.of_contest(seen.rounds), *goals.measured(run)]
    tables.print_goals(checked)
    _write(
        "contest",
        run,
        {name: [asdict(one) for one in rounds] for name, rounds in seen.rounds.items()},
    )
    _write("goals", run, [asdict(goal) | {"verdict": goal.verdict} for goal in checked])
    if _can_plot():
        from benchmarks import plots

        plots.draw_contest(seen, run.clients, OUT / "contest.png")
        plots.draw_goals(checked, OUT / "goals.png")
    _tell_where()


def _growth(run: Session, names: list[str], most: int) -> None:
    for name in names:
        series = growth.SERIES[name]
        rows = series.measure(
            run, [size for size in series.sizes if size <= most] or series.sizes[:1]
        )
        tables.print_rows(series.title, rows)
        met = series.goals(rows)
        if met:
            tables.print_goals(met)
        _write(f"growth-{name}", run, rows)
        if _can_plot():
            from benchmarks import plots

            plots.draw_growth(name, rows, series.panels, OUT / f"growth-{name}.png")
    _tell_where()


def _cluster(run: Session) -> None:
    lacking = cluster_programs.missing()
    if lacking:
        sys.exit(lacking)
    seen = cluster.run(run)
    cluster_tables.print_all(seen, run.clients)
    checked = cluster.goals(seen)
    tables.print_goals(checked)
    goals_met = [asdict(goal) | {"verdict": goal.verdict} for goal in checked]
    _write("cluster", run, {**asdict(seen), "goals": goals_met})
    _tell_where()


def _write(name: str, run: Session, seen: Any) -> None:
    told = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "rounds": run.rounds,
        "jobs": run.jobs,
        "clients": run.clients,
        "seen": seen,
    }
    # orjson, because it writes nan, which stands for what was not measured, as null.
    (OUT / f"{name}.json").write_bytes(json_bytes.encode(told, option=json_bytes.PRETTY))


def _can_plot() -> bool:
    if find_spec("matplotlib") is None:
        print(f"no plots without matplotlib: {PACKAGES}")
        return False
    return True


def _tell_where() -> None:
    folder = OUT.relative_to(Path.cwd()) if OUT.is_relative_to(Path.cwd()) else OUT
    print(f"\nnumbers and plots: {folder}/")


if __name__ == "__main__":
    main()
