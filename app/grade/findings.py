"""What was seen: exchanges with the server, and findings that they prove."""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.grade.faults import Fault

_LONGEST = 400  # letters of a body that a report shows
_REPEATED = re.compile(rb"(.)\1{999}", re.DOTALL)


class CannotGradeError(Exception):
    """The server cannot be graded; the message says why."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. Times are seconds since the grading began.

    Without an answer `status` is 0, and `text` tells why.
    """

    method: str
    path: str
    body: bytes | None
    sent: float
    ended: float
    status: int
    text: str
    kind: str = ""

    @property
    def json(self) -> Any:
        """The answer as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def job_id(self) -> str | None:
        """The id that a submit got; None where it got none."""
        answer = self.json
        if self.status != 200 or not isinstance(answer, dict):
            return None
        job_id = answer.get("job_id")
        if isinstance(job_id, int) and not isinstance(job_id, bool):
            return str(job_id)
        return job_id if isinstance(job_id, str) and job_id else None

    def told(self) -> str:
        """Return the exchange in two lines."""
        body = "" if self.body is None else f" {_short(self.body.decode('utf-8', 'replace'))}"
        status = f"{self.status} " if self.status else ""
        return (
            f"{self.sent:.4f} s  {self.method} {self.path}{body}\n"
            f"{self.ended:.4f} s  {status}{_short(self.text) or '(nothing)'}"
        )

    def curl(self, url: str) -> str:
        """Return the command that sends the request again; empty where its body is too long."""
        words, before = ["curl", "-s", "-i"], ""
        if self.method not in ("GET", "POST"):
            words += ["-X", self.method]
        if self.body is not None:
            if len(self.body) <= _LONGEST and self.body.isascii():
                words += ["--data-raw", self.body.decode()]
            else:
                made = _expression(self.body)
                if not made:
                    return ""
                program = f"import sys; sys.stdout.buffer.write({made})"
                before = f"{shlex.join(['python3', '-c', program])} | "
                words += ["--data-binary", "@-"]
        elif self.method == "POST":
            words += ["-X", "POST"]
        return before + shlex.join([*words, url + self.path])


def _expression(body: bytes) -> str:
    """Return what a body is in Python; empty where that is too long."""
    # Most of a long one is a letter, again and again.
    found = _REPEATED.search(body)
    if found is None:
        return repr(body) if len(body) <= _LONGEST else ""
    before, rest = body[: found.start()], body[found.start() :]
    after = rest.lstrip(found[1])  # which is a hundred times as fast as to match all of it
    if len(before) + len(after) > _LONGEST:
        return ""
    return f"{before!r} + {found[1]!r} * {len(rest) - len(after)} + {after!r}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that was seen."""

    fault: Fault
    check: str
    seen: str
    exchanges: Sequence[Exchange] = ()
    again: str = ""
    where: str = ""  # the route, where a fault is found in each route by itself


@dataclass(slots=True)
class Outcome:
    """What came of a check."""

    name: str
    looks_for: str
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sections: tuple[str, ...] = ()  # of the contract, that it looked at
    silence: str = ""
    seconds: float = 0.0
    left_out: str = ""  # why


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _LONGEST else f"{one_line[:_LONGEST]}..."
