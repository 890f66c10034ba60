"""Batches: accepted all or none, in order, collected as they end, and on record as one line."""

import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.concurrency.limiter import Limiter
from app.errors import Overloaded, ShuttingDown
from app.task_runner import TaskRunner
from app.threads.journal import Journal
from app.threads.runner import JOBS_A_TASK
from app.views import batches
from app.views.batches import MOST_JOBS
from unittests.helpers.app import (
    default_answers,
    fail_jobs_on,
    hold_jobs,
    running_app,
    service_of,
)
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.figures import figures
from unittests.helpers.files import small_files
from unittests.helpers.loop_client import LoopClient
from unittests.helpers.registry import COURSE_STATISTICS, request
from unittests.helpers.server import running_server
from unittests.helpers.waiting import PATIENCE, eventually

ITEM = {"statistic": "state_mean", "question": "Q036", "state": "OH"}
LINE = {"status": "done", "data": {"Ohio": 33.7}}


def submit(client: FlaskClient, items: Any) -> list[str]:
    """Submit a batch and return its ids."""
    answer = client.post("/api/batch", json=items)
    assert answer.status_code == 200, answer.text
    ids: list[str] = answer.get_json()["job_ids"]
    return ids


def collect(client: FlaskClient, ids: list[str], wait: str = "20") -> list[Any]:
    """Return what batch/results tells of jobs."""
    answer = client.post(f"/api/batch/results?wait={wait}", json={"job_ids": ids})
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_every_statistic_of_every_question_in_one_batch(client: FlaskClient) -> None:
    items = [
        {"statistic": name, "question": question, "state": "Ohio"}
        for question in dataset().tables
        for name in COURSE_STATISTICS
    ]
    ids = submit(client, items)
    assert [int(i[7:]) for i in ids] == list(range(int(ids[0][7:]), int(ids[0][7:]) + len(items)))
    for item, job_id, told in zip(items, ids, collect(client, ids), strict=True):
        state = "Ohio" if COURSE_STATISTICS[item["statistic"]].needs_state else None
        wanted = figures().answer(item["statistic"], item["question"], state)
        assert told == {"job_id": job_id, "status": "done", "data": wanted}
        assert client.get(f"/api/get_results/{job_id}").get_json()["data"] == wanted


