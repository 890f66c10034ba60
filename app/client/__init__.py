"""A client of the server, which knows none of its modules: `StatsClient`, answers, errors."""

from app.client.batch import Outcome
from app.client.client import StatsClient
from app.client.errors import (
    BadQuestion,
    ClientClosed,
    Conflict,
    JobCancelled,
    JobFailed,
    NotAllowed,
    ServerBusy,
    ServerFailed,
    ShuttingDown,
    StatsError,
    TimedOut,
    TooLate,
    UnexpectedAnswer,
    UnknownJob,
    Unreachable,
)
from app.client.job import Job
from app.client.table import Table
from app.retries import Pace

__all__ = [
    "BadQuestion",
    "ClientClosed",
    "Conflict",
    "Job",
    "JobCancelled",
    "JobFailed",
    "NotAllowed",
    "Outcome",
    "Pace",
    "ServerBusy",
    "ServerFailed",
    "ShuttingDown",
    "StatsClient",
    "StatsError",
    "Table",
    "TimedOut",
    "TooLate",
    "UnexpectedAnswer",
    "UnknownJob",
    "Unreachable",
]
