"""Two lines in webserver.log for each request: one for its entry, one for its exit.

Between them, a refused one has a line at ERROR with the reason.

A WSGI middleware and not Flask's hooks: it sees every request, the ones that Flask refuses
included, and costs a third. Views and error handlers leave in the environ what the lines show.
"""

import logging
import time
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.http.body import BODY
from app.http.paths import path_text
from app.metrics import Metrics

JOB_ID = "stats_sportif.job_id"
REFUSAL = "stats_sportif.refusal"  # its reason
CAUSE = "stats_sportif.cause"  # of a refusal, in a word

# A question is some 250 characters. What is longer is cut: a log line is for reading.
_MOST_SHOWN = 1000


class RequestLog:
    """Logs each request that `app` serves, and counts refused ones."""

    def __init__(self, app: WSGIApplication, log: logging.Logger, metrics: Metrics) -> None:
        self._app = app
        self._log = log
        self._metrics = metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        began = time.perf_counter()
        method, path = environ["REQUEST_METHOD"], _shown(path_text(environ))
        body = environ[BODY]
        shown = _shown(environ["QUERY_STRING"])
        if body:
            shown = f"{shown} {_shown_body(body)}".lstrip()
        self._log.info("enter %s %s %s", method, path, shown)

        def leave(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if status >= "400":
                self._metrics.request_refused(status[:3], environ.get(CAUSE, "none"))
                if REFUSAL in environ:
                    self._log.error("refused %s %s: %s", method, path, environ[REFUSAL])
            self._log.info(
                "exit %s %s %.3s %s %.1f ms",
                method,
                path,
                status,
                environ.get(JOB_ID, "-"),
                (time.perf_counter() - began) * 1e3,
            )
            return start_response(status, headers, *error)

        return self._app(environ, leave)


def _shown_body(body: bytes) -> str:
    if len(body) <= _MOST_SHOWN:
        return body.decode("utf-8", "backslashreplace")
    return f"{body[:_MOST_SHOWN].decode('utf-8', 'backslashreplace')}... ({len(body)} bytes)"


def _shown(text: str) -> str:
    if len(text) <= _MOST_SHOWN:
        return text
    return f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"
