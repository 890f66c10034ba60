"""Le Stats Sportif: an asynchronous statistics server."""

from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import logging
    from concurrent.futures import Future

    from app.data_ingestor import DataIngestor
    from app.http.plain_flask import PlainFlask
    from app.job_service import JobService
    from app.settings import Settings
    from app.statistics.registry import Registry

T = TypeVar("T")

# The process that draws is ended when nobody has asked for a chart for so long.
_IDLE_SECONDS = 300.0


def create_app(
    settings: "Settings | None" = None, statistics: "Registry | None" = None
) -> "PlainFlask":
    """Build the parts of one server, wire them, take up what an earlier process left.

    It answers `statistics`, which are those of the registry where none are given.

    Raises StartError, with one clear line for the operator, when the server cannot start. Without
    `settings`, as `flask run` calls it, they come from the environment.
    """
    if settings is None:
        return _app_for_flask()
    settings.check()
    # Imported here, so that importing a module of this package does no work; and the datasets are
    # read while this thread is busy with the other imports.
    from app.concurrency.beside import begun
    from app.data_ingestor import read_datasets

    loading = begun(partial(read_datasets, settings.data), "Loader")

    from app import routes
    from app.charts.drawer import Drawer
    from app.concurrency.periodic import Periodic
    from app.exposure import exposure_of
    from app.http.for_people import PageForNothing
    from app.http.long_headers import ShortLists
    from app.http.paths import SingleSlashes
    from app.http.plain_flask import PlainFlask
    from app.http.request_log import RequestLog
    from app.http.security_headers import SecurityHeaders
    from app.statistics.registry import STATISTICS
    from app.views.pages import Pages

    statistics = STATISTICS if statistics is None else statistics
    service, log = _service(settings, loading, statistics)
    drawer = Drawer()
    app = PlainFlask(__name__, log)
    exposure = exposure_of(settings, service.rate_storage)
    pages = Pages(app, is_public=settings.public)

    def run_chores() -> None:
        service.run_chores()
        drawer.rest(_IDLE_SECONDS)
        # What no first answer needs: now, while there are descriptors to open files with.
        statistics.load()
        pages.load()
        service.catalogue.load()

    often = 1.0 if service.waits_for_network else min(1.0, settings.job_seconds / 4 or 1.0)
    periodic = Periodic(run_chores, often, log)

    # A request passes these from top to bottom, then PlainFlask finds the view that answers it, and
    # its response passes them from bottom to top.
    middleware = (
        ShortLists(),
        SingleSlashes(),
        RequestLog(log, service.metrics),
        SecurityHeaders(),
        PageForNothing(pages.missing, is_public=settings.public),
        *exposure.sharing,  # in public alone
        exposure.guard,
    )
    app.pass_through(middleware)
    app.extensions.update(job_service=service, log=log, periodic=periodic, drawer=drawer)
    app.extensions.update(guard=exposure.guard, exposure=exposure.text)
    routes.register(app, service, drawer, pages, log, settings.max_age, teaches=settings.teach)
    periodic.start()
    return app


def _app_for_flask() -> "PlainFlask":
    """Build an app with the settings of the environment, for Flask's command line above all."""
    import logging
    from dataclasses import replace

    import click

    from app.errors import StartError
    from app.http.flask_run import flask_run
    from app.http.plain_flask import PlainFlask
    from app.settings import Settings

    run = flask_run()
    try:
        settings = Settings.load()
        if run is not None and run.watches:
            # The process that serves needs the results folder, which only one can lock.
            return PlainFlask(__name__, logging.Logger(__name__))
        if run is not None:
            settings = replace(settings, host=run.host, port=run.port)
        app = create_app(settings)
    except StartError as error:
        if click.get_current_context(silent=True) is None:
            raise
        raise click.ClickException(str(error)) from None  # printed in one line
    if run is not None:
        app.log_start(run.host, run.port)
    return app


@cache
def _webserver() -> "PlainFlask":
    return create_app()


def __getattr__(name: str) -> "PlainFlask":
    """Return the app for `from app import webserver`, built when it is first asked for."""
    if name == "webserver":
        return _webserver()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _service(
    settings: "Settings", loading: "Future[dict[str, DataIngestor]]", statistics: "Registry"
) -> "tuple[JobService, logging.Logger]":
    """Return the service of the executor that is set, and its log."""
    if settings.executor == "celery":
        from app.cluster.build import cluster_service as build
    else:
        from app.threads.build import thread_service as build  # type: ignore[assignment]
    datasets = _ended(loading)
    return build(settings, datasets, statistics)


def _ended(future: "Future[T]") -> "T":
    """Return what the call returned, or raise what it raised."""
    from concurrent.futures import wait  # with logging, which the command line does without

    while not future.done():  # a look at a time: one long wait could not be interrupted by Ctrl-C
        wait([future], timeout=0.1)
    return future.result()
