"""What a worker's process does with the jobs of a message, whatever they do to it."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.answers.compute import Answer, Answers, Caches
from app.cluster.keys import runner_name
from app.cluster.runner import JobMessage, Runner, Terminated
from app.cluster.shared_jobs import SharedJobs
from app.cluster.worker_jobs import WorkerJobs
from app.errors import BadRequest, StorageError
from app.job import CANCELLED, JobRequest, digest_of
from app.job_service import UNEXPECTED, took_too_long
from app.messages.message import Sentence
from app.result_store import ResultStore
from app.statistics.registry import STATISTICS
from unittests.helpers.clock import Clock
from unittests.helpers.data import dataset
from unittests.helpers.fake_redis import FakeRedis
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE, eventually
from unittests.helpers.watched_lock import Locks


class PlannedAnswers(Answers):
    """Answers of which a test decides what computing them does, by the state that is asked."""

    def __init__(self) -> None:
        super().__init__("data", dataset(), STATISTICS, Caches(0), 0.0)
        self.asked: list[str | None] = []
        self.plans: dict[str, Callable[[], Any]] = {}

    def answer(self, request: JobRequest) -> Answer:
        """Do what is planned, and return an answer."""
        state = json.loads(request.parameters)["state"]
        self.asked.append(state)
        self.plans.get(state, lambda: None)()
        body = f'"{state}"'.encode()
        return Answer(body, digest_of(body), self.version)


class Process:
    """A worker's process over a Redis that is a fake."""

    def __init__(self, files: Path) -> None:
        self.clock = Clock()
        self.redis = FakeRedis(self.clock.now)
        self.answers = PlannedAnswers()
        self.ended = threading.Event()
        self.files = ResultStore(files)
        self.log = logging.Logger("worker")
        self.runner = Runner(
            {self.answers.version: self.answers},
            WorkerJobs(self.redis, runner_name([self.answers.version], "runner")),
            self.files,
            self.log,
            self.ended.set,
            self.clock.now,
        )

    def accept(self, *states: str) -> list[JobMessage]:
        """Accept a job on each state, and return the message of them."""
        asked = [request("state_mean", question="a question", state=state) for state in states]
        jobs = SharedJobs(self.redis).accept(asked, [self.answers.version] * len(asked), 10**6).jobs
        return [(job.number, *job.request) for job in jobs]

    def run(self, *messages: JobMessage, seconds: float = 0.0) -> None:
        self.runner.run(self.answers.version, messages, seconds)

    def reason(self, message: JobMessage) -> Any:
        return self.redis.jobs[message[0]].fields.get("reason")

    def published(self) -> list[list[int]]:
        """Return the numbers of the jobs that were ended together, in the order in time."""
        calls = self.redis.sent("finish")
        return [call[2 + 2 * call[1] :: 4] for call in calls]


@pytest.fixture(name="process")
def new_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    locks = Locks(monkeypatch)
    yield Process(tmp_path)
    assert locks.nested == set()


@pytest.fixture(name="thread")
def one_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_jobs_run_in_order_and_their_results_are_stored(process: Process) -> None:
    first, second = process.accept("Ohio", "Texas")
    process.run(first, second)
    assert process.answers.asked == ["Ohio", "Texas"]
    assert process.redis.in_status("done") == [1, 2]
    assert sorted(process.redis.answers.values()) == [b'"Ohio"', b'"Texas"']
    assert (process.files.folder / "job_id_2.json").read_bytes() == b'"Texas"'


def test_jobs_of_another_dataset_are_refused(process: Process) -> None:
    messages = process.accept("Ohio")
    process.runner.run("another", messages, 0)
    assert process.answers.asked == []
    assert process.redis.in_status("queued") == [1]


def test_jobs_that_ended_or_run_elsewhere_are_left_alone(process: Process) -> None:
    cancelled, elsewhere, queued = process.accept("Ohio", "Texas", "Utah")
    process.redis.jobs[cancelled[0]].fields.update(status="error", reason=CANCELLED)
    WorkerJobs(process.redis, "another").start([elsewhere[0]])
    process.run(cancelled, elsewhere, queued)
    process.run(cancelled, elsewhere, queued)
    assert process.answers.asked == ["Utah"]
    assert process.reason(cancelled) == CANCELLED


