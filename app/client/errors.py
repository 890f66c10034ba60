"""Every error that the client raises on purpose.

StatsError
 ├─ BadQuestion       the server cannot take what was asked (400, 413, 415), or it cannot be sent;
 │                    `nearest` has names
 ├─ NotAllowed        the token is missing or wrong, or the server refuses this client (401, 403)
 ├─ UnknownJob        no job has this id, or none any more (404)
 ├─ JobFailed         the job ended with an error
 │   └─ JobCancelled      the job was cancelled before it ran
 ├─ Conflict          what was asked does not go with how things stand (409)
 │   └─ TooLate           the job is not queued any more, so it cannot be cancelled
 ├─ ServerBusy        the server has no room for it now; nothing was accepted (429, 503, 507)
 ├─ ShuttingDown      the server takes no new jobs; nothing was accepted (503)
 ├─ ServerFailed      the server failed unexpectedly (500)
 ├─ Unreachable       no connection, or it was cut again and again; asking later is safe
 ├─ TimedOut          there was no answer in time; the jobs go on
 ├─ UnexpectedAnswer  what came is no answer of this server, such as a page of a proxy
 └─ ClientClosed      the client was used after its end

All of them can be pickled.
"""

from collections.abc import Sequence


class StatsError(Exception):
    """Base of the errors that the client raises on purpose.

    `reason` says in words why: the server's own, where it gave one. `status` is the HTTP status,
    None where there was no answer. `code` is the server's, such as `unknown-name`; empty where it
    gave none. `nearest` are known names like the one that was not known, best first. `item` is the
    place of the item of a batch that the error is about, counted from 0. `accepted` are the ids of
    jobs that the same call had submitted before the error, as only a batch that takes several
    requests can have them.
    """

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.code = ""
        self.nearest: tuple[str, ...] = ()
        self.item: int | None = None
        self.accepted: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the kind, the reason, and the status where there is one."""
        status = "" if self.status is None else f", status={self.status}"
        return f"{type(self).__name__}({self.reason!r}{status})"


class BadQuestion(StatsError):
    """The server cannot take what was asked, or it cannot be sent; then `status` is None."""


class NotAllowed(StatsError):
    """The token is missing or wrong, or the server refuses this client."""


class UnknownJob(StatsError):
    """No job has this id, or none any more."""


class JobFailed(StatsError):
    """The job ended with an error; `job_id` is its id."""

    def __init__(self, reason: str, status: int | None = None, job_id: str = "") -> None:
        super().__init__(reason, status)
        self.job_id = job_id


class JobCancelled(JobFailed):
    """The job was cancelled before it ran."""


class Conflict(StatsError):
    """What was asked does not go with how things stand."""


class TooLate(Conflict):
    """The job is not queued any more, so it cannot be cancelled."""


class ServerBusy(StatsError):
    """The server has no room for what was asked now; nothing was accepted."""


class ShuttingDown(StatsError):
    """The server takes no new jobs; nothing was accepted."""


class ServerFailed(StatsError):
    """The server failed unexpectedly; its log tells more."""


class Unreachable(StatsError):
    """There is no connection, or it was cut again and again; asking later is safe."""


class TimedOut(StatsError):
    """There was no answer in time; `job_ids` are those of jobs that go on."""

    def __init__(self, reason: str, status: int | None = None, job_ids: Sequence[str] = ()) -> None:
        super().__init__(reason, status)
        self.job_ids = tuple(job_ids)


class UnexpectedAnswer(StatsError):
    """What came is no answer of this server, such as a page of a proxy."""


class ClientClosed(StatsError):
    """The client was used after its end."""
