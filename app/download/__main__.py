"""`make data`: CDC's current release in one command.

    python -m app.download [--to PATH] [--paged] [--force] ...

Exit codes: 0 done, 1 could not be downloaded, 2 wrong usage, 130 interrupted.
"""

import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.download.retrying_http import RetryingHttp, RetryPolicy
from app.download.settings import DownloadSettings
from app.download.steps import can_go_on, download
from app.errors import CannotBegin, SettingsError, StatsError
from app.installation import command
from app.progress import plain_console
from app.sources import BOX

_PROGRAM = "python -m app.download"


def main(
    arguments: Sequence[str],
    environ: Mapping[str, str] | None = None,
    policy: RetryPolicy | None = None,
    program: str = "",
) -> int:
    """Download CDC's release and return the exit code; `program` is what it was called by."""
    try:
        settings = DownloadSettings.load(arguments, environ, program or _PROGRAM)
    except SettingsError as error:
        print(f"{program or _PROGRAM}: {error}", file=sys.stderr)
        return error.exit_code
    program = program or command("data")
    console = plain_console()
    http = RetryingHttp(settings.base, settings.token, console.print, policy or RetryPolicy())
    try:
        outcome = download(settings, http, console)
    except CannotBegin as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    except StatsError as error:
        print(f"{program}: {error}", file=sys.stderr)
        print(f"{program}: nothing was replaced{_kept(settings.to)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{program}: stopped{_kept(settings.to)}", file=sys.stderr)
        return 128 + signal.SIGINT
    finally:
        http.close()
    note, place = outcome.note, _shown(settings.to)
    serve = command("run", f"--data {shlex.quote(place)}")
    if any(settings.to == source.newer for source in BOX):
        serve = f"{command('run')}, or a reload of a server that runs ({command('reload')})"
    console.print(
        f"{note.rows:,} rows in {place}, CDC's release as of {note.updated[:10]}"
        f"{'' if outcome.news else ', the newest already: nothing was downloaded'}; serve them:"
        f" {serve}"
    )
    return 0


def _kept(to: Path) -> str:
    """Return what is to be said of the bytes that came, where a later run can use them."""
    return "; what came is kept: run it again to go on with it" if can_go_on(to) else ""


def _shown(path: Path) -> str:
    """Return a path as short as it can be given where the command was run."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
