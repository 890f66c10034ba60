"""An app in this process, asked without a socket or over one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import werkzeug.serving
from flask import Flask

from app import create_app
from app.answers.compute import Answer, Answers
from app.data_ingestor import DataIngestor
from app.job import Job, JobRequest
from app.job_service import JobService
from app.logs import close_log
from app.settings import Settings
from app.sources import COURSE, Source, Sources
from app.threads.service import ThreadService
from app.views.pages import files_of_pages
from unittests.helpers.data import dataset, release
from unittests.helpers.drawing import drawer
from unittests.helpers.files import DATASET, RELEASE
from unittests.helpers.server import Api
from unittests.helpers.waiting import PATIENCE

if TYPE_CHECKING:
    import pytest  # which plain unittest does without

    from app.http.plain_flask import PlainFlask


class _ReadOnce(DataIngestor):
    """Stands in for DataIngestor, and reads the same bytes once for all apps: they are immutable.

    To read the large ones takes ten times as long as everything else that an app does at its start,
    and to read few rows twice as long.
    """

    def __new__(cls, path: Path) -> DataIngestor:  # type: ignore[misc]
        once = {DATASET: dataset, RELEASE: release}
        if path in once:
            return once[path]()
        if path.suffix != ".csv" or not path.is_file():
            return DataIngestor(path)
        key = path.name, path.read_bytes()
        if key not in _small():
            _small()[key] = DataIngestor(path)
        found = copy(_small()[key])
        found.path = path  # where notes of a download lie, and what is read again
        return found


@cache
def _small() -> dict[tuple[str, bytes], DataIngestor]:
    """Return what was read of files, by their names and bytes."""
    return {}


# Read and joined once for all apps: they are immutable.
_files_of_pages = cache(files_of_pages)
_COURSE_ALONE = Sources((Source(COURSE, DATASET),), COURSE)


@contextmanager
def running_app(folder: Path, **changes: Any) -> "Iterator[PlainFlask]":
    """Build an app in this process for the length of a with block.

    Unless told otherwise (`data`), it serves the course's file for everything.
    """
    values = {"results": folder / "results", "log": folder / "webserver.log", "threads": 2}
    data = changes.pop("data", _COURSE_ALONE)
    values["data"] = Sources.alone(data) if isinstance(data, Path) else data
    with (
        mock.patch("app.data_ingestor.DataIngestor", _ReadOnce),
        mock.patch("app.charts.drawer.Drawer", drawer),
        mock.patch("app.views.pages.files_of_pages", _files_of_pages),
    ):
        app = create_app(Settings(**{**values, **changes}))
    try:
        yield app
    finally:
        service_of(app).close(PATIENCE)
        app.extensions["periodic"].stop()
        close_log(app.extensions["log"])


class _Handler(werkzeug.serving.WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Print nothing."""


class ServedApp(Api):
    """An app of this process that is reached over a real socket."""

    def __init__(self, app: Flask, url: str, results: Path) -> None:
        super().__init__(url, results)
        self.app = app


@contextmanager
def served_app(folder: Path, **changes: Any) -> Iterator[ServedApp]:
    """Serve an app over a real socket for the length of a with block, from this process.

    Far cheaper than a process, for tests of what asks a server and not of the server itself.
    """
    with running_app(folder, **changes) as app:
        server = werkzeug.serving.make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=_Handler
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        served = ServedApp(app, f"http://127.0.0.1:{server.port}", folder / "results")
        try:
            yield served
        finally:
            served.http.close()
            server.shutdown()
            thread.join()


def service_of(app: Flask) -> JobService:
    """Return the job service of an app."""
    service: JobService = app.extensions["job_service"]
    return service


def default_answers(app: Flask) -> Answers:
    """Return the answers of the dataset that is asked where none is named."""
    return service_of(app).catalogue.release


def embedded(app: Flask) -> ThreadService:
    """Return the job service of an app that runs jobs on its own threads."""
    service = service_of(app)
    assert isinstance(service, ThreadService)
    return service


def submit(service: JobService, statistic: str, /, *, key: str = "", **body: Any) -> Job:
    """Submit a job of a statistic, with a key, and return it."""
    one = service.catalogue.statistics.find(statistic)
    answers, asked = service.catalogue.chosen(one, body)
    return service.accept(answers.request(one, asked), key)


def fail_jobs_on(
    state: str, app: Flask, monkeypatch: "pytest.MonkeyPatch", error: BaseException
) -> None:
    """Have jobs on one state raise `error`."""
    answers = default_answers(app)
    compute = answers.answer

    def answer(request: JobRequest) -> Answer:
        if f'"state":"{state}"' in request.parameters:
            raise error
        return compute(request)

    monkeypatch.setattr(answers, "answer", answer)


def hold_jobs(monkeypatch: "pytest.MonkeyPatch") -> None:
    """Have the jobs of all apps wait until theirs is told to take no more of them."""
    gate, answer, drain = threading.Event(), Answers.answer, ThreadService.drain

    def wait(self: Answers, request: JobRequest) -> Answer:
        assert gate.wait(PATIENCE)
        return answer(self, request)

    def drain_and_release(self: ThreadService) -> None:
        drain(self)
        gate.set()

    monkeypatch.setattr(Answers, "answer", wait)
    monkeypatch.setattr(ThreadService, "drain", drain_and_release)
