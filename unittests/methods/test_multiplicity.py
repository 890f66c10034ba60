"""Holm's adjustment, as statsmodels has it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from app.methods.multiplicity import holm


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 12))
def test_holm_is_that_of_statsmodels(p_values: list[float], place: int) -> None:
    wanted = list(multipletests(p_values, method="holm")[1])
    assert holm(p_values) == pytest.approx(wanted)
    place = min(place, len(p_values))
    gapped = [*p_values[:place], None, *p_values[place:]]
    found = holm(gapped)
    assert found[place] is None
    assert found[:place] + found[place + 1 :] == pytest.approx(wanted)
