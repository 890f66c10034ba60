"""Submits with a key: one job for each, whoever repeats it, and whatever happens in between."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import DiskFull, KeyReused, ShuttingDown, StorageError
from app.job import Job
from app.threads.journal import Journal
from app.threads.service import ThreadService
from app.threads.submit_keys import SubmitKeys
from unittests.helpers.app import submit
from unittests.helpers.data import OBESITY
from unittests.helpers.files import small_files
from unittests.helpers.registry import request
from unittests.helpers.thread_service import thread_service
from unittests.helpers.waiting import PATIENCE

BEST5, WORST5 = (request(name, question=OBESITY) for name in ("best5", "worst5"))
BATCH = [BEST5, WORST5, BEST5]


def ask(service: ThreadService, key: str, statistic: str = "best5") -> int:
    """Submit a job with a key, and return its number."""
    return submit(service, statistic, key=key, question=OBESITY).number


def numbers(jobs: Sequence[Job]) -> list[int]:
    """Return the numbers of jobs."""
    return [job.number for job in jobs]


def keys_of_one_job() -> SubmitKeys:
    """Return keys where each number is that of a job that asked for the five best states."""
    return SubmitKeys(lambda number: Job(number, BEST5, 0.0, key="k"))


class Held:
    """A submit of job 1 that goes on when it is let go, and fails then, or not."""

    def __init__(self, keys: SubmitKeys, *, fails: bool) -> None:
        self._keys = keys
        self._fails = fails
        self.inside, self.go_on = threading.Event(), threading.Event()

    def submit(self) -> list[Job]:
        """Submit it."""
        self.inside.set()
        job = Job(1, BEST5, 0.0, key="k")
        self._keys.note("k", [job])
        assert self.go_on.wait(PATIENCE)
        if self._fails:
            raise DiskFull
        return [job]


@pytest.mark.parametrize("fails", [False, True])
def test_who_repeats_a_submit_waits_for_the_first_one(fails: bool) -> None:
    keys = keys_of_one_job()
    first = Held(keys, fails=fails)

    def second() -> list[Job]:
        return [Job(2, BEST5, 0.0, key="k")]

    with ThreadPoolExecutor() as threads:
        one = threads.submit(keys.once, "k", [BEST5], first.submit)
        assert first.inside.wait(PATIENCE)
        other = threads.submit(keys.once, "k", [BEST5], second)
        assert numbers(keys.once("another", [BEST5], second)) == [2]
        assert not other.done()
        first.go_on.set()
        assert numbers(other.result(PATIENCE)) == ([2] if fails else [1])
        assert isinstance(one.exception(PATIENCE), DiskFull) == fails


@pytest.mark.parametrize("fails", [False, True])
def test_a_key_is_not_used_by_a_submit_that_fails(fails: bool) -> None:
    keys = keys_of_one_job()
    first = Held(keys, fails=fails)

    def second() -> list[Job]:
        return [Job(2, WORST5, 0.0, key="k")]

    with ThreadPoolExecutor() as threads:
        one = threads.submit(keys.once, "k", [BEST5], first.submit)
        assert first.inside.wait(PATIENCE)
        other = threads.submit(keys.once, "k", [WORST5], second)
        first.go_on.set()
        assert isinstance(one.exception(PATIENCE), DiskFull) == fails
        if fails:
            assert numbers(other.result(PATIENCE)) == [2]
        else:
            assert isinstance(other.exception(PATIENCE), KeyReused)


def test_keys_survive_the_process_and_a_journal_that_is_rewritten(tmp_path: Path) -> None:
    service = thread_service(tmp_path, threads=0)
    assert [ask(service, "a"), ask(service, "b"), ask(service, "a")] == [1, 2, 1]
    assert numbers(service.submit_batch(BATCH, "batch")) == [3, 4, 5]
    for rewritten in (False, True, False):
        (tmp_path / f"{rewritten}").mkdir(exist_ok=True)
        if rewritten:
            (tmp_path / ".journal").unlink()
            service.run_chores()
        assert service.close(PATIENCE)
        service = thread_service(tmp_path, threads=0)
        assert [ask(service, "a"), ask(service, "b")] == [1, 2]
        assert numbers(service.submit_batch(BATCH, "batch")) == [3, 4, 5]
        for other in (BATCH[:2], [*BATCH, BEST5], [*BATCH[1:], BEST5]):
            with pytest.raises(KeyReused):
                service.submit_batch(other, "batch")
        with pytest.raises(KeyReused):
            ask(service, "a", "worst5")
    assert ask(service, "c") == 6


def test_a_key_is_forgotten_with_its_job_and_leads_to_another_then(tmp_path: Path) -> None:
    service = thread_service(tmp_path, threads=0, keep_jobs=3)
    assert numbers(service.submit_batch(BATCH, "batch")) == [1, 2, 3]
    assert ask(service, "a") == 4  # the first job of the batch goes
    assert ask(service, "batch", "worst5") == 5  # the others go later, and leave this key alone
    for _ in range(2):
        assert ask(service, "a") == 4
        assert ask(service, "batch", "worst5") == 5
        assert service.close(PATIENCE)
        service = thread_service(tmp_path, threads=0, keep_jobs=3)
    assert [ask(service, key) for key in "bcd"] == [6, 7, 8]
    assert [ask(service, "a"), ask(service, "a"), ask(service, "batch")] == [9, 9, 10]


def test_a_batch_whose_jobs_are_not_all_there_any_more_is_a_new_one(tmp_path: Path) -> None:
    service = thread_service(tmp_path, threads=0, keep_jobs=2)
    assert numbers(service.submit_batch(BATCH, "batch")) == [1, 2, 3]
    for number in (4, 7):
        assert numbers(service.submit_batch(BATCH, "batch")) == [*range(number, number + 3)]
        assert service.close(PATIENCE)
        service = thread_service(tmp_path, threads=0, keep_jobs=2)


def test_what_could_not_be_recorded_leaves_no_key(tmp_path: Path) -> None:
    service = thread_service(tmp_path, threads=0)
    size = (tmp_path / ".journal").stat().st_size
    with small_files(size + 10), pytest.raises(StorageError):
        ask(service, "a")
    assert [ask(service, "a", "worst5"), ask(service, "a", "worst5")] == [2, 2]


def test_nothing_new_is_accepted_while_the_server_shuts_down(tmp_path: Path) -> None:
    service = thread_service(tmp_path, threads=1)
    assert ask(service, "a") == 1
    service.drain()
    assert ask(service, "a") == 1
    with pytest.raises(ShuttingDown):
        ask(service, "b")
    with pytest.raises(KeyReused):
        ask(service, "a", "worst5")
    assert service.job_counts.last == 1


def test_a_death_leaves_a_batch_with_its_key_or_neither(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "0", look_seconds=0)
    service = thread_service(tmp_path / "0", journal=journal, threads=0)
    before = len(journal.path.read_bytes())
    assert numbers(service.submit_batch(BATCH, "batch")) == [1, 2, 3]
    written = journal.path.read_bytes()
    service.close(PATIENCE)
    end = written.index(b"\n", before) + 1
    for cut in (before, before + 9, end - 9, end - 1, end):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / ".journal").write_bytes(written[:cut])
        again = thread_service(folder, threads=0)
        assert len(list(again.list())) == (3 if cut == end else 0)
        assert numbers(again.submit_batch(BATCH, "batch")) == [1, 2, 3]
        assert len(list(again.list())) == 3
        again.close(PATIENCE)
