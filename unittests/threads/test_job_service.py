"""The order of steps: accepted means recorded, done means readable, and nothing is lost between."""

import logging
import os
import shutil
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from app.data_ingestor import DataIngestor, QuestionTable
from app.errors import ResultsFolderError, ShuttingDown, StorageError, UnknownName
from app.job import Done, Job, JobStatus
from app.job_service import LETHAL, LOST, UNEXPECTED
from app.result_store import ResultStore
from app.sources import NAMELESS
from app.task_runner import ThreadPool
from app.threads.crash_marks import CrashMarks
from app.threads.journal import Journal
from app.threads.records import Accepted, Died, Record, Withdrawn, decode
from app.threads.recovery import Recovery
from app.threads.registry import JobRegistry
from app.threads.runner import JOBS_A_TASK
from app.threads.service import ThreadService
from unittests.helpers.app import submit
from unittests.helpers.data import OBESITY
from unittests.helpers.files import DATASET, small_files
from unittests.helpers.recovered import jobs_of
from unittests.helpers.registry import request
from unittests.helpers.thread_service import SILENT, thread_service
from unittests.helpers.waiting import PATIENCE, eventually

OHIO = b'{"Ohio":33.7}'


class FailingDataset(DataIngestor):
    """The bundled dataset, whose tables raise once a job, not a request, asks for them."""

    error: BaseException | None = None

    def question(self, name: str) -> QuestionTable:
        if self.error and threading.current_thread().name.startswith("TaskRunner"):
            raise self.error
        return super().question(name)