def test_a_batch_of_ten_thousand_over_a_real_socket(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        post = partial(server.http.post, timeout=PATIENCE)
        ids = post(f"{server.url}/api/batch", json=[ITEM] * MOST_JOBS).json()["job_ids"]
        assert ids == [f"job_id_{number}" for number in range(1, MOST_JOBS + 1)]
        answer = post(f"{server.url}/api/batch/results?wait=30", json={"job_ids": ids})
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert lines == [{"job_id": job_id, **LINE} for job_id in ids]
        assert len(list(server.results.glob("job_id_*.json"))) == MOST_JOBS
        assert post(f"{server.url}/api/batch", json=[ITEM] * (MOST_JOBS + 1)).status_code == 400


def test_one_bad_item_refuses_all(client: FlaskClient) -> None:
    before = client.get("/api/jobs").get_json()
    refused: tuple[tuple[Any, str], ...] = (
        ([], "expected 1 to 10000 jobs, found 0"),
        ({}, "the body is valid JSON, but not an array in brackets"),
        ([ITEM, 7], "[1]: expected an object in braces"),
        ([{"question": "Q036"}], '[0]: "statistic" is missing'),
        ([{**ITEM, "statistic": {}}], '[0]: "statistic" must be text in quotes'),
        ([ITEM, {"statistic": "query", "limit": 0}], '[1]: "limit" must be a whole number'),
        ([{**ITEM, "statistic": "best6"}], '[0]: unknown statistic "best6"; known: states_mean, '),
        ([ITEM] * 9 + [{**ITEM, "state": "Ohoi"}], '[9]: unknown state "Ohoi"; nearest: "Ohio"'),
        ([{**ITEM, "state": None}], '[0]: "state" is missing'),
        ([{**ITEM, "question": "Q999"}], '[0]: unknown question "Q999"'),
    )
    for items, reason in refused:
        answer = client.post("/api/batch", json=items)
        assert answer.status_code == 400, reason
        assert answer.get_json()["reason"].startswith(reason)
    assert client.get("/api/jobs").get_json() == before


def test_what_does_not_name_jobs_is_refused(client: FlaskClient) -> None:
    refused: tuple[tuple[Any, str], ...] = (
        ([], "the body is valid JSON, but not an object in braces"),
        ({}, '"job_ids" must be an array of job ids'),
        ({"job_ids": [1]}, '"job_ids" must be an array of job ids'),
        ({"job_ids": ["1"] * (MOST_JOBS + 1)}, "expected at most 10000 job ids, found 10001"),
    )
    for body, reason in refused:
        answer = client.post("/api/batch/results", json=body)
        assert (answer.status_code, answer.get_json()["reason"]) == (400, reason)


def test_results_tell_of_jobs_that_there_are_none_of(client: FlaskClient) -> None:
    (job_id,) = submit(client, [ITEM])
    lines = collect(client, ["job_id_999999", job_id, "x", job_id[7:], job_id])
    done = {"job_id": job_id, **LINE}
    unknown = {"status": "error", "reason": "Invalid job_id", "code": "unknown-job"}
    assert lines == [
        {"job_id": "job_id_999999", **unknown},
        done,
        {"job_id": "x", **unknown},
        done,
        done,
    ]
    assert collect(client, []) == []


def test_bodies_have_their_limits(client: FlaskClient) -> None:
    answer = client.post("/api/batch", data=b"[" + b" " * 8 * 2**20 + b"]")
    assert answer.status_code == 413
    assert answer.get_json()["reason"] == "the body is larger than 8192 KiB"


def test_what_is_not_done_when_time_is_up_is_told_as_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with running_app(tmp_path, threads=1) as app:
        client = LoopClient(app)
        ids = submit(client, [ITEM] * 3)
        for seconds in ("0", "0.05"):
            told = collect(client, ids, seconds)
            assert [line["status"] for line in told] == ["running"] * 3
        client.get("/api/graceful_shutdown")
        assert collect(client, ids) == [{"job_id": i, **LINE} for i in ids]
        assert client.post("/api/batch", json=[ITEM]).status_code == 503


def test_a_batch_that_the_queue_has_no_room_for_is_refused_whole(
    tmp_path: Path, stuck: Callable[[Any], threading.Event]
) -> None:
    with running_app(tmp_path, threads=1, queue=3) as app:
        gate, client = stuck(app), app.test_client()
        submit(client, [{**ITEM, "state": "UT"}])
        answer = client.post("/api/batch", json=[ITEM] * 3)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        gate.set()
        eventually(lambda: client.get("/api/num_jobs").get_json()["num_jobs"] == 0)
        assert len(submit(client, [ITEM] * 3)) == 3


def test_a_batch_that_the_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        submit(client, [ITEM])
        eventually(lambda: client.get("/api/num_jobs").get_json()["num_jobs"] == 0)
        size = (tmp_path / "results" / ".journal").stat().st_size
        with small_files(size + 100):
            answer = client.post("/api/batch", json=[ITEM] * 1000)
        assert answer.status_code == 507
        assert client.get("/api/jobs").get_json()["data"] == [{"job_id_1": "done"}]
        assert submit(client, [ITEM]) == ["job_id_1002"]


def test_a_batch_that_loses_the_race_with_the_drain_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, threads=1) as app:
        service = service_of(app)
        append = Journal.append

        def drain_in_between(self: Journal, *records: Any, promise: bool = False) -> None:
            append(self, *records, promise=promise)
            service.drain()

        monkeypatch.setattr(Journal, "append", drain_in_between)
        asked = request("best5", question=OBESITY)
        with pytest.raises(ShuttingDown):
            service.submit_batch([asked] * 3)
    with running_app(tmp_path, threads=1) as app:
        assert not list(service_of(app).list())


def test_it_is_one_line_of_the_journal_and_its_results_are_few(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=1) as app:
        ids = submit(app.test_client(), [ITEM] * 500)
        collect(app.test_client(), ids)
    with running_app(tmp_path, threads=1) as app:
        assert collect(app.test_client(), ids, wait="0") == [{"job_id": i, **LINE} for i in ids]
    with Journal(tmp_path / "results").path.open("rb") as file:
        kinds = [line.split(b'"')[1] for line in file]
    assert kinds.count(b"batch") == 1
    assert kinds.count(b"done") + kinds.count(b"ended") < 50


def test_jobs_of_a_batch_end_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_app(tmp_path, threads=1) as app:
        fail_jobs_on("Utah", app, monkeypatch, MemoryError())
        client = app.test_client()
        ids = submit(client, [{**ITEM, "state": state} for state in ("OH", "UT", "IA")])
        assert [line["status"] for line in collect(client, ids)] == ["done", "error", "done"]


