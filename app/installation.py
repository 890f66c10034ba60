"""Where files lie, and how a server is started: of a checkout, and of a program that is installed.

A checkout has all in its own folder, as the course has it: the datasets beside the package, results
and log there, too. What pip, pipx or uv installed has its datasets in the package, and puts what it
writes where a user's files of that kind lie.
"""

from pathlib import Path
from typing import Literal

NAME = "le-stats-sportif"

_PACKAGE = Path(__file__).resolve().parent
# What Python needs on its path to find this package.
ROOT = _PACKAGE.parent
# The wheel puts the datasets there (pyproject.toml); a checkout has no such folder.
_BOX = _PACKAGE / "box"

IS_INSTALLED = _BOX.is_dir()
# The folder that the datasets in the box are in, by the names that they have in a checkout.
BUNDLED = _BOX if IS_INSTALLED else ROOT


def folder(kind: Literal["data", "log", "config"]) -> Path:
    """Return where files of a kind lie that the program or its user writes."""
    if not IS_INSTALLED:
        return BUNDLED
    import platformdirs

    folders = platformdirs.PlatformDirs(NAME, appauthor=False)
    match kind:
        case "data":
            return folders.user_data_path
        case "log":
            return folders.user_log_path
        case "config":
            return folders.user_config_path


def shown(path: Path) -> Path:
    """Return a path as short as help and errors tell it."""
    return path.relative_to(BUNDLED) if path.is_relative_to(BUNDLED) else path


def command(what: Literal["run", "data", "reload"], options: str = "") -> str:
    """Return the command that runs a server, downloads CDC's release, or has a server reload."""
    if IS_INSTALLED or what == "reload":
        program = "stats" if IS_INSTALLED else "python -m app"
        return f"{program} {'serve' if what == 'run' else what} {options}".rstrip()
    return f'make {what} ARGS="{options}"' if options else f"make {what}"
