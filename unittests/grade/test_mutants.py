"""Each mutant of the plain server is found by the check that should find it.

Those that take most processor time are left to the proof, .ci/proofs/grader.py, which runs all of
them with many seeds.
"""

from pathlib import Path

import pytest

from unittests.grade.graded import bench_of, outcome_of
from unittests.grade.mutants import MUTANTS

OF_THE_PROOF = {
    "high is always best",
    "counter increased without a lock",
    "jobs listed without the lock",
    "status before file",
    "sentinels in front of the work",
    "asks the queue again and again",
    "an exception ends the worker",
    "lines in two pieces",
    "flag read before the job is queued",
    "no submit is refused",
    "workers stop at the flag",
    "one sentinel for all",
    "done when the queue is empty",
    "a second call fails",
    "SIGTERM joins for ever",
    "TP_NUM_OF_THREADS is not read",
    "the pool is started twice",
    "one lock for the whole job",
    "a thread for each job that never ends",
    "a copy of the table for each job",
    "errors are HTML",
    "the log grows for ever",
    "registered by the worker",
}


@pytest.mark.parametrize("name", [name for name in MUTANTS if name not in OF_THE_PROOF])
def test_a_mutant_is_found(name: str, tmp_path: Path) -> None:
    mutant = MUTANTS[name]
    outcome = outcome_of(bench_of(tmp_path, mutant), mutant.check)
    found = {finding.fault.name for finding in outcome.findings}
    assert found & set(mutant.found), found


def test_those_that_are_left_to_the_proof_are_mutants_too() -> None:
    for name in OF_THE_PROOF:
        compile(MUTANTS[name].source(), name, "exec")
    assert len(set(MUTANTS) - OF_THE_PROOF) >= 23
