"""The datasets: which there are, what one holds, what to ask of it, and reading it again."""

import gzip
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from app.answers.compute import Answers
from app.charts.words import source_in
from app.data_ingestor import DataIngestor
from app.http.conditional import Validators, not_modified
from app.http.language import language_of
from app.http.query import Query
from app.http.request import Request
from app.http.responses import OnThread, Reply, Response, done
from app.job import digest_of
from app.job_service import JobService
from app.statistics.parameters import DATASET

_VARY = (("vary", "Accept-Encoding"),)
# It is kept, and asked each time whether it has changed: a dataset may be reloaded at any moment.
_FRESHNESS = "no-cache"


class DatasetViews:
    """The views of the datasets in use. What takes a while is done on a thread.

    There it is imported, too, for it needs polars: a start does without.
    """

    def __init__(self, service: JobService) -> None:
        self._service = service
        self._catalogue = service.catalogue

    def datasets(self, _request: Request) -> Response:
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
            return Reply(done(listed))

        return OnThread(reply)

    def dataset(self, request: Request) -> Response:
        """Describe a dataset: what it holds, where it is from, and what to beware of."""
        answers = self._asked(request)
        # Beside a file that was just downloaded it may come a moment later.
        notes = answers.dataset.notes()

        language = language_of(request)

        def describe(dataset: DataIngestor) -> dict[str, Any]:
            from app.answers.discovery import about_dataset

            told = about_dataset(dataset, answers.loaded_at, notes)
            name = told["source"]["name"]
            told["source"] = {**told["source"], "name": name and source_in(language, name)}
            return {"name": answers.name, **told}

        return _made_once(request, answers, f"dataset {notes}, {language}", describe)

    def statistics(self, request: Request) -> Response:
        """List the statistics: what each is called, what it is asked, and an example."""
        language = language_of(request)

        def describe(_dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import described

            return [
                {
                    **described(statistic, language),
                    "dataset": self._catalogue.default(statistic).name,
                }
                for statistic in self._catalogue.statistics.values()
            ]

        what = f"statistics, {language}"
        return _made_once(request, self._catalogue.release, what, describe)

    def questions(self, request: Request) -> Response:
        """List the questions: topic, which direction is better and why, the years asked."""

        def describe(dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import questions

            return questions(dataset)

        return _made_once(request, self._asked(request), "questions", describe)

    def states(self, request: Request) -> Response:
        """List the states, the district, the territories and the nation."""

        def describe(dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import states

            return states(dataset)

        return _made_once(request, self._asked(request), "states", describe)

    def categories(self, request: Request) -> Response:
        """List the stratification categories and their strata, and which of them overlap."""

        def describe(dataset: DataIngestor) -> list[dict[str, Any]]:
            from app.answers.discovery import categories

            return categories(dataset)

        return _made_once(request, self._asked(request), "categories", describe)

    def reload(self, request: Request) -> Response:
        """Read all datasets again, or one; jobs that run finish on what they began with."""
        name = Query(request).single(DATASET)

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
            return Reply(done(data))

        return OnThread(reply)

    def _asked(self, request: Request) -> Answers:
        """Return the dataset that `?dataset=` names."""
        return self._catalogue.named(Query(request).single(DATASET), self._catalogue.release)


def _made_once(
    request: Request,
    answers: Answers,
    what: str,
    describe: Callable[[DataIngestor], Any],
) -> Response:
    """Return a description of a dataset, which is made once for each; packed for who takes gzip."""

    def make() -> bytes:
        return done(describe(answers.dataset))

    def reply() -> Reply:
        body, headers = answers.describe(what, make), list(_VARY)
        if _takes_gzip(request):
            whole = body
            body = answers.describe(f"{what}, packed", lambda: gzip.compress(whole, mtime=0))
            headers.append(("content-encoding", "gzip"))
        validators = Validators(digest_of(body).tag, answers.modified_at)
        headers += validators.headers(request, _FRESHNESS)
        if validators.are_known(request):
            return not_modified(headers)
        return Reply(body, headers=headers)

    return OnThread(reply)


def _takes_gzip(request: Request) -> bool:
    accepted = parse_accept_header(request.headers.get("accept-encoding"), Accept)
    return accepted.quality("gzip") > 0
