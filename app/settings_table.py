"""Tables of settings: each setting once, with its variable, default, meaning and check.

Values come from the command line, then the environment, then the settings file where a program has
one, then the defaults.
"""

import argparse
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from app.errors import SettingsError
from app.installation import shown
from app.settings_file import VARIABLE, read_file, texts_of, usual_file
from app.version import VERSION


def setting(
    default: Any,
    parse: Callable[[str], Any],
    metavar: str,
    env: str,
    meaning: str,
    *,
    option: str = "",
    secret: bool = False,
    repeated: bool = False,
) -> Any:
    """Return a field of a table.

    `default` is a value, or a function that returns it. `parse` reads a text and raises ValueError
    with what it expected; errors do not show the text of a `secret`. Without `env` there is no
    variable; `option` is named after the field unless it is given. One that may be `repeated` is
    read as a text with a line for each.
    """
    factory = {"default_factory": default} if callable(default) else {"default": default}
    words = {"metavar": metavar, "env": env, "meaning": meaning, "option": option}
    about = {"parse": parse, "secret": secret, "repeated": repeated}
    return field(**factory, metadata={**about, **words})


def flag(meaning: str) -> Any:
    """Return a field that is False unless its option is given, which takes no value."""
    return setting(False, bool, "", "", meaning)


def yes_or_no(text: str) -> bool:
    """Read whether something is to be."""
    if text not in ("yes", "no", "1", "0"):
        raise ValueError("yes or no")
    return text in ("yes", "1")


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


seconds = number("a number of seconds, 0 or more")
some_seconds = number("a number of seconds, 0.001 or more", 0.001)


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


def header_text(text: str) -> str:
    """Read a text that a header of HTTP can carry."""
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


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read addresses and networks, separated by commas."""
    try:
        return tuple(ip_network(name) for name in names(text))
    except ValueError:
        raise ValueError("addresses or networks, as 127.0.0.1,10.0.0.0/8") from None


def rate_text(text: str) -> str:
    """Read a rate as the library `limits` writes it; `none` is the empty text."""
    if text == "none":
        return ""
    from limits import parse_many

    try:
        (item,) = parse_many(text)
    except ValueError:
        item = None
    if item is None or item.amount < 1:
        raise ValueError("a rate such as 600/minute, or none")
    return text


def redis_url(text: str) -> str:
    """Read the URL of a Redis."""
    database = _path_of_url(text, "redis", "rediss")
    if database is None or not (database.isdigit() or not database):
        raise ValueError("a URL as redis://default:PASSWORD@host:6379/0, or rediss:// for TLS")
    return text


def http_url(text: str) -> str:
    """Read the URL of a server of HTTP, without a user."""
    if _path_of_url(text, "http", "https") is None or "@" in text:
        raise ValueError("http(s)://HOST, with :PORT where it is not the usual one")
    return text.rstrip("/")


def _path_of_url(text: str, *schemes: str) -> str | None:
    """Return the path of a URL that has a host and neither ? nor #, None of anything else."""
    try:
        url = urlsplit(text)
        known = url.scheme in schemes and url.hostname and url.port != 0
    except ValueError:  # the port is no number
        return None
    return url.path.removeprefix("/") if known and not (url.query or url.fragment) else None


