"""Limits of ranks: intervals and tests that hold for all states at once, or for one."""

from itertools import combinations
from math import hypot, sqrt

import numpy as np
import pytest

from app.methods.estimates import estimates
from app.methods.ranks import (
    clearly_better,
    critical_of_all,
    critical_of_one,
    joint_limits,
    on_scale,
)
from benchmarks.rank_coverage import coverage, methods
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import Z, logit

ERRORS = np.array([1.0, 0.4, 2.5, 0.7, 1.2])


def test_states_without_limits_do_not_widen_those_of_others() -> None:
    rows = [row(state, value) for state, value in (("Ohio", 20.0), ("Iowa", 22.0), ("Utah", 30.0))]
    bare = [row(f"Place {number}", 25.0, None) for number in range(40)]
    alone = joint_limits(estimates(made(rows).estimates, "state"))
    among = joint_limits(estimates(made([*rows, *bare]).estimates, "state"))
    known = among[:, ~np.isnan(among).any(axis=0)]
    assert np.sort(known) == pytest.approx(np.sort(alone))


def greatest(errors: np.ndarray, pairs: list[tuple[int, int]], seed: int) -> float:
    """Return the 95 % quantile of the greatest score of some pairs, by simulation."""
    drawn = np.random.default_rng(seed).standard_normal((50_000, len(errors))) * errors
    scores = [abs(drawn[:, a] - drawn[:, b]) / hypot(errors[a], errors[b]) for a, b in pairs]
    return float(np.quantile(np.max(scores, axis=0), 0.95))


def test_critical_values_by_another_simulation() -> None:
    pairs = list(combinations(range(5), 2))
    assert critical_of_all(ERRORS) == pytest.approx(greatest(ERRORS, pairs, 5), abs=0.03)
    for place in (1, 2):
        own = [pair for pair in pairs if place in pair]
        found = critical_of_one(ERRORS, place)
        assert found == pytest.approx(greatest(ERRORS, own, 6), abs=0.02)
    assert critical_of_one(ERRORS[:2], 0) == pytest.approx(Z, abs=1e-4)
    assert critical_of_one(ERRORS[:1], 0) == critical_of_all(ERRORS[:1]) == pytest.approx(Z)


def test_the_critical_value_of_equal_errors_is_tukeys() -> None:
    # As scipy.stats.studentized_range.ppf(0.95, 6, inf) has it.
    assert critical_of_all(np.full(6, 2.0)) == pytest.approx(4.0301 / sqrt(2), abs=0.02)


def test_differences_by_looking_at_every_pair() -> None:
    values = [20.0, 21.0, 24.0, 40.0, 41.0, 60.0]
    rows = [row(f"S{place}", value, 1.0 + place / 2) for place, value in enumerate(values)]
    states = estimates(made([*rows, row("S9", 50.0, None)]).estimates, "state")
    lows, highs = ([logit(one) for one in states[name][:6]] for name in ("low", "high"))
    errors = [(high - low) / (2 * Z) for low, high in zip(lows, highs, strict=True)]
    critical = critical_of_all(np.array(errors))
    better = clearly_better(states, "differences", lower=True)
    higher = clearly_better(states, "differences", lower=False)
    for mine in range(6):
        for other in range(6):
            score = logit(values[mine]) - logit(values[other])
            wanted = score / hypot(errors[mine], errors[other]) > critical
            assert better[mine, other] == higher[other, mine] == wanted
    assert not better[6].any()
    assert not better[:, 6].any()


def test_values_without_a_logit_are_compared_in_percent() -> None:
    rows = [Row("Iowa", 2020, 0.0, 0.0, 1.0), row("Ohio", 30.0), row("Utah", 50.0)]
    values, _ = on_scale(estimates(made(rows).estimates, "state"))
    assert list(values) == [0.0, 30.0, 50.0]
    logits, _ = on_scale(estimates(made(rows[1:]).estimates, "state"))
    assert list(logits) == pytest.approx([logit(30.0), 0.0])


def test_limits_hold_the_true_ranks_as_often_as_is_said() -> None:
    random = np.random.default_rng(3)
    errors = random.uniform(0.5, 2.0, 10)
    truths = {"apart": np.linspace(0.0, 8.0, 10), "equal": np.zeros(10)}
    found = {
        (name, method): coverage(truth, errors, better, 600, 11)
        for name, truth in truths.items()
        for method, better in methods(errors).items()
    }
    for method in ("joint_region", "differences"):
        assert all(found[name, method].all >= 0.93 for name in truths)
    assert all(found[name, "one state"].one >= 0.92 for name in truths)
    widths = [found["apart", method].width for method in methods(errors)]
    assert widths == sorted(widths, reverse=True)


def test_the_same_numbers_come_out_each_time() -> None:
    assert critical_of_all(ERRORS) == critical_of_all(ERRORS)
    with_gap = np.append(ERRORS, np.nan)
    assert critical_of_all(with_gap) == critical_of_all(ERRORS)
    assert critical_of_one(with_gap, 2) == critical_of_one(ERRORS, 2)
