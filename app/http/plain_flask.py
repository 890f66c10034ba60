"""Flask, with a short way to the routes of the API.

A request to an ordinary view of Flask's costs some 80 microseconds before the view does anything:
contexts are pushed for its proxies, a session is opened, signals are sent, hooks are looked for,
and the response is copied and checked on its way out. The routes of the API use none of this, and
are asked thousands of times a second. They are registered with Flask and found in its table of
routes like all others, but called with nothing but the request. Every other route is served as
Flask ever does.

A server may have the app answer in either of two ways: as a WSGI app, or by `respond`, which takes
a request and returns a response, without waiting for anything.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from app.http.middleware import Middleware, MiddlewareChain
from app.http.plain_routes import PlainRoutes
from app.http.request import Request, host_and_port
from app.http.responses import Response, known
from app.http.wsgi import reply_of, request_of, send

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.routing import MapAdapter

    from app.data_ingestor import DataIngestor

View = Callable[..., Response]

# Endpoints of the blueprints whose views are called with the request alone.
_PLAIN = ("api.", "explore.")


class MatchedRule(Rule):
    """A rule that paths are matched with, and that seldom builds one, as `url_for` does.

    What builds them is compiled when it is first asked for: for all rules, that would take two
    thirds of the time in which an app is made.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(rule, **values)

        return build


class PlainFlask(Flask):
    """A Flask app whose blueprints `api` and `explore` have plain views.

    A plain view gets the request and the arguments in its path, and returns a Response.
    """

    url_rule_class = MatchedRule

    def __init__(self, name: str, log: logging.Logger) -> None:
        super().__init__(name, static_folder=None)
        self.log = log
        self.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False  # done before the app is called, without a redirect
        self.pass_through([])

    def pass_through(self, middleware: Sequence[Middleware]) -> None:
        """Have each request pass these, in order, and its response in the other direction."""
        self.respond = MiddlewareChain(middleware, self._answer, self.log).respond

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
        url = f"http://{host_and_port(host, port)}"
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
        """Serve a request of a WSGI server; what it waits for, its thread waits for."""
        return send(known(self.respond(request_of(environ))), start_response)

    def _answer(self, request: Request) -> Response:
        """Return what the view of a request answers; raise what it raises."""
        if request.unread is not None:
            return request.unread.refuse(request)
        found = self._plain.find(request.method, request.path)
        endpoint, arguments = found or self._match(request.method, request.path)
        if not endpoint.startswith(_PLAIN):
            return reply_of(super().wsgi_app, request)
        view: View = self.view_functions[endpoint]  # type: ignore[assignment]
        return view(request, **arguments)

    def _match(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """Return the endpoint of a request and the arguments in its path; raise HTTPException."""
        matched = self._routes.match(path, method)
        if not method.isupper():  # methods are case-sensitive, but not to the table of routes
            raise MethodNotAllowed(self._routes.allowed_methods(path))
        endpoint, arguments = matched
        return endpoint, dict(arguments)

    @cached_property
    def _routes(self) -> "MapAdapter":
        return self.url_map.bind("localhost")

    @cached_property
    def _plain(self) -> PlainRoutes:
        return PlainRoutes(
            rule for rule in self.url_map.iter_rules() if rule.endpoint.startswith(_PLAIN)
        )

    def handle_user_exception(self, e: Exception) -> NoReturn:
        """Let an ordinary view's error through: it is answered where those of plain ones are."""
        raise e

    handle_exception = handle_user_exception
