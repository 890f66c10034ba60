"""What can be asked of the dataset, and the answers to it as JSON."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app import json_bytes
from app.concurrency.cache import BoundedCache
from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.job import Digest, Parameters, digest_of
from app.statistics.course import STATISTICS
from app.statistics.registry import ANALYSES


class Answer(NamedTuple):
    """An answer as JSON, what its copies must measure up to, and the dataset that it is of."""

    body: bytes
    digest: Digest
    version: str


class Answers:
    """Checks questions of one dataset and answers them.

    Each answer is computed once while there is room for it. `version` tells one dataset from
    another: the start of its SHA-256. `loaded_at` is when it was read, in seconds since 1970.
    """

    def __init__(self, dataset: DataIngestor, most_bytes: int, loaded_at: float) -> None:
        """Keep at most `most_bytes` of answers in memory."""
        self.dataset = dataset
        self.version = dataset.version
        self.loaded_at = loaded_at
        self._known = BoundedCache[Answer](most_bytes)
        self._told = BoundedCache[bytes](most_bytes)  # of the dataset itself

    def parameters(self, statistic: str, question: str, state: str | None) -> Parameters:
        """Return what is asked, by full names.

        Raises UnknownName or BadRequest for a question that the dataset cannot answer.
        """
        needs = STATISTICS[statistic]
        table = self.dataset.question(question)
        if not table.state_means:
            raise BadRequest(f'"{table.question.text}" has no estimates within 2011-2022')
        if needs.needs_direction and table.question.lower_is_better is None:
            raise BadRequest(f"whether low or high is better is not known of {table.question.id}")
        if not needs.needs_state:
            return Parameters(statistic, table.question.text, None)
        if state is None:
            raise BadRequest('"state" is missing')
        name = self.dataset.state(state)
        if name not in table.state_means:
            raise BadRequest(
                f'{name} has no estimates for "{table.question.text}" within 2011-2022'
            )
        return Parameters(statistic, table.question.text, name)

    def analysis_parameters(self, name: str, body: Mapping[str, Any]) -> Parameters:
        """Return what a body asks of a statistic of `ANALYSES`, by full names.

        Raises UnknownName or BadRequest for what the dataset cannot answer.
        """
        asked = ANALYSES[name].load().parse(body, self.dataset)
        return Parameters(name, json_bytes.encode(asked).decode(), None)

    def known(self, parameters: Parameters) -> Answer | None:
        """Return the answer if it is in memory."""
        return self._known.get(parameters)

    def answer(self, parameters: Parameters) -> Answer:
        """Return the answer, computed unless it is in memory.

        Raises UnknownName or BadRequest for a question that the dataset cannot answer.
        """
        answer = self._known.get(parameters)
        if answer is None:
            if parameters.statistic in STATISTICS:
                content = self._statistic(parameters)
            else:
                content = self._analysis(parameters)
            body = json_bytes.encode(content)
            answer = Answer(body, digest_of(body), self.version)
            self._known.put(parameters, answer, len(body))
        return answer

    def _statistic(self, parameters: Parameters) -> Mapping[str, object]:
        # Asked of an earlier dataset, perhaps, by a job that is run again.
        self.parameters(*parameters)
        statistic = STATISTICS[parameters.statistic]
        table = self.dataset.question(parameters.subject)
        state = (parameters.state,) if statistic.needs_state else ()
        return statistic.compute(table, *state)

    def _analysis(self, parameters: Parameters) -> Mapping[str, object]:
        analysis = ANALYSES[parameters.statistic].load()
        asked = analysis.parse(json_bytes.decode(parameters.subject), self.dataset)
        told = analysis.compute(self.dataset, asked).as_json()
        # Of what is known, only what the same question on the same dataset always has: the same
        # bytes come of it whenever it is asked.
        told["about"] = {
            "statistic": parameters.statistic,
            "asked": analysis.sentence(asked),
            "parameters": asked,
            "dataset": self.version,
            **told["about"],
        }
        return told

    def once(self, what: str, make: Callable[[], bytes]) -> bytes:
        """Return what `make` returns, made once while there is room for it."""
        body = self._told.get(what)
        if body is None:
            body = make()
            self._told.put(what, body, len(body))
        return body