def fail_with(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_a_job_that_raises_fails_and_takes_no_other_along(process: Process) -> None:
    messages = process.accept("Ohio", "Texas", "Utah", "Guam")
    process.answers.plans = {
        "Ohio": fail_with(BadRequest(Sentence("no such question"))),
        "Texas": fail_with(MemoryError()),
        "Utah": fail_with(SystemExit()),
    }
    process.run(*messages)
    reasons = [process.reason(message) for message in messages]
    assert reasons == ["no such question", UNEXPECTED, UNEXPECTED, None]
    assert process.redis.in_status("done") == [4]


def test_a_file_that_cannot_be_written_is_no_loss(process: Process) -> None:
    (process.files.folder / "job_id_1.json").mkdir()
    process.run(*process.accept("Ohio"))
    assert process.redis.in_status("done") == [1]


def test_files_that_the_folder_did_not_take_are_written_once_it_does(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    written = process.files.write
    monkeypatch.setattr(process.files, "write", full)
    process.run(*process.accept("Ohio", "Texas", "Utah"))
    process.runner.write_missing()
    monkeypatch.setattr(process.files, "write", written)
    del process.redis.jobs[2]  # it is not kept any more
    process.redis.jobs[3].fields["status"] = "running"  # its end is not published yet
    process.redis.jobs[3].fields["answer"] = None
    process.redis.down = True
    process.runner.write_missing()
    assert list(process.files.folder.iterdir()) == []
    process.redis.down = False
    process.runner.write_missing()
    assert [path.name for path in process.files.folder.iterdir()] == ["job_id_1.json"]
    assert (process.files.folder / "job_id_1.json").read_bytes() == b'"Ohio"'
    process.redis.jobs[3].fields.update(status="done", answer=next(iter(process.redis.answers)))
    process.runner.begin()
    eventually((process.files.folder / "job_id_3.json").exists)
    process.runner.end()


def test_results_are_published_at_least_every_50_ms(process: Process) -> None:
    messages = process.accept("Ohio", "Texas", "Utah", "Guam", "Iowa")
    for state, seconds in {"Ohio": 0.01, "Texas": 0.06, "Utah": 1.0}.items():
        process.answers.plans[state] = partial(process.clock.sleep, seconds)
    process.run(*messages)
    assert process.published() == [[1, 2], [3], [4, 5]]


class Stuck:
    """A process that runs jobs; the one on Utah does not end until it is released."""

    def __init__(
        self, process: Process, thread: ThreadPoolExecutor, *states: str, seconds: float = 5.0
    ) -> None:
        """Each job may take so many seconds."""
        self._running, self._release = threading.Event(), threading.Event()
        process.answers.plans["Utah"] = self._park
        messages = process.accept(*states)
        self._end: Future[None] = thread.submit(process.run, *messages, seconds=seconds)
        assert self._running.wait(PATIENCE)

    def _park(self) -> None:
        self._running.set()
        assert self._release.wait(PATIENCE)

    def release(self) -> None:
        """Let the job end, and wait until the process has done all that it does."""
        self._release.set()
        self._end.result(PATIENCE)


def test_a_job_that_takes_too_long_ends_its_process_and_the_others_run_elsewhere(
    process: Process, thread: ThreadPoolExecutor
) -> None:
    stuck = Stuck(process, thread, "Ohio", "Utah", "Texas", "Guam")
    process.clock.sleep(5)
    process.runner.heartbeat()
    assert not process.ended.is_set()
    process.clock.sleep(0.1)
    process.runner.heartbeat()
    assert process.ended.is_set()
    assert process.redis.in_status("done") == [1]  # it was computed, and not published yet
    assert process.redis.jobs[2].fields["reason"] == took_too_long(5)
    assert process.redis.in_status("queued") == [3, 4]
    # Should the process live on for a moment, it touches none of them.
    stuck.release()
    process.run(*process.accept("Iowa"))
    assert process.answers.asked == ["Ohio", "Utah"]
    assert process.redis.in_status("queued") == [3, 4, 5]


def test_a_job_that_ends_in_time_is_not_overdue_later(
    process: Process, thread: ThreadPoolExecutor
) -> None:
    stuck = Stuck(process, thread, "Utah")
    process.clock.sleep(4)
    stuck.release()
    process.clock.sleep(100)
    process.runner.heartbeat()
    assert not process.ended.is_set()
    assert process.redis.in_status("done") == [1]


def test_without_a_limit_no_job_takes_too_long(
    process: Process, thread: ThreadPoolExecutor
) -> None:
    stuck = Stuck(process, thread, "Utah", seconds=0)
    process.clock.sleep(10**6)
    process.runner.heartbeat()
    stuck.release()
    assert not process.ended.is_set()
    assert process.redis.in_status("done") == [1]


def test_a_process_that_has_to_end_gives_back_what_it_has_not_computed(process: Process) -> None:
    messages = process.accept("Ohio", "Utah", "Texas")
    process.answers.plans["Utah"] = fail_with(Terminated(1))
    with pytest.raises(Terminated):
        process.run(*messages)
    assert process.redis.in_status("done") == [1]
    assert process.redis.in_status("queued") == [2, 3]


def test_a_process_that_has_to_end_as_it_starts_jobs_gives_them_back(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = process.redis.run_start

    def start_and_end(runner: str, *numbers: int) -> None:
        start(runner, *numbers)
        raise Terminated(1)

    monkeypatch.setattr(process.redis, "run_start", start_and_end)
    [elsewhere], messages = process.accept("Iowa"), process.accept("Ohio", "Texas")
    start("another", elsewhere[0])
    with pytest.raises(Terminated):
        process.run(elsewhere, *messages)
    assert process.redis.in_status("running") == [elsewhere[0]]
    assert process.redis.in_status("queued") == [2, 3]


def test_a_process_that_has_to_end_does_not_wait_for_redis(process: Process) -> None:
    def end_without_redis() -> None:
        process.redis.down = True
        raise Terminated(1)

    process.answers.plans["Utah"] = end_without_redis
    messages = process.accept("Ohio", "Utah")
    with pytest.raises(Exception, match="down"):
        process.run(*messages)
    assert process.redis.in_status("running") == [1, 2]  # the janitor finds them


def test_heartbeats_are_sent_until_the_end(process: Process) -> None:
    process.runner.begin()
    eventually(lambda: process.redis.run_runners(3)[1])
    process.runner.end()
    assert process.redis.run_runners(3)[1] == []
    process.runner.end()


def test_a_heartbeat_outlives_a_redis_that_is_down(process: Process) -> None:
    process.redis.down = True
    process.runner.heartbeat()
    process.redis.down = False
    process.runner.heartbeat()
    assert len(process.redis.run_runners(3)[1]) == 1
