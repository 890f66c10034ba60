"""Flask, with a short way to the routes of the API.

A request to an ordinary view of Flask's costs some 80 microseconds before the view does anything:
contexts are pushed for its proxies, a session is opened, signals are sent, hooks are looked for, and
the response is copied and checked on its way out. The routes of the API use none of this, and are
asked thousands of times a second. They are registered with Flask and found in its table of routes
like all others, but called with nothing but the WSGI environ. Every other route is Flask's, as ever.
"""

import logging
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask

from app.error_handlers import reply_to
from app.responses import Reply

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.routing import MapAdapter

View = Callable[..., Reply]

# Endpoints of the blueprint whose views are called with the environ.
_PLAIN = "api."


class PlainFlask(Flask):
    """A Flask app whose blueprint `api` has plain views: `view(environ, **arguments) -> Reply`."""

    def __init__(self, name: str, log: logging.Logger) -> None:
        super().__init__(name, static_folder=None)
        self.log = log
        self.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False  # done before the app is called, without a redirect
        self.register_error_handler(Exception, self._on_error)

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request."""
        path = environ["PATH_INFO"]
        if not path.isascii():  # WSGI's strings hold bytes, one in each character
            path = path.encode("latin-1").decode("utf-8", "replace")
        try:
            endpoint, arguments = self._routes.match(path, environ["REQUEST_METHOD"])
            if not endpoint.startswith(_PLAIN):
                return super().wsgi_app(environ, start_response)
            reply = self.view_functions[endpoint](environ, **arguments)
        except Exception as error:  # pylint: disable=broad-exception-caught
            reply = reply_to(error, environ, self.log)
        response: Iterable[bytes] = reply(environ, start_response)
        return response

    @cached_property
    def _routes(self) -> "MapAdapter":
        return self.url_map.bind("localhost")

    def _on_error(self, error: Exception) -> Any:
        """Answer what an ordinary view raised."""
        from flask import request

        return reply_to(error, request.environ, self.log)
