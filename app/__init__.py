"""Le Stats Sportif: an asynchronous statistics server."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask

    from app.settings import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Build the parts of one server, wire them, take up what an earlier process left.

    Without `settings`, as `flask run` calls it, they come from the environment. Raises StartError,
    with one clear line for the operator, when the server cannot start.
    """
    # Imported here, so that importing a module of this package does no work.
    from flask import Flask

    from app import error_handlers, logs, openapi, routes
    from app.data_ingestor import DataIngestor
    from app.job_service import JobService
    from app.jobs import JobRegistry
    from app.journal import Journal
    from app.request_log import RequestLog
    from app.result_store import ResultStore
    from app.running_marks import RunningMarks
    from app.settings import Settings
    from app.task_runner import ThreadPool

    settings = settings or Settings.load()
    dataset = DataIngestor(settings.data)
    journal = Journal(settings.results)
    log = logs.open_log(settings.log, settings.log_bytes, settings.log_files)
    service = JobService(
        dataset,
        JobRegistry(),
        ResultStore(settings.results),
        ThreadPool(settings.threads, log),
        journal,
        RunningMarks(journal.folder, settings.threads + 8),
        log,
    )
    service.recover()

    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # done below, without a redirect
    app.wsgi_app = _single_slashes(RequestLog(app.wsgi_app, log))  # type: ignore[method-assign, assignment]
    app.extensions["job_service"] = service
    app.extensions["log"] = log
    error_handlers.register(app, log)
    app.register_blueprint(routes.blueprint())
    app.register_blueprint(openapi.blueprint())
    return app


def _single_slashes(wsgi_app: "WSGIApplication") -> "WSGIApplication":
    """Serve `//api//jobs`, as some clients write it, like `/api/jobs`."""

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        path = environ["PATH_INFO"]
        if "//" in path:
            while "//" in path:
                path = path.replace("//", "/")
            environ["PATH_INFO"] = path
        return wsgi_app(environ, start_response)

    return serve
