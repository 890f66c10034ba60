"""How a command ends: its exit code, and the sentence that says why."""

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.client.errors import StatsError

# What a shell completes for is one word: an installed program, or the script beside this file.
SHORT = "stats"
# What people call the program by; the script tells that it was called.
_CALLED = os.environ.get("STATS_PROGRAM") or os.path.basename(sys.argv[0])
PROGRAM = SHORT if _CALLED == SHORT else "python -m app"

FAILED, WRONG, UNKNOWN, UNREACHED, LATE, NOT_ALLOWED, STOPPED = 1, 2, 3, 4, 5, 6, 130
CLOSED = 141  # as any program that SIGPIPE ends

CODES: Mapping[int, str] = MappingProxyType(
    {
        0: "done",
        FAILED: "a job failed, or was cancelled",
        WRONG: "wrong usage, a question that the server refuses, or a file that cannot be used",
        UNKNOWN: "there is no such job (any more), or its state does not allow what was asked",
        UNREACHED: "the server cannot be reached, is busy, shuts down, or fails",
        LATE: "time is up; a job that was accepted goes on, and its id is printed",
        NOT_ALLOWED: "the server wants a token, or another one",
        STOPPED: 'Ctrl-C, or "no" to a question',
        CLOSED: "who read the output closed it, as `head` does",
    }
)

# What the code of a conflict says that its kind does not.
_BY_CODE: Mapping[str, int] = MappingProxyType({"unusable-dataset": WRONG, "busy": UNREACHED})

_UNKNOWN_NAME = re.compile(r'(?:unknown [a-z ]+|^question) "(?P<name>.*)"', re.DOTALL)
_NEAREST = "; nearest: "


class Refused(Exception):
    """What was asked cannot be done, which shows before the server is asked.

    `nearest` are pairs: what to write instead of the name that is not known, and how to show it.
    """

    def __init__(self, reason: str, nearest: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = tuple(nearest)


def end_of(error: Exception, given: Sequence[str], program: str) -> tuple[int, list[str]] | None:
    """Return the exit code for an error, and the lines that tell of it; None for a bug.

    `given` are the arguments that the command was called with.
    """
    if isinstance(error, Refused):
        return WRONG, _with_suggestion(error.reason, error.nearest, given, program)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return WRONG, [_sentence(f"{where}{error.strerror or error}")]

    from app.client import errors as client

    if not isinstance(error, client.StatsError):
        return None
    nearest = [(name, name) for name in error.nearest]
    lines = _with_suggestion(error.reason, nearest, given, program)
    if error.accepted:
        lines.append(f"Already accepted: {span(error.accepted)}.")
    if isinstance(error, client.TimedOut):
        if len(error.job_ids) == 1:
            lines.append(f"    {program} result {number(error.job_ids[0])}")
        elif error.job_ids:
            lines.append(f"They are {span(error.job_ids)}.")
    if isinstance(error, client.UnknownJob):
        lines = [f"There is no such job: {lines[0]} See `{program} jobs`."]
    if isinstance(error, client.Unreachable):
        lines.append(f"Is the server running? `{program} serve` starts one; --url says where.")
    if isinstance(error, client.NotAllowed) and error.code != "closed":
        lines.append("The token is given as --token, or better as STATS_TOKEN.")
    return _code(error), lines


def _code(error: "StatsError") -> int:
    from app.client import errors as client

    kinds: tuple[tuple[type[client.StatsError], int], ...] = (
        (client.JobFailed, FAILED),
        (client.BadQuestion, WRONG),
        (client.UnknownJob, UNKNOWN),
        (client.Conflict, UNKNOWN),
        (client.TimedOut, LATE),
        (client.NotAllowed, NOT_ALLOWED),
    )
    of_kind = next((code for kind, code in kinds if isinstance(error, kind)), UNREACHED)
    return _BY_CODE.get(error.code, of_kind)


def _with_suggestion(
    reason: str, nearest: Sequence[tuple[str, str]], given: Sequence[str], program: str
) -> list[str]:
    sentence = _sentence(reason.partition(_NEAREST)[0])
    if not nearest:
        return [sentence]
    names = [f'"{shown}"' for _, shown in nearest]
    choice = " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    lines = [f"{sentence} Did you mean {choice}?"]
    unknown = unknown_name(reason)
    if unknown:
        corrected = _corrected(given, unknown, nearest[0][0])
        lines += [f"    {shlex.join([*shlex.split(program), *corrected])}"] if corrected else []
    return lines


def unknown_name(reason: str) -> str:
    """Return the name that is not known, of an error that says so; empty for any other."""
    unknown = _UNKNOWN_NAME.search(reason.partition(_NEAREST)[0])
    return unknown["name"] if unknown else ""


def _corrected(given: Sequence[str], wrong: str, right: str) -> list[str] | None:
    """Return the arguments with the one that was wrong put right; None where that is not sure."""
    places = [place for place, text in enumerate(given) if f"={text}".endswith(f"={wrong}")]
    if len(places) != 1 or any(text.startswith("--token") for text in given):
        return None
    corrected = list(given)
    before = corrected[places[0]].removesuffix(wrong)
    corrected[places[0]] = before + right
    return corrected


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def number(job_id: str) -> str:
    """Return the number in a job id, which commands take as well."""
    return job_id.removeprefix("job_id_")


def span(job_ids: Sequence[str]) -> str:
    """Return some ids of jobs in few words: they mostly follow each other."""
    if len(job_ids) < 3:
        return " and ".join(job_ids)
    return f"{len(job_ids):,} jobs, {job_ids[0]} to {job_ids[-1]}"
