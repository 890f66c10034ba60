"""`make data`: CDC's current release in one command.

    python -m app.download [--to PATH] [--paged] [--force] ...

Exit codes: 0 done, 1 could not be downloaded, 2 wrong usage, 130 interrupted.
"""

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from app.download.pages import MOST_PAGE_ROWS
from app.download.retrying_http import RetryingHttp, RetryPolicy
from app.download.steps import Wanted, download
from app.errors import StatsError
from app.progress import Screen
from app.settings_table import PROJECT

_TOKEN_VARIABLE = "SOCRATA_APP_TOKEN"
_KEPT = "what came is kept where it can be gone on with: run it again"


def main(
    arguments: Sequence[str],
    environ: Mapping[str, str] | None = None,
    patience: RetryPolicy | None = None,
) -> int:
    """Download CDC's release and return the exit code; exits by itself on wrong usage."""
    given = _parse(arguments, os.environ if environ is None else environ)
    screen = Screen()
    http = RetryingHttp(given.base, given.token, screen.say, patience or RetryPolicy())
    wanted = Wanted(given.to, given.force, given.paged, given.page_rows)
    try:
        outcome = download(wanted, http, screen)
    except StatsError as error:
        print(f"make data: {error}", file=sys.stderr)
        print(f"make data: nothing was replaced; {_KEPT}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nmake data: stopped; {_KEPT}", file=sys.stderr)
        return 128 + signal.SIGINT
    finally:
        http.close()
    note, place = outcome.note, _shown(given.to)
    screen.say(
        f"{note.rows:,} rows in {place}, CDC's release as of {note.updated[:10]}"
        f"{'' if outcome.news else ', the newest already: nothing was downloaded'}; serve them:"
        f' make run ARGS="--data {shlex.quote(place)}"'
    )
    return 0


def _parse(arguments: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app.download",
        description="Downloads CDC's current BRFSS release on nutrition, physical activity and"
        " obesity. The file that is there is replaced only by a whole new one.",
    )
    parser.add_argument(
        "--to",
        metavar="PATH",
        type=_path,
        default=PROJECT / "dataset" / "cdc.csv",
        help="where to put it (default: dataset/cdc.csv)",
    )
    parser.add_argument(
        "--from",
        dest="base",
        metavar="URL",
        type=_base,
        default="https://data.cdc.gov",
        help="the server to ask (default: https://data.cdc.gov)",
    )
    parser.add_argument(
        "--paged", action="store_true", help="ask for the rows page by page, not for the export"
    )
    parser.add_argument(
        "--page-rows",
        metavar="N",
        type=_page_rows,
        default=10_000,
        help="rows of a page (default: 10000)",
    )
    parser.add_argument("--force", action="store_true", help="download even what is here already")
    parser.add_argument(
        "--token",
        default=environ.get(_TOKEN_VARIABLE, ""),
        help=f"app token of Socrata, not needed; other users of the machine cannot see it when it"
        f" is given as {_TOKEN_VARIABLE} instead",
    )
    given = parser.parse_args(arguments)
    # Checked here, not by a `type`: argparse would print the value.
    if not (given.token.isascii() and given.token.isprintable() and " " not in given.token):
        parser.error(f"--token or {_TOKEN_VARIABLE}: expected plain ASCII without spaces")
    return given


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("expected a path")
    return Path(text)


def _base(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username is not None:
        raise argparse.ArgumentTypeError("expected http(s)://HOST, as https://data.cdc.gov")
    return text.rstrip("/")


def _page_rows(text: str) -> int:
    known = text.isascii() and text.isdigit() and len(text) < 10
    if not (known and 1 <= int(text) <= MOST_PAGE_ROWS):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST_PAGE_ROWS}")
    return int(text)


def _shown(path: Path) -> str:
    """Return a path as short as it can be given where the command was run."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