@dataclass(frozen=True, slots=True)
class SettingsTable:
    """Settings of one program; its fields are made by `setting` and `flag`."""

    ABOUT: ClassVar[str] = ""  # what `--help` says of the program

    @classmethod
    def names_in_file(cls) -> tuple[str, ...]:
        """Return the names that the settings file may have; none for a program that reads none."""
        return ()

    @classmethod
    def load(
        cls,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        program: str | None = None,
    ) -> Self:
        """Return the settings that `arguments`, then `environ`, a file, and the defaults give.

        `environ` defaults to this process's; an empty variable counts as not set. Raises
        SettingsError for a value that a setting cannot have; exits as argparse does for `--help`
        and for arguments it does not know.
        """
        environ = os.environ if environ is None else environ
        given = vars(cls._parser(program).parse_args(arguments))
        in_file: dict[str, Any] = {}
        if cls.names_in_file():
            secrets = [row.name for row in fields(cls) if row.metadata["secret"]]
            file, in_file = read_file(environ, cls.names_in_file(), secrets)
        values: dict[str, Any] = {}
        for row in fields(cls):
            typed, origin = given[row.name], option_of(row)
            texts = [typed] if isinstance(typed, str) else typed
            if not texts:
                origin = row.metadata["env"]
                text = environ.get(origin, "")
                # Kubernetes sets STATS_PORT to such a URL where a service is called `stats`.
                texts = [text] if text and not text.startswith("tcp://") else []
            if not texts and row.name in in_file:
                origin = f"{file}: {row.name}"
                texts = texts_of(in_file[row.name], origin, is_flag=row.default is False)
            if not texts:
                continue
            between = "\n" if row.metadata["repeated"] else ","
            try:
                values[row.name] = row.metadata["parse"](between.join(texts))
            except ValueError as error:
                if row.metadata["repeated"]:
                    texts = [";".join(one.splitlines()) for one in texts]
                shown = " ".join(f"{origin}={one!r}" for one in texts)
                shown = origin if row.metadata["secret"] else shown
                raise SettingsError(f"{shown}: expected {error}") from None
        return cls(**values)

    @classmethod
    def _parser(cls, program: str | None) -> argparse.ArgumentParser:
        epilog = "An environment variable that an option names can be set instead"
        if cls.names_in_file():
            usual = usual_file()
            default = f", {usual} by default" if usual else ""
            epilog += f"; after these counts a settings file, which {VARIABLE} names{default}"
        parser = argparse.ArgumentParser(
            prog=program,
            usage="%(prog)s [OPTIONS]; --help lists them",  # not all of them, with each mistake
            description=cls.ABOUT,
            epilog=f"{epilog}.",
            formatter_class=_Formatter,
        )
        version = f"Le Stats Sportif {VERSION}"
        parser.add_argument(
            "--version", action="version", version=version, help="print the version"
        )
        for row in fields(cls):
            words = row.metadata
            form: dict[str, Any] = {"help": words["meaning"]}
            if row.default is False and not words["env"]:
                form |= {"action": "store_const", "const": "1"}
            else:
                default = default_text(row).replace("%", "%%")
                more = [*filter(None, [words["env"]]), f"default: {default}"]
                form |= {"metavar": words["metavar"]}
                form |= {"action": "append"} if words["repeated"] else {}
                form |= {"nargs": "?", "const": "1"} if row.default is False else {}
                form["help"] += f" ({'; '.join(more)})"
            parser.add_argument(option_of(row), dest=row.name, **form)
        return parser

    @classmethod
    def as_markdown(cls) -> str:
        """Return the table as docs/settings.md prints it."""
        lines = ["| option | variable | default | meaning |", "| --- | --- | --- | --- |"]
        for row in fields(cls):
            words = row.metadata
            value = f"[{words['metavar']}]" if row.default is False else words["metavar"]
            option = f"{option_of(row)} {value}"
            cells = f"`{option}`", f"`{words['env']}`", default_text(row), words["meaning"]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines) + "\n"


class _Formatter(argparse.HelpFormatter):
    """Breaks lines at spaces alone, so that paths can be copied."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        import textwrap  # as argparse does it: most starts ask for no help

        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in self._split_lines(text, width - len(indent)))


def option_of(row: "Field[Any]") -> str:
    """Return the option of a setting."""
    return row.metadata["option"] or f"--{row.name.replace('_', '-')}"


def default_text(row: "Field[Any]") -> str:
    """Return the default of a setting as `--help` and the docs print it."""
    value = row.default
    if value is MISSING:
        return "one for each core"
    if isinstance(value, Path):
        value = shown(value)
    if isinstance(value, float):
        value = f"{value:g}"
    if value is False:
        return "no"
    return "none" if value in ("", (), None) else str(value)
