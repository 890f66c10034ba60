"""Slow motion: threads take steps when they are told to, and nothing of it is there otherwise."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.errors import SettingsError
from app.task_runner import ThreadPool
from app.threads.service import ThreadService
from unittests.helpers.app import embedded, running_app, service_of
from unittests.helpers.chrome_trace import parsed
from unittests.helpers.waiting import PATIENCE, eventually
from unittests.helpers.watched_lock import Locks

OHIO = {"question": "Q036", "state": "OH"}
WAY = ("id", "journal", "queue", "take", "answer", "file", "done")


class Lesson:
    """A server whose steps a test takes one by one."""

    def __init__(self, app: Flask, results: Path) -> None:
        self.client: FlaskClient = app.test_client()
        self.results = results
        self._app = app
        self._clients = ThreadPoolExecutor(8, "client")

    def change(self, **body: Any) -> Any:
        answer = self.client.put("/api/teach", json=body)
        assert answer.status_code == 200, answer.text
        return answer.get_json()["data"]

    def waiting(self) -> list[tuple[str, str, str | None]]:
        told = self.client.get("/api/teach").get_json()["data"]["waiting"]
        return [(one["thread"], one["step"], one["job_id"]) for one in told]

    def steps(self) -> list[str]:
        return sorted(step for _, step, _ in self.waiting())

    def waits_before(self, step: str) -> str:
        """Return a thread that is about to take a step, the empty text where none is."""
        return next((thread for thread, next_step, _ in self.waiting() if next_step == step), "")

    def reach(self, *steps: str) -> None:
        """Wait until threads are about to take these steps."""
        eventually(lambda: self.steps() == sorted(steps))

    def submit(self) -> Any:
        """Submit a job on a thread, for it is held up."""
        client = self._app.test_client()
        return self._clients.submit(lambda: client.post("/api/state_mean", json=OHIO).get_json())

    def accepted(self) -> str:
        """Submit a job and let the steps be taken that a submit is made of; return its id."""
        self.change(paused=True)
        submitted = self.submit()
        for step in WAY[:3]:
            self.reach(step)
            self.change(step=True)
        job_id: str = submitted.result(PATIENCE)["job_id"]
        return job_id

    def status(self, job_id: str) -> str:
        status: str = self.client.get(f"/api/get_results/{job_id}").get_json()["status"]
        return status

    def close(self) -> None:
        self.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
        self.change(paused=False)
        self._clients.shutdown()


@pytest.fixture(name="lesson")
def a_lesson(tmp_path: Path) -> Iterator[Lesson]:
    with running_app(tmp_path, teach=True, threads=2) as app:
        lesson = Lesson(app, tmp_path / "results")
        yield lesson
        lesson.close()


def test_a_job_takes_one_step_after_another(lesson: Lesson) -> None:
    job_id = lesson.accepted()
    for step in WAY[3:]:
        lesson.reach(step)
        assert lesson.waiting()[0][0].startswith("TaskRunner-")
        assert lesson.waiting()[0][2] == job_id
        assert lesson.status(job_id) == "running"
        # The whole file is there before the status says so.
        assert (lesson.results / f"{job_id}.json").exists() == (step == "done")
        lesson.change(step=lesson.waiting()[0][0])
    eventually(lambda: lesson.status(job_id) == "done")
    assert lesson.waiting() == []


def test_a_job_is_cancelled_that_a_thread_has_taken(lesson: Lesson) -> None:
    job_id = lesson.accepted()
    lesson.reach("take")
    assert lesson.client.delete(f"/api/jobs/{job_id}").status_code == 200
    lesson.change(step=True)
    eventually(lambda: lesson.waiting() == [])
    assert lesson.status(job_id) == "error"
    assert not (lesson.results / f"{job_id}.json").exists()


def test_jobs_that_are_sent_queue_up_and_can_be_cancelled(lesson: Lesson) -> None:
    answer = lesson.client.post("/api/teach/jobs", json={"count": 12})
    assert answer.get_json()["data"] == {"sent": 12}
    eventually(lambda: lesson.client.get("/api/pool").get_json()["data"]["jobs"]["finished"] == 12)
    data = lesson.client.get("/api/pool").get_json()["data"]
    assert len({run["statistic"] for run in data["runs"]}) >= 9
    assert data["answers"]["cached"] == 0
    lesson.change(paused=True)
    lesson.client.post("/api/teach/jobs", json={"count": 3})
    for _ in range(2):  # two are queued, and a third is on its way
        for step in ("id", "journal", "queue"):
            eventually(partial(lesson.waits_before, step))
            lesson.change(step=lesson.waits_before(step))
    lesson.reach("id", "take", "take")
    cancelled = lesson.client.delete("/api/teach/jobs").get_json()["data"]["cancelled"]
    assert cancelled == 2


def test_the_pool_tells_of_slow_motion_at_once(lesson: Lesson) -> None:
    state = lesson.client.get("/api/pool").get_json()["data"]["state"]
    lesson.change(step_ms=50)
    query = {"since": state, "wait": PATIENCE}
    data = lesson.client.get("/api/pool", query_string=query).get_json()["data"]
    told = data["slow_motion"]
    assert (told["step_ms"], told["paused"], told["waiting"]) == (50, False, [])
    submitted = lesson.submit().result(PATIENCE)
    number = int(submitted["job_id"].removeprefix("job_id_"))
    eventually(lambda: lesson.status(submitted["job_id"]) == "done")
    eventually(lambda: parsed(lesson.client.get("/api/trace").get_json()).named("state_mean"))
    found = parsed(lesson.client.get("/api/trace").get_json())
    assert found.named("file")[0]["dur"] >= 50_000
    assert ("queue", number) in found.between


def test_what_cannot_be_meant_changes_nothing(lesson: Lesson) -> None:
    before = lesson.client.get("/api/teach").get_json()
    for body in (
        {},
        {"step_ms": -1},
        {"step_ms": True},
        {"step_ms": 10**9},
        {"paused": "yes"},
        {"step": 7},
        {"step": "TaskRunner-9"},
        {"speed": 1},
        {"step_ms": 100, "step": "TaskRunner-9"},
        {"paused": True, "step": True},
    ):
        assert lesson.client.put("/api/teach", json=body).status_code == 400, body
        assert lesson.client.get("/api/teach").get_json() == before
    lesson.accepted()
    lesson.reach("take")
    refused = lesson.client.put("/api/teach", json={"paused": False, "step": "TaskRunner-9"})
    assert refused.get_json()["reason"] == "no such thread waits before a step"
    lesson.reach("take")
    refused = lesson.client.post("/api/teach/jobs", json={"cnt": 20})
    assert refused.status_code == 400
    assert refused.get_json()["reason"] == 'unknown key "cnt"; known is "count"'


def test_it_is_for_who_sits_at_the_machine(lesson: Lesson) -> None:
    lesson.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for method, path in (("get", ""), ("put", ""), ("post", "/jobs"), ("delete", "/jobs")):
        assert getattr(lesson.client, method)(f"/api/teach{path}").status_code == 403


@pytest.mark.parametrize(
    "changes",
    [{"host": "0.0.0.0", "token": "secret"}, {"public": True}, {"executor": "celery"}],
)
def test_a_server_for_others_does_not_teach(tmp_path: Path, changes: dict[str, Any]) -> None:
    with (
        pytest.raises(SettingsError, match="--teach"),
        running_app(tmp_path, teach=True, **changes),
    ):
        pass


def test_without_the_flag_nothing_of_it_is_there(tmp_path: Path) -> None:
    with running_app(tmp_path) as app:
        assert not [rule.rule for rule in app.url_map.iter_rules() if "teach" in rule.rule]
        client = app.test_client()
        for method in (client.get, client.put):
            assert method("/api/teach").status_code == 404
        assert client.get("/api/pool").get_json()["data"]["slow_motion"] is None
        assert type(embedded(app)) is ThreadService
        assert type(embedded(app).pool) is ThreadPool


def test_a_server_that_is_paused_stops(tmp_path: Path) -> None:
    with running_app(tmp_path, teach=True, threads=1) as app:
        client = app.test_client()
        client.put("/api/teach", json={"paused": True})
        client.post("/api/teach/jobs", json={"count": 2})
        eventually(lambda: len(client.get("/api/teach").get_json()["data"]["waiting"]) == 2)
        assert service_of(app).close(PATIENCE)
    assert not any(thread.name.startswith("TaskRunner") for thread in threading.enumerate())


def test_no_lock_is_held_by_who_is_held_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locks = Locks(monkeypatch)
    with running_app(tmp_path, teach=True, threads=2) as app:
        client = app.test_client()
        client.get("/api/pool")
        client.put("/api/teach", json={"step_ms": 1})
        client.post("/api/teach/jobs", json={"count": 5})
        eventually(lambda: service_of(app).job_counts.finished == 5)
    assert locks.nested == set()
    assert "SlowMotion._lock" in locks.taken
