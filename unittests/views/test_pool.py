"""The trace opens in tools that read Chrome's format; the pool is told as it is."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.answers.compute import Answer, Answers
from app.concurrency.trace import Step
from app.job import JobRequest
from app.views.chrome_trace import ChromeTrace
from unittests.helpers.app import running_app, service_of
from unittests.helpers.chrome_trace import Parsed, parsed
from unittests.helpers.waiting import PATIENCE, eventually

OHIO = {"question": "Q036", "state": "OH"}
RUNNERS = {"TaskRunner-1", "TaskRunner-2"}


@pytest.fixture(name="pool_app")
def app_with_a_pool(tmp_path: Path) -> Iterator[Flask]:
    with running_app(tmp_path) as app:
        yield app


@pytest.fixture(name="client")
def client_of_the_pool(pool_app: Flask) -> FlaskClient:
    return pool_app.test_client()


def trace(client: Any, query: str = "") -> Parsed:
    answer = client.get(f"/api/trace{query}")
    assert answer.status_code == 200, answer.text
    return parsed(answer.get_json())


def told(client: Any, **query: Any) -> Any:
    return client.get("/api/pool", query_string=query).get_json()["data"]


def done(client: Any, statistic: str = "state_mean") -> str:
    """Have a job done and its answer collected; return its id."""
    job_id: str = client.post(f"/api/{statistic}", json=OHIO).get_json()["job_id"]
    assert client.get(f"/api/get_results/{job_id}?wait=20").get_json()["status"] == "done"
    return job_id


def runs(client: Any) -> Any:
    return {run["job_id"]: run for run in told(client)["runs"]}


def test_a_trace_has_the_way_of_a_job_and_what_it_took(client: FlaskClient) -> None:
    trace(client)
    job_id = done(client, "best5")
    number = int(job_id.removeprefix("job_id_"))
    # Its thread tells of the run once all is over: a moment after the status has changed.
    eventually(lambda: "processor_ms" in trace(client).named("best5")[0]["args"])
    found = trace(client)
    (run,) = found.named("best5")
    (lane,) = (lane for lane, slices in found.lanes.items() if run in slices)
    assert lane in RUNNERS
    assert run["args"]["job_id"] == job_id
    assert run["args"]["processor_ms"] >= 0
    inside = [one["name"] for one in found.lanes[lane] if one is not run]
    assert inside == ["take", "answer", "file", "done"]
    assert [one["args"]["detail"] for one in found.named("answer")] == ["computed"]
    own = ("submit", "id", "journal", "queue", "collect")
    assert all(found.named(name)[0]["args"]["job_id"] == job_id for name in own)
    queued, began = found.between["queue", number]
    assert queued["ts"] <= began["ts"] <= run["ts"] + run["dur"]
    assert found.arrows[number] == [("s", "submit"), ("t", "best5"), ("f", "collect")]
    assert found.lanes["journal"]
    eventually(lambda: trace(client).lanes["webserver.log"])


def test_arrows_go_forward_where_a_thread_ends_late() -> None:
    # The status changes before the run is over; here the thread had no turn for a second then.
    steps = [
        Step("MainThread", "submit", 1.0, 1.9, 1),
        Step("MainThread", "collect", 2.0, 2.1, 1),
        Step("TaskRunner-1", "run", 1.1, 3.1, 1, detail="best5"),
    ]
    chrome = ChromeTrace(["TaskRunner-1"], are_processes=False)
    chrome.add_steps(steps, 4.0)
    found = parsed(json.loads(chrome.encode(0.0)))
    assert found.arrows[1] == [("s", "submit"), ("t", "best5"), ("f", "collect")]


def test_a_trace_of_one_job(client: FlaskClient) -> None:
    trace(client)
    first, second = done(client), done(client)
    eventually(lambda: len(trace(client).named("state_mean")) == 2)
    found = trace(client, f"?job={second}")
    every = [one for lane in found.lanes.values() for one in lane]
    assert {one["args"]["job_id"] for one in every} == {second}
    assert client.get("/api/trace?job=999").status_code == 404
    assert client.get("/api/trace?job=seven").status_code == 400
    assert first != second


def test_jobs_from_before_anybody_looked_are_there(client: FlaskClient) -> None:
    job_id = done(client)
    found = trace(client)
    (run,) = found.named("state_mean")
    assert run["args"]["job_id"] == job_id
    assert not found.named("answer")
    (known,) = told(client)["runs"]
    assert (known["job_id"], known["runner"] in RUNNERS) == (job_id, True)


def test_what_ran_is_told_whoever_runs_it(client: Any) -> None:
    job_id = done(client)
    number = int(job_id.removeprefix("job_id_"))
    run = eventually(lambda: runs(client).get(job_id))
    data = told(client)
    assert run["runner"] in {one["name"] for one in data["runners"]}
    assert run["queued_ms"] >= 0 <= run["ended"] - run["began"]
    assert data["jobs"]["finished"] >= 1 <= data["jobs"]["kept"]
    (row,) = client.get("/api/activity?limit=1").get_json()["data"]["page"]
    assert (row["job_id"], row["runner"]) == (job_id, run["runner"])
    found = trace(client, f"?job={job_id}")
    assert ("queue", number) in found.between
    assert found.named("state_mean") or found.between["job", number]
    assert client.get("/api/trace?job=999999").status_code == 404


def test_a_batch_leads_to_each_of_its_jobs(client: FlaskClient) -> None:
    trace(client)
    batch = [{"statistic": "state_mean", **OHIO}] * 3
    ids = client.post("/api/batch", json=batch).get_json()["job_ids"]
    eventually(lambda: len(trace(client).named("state_mean")) == 3)
    found = trace(client)
    (submit,) = found.named("submit")
    assert submit["args"]["jobs"] == 3
    for job_id in ids:
        number = int(job_id.removeprefix("job_id_"))
        assert found.arrows[number] == [("s", "submit"), ("t", "state_mean")]


def test_the_pool_is_told_as_it_works(
    pool_app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, answer = threading.Semaphore(0), Answers.answer

    def held(self: Answers, request: JobRequest) -> Answer:
        assert gate.acquire(timeout=PATIENCE)
        return answer(self, request)

    told(client)
    monkeypatch.setattr(Answers, "answer", held)
    ids = [client.post("/api/state_mean", json=OHIO).get_json()["job_id"] for _ in range(3)]
    eventually(lambda: len(service_of(pool_app).running) == 2)
    data = told(client)
    assert {one["name"]: one["job_id"] for one in data["runners"]}.keys() == RUNNERS
    assert {one["job_id"] for one in data["runners"]} == set(ids[:2])
    assert (data["queue"]["waiting"], data["queue"]["permits"]) == (1, 1)
    for _ in ids:
        gate.release()
    # How an answer came about is told by its thread, a moment after the job is done.
    eventually(lambda: sum(told(client)["answers"].values()) == 3)
    data = told(client)
    assert len(data["runs"]) == 3
    assert {run["runner"] for run in data["runs"]} <= RUNNERS
    assert [one["job_id"] for one in data["runners"]] == [None, None]
    assert data["jobs"] == {"kept": 3, "running": 0, "finished": 3}
    assert data["running_ms"]["p99"] >= data["running_ms"]["p50"] > 0
    locks = {one["name"]: one for one in data["locks"]}
    assert {"ThreadPool", "LifoSemaphore", "JobRegistry", "JournalFile", *RUNNERS} <= locks.keys()
    assert locks["JobRegistry"]["taken"] > 0
    assert locks["JobRegistry"]["longest_ms"] > 0
    assert told(client, after=data["count"])["runs"] == []


def test_who_waits_is_told_of_what_happens(client: FlaskClient) -> None:
    data = told(client)
    job_id = done(client)
    news = told(client, since=data["state"], wait=PATIENCE, after=max(1, data["count"]))
    while job_id not in {run["job_id"] for run in news["runs"]}:  # it has just ended
        news = told(client, since=news["state"], wait=PATIENCE)
    assert told(client, since=told(client)["state"], wait=0.01)["runs"]


def test_the_log_and_the_activity_name_the_thread(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        job_id = done(client)
        (row,) = client.get("/api/activity").get_json()["data"]["page"]
        assert row["runner"] == "TaskRunner-1"
        assert row["queued_ms"] == pytest.approx(row["queued_seconds"] * 1000)
        assert row["running_ms"] == pytest.approx(row["running_seconds"] * 1000)
    log = (tmp_path / "webserver.log").read_text(encoding="utf-8")
    (line,) = (line for line in log.splitlines() if f"{job_id} done after" in line)
    assert " ms on TaskRunner-1, " in line
    assert line.endswith(" ms in the queue")
