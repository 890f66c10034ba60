r"""The journal's records, and the lines that hold them.

    1a2b3c4d ["accepted",7,"best5","{\"question\":\"Percent of ...\"}","course",1767225600.5]

Eight hexadecimal digits of CRC-32, a space, and the record as JSON.
"""

import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from app import json_bytes
from app.errors import ResultsFolderError
from app.job import Done, Failed, JobRequest

FORMAT = ["journal", 5]
# The same without the keys of submits, and, in the first two, with jobs' requests recorded in other
# ways: see `JobRequest.recorded`.
_READ_TOO = (["journal", 2], ["journal", 3], ["journal", 4])


class Accepted(NamedTuple):
    """A job was accepted; `at` is in seconds since 1970, as every time here."""

    number: int
    statistic: str
    parameters: str
    dataset: str
    at: float


class Batch(NamedTuple):
    """Jobs with consecutive numbers were accepted together: a line, whole or not at all.

    So is a job that was submitted with a key.

    `number` is the last one's; `asked` has a list of statistic, parameters and dataset for each.
    `key` is what all of them were submitted with, empty for none.
    """

    number: int
    at: float
    asked: list[list[Any]]
    key: str = ""


class Died(NamedTuple):
    """A process died while it ran this job; written down by the next one."""

    number: int


class Withdrawn(NamedTuple):
    """The client of `jobs` jobs, up to this number, got no ids after all."""

    number: int
    jobs: int = 1


class Kept(NamedTuple):
    """Many finished jobs in one line, as a journal that was rewritten has them.

    `asked` has each statistic with its parameters and dataset once, `datasets` each version. A job
    is its number, what it asked (an index), when it was accepted and when it ended; then the size,
    the CRC-32 and the version (an index) of its result, or the reason why it failed, and True where
    it was cancelled. `number` is the highest of their numbers.
    """

    number: int
    asked: list[list[Any]]
    datasets: list[str]
    jobs: Sequence[Sequence[Any]]


class Keys(NamedTuple):
    """What jobs were submitted with, as a journal that was rewritten has it.

    For each of `keys` the number of its first job, and how many there are.
    """

    number: int
    keys: list[str]
    firsts: list[int]
    counts: list[int]


class Ended(NamedTuple):
    """Some jobs' results were stored: a list of the fields of its Done for each.

    `number` is the highest of their numbers.
    """

    number: int
    jobs: list[list[Any]]


class Last(NamedTuple):
    """The highest number given so far; the jobs of lower ones may not be kept any more."""

    number: int


Record = Accepted | Batch | Died | Done | Failed | Withdrawn | Ended | Kept | Keys | Last

# The last field of these is written only where it says something.
_SHORTENED = (Batch, Failed)


def _accepted(number: int, *asked_at: Any) -> Accepted:
    *asked, at = asked_at
    return Accepted(number, *JobRequest.recorded(*asked), at)


_KINDS: dict[str, Callable[..., Record]] = {
    "accepted": _accepted,
    "batch": Batch,
    "died": Died,
    "done": Done,
    "failed": Failed.stored,
    "withdrawn": Withdrawn,
    "ended": Ended,
    "kept": Kept,
    "keys": Keys,
    "last": Last,
}
_NAMES = {kind: name for name, kind in _KINDS.items()} | {
    Accepted: "accepted",
    Failed: "failed",
}


def ended(jobs: list[Done]) -> Done | Ended:
    """Return the record of one or some stored results."""
    return (
        jobs[0]
        if len(jobs) == 1
        else Ended(max(done.number for done in jobs), [[*done] for done in jobs])
    )


def _line(content: object) -> bytes:
    body = json_bytes.encode(content)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def first_line() -> bytes:
    """Return the line that begins a journal, and names its format."""
    return _line(FORMAT)


def encode(record: Record) -> bytes:
    """Return a record's line."""
    fields = record[:-1] if not record[-1] and isinstance(record, _SHORTENED) else record
    return _line((_NAMES[type(record)], *fields))


def is_whole(line: bytes) -> bool:
    """Tell whether a line is as it was written."""
    return line[8:9] == b" " and line[-1:] == b"\n" and b"%08x" % zlib.crc32(line[9:-1]) == line[:8]


def most_ids(size: int) -> int:
    """Return how many jobs a line of so many bytes can have accepted: each takes some of them."""
    return size // len('["x",""],')


def decode(line: bytes) -> Record | None:
    """Return the record of a whole line, or None for the first line.

    Raises ResultsFolderError for a line of another format.
    """
    content: Any = json_bytes.decode(line[9:-1])
    if content == FORMAT or content in _READ_TOO:
        return None
    try:
        return _KINDS[content[0]](*content[1:])
    except (KeyError, TypeError, IndexError, ValueError):
        raise ResultsFolderError(
            f"expected a journal of format {FORMAT}, found {str(content)[:100]}"
        ) from None
