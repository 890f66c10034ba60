"""Two lines in webserver.log for each request: one for its entry, one for its exit."""

import logging
import time

from flask import Flask, Response, g, request

# A question is some 250 characters. What is longer is cut: a log line is for reading.
_MOST_SHOWN = 1000


def _parameters() -> str:
    if request.method not in ("POST", "PUT", "PATCH", "DELETE"):
        return request.query_string.decode("latin-1")
    declared = request.content_length
    if declared is not None and declared > (request.max_content_length or 0):
        return f"({declared} bytes)"
    text = request.get_data().decode("utf-8", "backslashreplace")
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"


def register(app: Flask, log: logging.Logger) -> None:
    """Log each request that `app` serves, refused ones at ERROR."""

    @app.before_request
    def enter() -> None:
        g.began = time.perf_counter()
        log.info("enter %s %s %s", request.method, request.path, _parameters())

    @app.after_request
    def leave(response: Response) -> Response:
        refusal = g.get("refusal")
        level = logging.ERROR if refusal and response.status_code != 404 else logging.INFO
        log.log(
            level,
            "exit %s %s %d %s%.1f ms%s",
            request.method,
            request.path,
            response.status_code,
            f"{g.job_id} " if "job_id" in g else "",
            (time.perf_counter() - g.get("began", time.perf_counter())) * 1e3,
            f" {refusal}" if refusal else "",
        )
        return response
