"""Tables of settings: each setting once, with its variable, default, meaning and check.

Values come from the command line, then the environment, then the defaults.
"""

import argparse
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from app.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent
_SECRETS = frozenset({"token", "redis"})  # settings whose values are not told
DEFAULT_REDIS = "redis://127.0.0.1:6379/0"


def setting(default: Any, parse: Callable[[str], Any], metavar: str, env: str, meaning: str) -> Any:
    """Return a field of a table: its default, or what makes it, how a text is read, its names."""
    factory = {"default_factory": default} if callable(default) else {"default": default}
    return field(
        **factory, metadata={"parse": parse, "metavar": metavar, "env": env, "meaning": meaning}
    )


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what reads a whole number within limits."""

    def parse(text: str) -> int:
        digits = text.strip()
        short = digits.isascii() and digits.isdigit() and len(digits) <= 20
        if not (short and low <= int(digits) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(digits)

    return parse


def number(expected: str, least: float = 0.0) -> Callable[[str], float]:
    """Return what reads a number of at least so much."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not (math.isfinite(value) and least <= value <= 1e9):
            raise ValueError(expected)
        return value

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Return what reads one of some words."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return parse


def some_text(text: str) -> str:
    """Read a text that is not empty."""
    if not text:
        raise ValueError("a value that is not empty")
    return text


def ascii_text(text: str) -> str:
    """Read a text that a header can carry."""
    if not (text.isascii() and text.isprintable()):
        raise ValueError("plain ASCII, which is all that a header can carry")
    return text


def a_path(text: str) -> Path:
    """Read a path, which may begin with ~."""
    try:
        return Path(some_text(text)).expanduser()
    except RuntimeError:
        raise ValueError("a path in the home of a user that exists") from None


def path_or_none(text: str) -> Path | None:
    """Read a path, or nothing."""
    return a_path(text) if text else None


def names(text: str) -> tuple[str, ...]:
    """Read names, separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def cores() -> int:
    """Return how many cores this machine has."""
    return os.cpu_count() or 1


def redis_url(text: str) -> str:
    """Read the URL of a Redis."""
    url = urlsplit(text)
    try:
        known = url.scheme in ("redis", "rediss") and url.hostname and url.port != 0
    except ValueError:  # the port is no number
        known = False
    database = url.path.removeprefix("/")
    if not known or url.query or url.fragment or not (database.isdigit() or not database):
        raise ValueError("a URL as redis://default:PASSWORD@host:6379/0, or rediss:// for TLS")
    return text


seconds = number("a number of seconds, 0 or more")
some_seconds = number("a number of seconds, 0.001 or more", 0.001)


@dataclass(frozen=True, slots=True)
class SettingsTable:
    """Settings of one program; its fields are made by `setting`."""

    ABOUT: ClassVar[str] = ""  # what `--help` says of the program

    @classmethod
    def load(
        cls,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        program: str | None = None,
    ) -> Self:
        """Return the settings that `arguments`, then `environ`, then the defaults give.

        `environ` defaults to this process's. Raises SettingsError for a value that a setting
        cannot have; exits as argparse does for `--help` and for arguments it does not know.
        """
        environ = os.environ if environ is None else environ
        given = vars(cls._parser(program).parse_args(arguments))
        values: dict[str, Any] = {}
        for row in fields(cls):
            text, origin = given[row.name], "--" + row.name.replace("_", "-")
            if text is None:
                text, origin = environ.get(row.metadata["env"]), row.metadata["env"]
            if text is None:
                continue
            try:
                values[row.name] = row.metadata["parse"](text)
            except ValueError as error:
                shown = "" if row.name in _SECRETS else f"={text!r}"
                raise SettingsError(f"{origin}{shown}: expected {error}") from None
        return cls(**values)

    @classmethod
    def _parser(cls, program: str | None) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=program,
            description=cls.ABOUT,
            epilog="Each option can also be set by the environment variable that it names.",
        )
        for row in fields(cls):
            parser.add_argument(
                "--" + row.name.replace("_", "-"),
                metavar=row.metadata["metavar"],
                help=f"{row.metadata['meaning']} ({row.metadata['env']}; {default_text(row)})",
            )
        return parser

    @classmethod
    def as_markdown(cls) -> str:
        """Return the table as docs/settings.md prints it."""
        lines = ["| option | variable | default | meaning |", "| --- | --- | --- | --- |"]
        for row in fields(cls):
            option = f"--{row.name.replace('_', '-')} {row.metadata['metavar']}"
            default = default_text(row).removeprefix("default: ")
            lines.append(
                f"| `{option}` | `{row.metadata['env']}` | {default} | {row.metadata['meaning']} |"
            )
        return "\n".join(lines) + "\n"


def default_text(row: "Field[Any]") -> str:
    """Return the default of a setting as `--help` and the docs print it."""
    if row.default is MISSING:
        return "default: number of cores"
    value = row.default
    if isinstance(value, Path):
        value = value.relative_to(PROJECT)
    if isinstance(value, float):
        value = f"{value:g}"
    if value in ("", (), None):
        value = "none"
    return f"default: {value}"
