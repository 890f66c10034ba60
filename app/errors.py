"""Every error that this program raises on purpose.

StatsError
 ├─ StartError          the server cannot start; one clear line for the operator
 │   ├─ SettingsError       a setting has a value that it cannot have
 │   ├─ DatasetError        the data cannot be used: which file, line, column, what was expected
 │   ├─ ResultsFolderError  the results folder cannot be used, or another server uses it
 │   └─ RedisMissing        Redis is not there
 ├─ BadRequest          the client's request cannot be a job
 │   ├─ UnknownName         a question or state that the dataset does not hold
 │   ├─ BodyTooLarge        the body is over the limit
 │   ├─ TooCostly           more than who has no token may ask of a public server
 │   └─ UnsupportedBody     the body is not JSON by its own declaration
 ├─ UnknownStatistic    no statistic has this name
 ├─ UnknownJob          no job has this id
 │   └─ ExpiredJob          the job was finished and is not kept any more
 │       └─ LostJob             Redis has lost the job, or it expired
 ├─ TooLateError        a job that is not queued any more cannot be cancelled
 ├─ NoAnswer            there is no answer to explain or to draw: it is not there yet, or never
 │   ├─ JobFailed           the job ended with an error
 │   └─ JobCancelled        the job was cancelled before it ran
 ├─ KeyReused           the key of a submit was used for another one
 ├─ Busy                what was asked for is under way already
 ├─ QueueFull           as many jobs are unfinished as may be
 ├─ ShuttingDown        the server takes no new jobs
 ├─ DrawingError        a chart could not be drawn
 │   └─ DrawingTimeout      within its time limit
 ├─ Overloaded          as much of that is being done as may at a time
 ├─ Closed              who has no token may not do this on a public server
 ├─ RateLimited         a client of a public server asks more than one may
 ├─ StoreUnavailable    Redis, which keeps the jobs, does not answer or refuses
 ├─ StorageError        what was asked could not be stored; nothing was accepted
 │   └─ DiskFull            for want of space
 └─ DownloadError       the data could not be downloaded; nothing was replaced
     ├─ CannotBegin         there is no place for them, or another process downloads them
     └─ WrongDownload       what came is not the data, or not all of it, and is not kept

The message of each is for people and safe to send to a client.
"""

import errno
from collections.abc import Sequence

from app.messages import reasons
from app.messages.message import Sentence

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StatsError(Exception):
    """Base of the errors that this program raises on purpose."""


class StartError(StatsError):
    """The server cannot start; `exit_code` tells whether that may be over by itself (1)."""

    exit_code = 2


class SettingsError(StartError):
    """A setting has a value that it cannot have."""


class DatasetError(StartError):
    """The dataset cannot be used."""


class ResultsFolderError(StartError):
    """The results folder cannot be used."""


class RedisMissing(StartError):
    """Redis is not there."""

    exit_code = 1


def shortened(name: str) -> str:
    """Return a name that somebody sent, to stand within a reason: of a long one the beginning."""
    return name if len(name) <= 100 else name[:100] + "..."


class BadRequest(StatsError):
    """A request that cannot be a job.

    `item` is the place, counted from 0, of the item of a batch that it is about.
    """

    item: int | None = None

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason)


class UnknownName(BadRequest):
    """A question or state that the dataset does not hold.

    `nearest` are the known names most like it, best first; there may be none. Where there is none,
    the reason names all of `known`, if these are few enough to be given.
    """

    def __init__(
        self, kind: str, name: str, nearest: Sequence[str], known: Sequence[str] = ()
    ) -> None:
        name = shortened(name)
        if nearest:
            names = ", ".join(f'"{one}"' for one in nearest)
            reason = reasons.UNKNOWN_NAME_NEAREST(kind=kind, name=name, nearest=names)
        elif known:
            reason = reasons.UNKNOWN_NAME_OF(kind=kind, name=name, known=", ".join(known))
        else:
            reason = reasons.UNKNOWN_NAME(kind=kind, name=name)
        super().__init__(reason)
        self.nearest = tuple(nearest)


class BodyTooLarge(BadRequest):
    """The request's body is over the limit."""


class TooCostly(BadRequest):
    """More than who has no token may ask of a public server."""


class UnsupportedBody(BadRequest):
    """The request's body is declared to be something other than plain JSON."""


class UnknownStatistic(StatsError):
    """No statistic has this name."""


class UnknownJob(StatsError):
    """No job has this id."""

    def __init__(self) -> None:
        super().__init__(reasons.INVALID_JOB_ID())


class ExpiredJob(UnknownJob):
    """The job was finished and is not kept any more."""

    def __init__(self) -> None:
        StatsError.__init__(self, reasons.EXPIRED())


class LostJob(ExpiredJob):
    """Redis has lost the job, unless it expired: that is not known any more."""

    def __init__(self) -> None:
        StatsError.__init__(self, reasons.GONE())


class TooLateError(StatsError):
    """A job that is not queued any more cannot be cancelled."""


class NoAnswer(StatsError):
    """There is no answer of a job to explain or to draw."""


class JobFailed(NoAnswer):
    """The job ended with an error, which the reason is of."""


class JobCancelled(NoAnswer):
    """The job was cancelled before it ran."""


class KeyReused(StatsError):
    """The key of a submit was used for another one before."""

    def __init__(self) -> None:
        super().__init__(reasons.KEY_REUSED())


class Busy(StatsError):
    """What was asked for is under way already."""


class QueueFull(StatsError):
    """As many jobs are unfinished as may be."""

    def __init__(self, unfinished: int) -> None:
        super().__init__(reasons.QUEUE_FULL(jobs=unfinished))


class ShuttingDown(StatsError):
    """The server takes no new jobs."""

    def __init__(self) -> None:
        super().__init__(reasons.SHUTTING_DOWN())


class Overloaded(StatsError):
    """As much of what was asked for is being done as may at a time."""


class Closed(StatsError):
    """Who has no token may not do this on a public server, and none is set."""

    def __init__(self) -> None:
        super().__init__(reasons.CLOSED())


class RateLimited(StatsError):
    """A client asks more than one client may.

    `seconds` is when to ask again. `policy` and `quota` are what a client may do, in the words of
    the fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers).
    """

    def __init__(self, reason: Sentence, seconds: int, policy: str, quota: str) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.policy = policy
        self.quota = quota


class StoreUnavailable(StatsError):
    """What keeps the jobs cannot be asked at the moment."""


class DrawingError(StatsError):
    """A chart could not be drawn."""


class DrawingTimeout(DrawingError):
    """A chart could not be drawn in the time that there is for one."""


class StorageError(StatsError):
    """The disk did not take what had to be stored."""

    @classmethod
    def from_os(cls, what: str, error: OSError) -> "StorageError":
        """Return the StorageError for an OSError, in words that are safe to send to a client."""
        if error.errno in _FULL:
            return DiskFull(f"{what}: the disk is full")
        return cls(f"{what}: {error.strerror or error}")


class DiskFull(StorageError):
    """The disk has no room for what had to be stored."""


class DownloadError(StatsError):
    """The data could not be downloaded; the file that was there is as it was."""


class CannotBegin(DownloadError):
    """There is no place for the data, or another process downloads them: running again is no help.

    Nothing was asked for.
    """


class WrongDownload(DownloadError):
    """What was downloaded is proved not to be the data as it is now; going on from it is no use."""
