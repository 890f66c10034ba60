"""An app in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from app import create_app
from app.answers.answers import Answer
from app.job import Job, JobRequest
from app.job_service import JobService
from app.logs import close_log
from app.settings import Settings
from app.threads.service import ThreadService
from unittests.helpers.waiting import PATIENCE

if TYPE_CHECKING:
    import pytest  # which plain unittest does without


@contextmanager
def running_app(folder: Path, **changes: Any) -> Iterator[Flask]:
    """Build an app in this process for the length of a with block."""
    values = {"results": folder / "results", "log": folder / "webserver.log", "threads": 2}
    app = create_app(Settings(**{**values, **changes}))
    try:
        yield app
    finally:
        service_of(app).close(PATIENCE)
        app.extensions["periodic"].stop()
        app.extensions["drawer"].close()
        close_log(app.extensions["log"])


def service_of(app: Flask) -> JobService:
    """Return the job service of an app."""
    service: JobService = app.extensions["job_service"]
    return service


def embedded(app: Flask) -> ThreadService:
    """Return the job service of an app that runs jobs on its own threads."""
    service = service_of(app)
    assert isinstance(service, ThreadService)
    return service


def submit(service: JobService, statistic: str, **body: Any) -> Job:
    """Submit a job of a statistic and return it."""
    answers = service.answers
    return service.accept(answers.request(answers.statistics.find(statistic), body))


def fail_jobs_on(
    state: str, app: Flask, monkeypatch: "pytest.MonkeyPatch", error: BaseException
) -> None:
    """Have jobs on one state raise `error`."""
    answers = service_of(app).answers
    compute = answers.answer

    def answer(request: JobRequest) -> Answer:
        if f'"state":"{state}"' in request.parameters:
            raise error
        return compute(request)

    monkeypatch.setattr(answers, "answer", answer)
