"""What can be asked of the dataset, and the answers to it as JSON."""

from typing import NamedTuple

from app import json_bytes
from app.answer_cache import AnswerCache
from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.jobs import Parameters
from app.result_store import Digest, digest_of
from app.statistics import STATISTICS


class Answer(NamedTuple):
    """An answer as JSON, and what its copies must measure up to."""

    body: bytes
    digest: Digest


class Answers:
    """Checks questions and answers them, each answer computed once while there is room for it.

    `version` tells one dataset from another: the start of its SHA-256.
    """

    def __init__(self, dataset: DataIngestor, most_bytes: int) -> None:
        """Keep at most `most_bytes` of answers in memory."""
        self.dataset = dataset
        self.version = dataset.digest[:16]
        self._known = AnswerCache[Answer](most_bytes)

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

    def known(self, parameters: Parameters) -> Answer | None:
        """Return the answer if it is in memory."""
        return self._known.get(parameters)

    def answer(self, parameters: Parameters) -> Answer:
        """Return the answer, computed unless it is in memory.

        Raises UnknownName or BadRequest for a question that the dataset cannot answer.
        """
        answer = self._known.get(parameters)
        if answer is None:
            # Asked of an earlier dataset, perhaps, by a job that is run again.
            self.parameters(*parameters)
            statistic = STATISTICS[parameters.statistic]
            table = self.dataset.question(parameters.question)
            state = (parameters.state,) if statistic.needs_state else ()
            body = json_bytes.encode(statistic.compute(table, *state))
            answer = Answer(body, digest_of(body))
            self._known.put(parameters, answer, len(body))
        return answer
