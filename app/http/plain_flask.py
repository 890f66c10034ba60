"""Flask, with a short way to the routes of the API.

A request to an ordinary view of Flask's costs some 80 microseconds before the view does anything:
contexts are pushed for its proxies, a session is opened, signals are sent, hooks are looked for,
and the response is copied and checked on its way out. The routes of the API use none of this, and
are asked thousands of times a second. They are registered with Flask and found in its table of
routes like all others, but called with nothing but the WSGI environ. Every other route is served
as Flask ever does.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.http.error_handlers import reply_to
from app.http.paths import path_text
from app.http.request_log import CAUSE, REFUSAL
from app.http.responses import AfterWait, OnThread, Response

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.routing import MapAdapter

    from app.data_ingestor import DataIngestor

View = Callable[..., Response]

# In the environ of a request that could not be read: the Problem that says why.
UNREAD = "stats_sportif.unread"

# Endpoints of the blueprints whose views are called with the environ.
_PLAIN = ("api.", "explore.")


class PlainFlask(Flask):
    """A Flask app whose blueprints `api` and `explore` have plain views.

    A plain view gets the environ and the arguments in its path, and returns a Response.
    """

    def __init__(self, name: str, log: logging.Logger) -> None:
        super().__init__(name, static_folder=None)
        self.log = log
        self.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False  # done before the app is called, without a redirect
        self.register_error_handler(Exception, self._on_error)

    @property
    def data_ingestor(self) -> "DataIngestor":
        """The dataset that the course's nine statistics ask."""
        dataset: DataIngestor = self.extensions["job_service"].catalogue.course.dataset
        return dataset

    @property
    def tasks_runner(self) -> Any:
        """The ThreadPool that runs the jobs; none, and an AttributeError, with Celery."""
        return self.extensions["job_service"].pool

    @property
    def job_counter(self) -> int:
        """The number of the next job: 1 before the first one. It cannot be set."""
        last: int = self.extensions["job_service"].job_counts.last
        return last + 1

    def log_start(self, host: str, port: int) -> str:
        """Log that the app is served from now on, and return its address."""
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        service = self.extensions["job_service"]
        for name, answers in service.catalogue.answers.items():
            path, version = answers.dataset.path, answers.version
            self.log.info("dataset %s: %s, version %s", name, path, version)
        self.log.info("serving on %s, %s, %s", url, self.rows_text("d"), service.runs_on)
        if exposure := self.extensions["exposure"]:
            self.log.warning("%s", exposure)
        return url

    def rows_text(self, form: str) -> str:
        """Return how many rows there are of each dataset, numbers in a form such as `,d`."""
        served = self.extensions["job_service"].catalogue.answers
        rows = [(name, f"{one.dataset.rows:{form}} rows") for name, one in served.items()]
        return ", ".join(text if len(rows) == 1 else f"{name} {text}" for name, text in rows)

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request."""
        if (unread := environ.get(UNREAD)) is not None:
            environ[REFUSAL], environ[CAUSE] = unread.reason, unread.code
            refused: Iterable[bytes] = unread.reply(environ.get("HTTP_ACCEPT"))(
                environ, start_response
            )
            return refused
        try:
            path, method = path_text(environ), environ["REQUEST_METHOD"]
            endpoint, arguments = self._routes.match(path, method)
            if not method.isupper():  # methods are case-sensitive, but not to the table of routes
                raise MethodNotAllowed(self._routes.allowed_methods(path))
            if not endpoint.startswith(_PLAIN):
                return super().wsgi_app(environ, start_response)
        except HTTPException as error:
            return reply_to(error, environ, self.log)(environ, start_response)
        view: View = self.view_functions[endpoint]  # type: ignore[assignment]
        response = self._response(environ, partial(view, environ, **arguments))
        body: Iterable[bytes] = response(environ, start_response)
        return body

    def _response(self, environ: "WSGIEnvironment", view: Callable[[], Response]) -> Any:
        """Return what a view answers, or what is answered to the error that it raised.

        That goes, too, for what it answers later.
        """
        try:
            response = view()
            if isinstance(response, AfterWait | OnThread):
                return replace(response, reply=partial(self._response, environ, response.reply))
            return response
        except Exception as error:  # pylint: disable=broad-exception-caught
            return reply_to(error, environ, self.log)

    @cached_property
    def _routes(self) -> "MapAdapter":
        return self.url_map.bind("localhost")

    def _on_error(self, error: Exception) -> Any:
        """Answer what an ordinary view raised."""
        return reply_to(error, request.environ, self.log)
