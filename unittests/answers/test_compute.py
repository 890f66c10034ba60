"""A question of a dataset: checked, then answered, with the rows that were found for the check."""

from typing import TYPE_CHECKING

from app.answers.compute import Answers, Caches
from app.statistics.registry import Registry
from unittests.helpers.data import dataset
from unittests.helpers.row_count import RowCount, RowCountParameters

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor


class Counted(RowCount):
    """Counts how often rows are looked for."""

    def __init__(self) -> None:
        self.times = 0

    def find(self, dataset: "DataIngestor", parameters: RowCountParameters) -> "pl.DataFrame":
        """Return the rows to count."""
        self.times += 1
        return super().find(dataset, parameters)


def test_rows_are_looked_for_once_for_the_check_and_the_answer() -> None:
    statistic = Counted()
    answers = Answers("data", dataset(), Registry(statistic), Caches(0), 0.0)
    request = answers.request(statistic, {"question": "Q036"})
    answer = answers.answer(request)
    assert statistic.times == 1
    assert answers.answer(request) == answer  # checked long ago, as a job of an earlier process is
    assert statistic.times == 2


def test_of_many_that_wait_for_their_answers_few_keep_their_rows() -> None:
    statistic = Counted()
    answers = Answers("data", dataset(), Registry(statistic), Caches(0), 0.0)
    states = ["Ohio", "Texas", "Utah", "Maine", "Iowa", "Guam", "Idaho", "Oregon"]
    requests = [
        answers.request(statistic, {"question": "Q036", "state": state}) for state in states
    ]
    bodies = [answers.answer(request).body for request in requests]
    assert len(set(bodies)) == len(states)
    assert len(states) < statistic.times < 2 * len(states)
