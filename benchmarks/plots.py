"""The plots: bars for the contest and the goals, log-log lines for growth."""

import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.contest import Contest, median, ratio_to_bare
from benchmarks.goals import Goal
from benchmarks.panels import Panel, Row
from benchmarks.tables import number

# Okabe and Ito's colours, which the colour-blind tell apart.
_BLUE, _SKY, _ORANGE, _RED, _GREY = "#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#999999"


def _figure(rows: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    """Return a figure and its axes, in a list."""
    import matplotlib as mpl

    mpl.use("Agg")  # draws to files, needs no display
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        rows, columns, figsize=(width, height), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes.flat)


def _plain_ticks(axis: Any, low: float, high: float) -> None:
    """Put plain numbers on a log scale, three to a decade where it is short, else one."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    steps = (1, 2, 5) if high / low < 300 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in steps]
    axis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def _save(figure: Any, path: Path) -> None:
    from matplotlib import pyplot as plt

    figure.savefig(path, dpi=130)
    plt.close(figure)


def _colour(name: str) -> str:
    if name.startswith("this server"):
        return _BLUE
    return _GREY if name.startswith("bare") else _ORANGE


def draw_contest(seen: Contest, clients: int, path: Path) -> None:
    """Draw jobs per second, and the latencies, of each contestant."""
    names = list(seen.rounds)
    figure, (rates, latencies) = _figure(1, 2, 13, 0.5 * len(names) + 1.6)
    for row, name in enumerate(names):
        figures = seen.rounds[name]
        seen_rates = [one.jobs_rate for one in figures]
        middle = statistics.median(seen_rates)
        spread = [[middle - min(seen_rates)], [max(seen_rates) - middle]]
        rates.barh(row, middle, color=_colour(name), height=0.7)
        rates.errorbar(middle, row, xerr=spread, color="black", capsize=3, linewidth=1)
        text = f"  {number(middle)}  ({ratio_to_bare(seen.rounds, name):.2f})"
        rates.text(max(seen_rates), row, text, va="center", fontsize=9)
        _draw_range(latencies, row - 0.15, figures, "submit", _SKY)
        _draw_range(latencies, row + 0.15, figures, "collect", _RED)
    for axis in (rates, latencies):
        axis.set_ylim(len(names) - 0.5, -0.5)
    rates.set_yticks(range(len(names)), names)
    latencies.set_yticks(range(len(names)), [])
    rates.set_xlim(right=rates.get_xlim()[1] * 1.2)
    rates.set_xlabel("jobs per second (median; line: least to most of the rounds)")
    rates.set_title(f"Jobs per second, {clients} clients (and ratio to the bare route)", loc="left")
    latencies.set_xscale("log")
    latencies.set_xlabel("milliseconds, log scale")
    latencies.set_title("A request takes: dot p50, bar p99", loc="left")
    latencies.grid(axis="x", alpha=0.3)
    for label, colour in (("submit", _SKY), ("collect", _RED)):
        latencies.plot([], [], "o-", color=colour, label=label)
    latencies.legend(loc="upper right", frameon=False)
    _plain_ticks(latencies.xaxis, *latencies.get_xlim())
    _save(figure, path)


def _draw_range(axis: Any, y: float, figures: Sequence[Any], step: str, colour: str) -> None:
    p50, p99 = median(figures, f"{step}_p50_ms"), median(figures, f"{step}_p99_ms")
    if not math.isnan(p50):
        axis.plot([p50, p99], [y, y], color=colour, linewidth=2)
        axis.plot(p50, y, "o", color=colour, markersize=5)
        axis.plot(p99, y, "|", color=colour, markersize=9)


def draw_goals(goals: Sequence[Goal], path: Path) -> None:
    """Draw how far each goal is exceeded or missed."""
    measured = [goal for goal in goals if goal.seen is not None and goal.wanted > 0]
    figure, (axis,) = _figure(1, 1, 11, 0.38 * len(measured) + 1.4)
    for row, goal in enumerate(measured):
        seen = goal.seen or math.nan
        reached = seen / goal.wanted if goal.at_least else goal.wanted / seen
        colour = _BLUE if goal.met else _RED
        axis.plot([1, reached], [row, row], color=colour, linewidth=6, solid_capstyle="butt")
        sign = "\u2265" if goal.at_least else "\u2264"
        wanted = f"{sign} {number(goal.wanted)} {goal.unit}".strip()
        text = f" {number(seen)} (wanted {wanted}) "
        side = "left" if reached >= 1 else "right"
        axis.text(reached, row, text, va="center", ha=side, fontsize=8)
    axis.axvline(1, color="black", linewidth=1)
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    axis.set_xlim(min(low, 0.5) / 4, max(high, 2) * 2.5)
    _plain_ticks(axis.xaxis, *axis.get_xlim())
    axis.set_yticks(range(len(measured)), [goal.name for goal in measured], fontsize=8)
    axis.set_ylim(len(measured) - 0.5, -0.5)
    met = sum(bool(goal.met) for goal in measured)
    axis.set_title(f"{met} of {len(measured)} goals met (blue: met, orange: not met)", loc="left")
    axis.grid(axis="x", alpha=0.25)
    axis.set_xlabel("how far beyond (right) or short of (left) the goal, log scale; 1 is the goal")
    _save(figure, path)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return b of y = a * x^b, fitted to the points by least squares of the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope


def draw_growth(
    of: str,
    rows: Sequence[Row],
    panels: Sequence[Panel],
    path: Path,
) -> None:
    """Draw each panel's column over `of`, both on log scales, with the fitted power."""
    across = 2 if len(panels) > 1 else 1
    figure, axes = _figure(math.ceil(len(panels) / across), across, 6.2 * across, 0)
    figure.set_size_inches(6.2 * across, 3.6 * math.ceil(len(panels) / across))
    for axis, panel in zip(axes, panels, strict=False):
        _draw_panel(axis, of, panel, [(row[of], row[panel.column]) for row in rows])
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    _save(figure, path)


