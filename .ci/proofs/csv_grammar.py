"""Hostile CSV files: the program, polars, the csv module and RFC 4180 must agree on each.

python .ci/proofs/csv_grammar.py [--runs N] [--seed S]

A file is refused, with a line, or all of them see the same values in it.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from app.datasets import csv_grammar
from unittests.helpers.csv_files import disagreement, hostile_csv, read_by_the_rfc


def main() -> int:
    """Make files, and count those that are read in two ways."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    wrong = served = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hostile.csv"
        for number in range(arguments.runs):
            # Where one block ends and the next begins must not matter.
            csv_grammar.BLOCK_BYTES = chance.choice((1, 7, 30, 4096, 2**17))
            content = hostile_csv(chance)
            served += read_by_the_rfc(content) is not None
            found = disagreement(content, path)
            if found:
                wrong += 1
                print(f"file {number}: {content[:300]!r}: {found[:300]}", flush=True)
    print(f"{arguments.runs:,} files, {served:,} of them a CSV, {wrong} read in two ways")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
