"""Limits: a full queue, slow jobs, cancelled ones, and old ones that are forgotten."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.answers.compute import Answer, Answers
from app.job import CANCELLED, JobRequest
from unittests.helpers.app import running_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.files import small_files
from unittests.helpers.metric_samples import samples_in
from unittests.helpers.waiting import PATIENCE, eventually

BODY = {"question": OBESITY}


@pytest.fixture(name="gate")
def gate_for_obesity(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Keep jobs on obesity, and only these, running until the event is set."""
    gate, answer = threading.Event(), Answers.answer

    def wait(self: Answers, request: JobRequest) -> Answer:
        if OBESITY in request.parameters:
            gate.wait(PATIENCE)
        return answer(self, request)

    monkeypatch.setattr(Answers, "answer", wait)
    yield gate
    gate.set()


def get(app: Flask, path: str) -> Any:
    """Return the JSON of a GET."""
    return app.test_client().get(path).json


def running(app: Flask) -> int:
    """Return how many jobs run."""
    return len(service_of(app).running)


def test_a_full_queue_refuses_and_writes_nothing(tmp_path: Path, gate: threading.Event) -> None:
    with running_app(tmp_path, threads=1, queue=3) as app:
        client = app.test_client()
        for _ in range(3):
            assert client.post("/api/best5", json=BODY).status_code == 200
        journal = (tmp_path / "results" / ".journal").read_bytes()
        refused = client.post("/api/best5", json=BODY)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"
        assert (tmp_path / "results" / ".journal").read_bytes() == journal
        gate.set()
        eventually(lambda: get(app, "/api/num_jobs")["num_jobs"] == 0)
        assert client.post("/api/best5", json=BODY).json == {"job_id": "job_id_4"}


