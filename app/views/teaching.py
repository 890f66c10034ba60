"""Slow motion over HTTP: there with `--teach` alone, and from this machine alone."""

from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.exceptions import Forbidden

from app import json_bytes
from app.concurrency.slow_motion import SlowMotion
from app.errors import BadRequest
from app.http.body import BODY, check_declared, parse_object
from app.http.responses import OnThread, Reply, Response
from app.messages import reasons
from app.settings import is_loopback

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

MOST_STEP_MS = 5000
MOST_JOBS = 50_000
_KEYS = frozenset({"step_ms", "paused", "step"})


class Teaching(Protocol):
    """A job service that can be slowed down."""

    slow_motion: SlowMotion

    def send(self, count: int) -> None:
        """Have clients submit so many mixed jobs."""

    def cancel_queued(self) -> int:
        """Cancel the jobs that are queued, and return how many were."""


class TeachingViews:
    """The views of slow motion.

    They take no POST to let threads go on: where a server teaches, POSTs have threads, and those
    may all be held up.
    """

    def __init__(self, service: Teaching) -> None:
        self._service = service
        self._slow = service.slow_motion

    def slow_motion(self, environ: "WSGIEnvironment") -> Response:
        """Return how long a step takes, and which threads wait before which step."""
        _check(environ)
        return self._told()

    def change_pace(self, environ: "WSGIEnvironment") -> Response:
        """Change how long a step takes, pause, resume, or let a thread take one step.

        That is `step_ms`; `paused`; and `step`, the name of a thread, or true for the one that has
        waited longest.
        """
        _check(environ)
        body = _body(environ)
        unknown = sorted(body.keys() - _KEYS)
        if unknown or not body:
            raise BadRequest(reasons.SOME_KEYS(known=", ".join(sorted(_KEYS))))
        pace, paused, step = (body.get(key) for key in ("step_ms", "paused", "step"))
        if pace is not None:
            pace = _whole("step_ms", pace, MOST_STEP_MS)
        if not isinstance(paused, bool | None):
            raise BadRequest(reasons.PAUSED())
        if step is not None and step is not True and not isinstance(step, str):
            raise BadRequest(reasons.STEP())
        if pace is not None:
            self._slow.set_pace(pace)
        if paused is not None:
            if paused:
                self._slow.pause()
            else:
                self._slow.resume()
        if step is not None and not self._slow.let_go("" if step is True else step):
            raise BadRequest(reasons.NO_SUCH_THREAD())
        return self._told()

    def send_jobs(self, environ: "WSGIEnvironment") -> Response:
        """Have clients of the server's own submit `count` mixed jobs."""
        _check(environ)
        count = _whole("count", _body(environ).get("count", 500), MOST_JOBS)
        self._service.send(count)
        return Reply(json_bytes.encode({"status": "done", "data": {"sent": count}}))

    def cancel_queued(self, environ: "WSGIEnvironment") -> Response:
        """Cancel all jobs that are queued."""
        _check(environ)

        def reply() -> Reply:
            data = {"cancelled": self._service.cancel_queued()}
            return Reply(json_bytes.encode({"status": "done", "data": data}))

        return OnThread(reply)

    def _told(self) -> Reply:
        return Reply(json_bytes.encode({"status": "done", "data": self._slow.as_data()}))


def _check(environ: "WSGIEnvironment") -> None:
    if not is_loopback(environ.get("REMOTE_ADDR", "")):
        raise Forbidden("slow motion is for who sits at this machine")


def _body(environ: "WSGIEnvironment") -> dict[str, Any]:
    check_declared(environ)
    return dict(parse_object(environ[BODY]))


def _whole(name: str, value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadRequest(
            reasons.MUST_BE(name=name, what=reasons.WHOLE_NUMBER_FROM(first=0, most=most))
        )
    return value
