"""Writes the results folder of a server that has finished many jobs."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from app import json_bytes
from app.data_ingestor import DataIngestor
from app.job import Done, Job, Parameters, digest_of, status_of
from app.result_store import ResultStore
from app.statistics.course import STATISTICS
from app.threads.records import encode, first_line
from app.threads.recovery import records_of
from benchmarks.asking import DATASET

_ACCEPTED_AT = 1_767_225_600.0
_STATE = "Ohio"


def write(results: Path, count: int) -> None:
    """Write the journal of `count` finished jobs, and their results, as the server has them."""
    dataset = DataIngestor(DATASET)
    answers = _answers(dataset)
    store = ResultStore(results)
    for number, (_, body) in zip(range(1, count + 1), cycle(answers), strict=False):
        store.write(f"job_id_{number}", body)
    journal = results / ".journal"
    journal.mkdir()
    with (journal / "journal.log").open("wb") as file:
        file.write(first_line())
        for record in records_of(_jobs(answers, count, dataset.digest[:16]), count):
            file.write(encode(record))


def _answers(dataset: DataIngestor) -> list[tuple[Parameters, bytes]]:
    """Return what can be asked, with the answers as they are stored."""
    answers = []
    for text, table in dataset.tables.items():
        for name, statistic in STATISTICS.items():
            state = (_STATE,) if statistic.needs_state else ()
            body = json_bytes.encode(statistic.compute(table, *state))
            answers.append((Parameters(name, text, *(state or (None,))), body))
    return answers


def _jobs(answers: list[tuple[Parameters, bytes]], count: int, dataset: str) -> Iterator[Job]:
    ends = [(parameters, digest_of(body)) for parameters, body in answers]
    for number, (parameters, digest) in enumerate(islice(cycle(ends), count), 1):
        end = Done(number, *digest, dataset, _ACCEPTED_AT)
        yield Job(number, parameters, _ACCEPTED_AT, status_of(end), end=end)
