"""The dataset: what it holds, its questions, states and categories, and reading it again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app import json_bytes
from app.answers.answers import Answers
from app.answers.discovery import (
    about_dataset,
    categories,
    described,
    questions,
    states,
)
from app.data_ingestor import DataIngestor
from app.http.responses import OnThread, Reply, Response
from app.job_service import JobService

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


class DatasetViews:
    """The views of the dataset in use. What takes a while is done on a thread."""

    def __init__(self, service: JobService) -> None:
        self._service = service

    def dataset(self, _environ: "WSGIEnvironment") -> Response:
        """Describe the dataset: what it holds, where it is from, and what to beware of."""
        answers = self._service.answers
        # Beside a file that was just downloaded it may come a moment later.
        notes = answers.dataset.notes()

        def describe(dataset: DataIngestor) -> dict[str, Any]:
            return about_dataset(dataset, answers.loaded_at, notes)

        return _made_once(answers, f"dataset {notes}", describe)

    def statistics(self, _environ: "WSGIEnvironment") -> Response:
        """List the statistics: what each is called, what it is asked, and an example."""
        answers = self._service.answers

        def describe(_dataset: DataIngestor) -> list[dict[str, Any]]:
            return [described(statistic) for statistic in answers.statistics.values()]

        return _made_once(answers, "statistics", describe)

    def questions(self, _environ: "WSGIEnvironment") -> Response:
        """List the questions: topic, which direction is better and why, the years asked."""
        return _made_once(self._service.answers, "questions", questions)

    def states(self, _environ: "WSGIEnvironment") -> Response:
        """List the states, the district, the territories and the nation."""
        return _made_once(self._service.answers, "states", states)

    def categories(self, _environ: "WSGIEnvironment") -> Response:
        """List the stratification categories and their strata, and which of them overlap."""
        return _made_once(self._service.answers, "categories", categories)

    def reload(self, _environ: "WSGIEnvironment") -> Response:
        """Read the dataset's file again; jobs that run finish on the one that they began with."""

        def reply() -> Reply:
            changed = self._service.reload()
            dataset = self._service.answers.dataset
            data = {"changed": changed, "rows": dataset.rows, "sha256": dataset.digest}
            return Reply(json_bytes.encode({"status": "done", "data": data}))

        return OnThread(reply)


def _made_once(answers: Answers, what: str, describe: Callable[[DataIngestor], Any]) -> Response:
    """Return a description of a dataset, which is made once for each."""

    def make() -> bytes:
        return json_bytes.encode({"status": "done", "data": describe(answers.dataset)})

    return OnThread(lambda: Reply(answers.describe(what, make)))