@pytest.fixture(name="stuck")
def stuck_in_utah(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], threading.Event]:
    """Keep jobs on Utah running until the event is set."""

    def stick(app: Any) -> threading.Event:
        gate, compute = threading.Event(), default_answers(app).answer

        def wait(request: Any) -> Any:
            if "Utah" in request.parameters:
                gate.wait(PATIENCE)
            return compute(request)

        monkeypatch.setattr(default_answers(app), "answer", wait)
        return gate

    return stick


def test_a_job_that_takes_too_long_does_not_take_the_rest_of_its_batch_along(
    tmp_path: Path, stuck: Callable[[Any], threading.Event]
) -> None:
    with running_app(tmp_path, threads=1, job_seconds=0.05) as app:
        gate, client = stuck(app), app.test_client()
        ids = submit(client, [ITEM, {**ITEM, "state": "UT"}, *[ITEM] * 2 * JOBS_A_TASK])
        lines = collect(client, ids)
        assert lines[1]["reason"] == "the job took longer than 0.05 seconds"
        assert [line["status"] for line in lines].count("done") == len(ids) - 1
        gate.set()


def test_other_jobs_need_not_wait_for_the_end_of_a_batch(
    tmp_path: Path, stuck: Callable[[Any], threading.Event]
) -> None:
    with running_app(tmp_path, threads=1) as app:
        gate, client = stuck(app), app.test_client()
        first, *_ = submit(client, [{**ITEM, "state": "UT"}, *[ITEM] * 3 * JOBS_A_TASK])
        eventually(lambda: service_of(app).running)
        single = client.post("/api/best5", json={"question": OBESITY}).get_json()["job_id"]
        gate.set()
        assert client.get(f"/api/get_results/{single}?wait=20").get_json()["status"] == "done"
        order = [
            number for number in ended_in_order(tmp_path) if number in (2 * 50, int(single[7:]))
        ]
        assert order in ([], [int(single[7:])], [int(single[7:]), 2 * 50])
        collect(client, [first])


def ended_in_order(folder: Path) -> list[int]:
    """Return the numbers of the jobs that ended, from the log."""
    text = (folder / "webserver.log").read_text(encoding="utf-8")
    return [
        int(line.split("job_id_")[1].split()[0]) for line in text.splitlines() if " done " in line
    ]


def test_a_drain_finishes_a_batch(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=2) as app:
        ids = submit(app.test_client(), [ITEM] * 3 * JOBS_A_TASK)
    with running_app(tmp_path, threads=2) as app:
        assert {line["status"] for line in collect(app.test_client(), ids, wait="0")} == {"done"}


def test_runners_that_are_abandoned_twice_in_a_batch_have_one_in_their_place(
    tmp_path: Path, stuck: Callable[[Any], threading.Event]
) -> None:
    with running_app(tmp_path, threads=1, job_seconds=0.05) as app:
        service, gate = service_of(app), stuck(app)
        items = [{**ITEM, "state": "UT"}] * 6
        ids = submit(app.test_client(), items)
        lines = collect(app.test_client(), ids)
        assert {line["reason"] for line in lines} == {"the job took longer than 0.05 seconds"}
        gate.set()
        service.drain()
        # Every runner ends, the abandoned ones too.
        eventually(lambda: not any(t.name.startswith("TaskRunner") for t in threading.enumerate()))


def test_a_job_that_takes_too_long_ends_even_where_no_thread_can_be_started(
    tmp_path: Path, stuck: Callable[[Any], threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, threads=1, job_seconds=0.05) as app:
        gate = stuck(app)

        def no_thread(_runner: Any) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(TaskRunner, "start", no_thread)
        ids = submit(app.test_client(), [{**ITEM, "state": "UT"}, ITEM])
        (line,) = collect(app.test_client(), ids[:1])
        assert line["status"] == "error"
        gate.set()  # the slow runner is the only one there is, and goes on
        assert collect(app.test_client(), ids[1:])[0]["status"] == "done"


def test_one_result_that_cannot_be_had_does_not_end_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, threads=0) as app:
        ids = submit(app.test_client(), [ITEM] * 3)
        service, outcome = service_of(app), service_of(app).outcome

        def fail_for_two(number: int) -> Any:
            if number == 2:
                raise MemoryError
            return outcome(number)

        monkeypatch.setattr(service, "outcome", fail_for_two)
        assert [line["status"] for line in collect(app.test_client(), ids)] == [
            "done",
            "error",
            "done",
        ]


def test_a_batch_that_never_fits_is_told_so(tmp_path: Path) -> None:
    with running_app(tmp_path, threads=0, queue=3) as app:
        answer = app.test_client().post("/api/batch", json=[ITEM] * 4)
        assert answer.status_code == 400
        assert answer.get_json()["reason"] == "at most 3 jobs may wait at a time (--queue)"


