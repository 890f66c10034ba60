"""Prepares a dataset: reads it once, so that servers load it in a moment and share its memory.

    python -m app.prepare --data 'releases/*.parquet' --to prepared/
    python -m app.prepare --check prepared/

Exit codes: 0 done, 1 could not be prepared, 2 wrong usage, 130 interrupted.
"""

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from app.datasets.files import digest_of, version_of
from app.datasets.prepared import check
from app.errors import StatsError
from app.prepare.writing import prepare
from app.progress import Screen

_PROGRAM = "python -m app.prepare"


def main(arguments: Sequence[str]) -> int:
    """Prepare a dataset and return the exit code; exits by itself on wrong usage."""
    given = _parse(arguments)
    screen = Screen()
    try:
        manifest = check(given.check) if given.check else prepare(given.data, given.to, screen)
    except StatsError as error:
        print(f"{_PROGRAM}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{_PROGRAM}: stopped; what was prepared before is as it was", file=sys.stderr)
        return 128 + signal.SIGINT
    rows, version = sum(file.rows for file in manifest.files), version_of(digest_of(manifest.files))
    place = given.check or given.to
    screen.say(
        f"{rows:,} rows, version {version}, in {place}"
        f"{': every byte is as it was written' if given.check else ''}; serve them:"
        f' make run ARGS="--data {shlex.quote(str(place))}"'
    )
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Reads a dataset once, whatever its size, and writes it in a form that servers"
        " load in a moment. A folder that is there is replaced only by a whole new one.",
    )
    parser.add_argument(
        "--data",
        metavar="PATH",
        type=_path,
        help="what to read, as the server's --data: a CSV or Parquet file in the layout of CDC's"
        " BRFSS release, a folder of them, or a pattern",
    )
    parser.add_argument("--to", metavar="FOLDER", type=_path, help="the folder to write")
    parser.add_argument(
        "--check",
        metavar="FOLDER",
        type=_path,
        help="instead, read all of a prepared folder, and say whether it is as it was written",
    )
    given = parser.parse_args(arguments)
    if given.check and (given.data or given.to):
        parser.error("--check goes alone")
    if not given.check and not (given.data and given.to):
        parser.error("expected --data and --to, or --check")
    return given


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("expected a path")
    return Path(text).expanduser()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
