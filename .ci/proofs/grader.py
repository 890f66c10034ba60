"""Grade correct servers, in which nothing may be found, and mutants, each of which must be.

python .ci/proofs/grader.py [--runs N] [--seed S] [--seconds SECONDS] [--correct N]
                            [--mutants N] [--mutant NAME ...]

Our own server and the plain one of unittests/grade are graded `--correct` times (N by default),
each mutant N times by the check that should find it: in 19 of 20 runs it has to. Runs have seeds
S, S + 1 and so on; `--mutants` takes so many of them, by chance.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from app.grade.bench import Bench, Launch, Places, launcher, temporary_output
from app.grade.expected import Expected
from app.grade.grading import Grading, grade
from app.grade.http_client import Address
from app.grade.weights import read_weights
from unittests.grade.graded import small_csv
from unittests.grade.mutants import MUTANTS, PLAIN, Mutant
from unittests.helpers.files import DATASET, PROJECT
from unittests.helpers.server import free_port

FOUND_IN = 0.95  # of the runs


def run(program: str, data: Path, seed: int, seconds: float, mutant: Mutant | None) -> Grading:
    """Grade a server, started as the command line starts one, in a folder of its own."""
    output = temporary_output()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        launch: Launch = launcher(program.format(port=port, folder=folder), folder, output)
        bench = Bench(
            Address(f"http://127.0.0.1:{port}", timeout=20.0 if mutant is None else 8.0),
            Expected(data),
            Places(folder / "results", folder / "webserver.log"),
            launch,
            seed=seed,
            seconds=seconds,
            patience=10.0 if mutant is None else 5.0,
            output=output,
            faults=mutant.found if mutant else (),
        )
        try:
            return grade(bench, read_weights(), seed, only=(mutant.check,) if mutant else ())
        finally:
            output.unlink()


def main() -> int:
    """Run all of it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--correct", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--mutants", type=int, default=len(MUTANTS))
    parser.add_argument("--mutant", action="append", choices=[*MUTANTS])
    options = parser.parse_args()
    sample = random.Random(options.seed).sample([*MUTANTS], options.mutants)
    chosen = {name: MUTANTS[name] for name in options.mutant or sample}
    correct = options.runs if options.correct is None else options.correct
    python, wrong = sys.executable, 0
    seeds = range(options.seed, options.seed + max(options.runs, correct))
    with tempfile.TemporaryDirectory() as name:
        data, source = small_csv(Path(name) / "data.csv"), Path(name) / "server.py"
        ours = (
            f"{python} {PROJECT / 'api_server.py'} --port {{port}} --data {DATASET} "
            "--results {folder}/results --log {folder}/webserver.log"
        )
        plain = f"{python} {PLAIN} {{port}} {data}"
        for what, program, answers in (
            ("our own server", ours, DATASET),
            ("the plain server", plain, data),
        ):
            for seed in seeds[:correct]:
                began = time.monotonic()
                grading = run(program, answers, seed, options.seconds, None)
                took = time.monotonic() - began
                print(f"{what}, seed {seed}: {len(grading.findings)} findings, {took:.0f} s")
                for finding in grading.findings:
                    wrong += 1
                    print(f"WRONG {finding.fault.name}: {finding.seen}")
                    print("\n".join(exchange.told() for exchange in finding.exchanges))
                sys.stdout.flush()
        for name_of, mutant in chosen.items():
            source.write_text(mutant.source(), encoding="utf-8")
            found = 0
            for seed in seeds[: options.runs]:
                program = f"{python} {source} {{port}} {data}"
                grading = run(program, data, seed, 5 * options.seconds, mutant)
                found += any(one.fault.name in mutant.found for one in grading.findings)
            enough = found >= FOUND_IN * options.runs
            wrong += not enough
            print(
                f"{'found' if enough else 'WRONG'} {found} of {options.runs}: {name_of}", flush=True
            )
    print(
        f"seed {options.seed}: {correct} runs of each correct server,"
        f" {len(chosen)} mutants, {wrong} wrong"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
