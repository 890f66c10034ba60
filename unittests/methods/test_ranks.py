"""Intervals that hold the true values of all states at once."""

import numpy as np
import pytest

from app.methods.estimates import estimates
from app.methods.ranks import joint_limits
from unittests.helpers.rows import made, row


def test_states_without_limits_do_not_widen_those_of_others() -> None:
    rows = [row(state, value) for state, value in (("Ohio", 20.0), ("Iowa", 22.0), ("Utah", 30.0))]
    bare = [row(f"Place {number}", 25.0, None) for number in range(40)]
    alone = joint_limits(estimates(made(rows).estimates, "state"))
    among = joint_limits(estimates(made([*rows, *bare]).estimates, "state"))
    known = among[:, ~np.isnan(among).any(axis=0)]
    assert np.sort(known) == pytest.approx(np.sort(alone))
