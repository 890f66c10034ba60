"""The datasets: which there are, what one holds, what to ask of it, and reading it again."""

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from app import json_bytes
from app.answers.answers import Answers
from app.data_ingestor import DataIngestor
from app.http.conditional import Validators, not_modified
from app.http.query import Query
from app.http.responses import OnThread, Reply, Response
from app.job import digest_of
from app.job_service import JobService
from app.statistics.parameters import DATASET

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


_VARY = (("Vary", "Accept-Encoding"),)
# It is kept, and asked each time whether it has changed: a dataset may be reloaded at any moment.
_FRESHNESS = "no-cache"


class DatasetViews:
    """The views of the datasets in use. What takes a while is done on a thread.

    There it is imported, too, for it needs polars: a start does without.
    """

    def __init__(self, service: JobService) -> None:
        self._service = service
        self._catalogue = service.catalogue

    def datasets(self, _environ: "WSGIEnvironment") -> Response:
        """List the datasets: what each is asked by, what it holds, and who asks it by default."""

        def reply() -> Reply:
            from app.answers.discovery import listed_dataset

            listed = []
            for answers in self._catalogue.answers.values():
                asked_by = [
                    name
                    for name, statistic in self._catalogue.statistics.items()
                    if self._catalogue.default(statistic).name == answers.name
                ]
                one = listed_dataset(answers, answers.dataset.notes())
                default = answers.name == self._catalogue.release.name
                listed.append({**one, "default": default, "default_for": asked_by})
            return _done(listed)

        return OnThread(reply)

    def dataset(self, environ: "WSGIEnvironment") -> Response:
        """Describe a dataset: what it holds, where it is from, and what to beware of."""
        answers = self._asked(environ)
        # Beside a file that was just downloaded it may come a moment later.
        notes = answers.dataset.notes()

        def describe(dataset: DataIngestor) -> dict[str, Any]:
            from app.answers.discovery import about_dataset

            return {"name": answers.name, **about_dataset(dataset, answers.loaded_at, notes)}

        return _made_once(environ, answers, f"dataset {notes}", describe)

    def statistics(self, environ: "WSGIEnvironment") -> Response:
        """List the statistics: what each is called, what it is asked, and an example."""

        def describe(_dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import described

            return [
                {**described(statistic), "dataset": self._catalogue.default(statistic).name}
                for statistic in self._catalogue.statistics.values()
            ]

        return _made_once(environ, self._catalogue.release, "statistics", describe)

    def questions(self, environ: "WSGIEnvironment") -> Response:
        """List the questions: topic, which direction is better and why, the years asked."""

        def describe(dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import questions

            return questions(dataset)

        return _made_once(environ, self._asked(environ), "questions", describe)

    def states(self, environ: "WSGIEnvironment") -> Response:
        """List the states, the district, the territories and the nation."""

        def describe(dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import states

            return states(dataset)

        return _made_once(environ, self._asked(environ), "states", describe)

    def categories(self, environ: "WSGIEnvironment") -> Response:
        """List the stratification categories and their strata, and which of them overlap."""

        def describe(dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import categories

            return categories(dataset)

        return _made_once(environ, self._asked(environ), "categories", describe)

    def reload(self, environ: "WSGIEnvironment") -> Response:
        """Read all datasets again, or one; jobs that run finish on what they began with."""
        name = Query(environ).single(DATASET)

        def reply() -> Reply:
            changed = self._service.reload(name)
            served = self._catalogue
            read = list(served.answers.values()) if name is None else [served.find(name)]
            told = [
                {
                    "name": one.name,
                    "changed": one.name in changed,
                    "rows": one.dataset.rows,
                    "sha256": one.dataset.digest,
                }
                for one in read
            ]
            one = next((one for one in told if one["name"] == served.release.name), told[0])
            data = {
                "changed": bool(changed),
                "rows": one["rows"],
                "sha256": one["sha256"],
                "datasets": told,
            }
            return _done(data)

        return OnThread(reply)

    def _asked(self, environ: "WSGIEnvironment") -> Answers:
        """Return the dataset that `?dataset=` names."""
        name = Query(environ).single(DATASET)
        return self._catalogue.release if name is None else self._catalogue.find(name)


def _done(data: Any) -> Reply:
    return Reply(json_bytes.encode({"status": "done", "data": data}))


def _made_once(
    environ: "WSGIEnvironment",
    answers: Answers,
    what: str,
    describe: Callable[[DataIngestor], Any],
) -> Response:
    """Return a description of a dataset, which is made once for each; packed for who takes gzip."""

    def make() -> bytes:
        return json_bytes.encode({"status": "done", "data": describe(answers.dataset)})

    def reply() -> Reply:
        body, headers = answers.describe(what, make), list(_VARY)
        if _takes_gzip(environ):
            whole = body
            body = answers.describe(f"{what}, packed", lambda: gzip.compress(whole, mtime=0))
            headers.append(("Content-Encoding", "gzip"))
        validators = Validators(digest_of(body).tag, answers.modified_at)
        headers += validators.headers(environ, _FRESHNESS)
        if validators.are_known(environ):
            return not_modified(headers)
        return Reply(body, headers=headers)

    return OnThread(reply)


def _takes_gzip(environ: "WSGIEnvironment") -> bool:
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"), Accept)
    return accepted.quality("gzip") > 0
