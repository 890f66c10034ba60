"""What can be asked of one dataset, and the answers to it as JSON."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from app import json_bytes
from app.concurrency.cache import BoundedCache
from app.data_ingestor import DataIngestor
from app.datasets.files import modified_at
from app.errors import Overloaded
from app.job import Digest, JobRequest, digest_of
from app.messages import reasons
from app.statistics.parameters import Parameters, names_in
from app.statistics.registry import Registry
from app.statistics.statistic import Asked, Statistic

if TYPE_CHECKING:
    import polars as pl

# Of bodies that were asked lately, so many bytes are kept with what they came to.
_MOST_REQUEST_BYTES = 4 * 2**20
# Of questions that were checked and are not answered yet, so many are kept with their rows: as many
# as are answered at a time on a small machine, for rows may take megabytes.
_MOST_FOUND = 4
# So many quick questions are kept checked: to check one takes as long as to answer it. What they
# are answered from is in the dataset anyway.
_MOST_CHECKED = 1000


class Answer(NamedTuple):
    """An answer as JSON, what its copies must measure up to, and the dataset that it is of."""

    body: bytes
    digest: Digest
    version: str


# What tells the content that answers are of: the dataset's version, and the file of its rows.
_KeptBy = tuple[str, str]


class Caches:
    """What is kept in memory of all datasets of a process; each key has a dataset's version.

    So datasets share the room by what is asked of them, and what is kept of one that is replaced
    goes when room is needed.
    """

    def __init__(self, most_bytes: int) -> None:
        """Keep at most `most_bytes` of answers."""
        self.answers = BoundedCache[Answer](most_bytes)
        self.descriptions = BoundedCache[bytes](most_bytes)  # of the datasets themselves
        # Most bodies were asked before, and looking one up takes a tenth of checking it anew.
        self.requests = BoundedCache[JobRequest](_MOST_REQUEST_BYTES)
        self.found = BoundedCache[Asked[Any, Any]](_MOST_FOUND)  # each counts as one


class Answers:
    """Checks questions of one dataset and answers them.

    Each answer is computed once while there is room for it. `name` is what the dataset is asked by.
    `version` tells its content from any other: the start of its SHA-256. `loaded_at` is when it was
    read, `modified_at` when its newest file was changed, in seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        dataset: DataIngestor,
        statistics: Registry,
        caches: Caches,
        loaded_at: float,
    ) -> None:
        self.name = name
        self.dataset = dataset
        self.statistics = statistics
        self.version = dataset.version
        # What is kept goes by this: a folder that is prepared again may have had damaged rows.
        self._kept_by = dataset.version, dataset.rows_file
        self.loaded_at = loaded_at
        self.modified_at = modified_at(dataset.path) or loaded_at
        self._caches = caches
        # Here, not in `caches`: each holds the dataset, which goes with this when it is replaced.
        self._checked = BoundedCache[Asked[Any, Any]](_MOST_CHECKED)  # each counts as one

    def request(self, statistic: Statistic[Any], body: Mapping[str, Any]) -> JobRequest:
        """Return what a body asks of a statistic, by full names.

        Raises UnknownName or BadRequest for what the dataset cannot answer, and Overloaded.
        """
        key = self._key(statistic, body)
        request = self._caches.requests.get(key) if key is not None else None
        if request is None:
            with _loaded(statistic, self.statistics):
                asked = statistic.ask(body, self.dataset)
            request = JobRequest(statistic.name, statistic.encode(asked.parameters), self.name)
            if not statistic.is_quick:
                self._caches.found.put(self._content(request), asked, 1)
            if key is not None:
                self._caches.requests.put(key, request, len(key[-1]) + len(request.parameters))
        return request

    def is_quick(self, statistic: Statistic[Any], body: Mapping[str, Any]) -> bool:
        """Tell whether `request` takes microseconds; to tell the nearest names takes more."""
        if statistic.is_quick:
            model: type[Parameters] = statistic.parameters
            return all(
                self.dataset.is_name(kind, text)
                for key, kind in names_in(model).items()
                if isinstance(text := body.get(key), str)
            )
        return self.asked_before(statistic, body) is not None

    def _key(
        self, statistic: Statistic[Any], body: Mapping[str, Any]
    ) -> tuple[str, _KeptBy, str, bytes] | None:
        """Return a key that no other body has; None for one nested deeper than orjson writes."""
        try:
            return self.name, self._kept_by, statistic.name, json_bytes.encode(body)
        except json_bytes.EncodeError:
            return None

    def asked_before(self, statistic: Statistic[Any], body: Mapping[str, Any]) -> JobRequest | None:
        """Return what `request` returned for the same body, where that is remembered."""
        key = self._key(statistic, body)
        return self._caches.requests.get(key) if key is not None else None

    def known(self, request: JobRequest) -> Answer | None:
        """Return the answer if it is in memory."""
        return self._caches.answers.get(self._content(request))

    def _content(self, request: JobRequest) -> tuple[_KeptBy, str, str]:
        """Return what an answer is kept by: the name of the dataset does not matter to it."""
        return self._kept_by, request.statistic, request.parameters

    def answer(self, request: JobRequest) -> Answer:
        """Return the answer, computed unless it is in memory.

        Raises UnknownName or BadRequest for what the dataset cannot answer, and Overloaded.
        """
        answer = self.known(request)
        if answer is None:
            statistic, asked = self._asked(request)
            body = json_bytes.encode(statistic.answer(asked))
            answer = Answer(body, digest_of(body), self.version)
            self._caches.answers.put(self._content(request), answer, len(body))
        return answer

    def used(self, request: JobRequest) -> "pl.DataFrame":
        """Return the rows of the dataset that go into an answer; raises as `answer` does."""
        statistic, asked = self._asked(request)
        return statistic.used(asked)

    def _asked(self, request: JobRequest) -> tuple[Statistic[Any], Asked[Any, Any]]:
        """Return a statistic and what is asked of it.

        Parameters are checked again, unless that was done of this dataset: a job that was recorded
        may be of an earlier one.
        """
        statistic, content = self.statistics.find(request.statistic), self._content(request)
        quick = statistic.is_quick
        asked = self._checked.get(content) if quick else self._caches.found.pop(content)
        if asked is None:
            with _loaded(statistic, self.statistics):
                asked = statistic.ask(json_bytes.decode(request.parameters), self.dataset)
            if quick:
                self._checked.put(content, asked, 1)
        return statistic, asked

    def described(self, what: str) -> bytes | None:
        """Return what `describe` has made, None where it has not or had no room for it."""
        return self._caches.descriptions.get(self._description(what))

    def describe(self, what: str, make: Callable[[], bytes]) -> bytes:
        """Return what `make` returns, made once while there is room for it."""
        key = self._description(what)
        body = self._caches.descriptions.get(key)
        if body is None:
            body = make()
            self._caches.descriptions.put(key, body, len(body))
        return body

    def _description(self, what: str) -> tuple[str, str, float, str]:
        return self.name, self.version, self.loaded_at, what


@contextmanager
def _loaded(statistic: Statistic[Any], statistics: Registry) -> Iterator[None]:
    """Import all that a statistic needs for its answer; raise Overloaded where that fails.

    A job that is accepted must not fail for want of descriptors to import them with.
    """
    try:
        if not statistic.is_quick:
            statistics.load()
        yield
    except (ImportError, OSError) as error:
        raise Overloaded(reasons.NOT_LOADED(statistic=statistic.name)) from error
