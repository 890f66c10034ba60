"""A client of the server, which it knows by HTTP: `StatsClient`, answers, errors.

Of the program it shares the statistics' definitions, the pauses between tries, how files are
written, and the version.
"""

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
