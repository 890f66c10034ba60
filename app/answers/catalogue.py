"""The datasets that are served, by name, and their replacement while the server runs."""

import logging
import threading
import time
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from app.answers.compute import Answers, Caches
from app.data_ingestor import DataIngestor
from app.datasets.layouts import OTHER, Layout
from app.datasets.names import NameIndex
from app.datasets.newest import again
from app.datasets.provenance import name_of
from app.errors import BadRequest, Busy, DatasetError, UnknownName
from app.job import Done, Job, JobRequest
from app.messages import reasons
from app.sources import BOX, COURSE, RELEASE, Source, Sources
from app.statistics.parameters import DATASET
from app.statistics.registry import Registry
from app.statistics.statistic import Statistic


class Catalogue:
    """The answers of each dataset in use, by the dataset's name.

    `answers` is replaced as a whole: who has taken some of them, as a job that runs, stays with the
    dataset that they are of. The names are the same all the time.
    """

    def __init__(
        self,
        sources: Sources,
        datasets: Mapping[str, DataIngestor],
        statistics: Registry,
        most_bytes: int,
        log: logging.Logger,
    ) -> None:
        """Take what was read of each source.

        At most `most_bytes` of answers are kept in memory, of all datasets together. Raises
        DatasetError where a file that comes with the program is not as it came.
        """
        for source in sources:
            _check_box(source, datasets[source.name])
            passed_over = source.newer if datasets[source.name].path == source.path else None
            if passed_over is not None and passed_over.exists():
                log.warning(
                    "dataset %s: %s is older than %s, which is served; --data %s=%s serves it",
                    source.name, passed_over, source.path, source.name, passed_over,
                )  # fmt: skip
        self.statistics = statistics
        self._sources = sources
        self._caches = Caches(most_bytes)
        self._log = log
        self._names = NameIndex("dataset")
        for name in datasets:
            self._names.add(name, name)
        # Held by the one that reloads; the others do not wait for it.
        self._reloading = threading.Lock()
        self.answers: Mapping[str, Answers] = MappingProxyType(
            {name: self._answers_of(name, dataset) for name, dataset in datasets.items()}
        )

    def _answers_of(self, name: str, dataset: DataIngestor) -> Answers:
        return Answers(name, dataset, self.statistics, self._caches, time.time())

    @property
    def course(self) -> Answers:
        """The dataset that the course's nine statistics ask where none is named."""
        return self.answers[self._sources.default(COURSE)]

    @property
    def release(self) -> Answers:
        """The dataset that is asked, and described, where none is named."""
        return self.answers[self._sources.default(RELEASE)]

    def default(self, statistic: Statistic[Any]) -> Answers:
        """Return the dataset that a statistic asks where none is named."""
        return self.answers[self._sources.default(statistic.dataset)]

    def load(self) -> None:
        """Have the rows of all datasets in memory, so that nobody waits until they are."""
        for answers in self.answers.values():
            _ = answers.dataset.estimates

    def find(self, name: str) -> Answers:
        """Return the dataset of a name.

        Stray spaces and letter case do not matter. Raises UnknownName with the nearest, or with all
        that are known.
        """
        try:
            return self.answers[self._names.find(name)]
        except UnknownName as error:
            known = tuple(self.answers)
            raise UnknownName(reasons.A_DATASET(), name, error.nearest, known) from None

    def named(self, name: object, otherwise: Answers) -> Answers:
        """Return the dataset that a request names, or `otherwise` where it names none.

        Raises BadRequest for what is no name, and as `find` does.
        """
        if name is None:
            return otherwise
        if not isinstance(name, str):
            raise BadRequest(reasons.MUST_BE(name=DATASET, what=reasons.TEXT()))
        if not name.strip():
            raise BadRequest(reasons.EMPTY(name=DATASET))
        return self.find(name)

    def chosen(
        self, statistic: Statistic[Any], body: Mapping[str, Any]
    ) -> tuple[Answers, Mapping[str, Any]]:
        """Return the dataset that a body asks, and what it asks of it.

        Raises BadRequest, or UnknownName for a dataset that there is none of.
        """
        if DATASET not in body:
            return self.default(statistic), body
        others = {key: value for key, value in body.items() if key != DATASET}
        return self.named(body[DATASET], self.default(statistic)), others

    def of_request(self, request: JobRequest) -> Answers:
        """Return the dataset that a request is about; raise UnknownName where it is not served.

        Versions up to 1.4 served one dataset, and did not record its name.
        """
        return self.find(request.dataset) if request.dataset else self.course

    def of_version(self, version: str) -> Answers | None:
        """Return the dataset of this very content, None where it is not served."""
        for one in self.answers.values():
            if one.version == version:
                return one
        return None

    def of_job(self, job: Job) -> Answers | None:
        """Return the dataset by which a job is described, None where it is not served any more.

        It has the content that the job was answered from, or the name that it asks, which is the
        course's where none was recorded.
        """
        found = self.of_version(job.end.dataset) if isinstance(job.end, Done) else None
        return found or self.answers.get(job.request.dataset or self.course.name)

    def layout_of(self, job: Job) -> Layout:
        """Return the layout that a job's words are of: of nobody in particular, if not known."""
        answers = self.of_job(job)
        return OTHER if answers is None else answers.dataset.layout

    def name_of(self, job: Job) -> str:
        """Return the name of the dataset that a job asks, which may not be served any more."""
        answers = self.of_job(job)
        return job.request.dataset or (self.course if answers is None else answers).name

    def reload(self, name: str | None = None, *, unless: str = "") -> Collection[str]:
        """Read a dataset again, or all of them; return the names of those that have changed.

        Raises UnknownName; DatasetError where one cannot be used, or has changed and there is a
        reason `unless` which it is; and Busy while another reload is under way. Then all datasets
        are as they were.
        """
        names = list(self.answers) if name is None else [self.find(name).name]
        if not self._reloading.acquire(blocking=False):
            raise Busy(reasons.RELOADING())
        try:
            changed = {}
            for source in self._sources:
                if source.name not in names:
                    continue
                before = self.answers[source.name].dataset
                dataset = _read_again(source, before)
                prepared_anew = dataset.rows_file != before.rows_file
                if dataset.digest == before.digest and not prepared_anew:
                    continue
                _check_box(source, dataset)
                _check_people(source, before, dataset)
                if unless and dataset.digest != before.digest:
                    raise DatasetError(unless)
                changed[source.name] = self._answers_of(source.name, dataset)
            self.answers = MappingProxyType({**self.answers, **changed})
            for each in names:
                self._log.info(
                    "dataset %s %s: %d rows, version %s",
                    each,
                    "reloaded" if each in changed else "has not changed",
                    self.answers[each].dataset.rows,
                    self.answers[each].version,
                )
            return changed.keys()
        except DatasetError as error:
            self._log.error("the datasets in use stay: %s", error)
            raise
        finally:
            self._reloading.release()


def _read_again(source: Source, before: DataIngestor) -> DataIngestor:
    try:
        return DataIngestor(again(source, before.path))
    except DatasetError as error:
        raise source.named(error) from None


def _check_people(source: Source, before: DataIngestor, after: DataIngestor) -> None:
    """Raise DatasetError where other people were asked than before.

    Jobs of this name would be described, and go on, as if they had asked these.
    """
    was, now = before.layout, after.layout
    if now is not was:
        raise DatasetError(
            f"dataset {after.path}: its layout is {now.name}, and that of {source.name} has been"
            f" {was.name} so far; serve it under a name of its own"
        )


def _check_box(source: Source, dataset: DataIngestor) -> None:
    """Raise DatasetError for a file of the box that was changed.

    One that was cut between two rows would give wrong numbers without a word.
    """
    if source in BOX.datasets and dataset.path == source.path and name_of(dataset.files) is None:
        raise DatasetError(
            f"dataset {source.name}={source.path}: it was cut or changed, and is not the file that"
            " comes with this program; restore it, or serve it as it is with --data PATH"
        )