def test_health_is_bad_while_the_disk_is_full(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        size = (tmp_path / "results" / ".journal").stat().st_size
        with small_files(size):
            assert client.get("/api/health").status_code == 200
            assert client.post("/api/best5", json=BODY).status_code == 507
            service_of(app).run_chores()  # which finds that nothing has changed
            health = client.get("/api/health")
        assert health.status_code == 503
        assert health.get_json()["reason"] == "the job could not be recorded: the disk is full"
        assert health.headers["Retry-After"] == "1"
        service_of(app).run_chores()
        assert client.get("/api/health").get_json() == {"status": "ok"}
        assert client.post("/api/best5", json=BODY).json == {"job_id": "job_id_2"}
        eventually(lambda: get(app, "/api/num_jobs")["num_jobs"] == 0)
    with running_app(tmp_path, threads=1) as app:
        assert get(app, "/api/jobs")["data"] == [{"job_id_2": "done"}]


def test_health_stays_bad_where_only_shorter_records_fit(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        size = (tmp_path / "results" / ".journal").stat().st_size
        batch = [{"statistic": "best5", **BODY}] * 100
        with small_files(size + 1000):  # room for what takes the batch back
            assert client.post("/api/batch", json=batch).status_code == 507
            assert client.get("/api/health").status_code == 503
            service_of(app).run_chores()
            assert client.get("/api/health").status_code == 503
        service_of(app).run_chores()
        assert client.get("/api/health").get_json() == {"status": "ok"}
        assert client.post("/api/batch", json=batch).status_code == 200


def test_a_job_that_takes_too_long_fails_and_frees_its_place(
    tmp_path: Path, gate: threading.Event
) -> None:
    with running_app(tmp_path, threads=1, job_seconds=0.05) as app:
        client = app.test_client()
        client.post("/api/best5", json=BODY)
        client.post("/api/state_mean", json={"question": "Q037", "state": "OH"})
        eventually(lambda: get(app, "/api/get_results/2")["status"] == "done")
        # Its end is on record a moment after another thread has taken its place.
        eventually(lambda: get(app, "/api/get_results/1")["status"] == "error")
        answer = get(app, "/api/get_results/1")
        assert answer == {"status": "error", "reason": "the job took longer than 0.05 seconds"}
        assert get(app, "/api/num_jobs")["num_jobs"] == 0
        gate.set()
        eventually(lambda: running(app) == 0)
        # What the late worker came back with changes nothing, and its place is taken.
        assert get(app, "/api/get_results/1") == answer
        assert not (tmp_path / "results" / "job_id_1.json").exists()
    with running_app(tmp_path) as app:
        assert get(app, "/api/get_results/1") == answer


def test_a_queued_job_can_be_cancelled_and_a_running_one_cannot(
    tmp_path: Path, gate: threading.Event
) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        for _ in range(2):
            client.post("/api/best5", json=BODY)
        eventually(lambda: running(app) == 1)
        too_late = client.delete("/api/jobs/job_id_1")
        assert too_late.status_code == 409
        assert too_late.json == {
            "status": "error",
            "reason": "job_id_1 is running already and cannot be cancelled",
        }
        assert client.delete("/api/jobs/2").json == {"status": "cancelled", "job_id": "job_id_2"}
        assert get(app, "/api/get_results/2") == {"status": "error", "reason": CANCELLED}
        assert client.delete("/api/jobs/2").status_code == 409
        assert client.delete("/api/jobs/3").status_code == 404
        assert get(app, "/api/num_jobs")["num_jobs"] == 1
        gate.set()
        eventually(lambda: get(app, "/api/get_results/1")["status"] == "done")
        assert not (tmp_path / "results" / "job_id_2.json").exists()
    with running_app(tmp_path) as app:
        assert get(app, "/api/get_results/2") == {"status": "error", "reason": CANCELLED}


def test_the_oldest_finished_jobs_are_forgotten_first(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, keep_jobs=3) as app:
        client = app.test_client()
        for _ in range(5):
            client.post("/api/best5", json=BODY)
        assert [list(row) for row in get(app, "/api/jobs")["data"]] == [
            ["job_id_3"],
            ["job_id_4"],
            ["job_id_5"],
        ]
        for number in (1, 2):
            answer = client.get(f"/api/get_results/{number}")
            assert answer.status_code == 404
            assert answer.json is not None
            assert "expired" in answer.json["reason"]
            assert not (tmp_path / "results" / f"job_id_{number}.json").exists()
        assert get(app, "/api/get_results/6")["reason"] == "Invalid job_id"
    with running_app(tmp_path, threads=0, keep_jobs=3) as app:
        assert "expired" in get(app, "/api/get_results/2")["reason"]
        assert app.test_client().post("/api/best5", json=BODY).json == {"job_id": "job_id_6"}


def test_jobs_are_forgotten_by_age(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, keep_days=1) as app:
        client = app.test_client()
        client.post("/api/best5", json=BODY)
        job = next(service_of(app).list())
        assert job.end is not None
        job.end = job.end._replace(at=job.end.at - 86401)
        client.post("/api/best5", json=BODY)
        assert get(app, "/api/jobs")["data"] == [{"job_id_2": "done"}]


def test_metrics_tell_what_happened(tmp_path: Path, gate: threading.Event) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        client.post("/api/state_mean", json={"question": "Q037", "state": "OH"})
        eventually(lambda: get(app, "/api/get_results/1")["status"] == "done")
        for _ in range(4):
            client.post("/api/best5", json=BODY)
        client.post("/api/best5", data="no JSON")
        eventually(lambda: running(app) == 1)
        client.delete("/api/jobs/job_id_5")
        samples = samples_in(client.get("/metrics").text)
        assert samples["stats_jobs_ended_total", "state_mean", "done"] == 1
        assert samples["stats_jobs_ended_total", "best5", "cancelled"] == 1
        assert ("stats_jobs_ended_total", "best5", "error") not in samples
        assert samples["stats_requests_refused_total", "bad-request", "400"] == 1
        assert samples[("stats_jobs_queued",)] == 2
        assert samples[("stats_jobs_running",)] == 1
        assert samples[("stats_jobs_kept",)] == 5
        assert samples[("stats_accepting",)] == 1
        assert samples[("stats_job_queued_seconds_count",)] == 1
        assert samples[("stats_job_running_seconds_count",)] == 1
        gate.set()
