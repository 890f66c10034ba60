"""What the server tells of what it does: each state of a job, filters, pages, and news at once."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app.answers.compute import Answer, Answers
from app.client import StatsClient
from app.job import JobRequest
from app.views import activity, job_search
from unittests.helpers.app import hold_jobs, running_app, served_app, service_of
from unittests.helpers.data import OBESITY
from unittests.helpers.loop_client import client_of_both  # noqa: F401
from unittests.helpers.registry import COURSE_STATISTICS
from unittests.helpers.server import GATED, Server, running_server
from unittests.helpers.waiting import PATIENCE, eventually

OHIO = {"question": "Q036", "state": "OH"}


def told(client: FlaskClient, **query: Any) -> Any:
    answer = client.get("/api/activity", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["status"] == "done"
    return answer.get_json()["data"]


def ids(data: Any) -> list[int]:
    return [int(job["job_id"].removeprefix("job_id_")) for job in data["page"]]


def statuses(data: Any) -> dict[int, str]:
    return dict(zip(ids(data), (job["status"] for job in data["page"]), strict=True))


class Stepped:
    """An app with one worker, whose jobs end one by one: each when `end_one` is called."""

    def __init__(self, app: Flask, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.log = log
        self._gate = threading.Semaphore(0)
        compute = Answers.answer

        def answer(answers: Answers, request: JobRequest) -> Answer:
            assert self._gate.acquire(timeout=PATIENCE)
            if "Utah" in request.parameters:
                raise ValueError("Utah")
            return compute(answers, request)

        monkeypatch.setattr(Answers, "answer", answer)

    def end_one(self) -> None:
        self._gate.release()

    def submit(self, **body: str) -> int:
        answer = self.app.test_client().post("/api/state_mean", json={**OHIO, **body})
        return int(answer.get_json()["job_id"].removeprefix("job_id_"))

    def told(self, **query: Any) -> Any:
        return told(self.app.test_client(), **query)

    def news(self, change: Callable[[], object]) -> Any:
        """Return what a request is told that waits for a change."""
        state = self.settled()
        entered = self.waiting()
        with ThreadPoolExecutor() as threads:
            waiting: Future[Any] = threads.submit(self.told, since=state, wait=30)
            eventually(lambda: self.waiting() > entered)
            assert not waiting.done()
            change()
            data = waiting.result(PATIENCE)
        assert data["state"] != state
        return data

    def settled(self) -> str:
        """Return a state that things stay in."""
        service = service_of(self.app)
        eventually(lambda: len(service.running) == min(1, service.unfinished))
        state: str = self.told()["state"]
        return state

    def waiting(self) -> int:
        return self.log.read_text(encoding="utf-8").count("&wait=30")

    def follow(self, seen: Callable[[dict[int, str]], bool]) -> Any:
        """Return the answer that shows something, asking as a page does: only when told to."""
        data = self.told()
        while not seen(statuses(data)):
            state = data["state"]
            data = self.told(since=state, wait=30)
            assert data["state"] != state, "nothing was told for 30 seconds"
        return data


@pytest.fixture(name="stepped")
def stepped_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stepped]:
    with running_app(tmp_path, threads=1, keep_jobs=5, cache=0) as app:
        stepped = Stepped(app, tmp_path / "webserver.log", monkeypatch)
        yield stepped
        for _ in range(20):
            stepped.end_one()


def test_a_job_is_told_of_in_every_state(stepped: Stepped) -> None:
    client = stepped.app.test_client()
    first, second, third = stepped.submit(), stepped.submit(state="Utah"), stepped.submit()
    stepped.follow(lambda jobs: jobs.get(first) == "running")
    stepped.settled()  # its page may be newer than its counts
    data = stepped.told()
    assert statuses(data) == {third: "queued", second: "queued", first: "running"}
    assert data["workers"] == {"total": 1, "busy": 1}
    assert data["queue"] == {"waiting": 2, "limit": 100_000}
    assert data["jobs"] == {"kept": 3, "queued": 2, "running": 1, "finished": 0}
    queued, running = data["page"][0], data["page"][2]
    assert queued["asked"] == running["asked"]
    assert "Ohio" in queued["asked"]
    assert OBESITY in queued["asked"]
    assert queued["parameters"] == {"question": OBESITY, "state": "Ohio"}
    assert (queued["started_at"], queued["queued_seconds"]) == (None, None)
    assert running["accepted_at"] <= running["started_at"]
    assert running["queued_seconds"] >= 0
    assert (running["ended_at"], running["running_seconds"]) == (None, None)

    assert client.delete(f"/api/jobs/{third}").status_code == 200
    data = stepped.follow(lambda jobs: jobs[third] == "cancelled")
    cancelled = data["page"][0]
    assert cancelled["reason"] == "cancelled before it ran"
    assert cancelled["started_at"] is cancelled["running_seconds"] is None
    assert cancelled["queued_seconds"] >= 0
    assert cancelled["ended_at"]
    lines = client.post("/api/batch/results", json={"job_ids": [cancelled["job_id"]]}).text
    assert json.loads(lines)["code"] == "job-cancelled"
    refused = client.get(
        f"/api/get_results/{third}?format=csv", headers={"Accept": "application/problem+json"}
    )
    assert (refused.status_code, refused.get_json()["code"]) == (409, "job-cancelled")

    stepped.end_one()
    data = stepped.follow(lambda jobs: jobs[first] == "done" and jobs[second] == "running")
    done = data["page"][2]
    assert done["started_at"] <= done["ended_at"]
    assert done["running_seconds"] >= 0
    assert done["reason"] is None
    stepped.end_one()
    data = stepped.follow(lambda jobs: jobs[second] == "error")
    assert "unexpectedly" in data["page"][1]["reason"]
    assert data["jobs"] == {"kept": 3, "queued": 0, "running": 0, "finished": 3}
    for job in data["page"]:
        explained = client.get(f"/api/jobs/{job['job_id']}").get_json()["data"]
        assert {key: explained[key] for key in job} == job


def test_who_waits_is_told_whatever_happens(stepped: Stepped) -> None:
    client = stepped.app.test_client()
    # A job is accepted, and begins.
    assert ids(stepped.news(stepped.submit)) == [1]
    # One is accepted that stays in the queue; and is cancelled there.
    assert statuses(stepped.news(stepped.submit))[2] == "queued"
    assert statuses(stepped.news(lambda: client.delete("/api/jobs/2")))[2] == "cancelled"
    # One ends with nothing after it.
    assert stepped.news(stepped.end_one)["jobs"]["finished"] == 2
    # One ends, and the next one begins in its place.
    for number in (3, 4):
        assert ids(stepped.news(stepped.submit))[0] == number
    stepped.news(stepped.end_one)
    assert stepped.follow(lambda jobs: jobs[3] == "done")["jobs"]["finished"] == 3
    assert stepped.follow(lambda jobs: jobs[4] == "running")["workers"]["busy"] == 1
    # Five finished ones are kept, so the one that ended first is forgotten.
    for _ in range(3):
        stepped.submit()
        stepped.end_one()
    data = stepped.follow(lambda jobs: jobs.get(6) == "done" and 2 not in jobs)
    assert ids(data) == [7, 6, 5, 4, 3, 1]
    assert stepped.news(service_of(stepped.app).drain)["accepting"] is False


def test_who_waits_in_vain_is_told_the_same(client: FlaskClient) -> None:
    before = told(client)
    assert told(client, since=before["state"]) == before
    assert told(client, since=before["state"], wait="0.01") == before
    assert told(client, wait="20") == before  # there is nothing to differ from
    assert told(client, since="another", wait="20") == before
    assert client.head("/api/activity").status_code == 200


@pytest.fixture(name="asked", scope="module")
def app_that_was_asked(app: Flask) -> Flask:
    """Give an app with jobs 1..9, statistics of the course, and two others."""
    client = app.test_client()
    for name in list(COURSE_STATISTICS)[:9]:
        assert client.post(f"/api/{name}", json={"question": OBESITY, "state": "Utah"}).status_code
    for name, body in (
        ("ranking", {"question": "Q047"}),
        ("query", {"question": "Q037", "where": {"state": ["OH"]}, "group_by": ["state"]}),
    ):
        assert client.post(f"/api/{name}", json=body).status_code == 200
    return app


def test_filters(asked: Flask) -> None:
    filters: tuple[tuple[dict[str, Any], Iterable[int]], ...] = (
        ({}, range(11, 0, -1)),
        ({"status": "done"}, range(11, 0, -1)),
        ({"status": "queued,running,error,cancelled"}, ()),
        ({"status": ["queued", "running"]}, ()),
        ({"status": ["queued", "done"], "limit": "2"}, (11, 10)),
        ({"statistic": "ranking"}, (10,)),
        ({"statistic": ["best5,ranking", "query"]}, (11, 10, 3)),
        ({"text": "OBESITY"}, range(9, 0, -1)),
        ({"text": "  who   have an OVERweight classification "}, (11,)),
        ({"text": "q047"}, (10,)),
        ({"text": "no leisure-time physical"}, (10,)),
        ({"text": "oHi"}, (11,)),
        ({"text": "overweight, OHIO"}, (11,)),
        ({"text": "Ohio query"}, (11,)),
        ({"text": "obesity, Ohio"}, ()),
        ({"text": ", ,"}, range(11, 0, -1)),
        ({"text": "utah", "statistic": "state_mean"}, (2,)),
        ({"text": "group_by"}, ()),
        ({"text": "no job asked for this"}, ()),
        ({"before": "job_id_4"}, (3, 2, 1)),
        ({"before": "4", "limit": "2"}, (3, 2)),
        ({"before": "1"}, ()),
        ({"status": "", "statistic": "", "text": " ", "limit": "200"}, range(11, 0, -1)),
    )
    for query, wanted in filters:
        data = told(asked.test_client(), **query)
        assert ids(data) == list(wanted), query
        assert data["jobs"]["kept"] == 11


def test_what_cannot_be_asked_is_refused(client: FlaskClient) -> None:
    for query, reason in (
        ({"status": "new"}, '"status" must be among queued, running, done, error, cancelled'),
        ({"status": "done,x"}, '"status" must be among'),
        ({"statistic": "best6"}, '"statistic" must be among states_mean, '),
        ({"text": "x" * 201}, '"text" has at most 200 characters'),
        ({"before": "0"}, '"before" must be a job id, such as job_id_7'),
        ({"before": "x"}, '"before" must be a job id'),
        ({"limit": "0"}, '"limit" must be a whole number from 1 to 200'),
        ({"limit": "201"}, '"limit" must be'),
        ({"limit": "٣"}, '"limit" must be'),
        ({"limit": "9" * 5000}, '"limit" must be'),
        ({"limit": "0000000050000000000"}, '"limit" must be'),
        ({"limit": "000000001" + "0" * 4500}, '"limit" must be'),
        ({"limit": "5\n"}, '"limit" must be'),
        ({"wait": "-1"}, '"wait" must be a number of seconds'),
    ):
        answer = client.get("/api/activity", query_string=query)
        assert answer.status_code == 400, query
        assert reason in answer.get_json()["reason"]


def pages(client: FlaskClient, **query: Any) -> Iterator[Any]:
    data = told(client, **query)
    yield data
    while data["before"]:
        data = told(client, **{**query, "before": data["before"]})
        yield data


def test_pages_go_on_where_the_one_before_ended(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, keep_jobs=30) as app:
        client = app.test_client()

        def submit(count: int) -> None:
            items = [{"statistic": "best5", "question": "Q036"}] * count
            assert client.post("/api/batch", json=items).status_code == 200

        submit(30)
        assert [ids(data) for data in pages(client, limit=10)] == [
            list(range(last, last - 10, -1)) for last in (30, 20, 10)
        ]
        # Jobs that come, and others that are forgotten meanwhile, move nothing.
        some = pages(client, limit=10)
        assert ids(next(some)) == list(range(30, 20, -1))
        submit(15)
        assert [ids(data) for data in some] == [list(range(20, 15, -1))]
        assert told(client, before="job_id_15")["page"] == []
        assert told(client, before="job_id_99", limit=1)["before"] == "job_id_45"


def test_a_search_goes_on_where_it_was_given_up(
    client: FlaskClient, asked: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(client, text="nothing like it", limit=7)["searched"] == 11
    monkeypatch.setattr(job_search, "MOST_SEARCHED", 4)
    monkeypatch.setattr(job_search, "FEW_SEARCHED", 3)
    monkeypatch.setattr(job_search, "JOBS_A_SLICE", 2)
    found = list(pages(asked.test_client(), text="nothing", limit=9))
    assert [(data["page"], data["searched"]) for data in found] == [([], 4), ([], 4), ([], 3)]
    found = list(pages(client, statistic="best5,ranking", limit=8))
    assert [ids(data) for data in found] == [[10], [], [3]]


def test_too_many_long_searches_are_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_search, "FEW_SEARCHED", 2)
    monkeypatch.setattr(activity, "SEARCHING", 0)
    monkeypatch.setattr(activity, "WAITING", 0)
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        for _ in range(3):
            client.post("/api/best5", json={"question": "Q036"})
        answer = client.get("/api/activity?text=nothing&limit=1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert ids(told(client, text="obesity", limit=1)) == [3]


@contextlib.contextmanager
def watchers(server: Server, count: int, state: str) -> Iterator[list[socket.socket]]:
    """Hold connections on which a request waits for another state."""
    request = f"GET /api/activity?since={state}&wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    entered = server.log_text().count("&wait=30")
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
            opened.append(stack.enter_context(connection))
            connection.sendall(request.encode())
        eventually(lambda: server.log_text().count("&wait=30") >= entered + count)
        yield opened


def body(connection: socket.socket) -> str:
    """Return the body that is answered, as far as it came at once; fail when none comes."""
    content = b""
    while b"\r\n\r\n" not in content or not content.endswith(b"}}"):
        part = connection.recv(65536)
        assert part, content
        content += part
    return content.partition(b"\r\n\r\n")[2].decode()


def threads_of(server: Server) -> int:
    return len(os.listdir(f"/proc/{server.process.pid}/task"))


def test_fifty_watchers_take_no_threads_and_hold_nobody_up(tmp_path: Path) -> None:
    with running_server(tmp_path, "--threads", "1", "--waiters", "50") as server:
        # The statistics are loaded then, and the threads of their libraries are there.
        job_id = server.post("ranking", question="Q036")
        assert server.outcome(job_id)["status"] == "done"
        state = server.get("api/activity")["data"]["state"]
        eventually(lambda: server.get(f"api/jobs/{job_id}")["data"]["ended_at"])
        threads = threads_of(server)
        with watchers(server, 1, state) as first, watchers(server, 49, state) as others:
            # One looks for all. It began with the first, at the latest.
            assert threads_of(server) <= threads + 1
            limiter = first + others
            url = f"{server.url}/api/activity?since={state}&wait=30"
            answer = requests.get(url, timeout=PATIENCE)
            assert answer.headers["Retry-After"] == "1"
            assert answer.json()["data"]["state"] == state
            for connection in limiter[:10]:
                connection.close()
            # The places of clients that left are free for others.
            short = url.replace("wait=30", "wait=0.01")
            eventually(lambda: "Retry-After" not in requests.get(short, timeout=PATIENCE).headers)
            job_id = server.post("state_mean", **OHIO)
            assert server.outcome(job_id)["status"] == "done"
            for connection in limiter[10:]:
                assert f'"{job_id}"' in body(connection)


def test_watchers_are_told_of_a_drain_and_of_the_end(tmp_path: Path) -> None:
    stuck = GATED.replace("(drain(self), gate.set())", "drain(self)")
    with running_server(tmp_path, "--drain-seconds", "0.5", program=("-c", stuck)) as server:
        server.post("best5", question="Q036")
        eventually(lambda: server.get("api/activity")["data"]["workers"]["busy"] == 1)
        state = server.get("api/activity")["data"]["state"]
        with watchers(server, 20, state) as limiter:
            server.get("api/graceful_shutdown")
            for connection in limiter:
                assert '"accepting":false' in body(connection)
        state = server.get("api/activity")["data"]["state"]
        with watchers(server, 20, state) as limiter:
            assert server.stop() == 0
            for connection in limiter:
                assert state in body(connection)


def test_another_process_has_other_states(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0) as app:
        client = app.test_client()
        client.post("/api/best5", json={"question": "Q036"})
        before = told(client)
    with running_app(tmp_path, threads=0) as app:
        after = told(app.test_client(), since=before["state"], wait=30)
    assert after["state"] != before["state"]
    [job], [again] = before["page"], after["page"]
    unknown = dict.fromkeys(
        ("started_at", "queued_seconds", "running_seconds", "runner", "queued_ms", "running_ms")
    )
    assert again == {**job, **unknown}


def test_the_client_waits_for_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_jobs(monkeypatch)
    with (
        served_app(tmp_path, threads=1, waiters=1) as server,
        StatsClient(server.url) as stats,
    ):
        job = stats.submit("state_mean", **OHIO)
        seen = stats.activity(status=["queued", "running"], statistic="state_mean", text="ohio")
        assert seen["page"][0]["job_id"] == job.id
        assert stats.activity(before=job, limit=3)["page"] == []
        state = seen["state"]
        while seen["workers"]["busy"] == 0:
            seen = stats.activity(since=state, wait=30)
            state = seen["state"]
        assert stats.activity(since=state, wait=0.05)["state"] == state
        stats.shut_down()
        while seen["page"][0]["status"] != "done":
            seen = stats.activity(since=state, wait=30)
            assert seen["state"] != state
            state = seen["state"]
        assert seen["accepting"] is False


def test_answers_without_a_job_are_counted(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, public=True, token="secret", rate="4/hour") as app:
        client, header = app.test_client(), {"Authorization": "Bearer secret"}
        path = "/api/answers/state_mean?question=Q036&state=OH"
        state = client.get("/api/activity", headers=header).get_json()["data"]["state"]
        tag = client.get(path).headers["ETag"]
        for headers in ({}, {"If-None-Match": tag}, {}, {}):
            client.get(path, headers=headers)
        counted = {"computed": 1, "cached": 2, "unchanged": 1, "limited": 1}
        service_of(app).run_chores()
        data = client.get("/api/activity", headers=header).get_json()["data"]
        assert data["answers"] == counted
        assert data["state"] != state