def _draw_panel(
    axis: Any, of: str, panel: Panel, pairs: Sequence[tuple[float | None, float | None]]
) -> None:
    points = [(x, y) for x, y in pairs if x is not None and y is not None and y > 0]
    axis.set_xlabel(f"{of}, log scale")
    axis.set_ylabel(f"{panel.unit}, log scale")
    if len(points) < 2:
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_title(f"{panel.what}: not available", loc="left", fontsize=11)
        return
    axis.set_xscale("log")
    axis.set_yscale("log")
    power, latest = exponent(points), exponent(points[-2:])
    middle = [statistics.fmean(math.log(point[side]) for point in points) for side in (0, 1)]
    ends = [points[0][0], points[-1][0]]
    fitted = [math.exp(middle[1] + power * (math.log(x) - middle[0])) for x in ends]
    axis.plot(ends, fitted, "--", color=_GREY, label=_powers(of, power, latest))
    axis.plot(*zip(*points, strict=True), "o-", color=_BLUE)
    for x, y in points:
        axis.annotate(
            number(y),
            (x, y),
            (0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            bbox={"boxstyle": "square,pad=0.1", "color": "white", "alpha": 0.7},
        )
    low, high = min(y for _, y in points), max(y for _, y in points)
    # At least a decade, so that what is flat looks flat; more above, for the numbers and the key.
    room = max(1.6, math.sqrt(10 * low / high))
    axis.set_ylim(low / room, high * room * 1.4)
    axis.set_xlim(points[0][0] / 1.8, points[-1][0] * 1.8)
    _plain_ticks(axis.xaxis, *axis.get_xlim())
    _plain_ticks(axis.yaxis, *axis.get_ylim())
    axis.grid(alpha=0.25, which="major")
    axis.legend(loc="best", frameon=False)
    (least, first), (most, last) = points[0], points[-1]
    seen = f"{number(first)} to {number(last)} {panel.unit}"
    span = f"{number(least)} to {number(most)} {of}"
    axis.set_title(f"{panel.what}: {seen} at {span}", loc="left", fontsize=10)


def _powers(of: str, fitted: float, latest: float) -> str:
    """Tell the fitted power, and that of the last step, where fixed costs weigh least."""
    return f"fitted: {of}$^{{{fitted:z.2f}}}$, last step: {of}$^{{{latest:z.2f}}}$"
