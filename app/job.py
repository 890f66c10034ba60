"""What a job is: what it asks, where it stands, how it ends, and what a client gets of it."""

import zlib
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from app import json_bytes
from app.messages import reasons


class JobStatus(Enum):
    """Where a job stands. It only ever moves down this list; the last two are final."""

    NEW = "new"  # not acknowledged yet
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"


class JobRequest(NamedTuple):
    """What a job asks, as data.

    A statistic, its parameters by full names, as JSON, and the name of the dataset that it is
    about, empty where that was not recorded.
    """

    statistic: str
    parameters: str
    dataset: str = ""

    @classmethod
    def recorded(cls, statistic: str, parameters: str, *more: str | None) -> "JobRequest":
        """Return a request as it was recorded.

        Versions up to 1.4 did not record a dataset. Those up to 1.3 recorded the text of a question
        and a state, or, where a statistic took other parameters, these in place of the text and
        nothing (None) for the state.
        """
        last = more[0] if more else None
        if not more or parameters.startswith("{"):
            return cls(statistic, parameters, last or "")
        body = {"question": parameters} | ({"state": last} if last is not None else {})
        return cls(statistic, json_bytes.encode(body).decode())


class Digest(NamedTuple):
    """What tells whether a stored result is whole: its length in bytes and its CRC-32."""

    size: int
    crc: int

    @property
    def tag(self) -> str:
        """The same as text, such as an ETag is made of."""
        return f"{self.crc:08x}-{self.size:x}"


def digest_of(body: bytes) -> Digest:
    """Return what a stored copy of `body` must measure up to."""
    return Digest(len(body), zlib.crc32(body))


class Done(NamedTuple):
    """A job ended with a result: its size and CRC-32, and the version of the dataset it is of.

    `at` is in seconds since 1970.
    """

    number: int
    size: int
    crc: int
    dataset: str
    at: float


CANCELLED = reasons.CANCELLED()  # the reason that clients see


def was_cancelled(reason: str, *, marked: bool) -> bool:
    """Return whether a failed job was cancelled: up to version 1.3 only its reason was stored."""
    return marked or reason == CANCELLED


class Failed(NamedTuple):
    """A job ended without a result, and why; `cancelled` where a client wanted it so."""

    number: int
    reason: str
    at: float
    cancelled: bool = False

    @classmethod
    def stored(cls, number: int, reason: str, at: float, cancelled: bool = False) -> "Failed":
        """Return the end that was stored with these fields, the last one since version 1.4."""
        return cls(number, reason, at, was_cancelled(reason, marked=cancelled))


@dataclass(slots=True, eq=False)
class Job:
    """One accepted job.

    Once threads share it, only JobRegistry changes `status` and the fields below it.
    """

    number: int
    request: JobRequest
    accepted_at: float
    status: JobStatus = JobStatus.NEW
    started_at: float | None = None
    runner: str = ""  # the thread or process that runs it, where that is known
    # How it ends. Whoever sets it, under the registry's lock, is the one to end the job; the
    # status follows once that is on record and the result can be read.
    end: Done | Failed | None = None
    deaths: int = 0  # of processes, while they ran this job
    key: str = ""  # what it was submitted with, empty for none: see `SubmitKeys`

    @property
    def id(self) -> str:
        """The id that clients see."""
        return f"job_id_{self.number}"

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self.status is JobStatus.DONE or self.status is JobStatus.ERROR


def status_of(end: Done | Failed | None) -> JobStatus:
    """Return the status of a job that ends like this."""
    return JobStatus.DONE if isinstance(end, Done) else JobStatus.ERROR


class Outcome(NamedTuple):
    """How a job stands now: its status, and its result (JSON) or the reason why it has none.

    `digest` tells one result from another; `cancelled` says that the job was cancelled.
    """

    status: JobStatus
    result: bytes = b""
    reason: str = ""
    digest: Digest = Digest(0, 0)
    cancelled: bool = False


class JobCounts(NamedTuple):
    """Which jobs there are at one moment: the highest number, and how many.

    Jobs are only ever added, finished and forgotten, so where nothing of this differs from before,
    none of that has happened meanwhile.
    """

    last: int
    kept: int
    finished: int

    @property
    def unfinished(self) -> int:
        """How many of those kept are not finished."""
        return self.kept - self.finished

    def queued(self, running: int) -> int:
        """Return how many wait, where so many run; these were counted at another moment."""
        return max(0, self.unfinished - running)