def test_large_bodies_that_never_come_do_not_keep_others_waiting(tmp_path: Path) -> None:
    head = b"POST /api/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n["
    items = [{"statistic": "best5", "question": "Q036", "state": "x" * 100}] * 1000
    with running_server(tmp_path, "--body-seconds", "1") as server, ExitStack() as stack:
        for _ in range(40):
            connection = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
            stack.enter_context(connection).sendall(head)

        def accepted() -> bool:
            answer = server.http.post(f"{server.url}/api/batch", json=items, timeout=PATIENCE)
            assert answer.status_code in (200, 503), answer.text
            assert answer.ok or answer.headers["Retry-After"] == "1"
            return answer.ok

        assert eventually(accepted)


def test_what_has_no_room_in_one_answer_is_left_for_the_next(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = submit(client, [{"statistic": "mean_by_category", "question": "Q036"}] * 20)
    monkeypatch.setattr(batches, "MOST_ANSWER_BYTES", 700_000)
    lines = collect(client, ids)
    assert [line["job_id"] for line in lines] == ids
    done = [line["job_id"] for line in lines if line["status"] == "done"]
    rest = [line["job_id"] for line in lines if line == {**line, "status": "later"}]
    assert done
    assert rest
    assert done + rest == ids
    assert {line["status"] for line in collect(client, rest[:4])} == {"done"}


def test_what_has_no_room_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_app(tmp_path) as app:
        client, service = app.test_client(), service_of(app)
        ids = submit(client, [ITEM] * 20)
        collect(client, ids)
        asked, outcome = list[int](), service.outcome

        def noted(number: int) -> Any:
            asked.append(number)
            return outcome(number)

        monkeypatch.setattr(service, "outcome", noted)
        monkeypatch.setattr(batches, "MOST_ANSWER_BYTES", 200)
        lines = collect(client, [*ids, "x"])
        done = [line["job_id"] for line in lines if line["status"] == "done"]
        assert [f"job_id_{number}" for number in asked] == ids[: len(done) + 1]
        assert {line["status"] for line in lines[len(done) : -1]} == {"later"}
        assert lines[-1]["code"] == "unknown-job"


def test_what_has_to_be_computed_again_is_computed_on_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, cache=0) as app:
        client, answers = LoopClient(app), default_answers(app)
        query = {"statistic": "query", "question": "Q036", "group_by": ["state"]}
        ids = submit(client, [ITEM, query, {**query, "limit": 2}, ITEM])
        before = collect(client, ids)
        for result in (tmp_path / "results").glob("*.json"):
            result.unlink()
        threads, answer = set[str](), answers.answer

        def noted(request: Any) -> Any:
            if request.statistic == "query":
                threads.add(threading.current_thread().name.partition("_")[0])
            return answer(request)

        monkeypatch.setattr(answers, "answer", noted)
        assert collect(client, ids) == before
        assert threads == {"Request"}


def test_what_has_to_be_computed_again_is_left_for_later_where_too_many_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def full(_limiter: Limiter) -> Iterator[None]:
        raise Overloaded("full")
        yield

    with running_app(tmp_path, cache=0) as app:
        client = app.test_client()
        ids = submit(client, [ITEM, {"statistic": "query", "question": "Q036"}])
        service_of(app).drain()
        eventually(lambda: not service_of(app).unfinished)
        monkeypatch.setattr(Limiter, "turn", full)
        assert [line["status"] for line in collect(client, ids)] == ["done", "later"]


def test_a_million_small_values_are_refused_before_they_are_made(client: FlaskClient) -> None:
    answer = client.post("/api/batch", data=b"[" + b"1," * 1_000_000 + b"1]")
    assert (answer.status_code, "values" in answer.get_json()["reason"]) == (400, True)


def test_a_slow_reader_gets_all_of_an_answer_though_the_server_is_told_to_stop(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path) as server:
        post = partial(server.http.post, timeout=PATIENCE)
        items = [{"statistic": "mean_by_category", "question": "Q036"}] * 60
        ids = post(f"{server.url}/api/batch", json=items).json()["job_ids"]
        server.outcome(ids[-1])
        body = json.dumps({"job_ids": ids}).encode()
        head = f"POST /api/batch/results HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            connection.sendall(head.encode() + b"\r\n\r\n" + body)
            text = connection.recv(1000)
            server.process.send_signal(signal.SIGTERM)
            eventually(lambda: "pool stopped" in server.log_text())
            while part := connection.recv(65536):
                text += part
        assert text.endswith(b"0\r\n\r\n")
        assert text.count(b'"status":"done"') == 60
