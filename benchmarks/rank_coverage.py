"""How often the limits of ranks hold the true ranks, and how wide they are.

Worlds are drawn in which the states' true shares are known: as CDC published them, three groups of
equal states, or all states equal. Each state's estimate is its true share and a normal error as
large as the published one, on the logit scale; the limits of all ranks are computed from these.

`all` is the share of worlds in which every state's limits hold its true rank (of equal states, all
ranks that they share), `one` the least share of a single state, `width` how many ranks the limits
hold on average. Limits that hold all ranks together must have `all` of 95 % or more; those of one
state that is named beforehand must have `one`.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from app.data_ingestor import DataIngestor
from app.methods.estimates import estimates, is_nation, matching
from app.methods.ranks import (
    Flags,
    Numbers,
    beaten,
    critical_of_all,
    critical_of_one,
    joint_reach,
    on_scale,
)
from benchmarks.programs import PROJECT
from benchmarks.tables import progress, table

_RELEASE = PROJECT / "dataset" / "brfss_release.parquet"
_GROUPS = 3


class Coverage(NamedTuple):
    """What `coverage` returns, see above."""

    all: float
    one: float
    width: float


# From values and errors, in a row for each state, which others are clearly lower.
Better = Callable[[Numbers, Numbers], Flags]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--runs", type=int, default=10_000, help="worlds of each kind (10,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (1)")
    parser.add_argument("--question", default="Q036", help="whose estimates (Q036, obesity)")
    parser.add_argument("--year", type=int, default=2021, help="of which year (2021)")


def run(options: argparse.Namespace, _folder: Path) -> None:
    """Simulate and print."""
    values, errors = _published(options.question, options.year)
    lines = []
    for world, truth in _worlds(values).items():
        for method, better in methods(errors).items():
            progress(f"{world}, {method}")
            found = coverage(truth, errors, better, options.runs, options.seed)
            shares = (f"{100 * share:.1f} %" for share in (found.all, found.one))
            lines.append([world, method, *shares, f"{found.width:.1f}"])
    table(["true shares", "limits", "all", "one", "width"], lines)


def methods(errors: Numbers) -> Mapping[str, Better]:
    """Return the three ways to limit ranks, for states with these standard errors."""
    reach = joint_reach(len(errors)) * errors
    of_all = critical_of_all(errors)
    of_each = np.array([critical_of_one(errors, place) for place in range(len(errors))])

    def joint_region(values: Numbers, _errors: Numbers) -> Flags:
        return np.asarray((values + reach)[None, :] < (values - reach)[:, None])

    return {
        "joint_region": joint_region,
        "differences": lambda values, errors: beaten(values, errors, of_all),
        # Of one state at a time: each row, and each column, is of another critical value.
        "one state": lambda values, errors: beaten(values, errors, of_each[:, None]),
    }


def coverage(truth: Numbers, errors: Numbers, better: Better, runs: int, seed: int) -> Coverage:
    """Return how often limits hold in so many worlds in which this is the truth."""
    random = np.random.default_rng(seed)
    first = 1 + (truth[None, :] < truth[:, None]).sum(axis=1)
    last = len(truth) - (truth[None, :] > truth[:, None]).sum(axis=1)
    held = np.zeros((runs, len(truth)), dtype=bool)
    width = 0.0
    for world in range(runs):
        values = truth + errors * random.standard_normal(len(truth))
        low = 1 + better(values, errors).sum(axis=1)
        high = len(truth) - better(-values, errors).sum(axis=1)
        held[world] = (low <= first) & (last <= high)
        width += float((high - low + 1).mean()) / runs
    return Coverage(float(held.all(axis=1).mean()), float(held.mean(axis=0).min()), width)


def _published(question: str, year: int) -> tuple[Numbers, Numbers]:
    """Return the states' estimates and standard errors on the logit scale."""
    dataset = DataIngestor(_RELEASE)
    text = dataset.question(question).question.text
    rows = matching(dataset, question=text, category="Total", stratum="Total")
    rows = rows.filter(pl.col("year_start") == year, ~is_nation())
    values, errors = on_scale(estimates(rows, "state"))
    known = ~np.isnan(errors)
    return values[known], errors[known]


def _worlds(values: Numbers) -> Mapping[str, Numbers]:
    """Return the kinds of true shares."""
    grouped = np.empty_like(values)
    for part in np.array_split(np.argsort(values), _GROUPS):
        grouped[part] = values[part].mean()
    return {
        "as published": values,
        "three groups of equals": grouped,
        "all equal": np.full_like(values, values.mean()),
    }
