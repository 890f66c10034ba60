"""Each mutant of the plain server is found by the check that should; the plain one is right."""

from pathlib import Path

import pytest

from unittests.grade.graded import bench_of, outcome_of
from unittests.grade.mutants import MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_found(name: str, tmp_path: Path) -> None:
    mutant = MUTANTS[name]
    outcome = outcome_of(bench_of(tmp_path, mutant), mutant.check)
    found = {finding.fault.name for finding in outcome.findings}
    assert found & set(mutant.found), found