@pytest.fixture(name="data", scope="module")
def dataset_that_can_fail() -> FailingDataset:
    """Give a dataset that is read once for all tests."""
    return FailingDataset(DATASET)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Give a function that starts a service on one results folder, as a new process would."""
    with ExitStack() as stack:

        def start_one(**parts: Any) -> ThreadService:
            service = thread_service(tmp_path / "results", **parts)
            stack.callback(service.close, PATIENCE)
            return service

        yield start_one


def park(pool: ThreadPool) -> threading.Event:
    """Keep the only worker busy until the returned event is set."""
    gate, inside = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        gate.wait(PATIENCE)

    pool.submit(wait)
    assert inside.wait(PATIENCE)
    return gate


def finished(service: ThreadService, number: int) -> Any:
    """Wait for a job and return its outcome."""
    eventually(lambda: service.outcome(number).status in (JobStatus.DONE, JobStatus.ERROR))
    return service.outcome(number)


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_a_job_runs_on_the_same_path_with_any_number_of_threads(
    start: Any, tmp_path: Path, threads: int
) -> None:
    service = start(threads=threads)
    job = submit(service, "state_mean", question="Q036", state="OH")
    assert job.id == "job_id_1"
    assert finished(service, 1).result == OHIO
    assert (tmp_path / "results" / "job_id_1.json").read_bytes() == OHIO
    assert [job.id for job in service.list()] == ["job_id_1"]


class WatchedRegistry(JobRegistry):
    """Notes what is in a file at the moment when its job gets its last status."""

    def __init__(self, path: Path) -> None:
        super().__init__(10)
        self.path = path
        self.seen: list[bytes] = []

    def finish(self, *jobs: Job) -> bool:
        """Look first."""
        self.seen.append(self.path.read_bytes())
        return super().finish(*jobs)


def test_a_job_is_running_until_its_result_can_be_read(start: Any, tmp_path: Path) -> None:
    registry = WatchedRegistry(tmp_path / "results" / "job_id_1.json")
    pool = ThreadPool(1, SILENT)
    service = start(registry=registry, pool=pool)
    gate = park(pool)
    submit(service, "state_mean", question="Q036", state="OH")
    assert service.outcome(1).status is JobStatus.RUNNING
    assert service.unfinished == 1
    gate.set()
    assert finished(service, 1).result == OHIO
    assert registry.seen == [OHIO]
    assert service.unfinished == 0


def test_a_job_is_in_the_journal_when_its_id_is_returned(start: Any, tmp_path: Path) -> None:
    pool = ThreadPool(1, SILENT)
    service = start(pool=pool)
    gate = park(pool)
    path = tmp_path / "results" / ".journal"
    for lines in (2, 3):
        submit(service, "state_mean", question="Q036", state="OH")
        assert path.read_bytes().count(b"\n") == lines
    gate.set()


def test_what_is_refused_makes_no_job(start: Any) -> None:
    service = start()
    with pytest.raises(UnknownName):
        submit(service, "best5", question="no such question")
    service.drain()
    service.drain()
    with pytest.raises(ShuttingDown):
        submit(service, "best5", question=OBESITY)
    assert not list(service.list())
    assert service.unfinished == 0


class SteppedJournal(Journal):
    """Calls a function after each append."""

    after_append = staticmethod(lambda: None)

    def append(self, *records: Record, promise: bool = False) -> None:
        """Append, then call."""
        super().append(*records, promise=promise)
        self.after_append()


def test_a_submit_that_loses_the_race_with_the_drain_leaves_nothing(
    start: Any, tmp_path: Path
) -> None:
    journal = SteppedJournal(tmp_path / "results")
    service = start(journal=journal)
    journal.after_append = service.drain
    with pytest.raises(ShuttingDown):
        submit(service, "best5", question=OBESITY)
    service.close(PATIENCE)
    again = start()
    assert not list(again.list())
    assert submit(again, "best5", question=OBESITY).number == 2


def test_a_submit_that_cannot_be_recorded_makes_no_job(start: Any, tmp_path: Path) -> None:
    service = start()
    size = (tmp_path / "results" / ".journal").stat().st_size
    with small_files(size + 10), pytest.raises(StorageError):
        submit(service, "best5", question=OBESITY)
    assert service.unfinished == 0
    assert finished(service, submit(service, "best5", question=OBESITY).number)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        MemoryError(),
        RecursionError(),
        SystemExit(),
        KeyboardInterrupt(),
        GeneratorExit(),
    ],
    ids=repr,
)
def test_a_job_that_raises_fails_and_the_next_one_runs(
    start: Any, data: FailingDataset, error: BaseException
) -> None:
    service = start(data=data)
    data.error = error
    outcome = finished(service, submit(service, "best5", question=OBESITY).number)
    assert (outcome.status, outcome.reason) == (JobStatus.ERROR, UNEXPECTED)
    data.error = None
    assert (
        finished(service, submit(service, "state_mean", question="Q036", state="OH").number).result
        == OHIO
    )
    service.close(PATIENCE)
    assert start().outcome(1).reason == UNEXPECTED


class FaultyStore(ResultStore):
    """Raises, while it has an error, what nobody expects of it."""

    error: BaseException | None = None

    def write(self, job_id: str, body: bytes) -> None:
        """Raise or write."""
        if self.error:
            raise self.error
        super().write(job_id, body)


class FaultyJournal(Journal):
    """Raises, while it has an error, what nobody expects of it."""

    error: BaseException | None = None

    def note(self, record: Done) -> None:
        """Raise or note."""
        if self.error:
            raise self.error
        super().note(record)


def asked_before(service: ThreadService) -> None:
    """Have the answer that tests ask for in memory, and a file of it."""
    finished(service, submit(service, "state_mean", question="Q036", state="OH").number)


def test_what_was_asked_before_does_not_wait_for_a_runner(start: Any, tmp_path: Path) -> None:
    pool = ThreadPool(1, SILENT)
    service = start(pool=pool)
    asked_before(service)
    gate = park(pool)
    job = submit(service, "state_mean", question="Q036", state="OH")
    assert service.outcome(job.number).result == OHIO
    assert (tmp_path / "results" / "job_id_2.json").read_bytes() == OHIO
    assert service.unfinished == 0
    # One whole line each that it was accepted and how it ended, before its id was returned.
    lines = (tmp_path / "results" / ".journal").read_bytes().splitlines(keepends=True)
    kinds = [type(record) for line in lines if (record := decode(line)) and record.number == 2]
    assert kinds == [Accepted, Done]
    other = submit(service, "state_mean", question="Q036", state="TX")
    assert service.outcome(other.number).status is JobStatus.RUNNING
    gate.set()
    assert finished(service, other.number).status is JobStatus.DONE
    service.close(PATIENCE)
    again = start()
    assert again.outcome(2).result == OHIO
    assert submit(again, "state_mean", question="Q036", state="OH").number == 4


def test_what_was_asked_before_is_refused_as_anything_else(start: Any, tmp_path: Path) -> None:
    service = start()
    asked_before(service)
    size = (tmp_path / "results" / ".journal").stat().st_size
    with small_files(size + 10), pytest.raises(StorageError):
        submit(service, "state_mean", question="Q036", state="OH")
    service.drain()
    with pytest.raises(ShuttingDown):
        submit(service, "state_mean", question="Q036", state="OH")
    assert [job.id for job in service.list()] == ["job_id_1"]
    assert not (tmp_path / "results" / "job_id_2.json").exists()
    assert service.unfinished == 0


def test_a_repeated_question_whose_link_fails_has_its_answer(start: Any, tmp_path: Path) -> None:
    store = FaultyStore(tmp_path / "results")
    service = start(store=store)
    asked_before(service)
    store.error = MemoryError()
    job = submit(service, "state_mean", question="Q036", state="OH")
    assert service.outcome(job.number).result == OHIO
    assert service.unfinished == 0


def batch_of_what_is_known(service: ThreadService, jobs: int) -> list[int]:
    """Submit so many jobs with a known answer, which asked_before was asked, and one without."""
    bodies = [{"question": "Q036", "state": state} for state in ["OH"] * jobs + ["TX"]]
    statistic = service.catalogue.statistics["state_mean"]
    answers = service.catalogue.default(statistic)
    requests = [answers.request(statistic, body) for body in bodies]
    return [job.number for job in service.submit_batch(requests)]


def test_known_jobs_of_a_batch_have_their_files_before_any_is_done(
    start: Any, tmp_path: Path
) -> None:
    results = tmp_path / "results"

    class Registry(JobRegistry):
        """Notes how many jobs are done at a time, and whether each has its file by then."""

        def finish(self, *jobs: Job) -> bool:
            seen.append((len(jobs), all((results / f"{job.id}.json").exists() for job in jobs)))
            return super().finish(*jobs)

    seen: list[tuple[int, bool]] = []
    service = start(registry=Registry(1000))
    asked_before(service)
    *known, other = batch_of_what_is_known(service, JOBS_A_TASK + 2)
    assert all(finished(service, number).result == OHIO for number in known)
    assert finished(service, other).status is JobStatus.DONE
    assert seen == [(1, True), (JOBS_A_TASK, True), (2, True), (1, True)]
    service.close(PATIENCE)
    again = start()
    assert all(again.outcome(number).result == OHIO for number in known)
    assert again.unfinished == 0


def test_a_batch_goes_on_where_old_jobs_cannot_be_forgotten(start: Any, tmp_path: Path) -> None:
    class KeptStore(ResultStore):
        def remove(self, job_id: str) -> None:
            raise MemoryError

    service = start(store=KeptStore(tmp_path / "results"), keep_jobs=1)
    asked_before(service)
    *_, other = batch_of_what_is_known(service, 2 * JOBS_A_TASK)
    assert finished(service, other).status is JobStatus.DONE
    assert service.unfinished == 0


def test_a_known_job_of_a_batch_that_was_cancelled_stays_so(start: Any, tmp_path: Path) -> None:
    pool = ThreadPool(1, SILENT)
    service = start(pool=pool)
    asked_before(service)
    gate = park(pool)
    first, second, third, _ = batch_of_what_is_known(service, 3)
    assert service.cancel(second).id == f"job_id_{second}"
    gate.set()
    assert finished(service, first).result == finished(service, third).result == OHIO
    assert service.outcome(second).cancelled
    assert not (tmp_path / "results" / f"job_id_{second}.json").exists()


@pytest.fixture(name="faulty", params=["store", "journal"])
def service_with_a_faulty_part(
    request: pytest.FixtureRequest, start: Any, tmp_path: Path
) -> tuple[ThreadService, FaultyStore | FaultyJournal]:
    """Give a service, and its part that raises while it has an error."""
    results = tmp_path / "results"
    part = FaultyStore(results) if request.param == "store" else FaultyJournal(results)
    return start(**{request.param: part}), part


def test_known_jobs_of_a_batch_have_their_answers_whatever_is_raised(faulty: Any) -> None:
    service, part = faulty
    asked_before(service)
    part.error = MemoryError()
    *known, _ = batch_of_what_is_known(service, 3)
    assert all(finished(service, number).result == OHIO for number in known)
    eventually(lambda: service.unfinished == 0)
    part.error = None


def test_known_jobs_of_a_batch_end_where_to_look_for_their_files_raises(
    start: Any, tmp_path: Path
) -> None:
    class Store(ResultStore):
        """Finds the files of two answers, and has no memory for more."""

        left = 2

        def has(self, body: bytes) -> bool:
            """Raise or look."""
            self.left -= 1
            if self.left < 0:
                raise MemoryError
            return super().has(body)

    service = start(store=Store(tmp_path / "results"))
    asked_before(service)  # which looks once
    numbers = batch_of_what_is_known(service, 3)
    assert all(finished(service, number).result == OHIO for number in numbers[:-1])
    assert finished(service, numbers[-1]).status is JobStatus.DONE


def test_what_is_raised_once_the_end_is_settled_leaves_no_job_behind(faulty: Any) -> None:
    service, part = faulty
    part.error = MemoryError()
    submit(service, "state_mean", question="Q036", state="OH")
    assert finished(service, 1).result == OHIO
    assert service.unfinished == 0
    part.error = None
    assert (
        finished(service, submit(service, "state_mean", question="Q036", state="OH").number).result
        == OHIO
    )


@pytest.mark.parametrize("damage", ["removed", "cut", "altered", "folder"])
def test_a_lost_result_is_computed_again(start: Any, tmp_path: Path, damage: str) -> None:
    first = start()
    submit(first, "state_mean", question="Q036", state="OH")
    finished(first, 1)
    first.close(PATIENCE)
    service = start()  # which has the answer only on disk
    path = tmp_path / "results" / "job_id_1.json"
    match damage:
        case "removed":
            path.unlink()
        case "cut":
            path.write_bytes(OHIO[:-4])
        case "altered":
            path.write_bytes(OHIO.replace(b"3", b"4"))
        case "folder":
            shutil.rmtree(tmp_path / "results")
    assert service.outcome(1).result == OHIO
    assert path.read_bytes() == OHIO


def remove_each_entry(folder: Path) -> None:
    """Empty a folder as many a script does, which knows no folders in it."""
    for name in os.listdir(folder):
        os.remove(folder / name)


def test_results_emptied_entry_by_entry_lose_nothing_while_the_server_runs(
    start: Any, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    service = start()
    for _ in range(2):
        submit(service, "state_mean", question="Q036", state="OH")
    finished(service, 2)
    gate = park(service.pool)
    submit(service, "best5", question=OBESITY)
    remove_each_entry(results)
    gate.set()
    finished(service, 3)
    service.run_chores()
    remove_each_entry(results)
    service.close(PATIENCE)
    assert os.listdir(results) == [".journal"]  # which has all
    second = start()
    assert second.outcome(1).result == OHIO
    assert second.outcome(3).status is JobStatus.DONE
    assert submit(second, "best5", question=OBESITY).number == 4


def test_results_emptied_entry_by_entry_while_no_server_runs_begin_anew(
    start: Any, tmp_path: Path
) -> None:
    first = start()
    submit(first, "state_mean", question="Q036", state="OH")
    finished(first, 1)
    first.close(PATIENCE)
    remove_each_entry(tmp_path / "results")
    assert submit(start(), "state_mean", question="Q036", state="OH").number == 1


def test_a_draft_that_a_death_left_is_swept_at_the_next_start(start: Any, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / ".running").touch()  # the process before died
    (results / ".0f0f0f0f.new").touch()
    start()
    assert sorted(os.listdir(results)) == [".journal", ".running"]


def test_a_known_answer_needs_no_file(start: Any, tmp_path: Path) -> None:
    service = start()
    submit(service, "state_mean", question="Q036", state="OH")
    finished(service, 1)
    shutil.rmtree(tmp_path / "results")
    assert service.outcome(1).result == OHIO
    submit(service, "state_mean", question="Q036", state="OH")
    assert finished(service, 2).result == OHIO
    assert (tmp_path / "results" / "job_id_2.json").read_bytes() == OHIO


def test_finished_jobs_answer_as_before_after_a_start(start: Any, tmp_path: Path) -> None:
    first = start()
    submit(first, "state_mean", question="Q036", state="OH")
    finished(first, 1)
    first.close(PATIENCE)
    (tmp_path / "results" / "job_id_1.json").unlink()
    second = start()
    assert second.outcome(1).result == OHIO
    assert submit(second, "best5", question=OBESITY).number == 2


def test_a_lost_result_of_another_dataset_is_not_quietly_mixed(start: Any, tmp_path: Path) -> None:
    first = start()
    submit(first, "state_mean", question="Q036", state="OH")
    finished(first, 1)
    first.close(PATIENCE)
    other = tmp_path / "other.csv"
    head, *rows = DATASET.read_bytes().splitlines(keepends=True)
    ohio = [row.replace(b",33.", b",34.") for row in rows if b"Ohio" in row]
    other.write_bytes(b"".join([head, *ohio]))
    second = start(data=DataIngestor(other))
    assert second.outcome(1).result == OHIO
    (tmp_path / "results" / "job_id_1.json").unlink()
    assert second.outcome(1).reason == LOST


def test_what_ran_when_the_process_died_is_known_at_the_next_start(tmp_path: Path) -> None:
    first = CrashMarks(tmp_path, 3)
    slots = [first.begin(number) for number in (5, 6, 7)]
    assert first.begin(8) == -1
    first.end(slots[1])
    first.end(-1)
    assert sorted(CrashMarks(tmp_path, 1).left) == [5, 7]
    assert CrashMarks(tmp_path, 1).left == []
    (tmp_path / ".running").write_bytes(b"cut")
    assert CrashMarks(tmp_path, 1).left == []


def test_of_a_batch_only_the_job_that_is_computed_is_marked(start: Any, tmp_path: Path) -> None:
    results, computed, written = tmp_path / "results", [], {}

    def marked() -> list[int]:
        content = (results / ".running").read_bytes()
        return [number for (number,) in struct.iter_unpack("<q", content) if number]

    class WatchedDataset(DataIngestor):
        """Notes what is marked whenever a job asks for a table."""

        def question(self, name: str) -> QuestionTable:
            if threading.current_thread().name.startswith("TaskRunner"):
                computed.append(marked())
            return super().question(name)

    class WatchedStore(ResultStore):
        """Notes what is marked when a result is stored."""

        def write(self, job_id: str, body: bytes) -> None:
            written[job_id] = marked()
            super().write(job_id, body)

    service = start(data=WatchedDataset(DATASET), store=WatchedStore(results))
    asked_before(service)
    computed.clear()
    answers = service.catalogue.answers[NAMELESS]
    statistic = service.catalogue.statistics["state_mean"]
    requests = [
        answers.request(statistic, {"question": "Q036", "state": state})
        for state in ("TX", "UT", "OH", "IA", "OH")
    ]
    texas, utah, known, iowa, last = [job.number for job in service.submit_batch(requests)]
    assert finished(service, last).result == OHIO
    assert [seen for seen, _ in groupby(computed)] == [[texas], [utah], [iowa]]
    assert [written[f"job_id_{number}"] for number in (texas, utah, iowa)] == [
        [texas],
        [utah],
        [iowa],
    ]
    assert [written[f"job_id_{number}"] for number in (known, last)] == [[], []]
    eventually(lambda: not marked())


def test_a_file_of_marks_that_is_truncated_costs_marks_alone(tmp_path: Path) -> None:
    marks = CrashMarks(tmp_path, 3)
    marks.begin(5)
    os.truncate(tmp_path / ".running", 0)
    slot = marks.begin(6)
    assert CrashMarks(tmp_path, 3).left == [6]
    marks.close()
    marks.end(slot)  # a job that outlasts the service's end
    assert CrashMarks(tmp_path, 3).left == []


def journal_of(tmp_path: Path, *records: Record) -> Path:
    """Leave a journal behind, as a process that died would; return its path."""
    journal = Journal(tmp_path / "results")
    for record in records:
        journal.append(record)
    journal.close()
    return journal.path


def accepted(number: int) -> Accepted:
    """Return the record of an accepted job."""
    return Accepted(number, *request("state_mean", question=OBESITY, state="Ohio"), 1.0)


def test_unfinished_jobs_run_again_and_ids_go_on(start: Any, tmp_path: Path) -> None:
    journal_of(tmp_path, accepted(3), accepted(4), Died(3), accepted(8))
    service = start()
    for number in (3, 4, 8):
        assert finished(service, number).result == OHIO
    assert submit(service, "best5", question=OBESITY).number == 9


def test_a_damaged_line_is_told_once_and_no_id_skipped_for_it_again(
    start: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = journal_of(tmp_path, accepted(1), accepted(2), accepted(3))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"state_mean", b"state_meen", 1))
    log = logging.getLogger("damaged")
    service = start(log=log)
    assert [job.number for job in service.list()] == [2, 3]
    first = submit(service, "best5", question=OBESITY).number
    assert first > 3
    service.close(PATIENCE)
    again = start(log=log)
    assert submit(again, "best5", question=OBESITY).number == first + 1
    assert caplog.text.count("damaged lines in the journal: 1; their jobs are unknown") == 1
    assert b"state_meen" in path.with_name(".journal.damaged").read_bytes()


def test_a_damaged_journal_that_cannot_be_kept_is_left_as_it_is(tmp_path: Path) -> None:
    path = journal_of(tmp_path, accepted(1), accepted(2))
    path.write_bytes(path.read_bytes().replace(b"state_mean", b"state_meen", 1))
    before = path.read_bytes()
    path.with_name(".journal.damaged").mkdir()
    journal = Journal(path.parent)
    with pytest.raises(ResultsFolderError, match="cannot be mended: Is a directory"):
        list(journal.replay())
    journal.close()
    assert path.read_bytes() == before


def test_a_job_that_killed_the_process_three_times_is_not_run_again(
    start: Any, tmp_path: Path
) -> None:
    journal_of(tmp_path, accepted(1), accepted(2), *[Died(1)] * 3, *[Died(2)] * 2)
    service = start()
    assert finished(service, 1).reason == LETHAL
    assert finished(service, 2).result == OHIO
    service.close(PATIENCE)
    assert start().outcome(1).reason == LETHAL


def test_a_question_that_the_dataset_has_no_more_fails_with_its_reason(
    start: Any, tmp_path: Path
) -> None:
    journal_of(tmp_path, Accepted(1, *request("best5", question="A question of old"), 1.0))
    assert "A question of old" in finished(start(), 1).reason


def test_results_that_the_disk_did_not_take_are_stored_once_it_does(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, results = start(), tmp_path / "results"
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise StorageError("the result could not be written: the disk is full")

        patch.setattr(ResultStore, "write", refuse)
        for state in ("OH", "TX"):
            submit(service, "state_mean", question="Q036", state=state)
        eventually(lambda: service.job_counts.finished == 2)
        service.run_chores()
        assert not [*results.glob("*.json")]
    service.run_chores()
    assert (results / "job_id_1.json").read_bytes() == OHIO
    assert (results / "job_id_2.json").exists()


def test_a_cancellation_that_cannot_be_recorded_is_refused_and_the_job_runs(start: Any) -> None:
    gate = threading.Event()
    pool = ThreadPool(1, SILENT)
    service = start(pool=pool)
    pool.submit(gate.wait)
    job = submit(service, "state_mean", question="Q036", state="OH")
    with small_files(1), pytest.raises(StorageError, match="the disk is full"):
        service.cancel(job.number)
    assert job.status is JobStatus.QUEUED
    gate.set()
    eventually(lambda: job.finished)
    assert service.outcome(job.number).result == OHIO


def test_a_cancellation_is_on_record_when_it_is_acknowledged(start: Any, tmp_path: Path) -> None:
    gate = threading.Event()
    pool = ThreadPool(1, SILENT)
    service = start(pool=pool)
    pool.submit(gate.wait)
    job = submit(service, "state_mean", question="Q036", state="OH")
    service.cancel(job.number)
    lines = (tmp_path / "results" / ".journal").read_bytes().splitlines(True)
    assert decode(lines[-1]) == job.end
    gate.set()


def test_a_journal_removed_under_load_is_rewritten(start: Any, tmp_path: Path) -> None:
    pool = ThreadPool(1, SILENT)
    service = start(pool=pool)
    submit(service, "state_mean", question="Q036", state="OH")
    finished(service, 1)
    gate = park(pool)
    submit(service, "best5", question=OBESITY)
    shutil.rmtree(tmp_path / "results")
    submit(service, "worst5", question=OBESITY)
    gate.set()
    finished(service, 3)
    service.close(PATIENCE)
    journal = Journal(tmp_path / "results")
    found = Recovery(journal.replay())
    journal.close()
    assert {number: type(job.end) for number, job in jobs_of(found).items()} == {
        1: Done,
        2: Done,
        3: Done,
    }
    assert start().outcome(1).result == OHIO


def test_close_tells_whether_jobs_were_left_and_they_run_next_time(start: Any) -> None:
    pool = ThreadPool(1, SILENT)
    first = start(pool=pool)
    gate = park(pool)
    submit(first, "state_mean", question="Q036", state="OH")
    assert first.close(0.05) is False
    second = start()
    assert finished(second, 1).result == OHIO
    assert second.close(PATIENCE) is True
    gate.set()


def test_a_submit_forgets_few_jobs_and_leaves_a_grown_journal_to_the_chores(
    start: Any, tmp_path: Path
) -> None:
    registry = JobRegistry(10)
    journal = Journal(tmp_path / "results", look_seconds=0, least_rewritten=0)
    service = start(registry=registry, journal=journal, threads=0, keep_jobs=1)
    asked = request("best5", question=OBESITY)
    ends = (Done(number, 0, 0, "", 0.5) for number in range(1, 301))
    registry.restore(Job(end.number, asked, 0.0, JobStatus.DONE, end=end) for end in ends)
    while not journal.bloated:
        journal.append(Withdrawn(1, 1))
    submit(service, "best5", question=OBESITY)
    assert 1 < service.job_counts.kept < 300
    assert journal.bloated
    service.run_chores()
    assert [job.number for job in service.list()] == [301]
    assert not journal.bloated


def test_a_job_that_ended_by_a_wrong_clock_and_was_forgotten_does_not_come_back(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, now = start(threads=0, keep_jobs=1), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86400)
    submit(service, "best5", question=OBESITY)
    monkeypatch.setattr(time, "time", lambda: now)
    submit(service, "best5", question=OBESITY)
    service.run_chores()
    assert [job.number for job in service.list()] == [2]
    service.close(PATIENCE)
    assert [job.number for job in start(threads=0, keep_jobs=1).list()] == [2]


def test_a_grown_journal_is_rewritten_and_keeps_what_counts(start: Any, tmp_path: Path) -> None:
    results = tmp_path / "results"
    journal = Journal(results, look_seconds=0, least_rewritten=20_000)
    service = start(journal=journal, threads=0, keep_jobs=5)
    for _ in range(300):
        submit(service, "best5", question=OBESITY)
        service.run_chores()
        assert journal.path.stat().st_size < 21_000
    service.close(PATIENCE)
    again = start(threads=0, keep_jobs=5)
    assert [job.number for job in again.list()] == [296, 297, 298, 299, 300]
    assert again.outcome(300).status is JobStatus.DONE
    assert submit(again, "best5", question=OBESITY).number == 301
