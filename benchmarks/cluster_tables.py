"""What was seen of the second executor, as tables for a terminal."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from math import isnan

from benchmarks import wrk
from benchmarks.cluster import ONE_PROCESS, Round, Seen, beside_plain
from benchmarks.cluster_costs import Cost
from benchmarks.tables import number

_WIDE = 30
_COLUMN = 19

_COLUMNS: Mapping[str, Callable[[Round], float | None]] = {
    "submits/s": lambda one: one.submit_rate,
    "jobs/s": lambda one: one.jobs_rate,
    "collects/s": lambda one: one.collect_rate,
    "batch, jobs/s": lambda one: one.batch_rate,
    "one job p50, ms": lambda one: one.single_p50_ms,
    "one job p99, ms": lambda one: one.single_p99_ms,
}

_COSTS: Mapping[str, Callable[[Cost], float]] = {
    "commands": lambda cost: cost.commands,
    "reads": lambda cost: cost.reads,
    "bytes in": lambda cost: cost.bytes_in,
    "bytes out": lambda cost: cost.bytes_out,
    "Redis CPU us": lambda cost: cost.microseconds,
    "bytes kept": lambda cost: cost.bytes_kept,
    "bytes to disk": lambda cost: cost.bytes_on_disk,
}


def print_all(seen: Seen, clients: int) -> None:
    """Print figures, ratios, and what a job costs in Redis."""
    rounds = len(seen.rounds[ONE_PROCESS])
    print(f"{clients} clients; medians of {rounds} rounds (spread)")
    if wrk.MISSING:
        print(f"no collects/s: {wrk.MISSING}")
    _head("")
    for name, figures in seen.rounds.items():
        _line(name, [[value(one) for one in figures] for value in _COLUMNS.values()])
    for title, beside in (
        (f"to {ONE_PROCESS}", dict.fromkeys(seen.rounds, ONE_PROCESS)),
        ("to plain Celery", beside_plain()),
    ):
        _head(title)
        for name, other in beside.items():
            if name != other:
                pairs = list(zip(seen.rounds[name], seen.rounds[other], strict=True))
                _line(name, [_ratios(pairs, value) for value in _COLUMNS.values()])
    print("1 web, 1 worker: to the same of plain Celery; the other shapes: to its 2 web, 2 worker")
    _print_costs(seen.costs)


def _head(title: str) -> None:
    print(f"\n{title:{_WIDE}}" + "".join(f"{name:>{_COLUMN}}" for name in _COLUMNS))


def _line(name: str, columns: Sequence[Sequence[float | None]]) -> None:
    print(f"{name:{_WIDE}}" + "".join(f"{_cell(column):>{_COLUMN}}" for column in columns))


def _ratios(
    pairs: Sequence[tuple[Round, Round]], value: Callable[[Round], float | None]
) -> list[float | None]:
    ratios: list[float | None] = []
    for one, other in pairs:
        seen, beside = value(one), value(other)
        ratios.append(None if seen is None or beside is None else seen / beside)
    return ratios


def _cell(column: Sequence[float | None]) -> str:
    values = [value for value in column if value is not None]
    if not values:
        return "-"
    spread = f" ({number(min(values))}-{number(max(values))})" if len(values) > 1 else ""
    return f"{number(statistics.median(values))}{spread}".replace(",", "")


def _print_costs(costs: Mapping[str, Mapping[str, Cost]]) -> None:
    for name, by_way in costs.items():
        title = f"a job in Redis: {name}"
        print(f"\n{title:{_WIDE + 15}}" + "".join(f"{column:>14}" for column in _COSTS))
        for way, cost in by_way.items():
            values = [value(cost) for value in _COSTS.values()]
            cells = "".join(f"{'-' if isnan(one) else number(one):>14}" for one in values)
            print(f"{way:{_WIDE + 15}}{cells}")
