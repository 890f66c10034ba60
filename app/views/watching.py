"""Answers once the server's state is another one than a request knows."""

from collections.abc import Callable
from typing import TypeVar

from app.concurrency.changes import Changes, Watcher
from app.http.query import Query
from app.http.responses import AfterWait, Header, Reply, Response
from app.job_service import JobService

T = TypeVar("T")


def when_changed(
    service: JobService,
    changes: Changes[T],
    query: Query,
    asked: T,
    respond: Callable[..., Response],
) -> Response:
    """Return the response to what is asked, at once or, with `wait`, when `since` is past.

    `respond` takes headers to send along. Where as many wait as may, the answer comes at once.
    """
    known, seconds = query.text("since"), query.wait_seconds()
    if not seconds or known is None:
        return respond()
    wait = service.wait_for_change()
    if wait is None:
        retry: Header = ("retry-after", "1")
        return respond(retry)
    watcher = Watcher(wait, known, asked)
    changes.watch(watcher)
    return AfterWait(
        wait,
        seconds,
        lambda: respond() if watcher.answer is None else Reply(watcher.answer),
    )
