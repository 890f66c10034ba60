"""A settings file: TOML, with the names of options, as `keep-days = 30`."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from app.installation import IS_INSTALLED, folder

VARIABLE = "STATS_SETTINGS"


def usual_file() -> Path | None:
    """Return the file that is read where `STATS_SETTINGS` names none; a checkout reads none."""
    return folder("config") / "settings.toml" if IS_INSTALLED else None


def read_file(
    environ: Mapping[str, str], known: Collection[str], secrets: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """Return the file's name and what it says, by the names of settings; nothing without a file.

    Raises SettingsError where it cannot be read, for a name that is not `known`, and where it has
    one of the `secrets` and others than its owner may read it.
    """
    named = environ.get(VARIABLE)
    path = Path(named).expanduser() if named else usual_file()
    if path is None or not (named or path.exists()):
        return "", {}
    import tomllib  # most starts have no file

    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise SettingsError(f"{path}: {error}") from None
    values = {name.replace("-", "_"): value for name, value in values.items()}
    for name in values:
        if name not in known:
            options = ", ".join(one.replace("_", "-") for one in known)
            raise SettingsError(f"{path}: unknown setting {name!r}; known: {options}")
        if name in secrets and mode & 0o077:
            raise SettingsError(f"{path}: others may read it, and it has {name}: chmod 600 {path}")
    return str(path), values


def texts_of(value: Any, origin: str, *, is_flag: bool) -> list[str]:
    """Return a value, or each of several, as an option would be given it.

    Raises SettingsError for what is no value of a setting.
    """
    if isinstance(value, bool) and is_flag:
        return ["yes" if value else "no"]
    values = value if isinstance(value, list) else [value]
    if is_flag or any(
        isinstance(one, bool) or not isinstance(one, str | int | float) for one in values
    ):
        expected = "true or false" if is_flag else "a text, a number, or a list of these"
        raise SettingsError(f"{origin}: expected {expected}")
    return [str(one) for one in values]
