"""Two lines in webserver.log for each request: one for its entry, one for its exit.

It enters once it is whole, with its body, and exits once its answer is known: of a stream, before
its first part. Between the two, a refused one has a line at ERROR with the reason. Views and error
handlers leave in the request what the lines show. Where a client leaves while it waits, or before
its request is whole, the connection has a line of that in place of the exit, or of both
(`connection.py`).
"""

import logging
import time

from app.http.middleware import Middleware
from app.http.request import Request
from app.http.responses import Known
from app.metrics import Metrics

# A question is some 250 characters. What is longer is cut: a log line is for reading.
_MOST_SHOWN = 1000


class RequestLog(Middleware):
    """Logs each request, and counts refused ones."""

    def __init__(self, log: logging.Logger, metrics: Metrics) -> None:
        self._log = log
        self._metrics = metrics

    def enter(self, request: Request) -> None:
        """Log what is asked."""
        request.began = time.perf_counter()
        shown = _shown(request.query)
        if request.body:
            shown = f"{shown} {_shown_body(request.body)}".lstrip()
        self._log.info("enter %s %s %s", request.method, _shown(request.path), shown)

    def leave(self, request: Request, response: Known) -> Known:
        """Log what is answered."""
        method, path, status = request.method, _shown(request.path), response.status
        if status >= 400:
            self._metrics.request_refused(str(int(status)), request.cause)
            if request.refusal:
                self._log.error("refused %s %s: %s", method, path, request.refusal)
        took = (time.perf_counter() - request.began) * 1e3
        self._log.info("exit %s %s %d %s %.1f ms", method, path, status, request.job_id, took)
        return response


def _shown_body(body: bytes) -> str:
    if len(body) <= _MOST_SHOWN:
        return body.decode("utf-8", "backslashreplace")
    return f"{body[:_MOST_SHOWN].decode('utf-8', 'backslashreplace')}... ({len(body)} bytes)"


def _shown(text: str) -> str:
    if len(text) <= _MOST_SHOWN:
        return text
    return f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"
