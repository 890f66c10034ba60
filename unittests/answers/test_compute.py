"""A question of a dataset: checked, then answered, with the rows that were found for the check."""

from typing import TYPE_CHECKING

from app.answers.compute import Answers, Caches
from app.concurrency.cache import BoundedCache
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


class CountedQuick(Counted):
    is_quick = True


def test_a_quick_question_is_checked_once_for_all_its_jobs() -> None:
    statistic = CountedQuick()
    answers = Answers("data", dataset(), Registry(statistic), Caches(0), 0.0)
    request = answers.request(statistic, {"question": "Q036"})
    assert answers.answer(request) == answers.answer(request) == answers.answer(request)
    assert statistic.times == 2  # when it was accepted, and by the first job


def test_an_answer_larger_than_all_the_room_drives_out_no_other() -> None:
    cache = BoundedCache[str](10)
    for key, size in (("a", 4), ("b", 6), ("large", 11)):
        cache.put(key, key.upper(), size)
    assert [cache.get(key) for key in ("a", "b", "large")] == ["A", "B", None]
    cache.put("b", "grown", 11)
    assert [cache.get(key) for key in ("a", "b")] == ["A", None]
    cache.put("c", "C", 7)
    assert [cache.get(key) for key in ("a", "c")] == [None, "C"]
