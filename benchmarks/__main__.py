"""Benchmarks of this server. Each prints a table as Markdown; compare ratios, not machines.

make bench                                      the first of the list
make bench ARGS="against ../other --rounds 9"   another one
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    against,
    answers,
    beside,
    cluster,
    generate,
    growth,
    inequality_coverage,
    journal,
    page,
    prepared,
    public,
    questions,
    rank_coverage,
    road,
    trace,
    trend_coverage,
)

BENCHMARKS = {
    "beside": beside,
    "growth": growth,
    "cluster": cluster,
    "against": against,
    "answers": answers,
    "journal": journal,
    "page": page,
    "prepared": prepared,
    "public": public,
    "questions": questions,
    "generate": generate,
    "inequality_coverage": inequality_coverage,
    "rank_coverage": rank_coverage,
    "road": road,
    "trace": trace,
    "trend_coverage": trend_coverage,
}


def main() -> None:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="NAME", required=True)
    for name, benchmark in BENCHMARKS.items():
        command = commands.add_parser(
            name,
            help=str(benchmark.__doc__).splitlines()[0],
            description=benchmark.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        benchmark.add_options(command)
        command.set_defaults(run=benchmark.run)
    options = parser.parse_args(sys.argv[1:] or ["beside"])
    # As for Ctrl-C: the servers are stopped, and the folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # One folder for the whole run: where thousands of files were removed, ext4 is slow at making
    # files for a while, and the next server would pay for it.
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        options.run(options, Path(folder))


if __name__ == "__main__":
    main()
