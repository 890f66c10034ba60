"""What benchmarks make: a server has to be able to answer what they ask of it."""

from pathlib import Path

from app import json_bytes
from app.data_ingestor import DataIngestor
from app.statistics.registry import STATISTICS
from benchmarks import generate, jobs
from unittests.helpers.data import answers_of


def test_rows_that_are_generated_answer_all_that_is_asked_of_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    generate.write(path, 5000)
    dataset = DataIngestor(path)
    assert dataset.rows == 5000
    answers = answers_of(dataset)
    for asked in jobs.questions():
        body = {"question": asked.question, "state": "Ohio"}
        answer = answers.answer(answers.request(STATISTICS[asked.statistic], body))
        assert json_bytes.decode(answer.body)
