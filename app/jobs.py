"""What a job is: what it asks, where it stands, how it ends."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from app.journal_records import Done, Failed


class JobStatus(Enum):
    """Where a job stands. It only ever moves down this list; the last two are final."""

    NEW = "new"  # not acknowledged yet
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    ERROR = "error"


class Parameters(NamedTuple):
    """What a job asks, as data.

    `subject` is the question's full text, and `state` a name where one is needed; for a statistic
    of `analyses.py`, which can be asked more, `subject` has all of it as JSON.
    """

    statistic: str
    subject: str
    state: str | None


@dataclass(slots=True, eq=False)
class Job:
    """One accepted job. Only JobRegistry changes `status` and the fields below it."""

    number: int
    parameters: Parameters
    accepted_at: float
    status: JobStatus = JobStatus.NEW
    started_at: float | None = None
    # How it ends. Whoever sets it, under the registry's lock, is the one to end the job; the
    # status follows once that is on record and the result can be read.
    end: Done | Failed | None = None
    deaths: int = 0  # of processes, while they ran this job

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
