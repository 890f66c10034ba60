"""The settings table: each setting once, with its variable, default, meaning and check.

Values come from the command line, then the environment, then the defaults.
"""

import argparse
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.errors import SettingsError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PROJECT = Path(__file__).resolve().parent.parent


def _setting(
    default: Any, parse: Callable[[str], Any], metavar: str, env: str, meaning: str
) -> Any:
    factory = {"default_factory": default} if callable(default) else {"default": default}
    return field(
        **factory, metadata={"parse": parse, "metavar": metavar, "env": env, "meaning": meaning}
    )


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        digits = text.strip()
        short = digits.isascii() and digits.isdigit() and len(digits) <= 20
        if not (short and low <= int(digits) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(digits)

    return parse


def _number(expected: str, least: float = 0.0) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not (math.isfinite(value) and least <= value <= 1e9):
            raise ValueError(expected)
        return value

    return parse


_seconds = _number("a number of seconds, 0 or more")
_some_seconds = _number("a number of seconds, 0.001 or more", 0.001)


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return parse


def _text(text: str) -> str:
    if not text:
        raise ValueError("a value that is not empty")
    return text


def _ascii(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("plain ASCII, which is all that a header can carry")
    return text


def _path(text: str) -> Path:
    try:
        return Path(_text(text)).expanduser()
    except RuntimeError:
        raise ValueError("a path in the home of a user that exists") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is reached from this machine alone."""
    return host in LOOPBACK or host.startswith("127.")


def _cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one server."""

    host: str = _setting("127.0.0.1", _text, "HOST", "STATS_HOST", "address to listen on")
    token: str = _setting(
        "", _ascii, "TOKEN", "STATS_TOKEN",
        "token that every client must send (Authorization: Bearer TOKEN); needed to listen on"
        " anything but loopback",
    )  # fmt: skip
    hosts: tuple[str, ...] = _setting(
        (), _names, "NAMES", "STATS_HOSTS",
        "further names that clients call this server by, separated by commas",
    )  # fmt: skip
    port: int = _setting(
        5000, _whole(0, 65535), "PORT", "STATS_PORT", "port to listen on; 0 takes a free one"
    )
    data: Path = _setting(
        PROJECT / "nutrition_activity_obesity_usa_subset.csv",
        _path, "PATH", "STATS_DATA",
        "CSV or Parquet file in the layout of CDC's BRFSS release, a folder or a pattern of them,"
        " or a folder that `python -m app.prepare` wrote",
    )  # fmt: skip
    results: Path = _setting(
        PROJECT / "results", _path, "PATH", "STATS_RESULTS", "folder for results and the journal"
    )
    log: Path = _setting(PROJECT / "webserver.log", _path, "PATH", "STATS_LOG", "log file")
    log_bytes: int = _setting(
        20_000_000, _whole(0, 2**40), "N", "STATS_LOG_BYTES", "rotate the log at this size; 0 never"
    )
    log_files: int = _setting(
        5, _whole(1, 1000), "N", "STATS_LOG_FILES", "rotated logs to keep (webserver.log.1, ...)"
    )
    threads: int = _setting(
        _cores, _whole(0, 1000), "N", "TP_NUM_OF_THREADS",
        "worker threads, one for each core by default; 0 runs each job inside its request",
    )  # fmt: skip
    queue: int = _setting(
        100_000,
        _whole(1, 10**9),
        "N",
        "STATS_QUEUE",
        "jobs that may wait; one more is refused (503)",
    )
    job_seconds: float = _setting(
        60.0, _seconds, "SECONDS", "STATS_JOB_SECONDS", "time that a job may run; 0 for ever"
    )
    keep_jobs: int = _setting(
        1_000_000, _whole(0, 10**12), "N", "STATS_KEEP_JOBS",
        "finished jobs to keep, the latest ones; 0 keeps all",
    )  # fmt: skip
    keep_days: float = _setting(
        0.0, _number("a number of days, 0 or more"), "DAYS", "STATS_KEEP_DAYS",
        "days to keep a finished job; 0 for ever",
    )  # fmt: skip
    cache: int = _setting(
        64, _whole(0, 10**6), "MIB", "STATS_CACHE", "memory for answers; 0 computes each anew"
    )
    waiters: int = _setting(
        1000, _whole(0, 10**6), "N", "STATS_WAITERS",
        "requests that may wait for jobs to end (?wait=); one more is answered at once",
    )  # fmt: skip
    journal: str = _setting(
        "process", _one_of("process", "power"), "LEVEL", "STATS_JOURNAL",
        "what accepted jobs survive: `process`, its death; `power`, a power cut too (slower)",
    )  # fmt: skip
    body_seconds: float = _setting(
        10.0, _some_seconds, "SECONDS", "STATS_BODY_SECONDS", "time that a request's body may take"
    )
    drain_seconds: float = _setting(
        30.0, _seconds, "SECONDS", "STATS_DRAIN_SECONDS",
        "time that accepted jobs have after SIGTERM or SIGINT; the others run at the next start",
    )  # fmt: skip

    @classmethod
    def load(
        cls,
        arguments: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        program: str | None = None,
    ) -> "Settings":
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
                raise SettingsError(f"{origin}={text!r}: expected {error}") from None
        return cls(**values)

    @classmethod
    def _parser(cls, program: str | None) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=program,
            description="Le Stats Sportif: an asynchronous statistics server.",
            epilog="Each option can also be set by the environment variable that it names.",
        )
        for row in fields(cls):
            parser.add_argument(
                "--" + row.name.replace("_", "-"),
                metavar=row.metadata["metavar"],
                help=f"{row.metadata['meaning']} ({row.metadata['env']}; {default_text(row.name)})",
            )
        return parser


def default_text(name: str) -> str:
    """Return the default of a setting as `--help` and the docs print it."""
    row = next(row for row in fields(Settings) if row.name == name)
    if row.default is MISSING:
        return "default: number of cores"
    value = row.default
    if isinstance(value, Path):
        value = value.relative_to(PROJECT)
    if isinstance(value, float):
        value = f"{value:g}"
    if value in ("", ()):
        value = "none"
    return f"default: {value}"


def as_markdown() -> str:
    """Return the settings table as docs/settings.md prints it."""
    lines = ["| option | variable | default | meaning |", "| --- | --- | --- | --- |"]
    for row in fields(Settings):
        option = f"--{row.name.replace('_', '-')} {row.metadata['metavar']}"
        default = default_text(row.name).removeprefix("default: ")
        lines.append(
            f"| `{option}` | `{row.metadata['env']}` | {default} | {row.metadata['meaning']} |"
        )
    return "\n".join(lines) + "\n"
