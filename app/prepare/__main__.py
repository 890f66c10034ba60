"""Prepares a dataset: reads it once, so that servers load it in a moment and share its memory.

    python -m app.prepare --data 'releases/*.parquet' --to prepared/
    python -m app.prepare --check prepared/

Exit codes: 0 done, 1 could not be prepared, 2 wrong usage, 130 interrupted.
"""

import shlex
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.datasets.files import digest_of, version_of
from app.datasets.prepared import check
from app.errors import SettingsError, StatsError
from app.installation import command
from app.prepare.writing import prepare
from app.progress import plain_console
from app.settings_table import SettingsTable, a_path, setting

_PROGRAM = "python -m app.prepare"


def _one_path(text: str) -> Path:
    """Read the path of `--data`, of which each that is given is a line."""
    if "\n" in text:
        raise ValueError("it once: several files are a folder of them, or a pattern in quotes")
    return a_path(text)


@dataclass(frozen=True, slots=True)
class PrepareSettings(SettingsTable):
    """What to read and where to write it, or what to check."""

    ABOUT = (
        "Reads a dataset once, whatever its size, and writes it in a form that servers load in a"
        " moment. A folder that is there is replaced only by a whole new one."
    )

    data: Path | None = setting(
        None, _one_path, "PATH", "",
        "what to read, as the server's --data: a CSV or Parquet file in one of CDC's layouts"
        " (docs/layouts.md), a folder of them, or a pattern",
        repeated=True,
    )  # fmt: skip
    to: Path | None = setting(None, a_path, "FOLDER", "", "the folder to write")
    check: Path | None = setting(
        None, a_path, "FOLDER", "",
        "instead, read all of a prepared folder, and say whether it is as it was written",
    )  # fmt: skip


def main(arguments: Sequence[str], program: str = _PROGRAM) -> int:
    """Prepare a dataset and return the exit code; `program` is what it was called by."""
    console = plain_console()
    try:
        match PrepareSettings.load(arguments, program=program):
            case PrepareSettings(data=None, to=None, check=Path() as place):
                manifest, news = check(place), ": every byte is as it was written"
            case PrepareSettings(data=Path() as source, to=Path() as place, check=None):
                manifest, news = prepare(source, place, console), ""
            case _:
                raise SettingsError("expected --data and --to, or --check alone")
    except SettingsError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return error.exit_code
    except StatsError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{program}: stopped; what was prepared before is as it was", file=sys.stderr)
        return 128 + signal.SIGINT
    rows, version = sum(file.rows for file in manifest.files), version_of(digest_of(manifest.files))
    console.print(
        f"{rows:,} rows, version {version}, in {place}{news}; serve them:"
        f" {command('run', f'--data {shlex.quote(str(place))}')}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
