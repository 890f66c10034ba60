"""What every request passes on its way to a view, and every response on its way back."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.http.error_handlers import reply_to
from app.http.request import Request
from app.http.responses import Known, Response, without_body


class Middleware:
    """One of them: `enter`, `leave` or both do something."""

    def enter(self, request: Request) -> Response | None:
        """Look at a request before those behind; return a response where it does not go on.

        What it raises is answered as if a view had raised it.
        """

    def leave(self, _request: Request, response: Known) -> Known:
        """Return what is sent in place of a response, now that it is known."""
        return response


class MiddlewareChain:
    """Serves requests: through all middleware, to a view, and back."""

    def __init__(
        self,
        middleware: Sequence[Middleware],
        view: Callable[[Request], Response],
        log: logging.Logger,
    ) -> None:
        """Requests pass `middleware` in its order, responses against it."""
        # Each is called for every request: those that do nothing there are left out.
        entering = [one for one in middleware if type(one).enter is not Middleware.enter]
        leaving = [one for one in middleware if type(one).leave is not Middleware.leave]
        self._enter = [one.enter for one in entering]
        self._leave = [one.leave for one in reversed(leaving)]
        self._view = view
        self._log = log

    def respond(self, request: Request) -> Response:
        """Return the response to a request; whatever fails is answered, too."""
        try:
            for enter in self._enter:
                response = enter(request)
                if response is not None:
                    break
            else:
                response = self._view(request)
        except Exception as error:  # noqa: BLE001
            response = reply_to(error, request, self._log)
        return self._left(request, response)

    def _left(self, request: Request, response: Response) -> Response:
        """Return a response after all middleware: where it is not known yet, once it is."""
        if isinstance(response, Known):
            for leave in self._leave:
                response = leave(request, response)
            return response if request.method != "HEAD" else without_body(response)
        reply = response.reply
        return replace(response, reply=lambda: self._later(request, reply))

    def _later(self, request: Request, reply: Callable[[], Response]) -> Response:
        try:
            response = reply()
        except Exception as error:  # noqa: BLE001
            response = reply_to(error, request, self._log)
        return self._left(request, response)
