"""What was seen, as tables for a terminal."""

import math
import statistics
from collections.abc import Sequence

from benchmarks.contest import Contest, median, ratio_to_bare
from benchmarks.contestants import BARE
from benchmarks.goals import Goal
from benchmarks.panels import Row

_WIDE = 26


def number(value: float) -> str:
    """Return a number with as many digits as are worth reading."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def print_contest(seen: Contest, clients: int) -> None:
    """Print a line for each contestant: medians, and the spread of the jobs per second."""
    count = len(next(iter(seen.rounds.values())))
    print(f"{clients} clients; medians of {count} rounds; ratio: jobs/s to those of '{BARE}'\n")
    print(
        f"{'':{_WIDE}} jobs/s  (spread)      ratio  submit/s collect/s"
        "    p50/p99 submit   p50/p99 collect, ms"
    )
    for name, figures in seen.rounds.items():
        rates = [one.jobs_rate for one in figures]
        cells = (
            f"{name:{_WIDE}}",
            f"{statistics.median(rates):6.0f}",
            f"({min(rates):.0f}-{max(rates):.0f})".ljust(12),
            f"{ratio_to_bare(seen.rounds, name):6.2f}",
            _right(median(figures, "submit_rate"), 9),
            _right(median(figures, "collect_rate"), 9),
            _pair(median(figures, "submit_p50_ms"), median(figures, "submit_p99_ms")),
            _pair(median(figures, "collect_p50_ms"), median(figures, "collect_p99_ms")),
        )
        print(" ".join(cells))
        errors = sum(one.errors for one in figures)
        if errors:
            print(f"{'':{_WIDE}} {errors} errors")
    for name, text in seen.remarks.items():
        print(f"{name}: {text}")
    for name, text in seen.left_out.items():
        print(f"left out: {name}: {text}")


def _right(value: float, wide: int) -> str:
    return f"{'-':>{wide}}" if math.isnan(value) else f"{value:{wide}.0f}"


def _pair(p50: float, p99: float) -> str:
    return f"{'-' if math.isnan(p50) else f'{p50:.2f}/{p99:.2f}':>17}"


def print_goals(goals: Sequence[Goal]) -> None:
    """Print a line for each goal."""
    print(f"\n{'goal':66} {'wanted':>11} {'seen':>8}  (spread)")
    for goal in goals:
        wanted = f"{'>=' if goal.at_least else '<='} {number(goal.wanted)}"
        seen, spread = "-", ""
        if goal.seen is not None and goal.low is not None and goal.high is not None:
            seen = number(goal.seen)
            if goal.low < goal.high:
                spread = f"({number(goal.low)}-{number(goal.high)})"
        name = f"{goal.name}, {goal.unit}" if goal.unit else goal.name
        remark = f"; {goal.remark}" if goal.remark else ""
        print(f"{name:66} {wanted:>11} {seen:>8}  {spread:15} {goal.verdict}{remark}")


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print the points of a growth series, one a line."""
    names = list(rows[0])
    print(f"\n{title}\n" + "".join(f"{name.replace('_', ' '):>16}" for name in names))
    for row in rows:
        values = (row[name] for name in names)
        print("".join(f"{'-' if value is None else number(value):>16}" for value in values))
