"""Slow motion over HTTP: there with `--teach` alone, and from this machine alone."""

from collections.abc import Sequence
from typing import Any, Protocol

from werkzeug.exceptions import Forbidden

from app.concurrency.slow_motion import SlowMotion
from app.errors import BadRequest, shortened
from app.http.body import check_declared, parse_object
from app.http.request import Request
from app.http.responses import OnThread, Reply, Response, done
from app.messages import reasons

MOST_STEP_MS = 5000
MOST_JOBS = 50_000
_PACE = ("paused", "step", "step_ms")


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

    def slow_motion(self, request: Request) -> Response:
        """Return how long a step takes, and which threads wait before which step."""
        _check(request)
        return self._told()

    def change_pace(self, request: Request) -> Response:
        """Change how long a step takes, pause, resume, or let a thread take one step.

        That is `step_ms`; `paused`; and `step`, the name of a thread, or true for the one that has
        waited longest.
        """
        _check(request)
        body = _body(request, _PACE)
        if not body:
            raise BadRequest(reasons.SOME_KEYS(known=", ".join(_PACE)))
        pace, paused, step = (body.get(key) for key in ("step_ms", "paused", "step"))
        if pace is not None:
            pace = _whole("step_ms", pace, MOST_STEP_MS)
        if not isinstance(paused, bool | None):
            raise BadRequest(reasons.PAUSED())
        if step is not None and step is not True and not isinstance(step, str):
            raise BadRequest(reasons.STEP())
        thread = "" if step is True else step
        if not self._slow.change(milliseconds=pace, paused=paused, thread=thread):
            raise BadRequest(reasons.NO_SUCH_THREAD())
        return self._told()

    def send_jobs(self, request: Request) -> Response:
        """Have clients of the server's own submit `count` mixed jobs."""
        _check(request)
        count = _whole("count", _body(request, ("count",)).get("count", 500), MOST_JOBS)
        self._service.send(count)
        return Reply(done({"sent": count}))

    def cancel_queued(self, request: Request) -> Response:
        """Cancel all jobs that are queued."""
        _check(request)

        def reply() -> Reply:
            return Reply(done({"cancelled": self._service.cancel_queued()}))

        return OnThread(reply)

    def _told(self) -> Reply:
        return Reply(done(self._slow.as_data()))


def _check(request: Request) -> None:
    if not request.is_local:
        raise Forbidden("slow motion is for who sits at this machine")


def _body(request: Request, known: Sequence[str]) -> dict[str, Any]:
    """Return the object that was sent; raise BadRequest where it has a key that is not known."""
    check_declared(request)
    body = parse_object(request.body)
    for key in body:
        if key not in known:
            message = reasons.UNKNOWN_KEY if len(known) > 1 else reasons.UNKNOWN_KEY_OF_ONE
            names = ", ".join(f'"{name}"' for name in known)
            raise BadRequest(message(key=shortened(key), known=names))
    return body


def _whole(name: str, value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadRequest(
            reasons.MUST_BE(name=name, what=reasons.WHOLE_NUMBER_FROM(first=0, most=most))
        )
    return value
