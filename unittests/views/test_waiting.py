"""Requests that wait for a job: woken the moment it ends, and nobody else kept waiting by them."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from app.job import Done
from unittests.helpers.app import default_answers, embedded, running_app, submit
from unittests.helpers.data import OBESITY
from unittests.helpers.loop_client import LoopClient, client_of_both  # noqa: F401
from unittests.helpers.registry import request
from unittests.helpers.server import GATED, Server, running_server
from unittests.helpers.waiting import PATIENCE, eventually

ASKED = request("best5", question=OBESITY)
DONE = Done(1, 2, 3, "", 0.0)
RUNNING = {"status": "running"}


@pytest.fixture(name="gated", scope="module")
def gated_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server whose jobs wait, since nobody tells it to shut down."""
    folder = tmp_path_factory.mktemp("gated")
    with running_server(folder, "--threads", "1", program=("-c", GATED)) as server:
        yield server


def wait_for(server: Server, job_id: str, seconds: str) -> "requests.Response":
    """Ask for a result, ready to wait."""
    url = f"{server.url}/api/get_results/{job_id}?wait={seconds}"
    return requests.get(url, timeout=PATIENCE)


def connections(server: Server, count: int, job_id: str) -> list[socket.socket]:
    """Return connections on which a request for a result waits."""
    request = f"GET /api/get_results/{job_id}?wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    opened = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        connection.sendall(request)
        opened.append(connection)
    return opened


def entered(server: Server, job_id: str, count: int) -> bool:
    """Tell whether so many requests for a result have come in."""
    return server.log_text().count(f"enter GET /api/get_results/{job_id} wait=") >= count


def test_who_sends_a_byte_too_many_and_leaves_keeps_no_place(gated: Server) -> None:
    job_id = gated.post("state_mean", question="Q036", state="OH")
    [connection] = connections(gated, 1, job_id)
    connection.sendall(b"G")
    eventually(lambda: entered(gated, job_id, 1))
    connection.close()
    eventually(lambda: f"GET /api/get_results/{job_id}: the client left" in gated.log_text())


def test_a_result_that_is_not_in_memory_when_the_wait_is_over_is_read_on_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_app(tmp_path, cache=0, threads=1) as app:
        service, answers, gate = embedded(app), default_answers(app), threading.Event()
        answer, wait_for_job, outcome = answers.answer, service.wait_for, service.outcome
        threads = list[str]()

        def gated_answer(request: Any) -> Any:
            assert gate.wait(PATIENCE)
            return answer(request)

        def opened(numbers: Any) -> Any:
            wait = wait_for_job(numbers)
            gate.set()
            return wait

        def noted(number: int) -> Any:
            found = outcome(number)
            if found.result:
                threads.append(threading.current_thread().name.partition("_")[0])
            return found

        monkeypatch.setattr(answers, "answer", gated_answer)
        monkeypatch.setattr(service, "wait_for", opened)
        monkeypatch.setattr(service, "outcome", noted)
        number = submit(service, "query", question="Q036").number
        client = LoopClient(app)
        told = client.get(f"/api/get_results/{number}?wait=20").get_json()
        assert (told["status"], threads) == ("done", ["Request"])


def test_it_answers_running_when_time_is_up(gated: Server) -> None:
    job_id = gated.post("state_mean", question="Q036", state="OH")
    for seconds in ("0", "0.05", "0.7"):
        assert wait_for(gated, job_id, seconds).json() == RUNNING


def test_others_are_served_while_200_wait_and_more_than_the_bound_do_not_wait(
    tmp_path: Path,
) -> None:
    options = ("--threads", "1", "--waiters", "300")
    with (
        running_server(tmp_path, *options, program=("-c", GATED)) as gated,
        contextlib.ExitStack() as stack,
    ):
        job_id = gated.post("state_mean", question="Q036", state="OH")
        waiting = [stack.enter_context(c) for c in connections(gated, 300, job_id)]
        eventually(lambda: entered(gated, job_id, 300))
        assert gated.get("api/num_jobs") == {"status": "done", "num_jobs": 1}
        answer = wait_for(gated, job_id, "30")
        assert (answer.json(), answer.headers["Retry-After"]) == (RUNNING, "1")
        for connection in waiting[:100]:
            connection.close()
        # The places of clients that left are free for others.
        eventually(lambda: "Retry-After" not in wait_for(gated, job_id, "0.01").headers)
        gated.get("api/graceful_shutdown")
        # They are told the moment it ends: PATIENCE is less than what they were ready to wait.
        for connection in waiting[100:]:
            assert connection.recv(4096).endswith(b'{"status":"done","data":{"Ohio":33.7}}')
        assert wait_for(gated, job_id, "30").json() == {"status": "done", "data": {"Ohio": 33.7}}
        told = f"exit GET /api/get_results/{job_id} 200 {job_id} "
        eventually(lambda: told in gated.log_text())


def test_who_waits_is_told_when_the_server_ends(tmp_path: Path) -> None:
    stuck = GATED.replace("(drain(self), gate.set())", "drain(self)")
    with running_server(tmp_path, "--drain-seconds", "0.1", program=("-c", stuck)) as server:
        job_id = server.post("state_mean", question="Q036", state="OH")
        with ThreadPoolExecutor() as threads:
            waiting: Future[Any] = threads.submit(wait_for, server, job_id, "30")
            eventually(lambda: entered(server, job_id, 1))
            assert server.stop() == 0
            assert waiting.result(PATIENCE).json() == RUNNING


def test_cancelled_and_unknown_jobs_are_not_waited_for(gated: Server) -> None:
    gated.post("state_mean", question="Q036", state="OH")  # so that the next one does not run
    job_id = gated.post("state_mean", question="Q036", state="OH")
    with ThreadPoolExecutor() as threads:
        waiting: Future[Any] = threads.submit(wait_for, gated, job_id, "30")
        eventually(lambda: entered(gated, job_id, 1))
        assert requests.delete(f"{gated.url}/api/jobs/{job_id}", timeout=PATIENCE).ok
        assert waiting.result(PATIENCE).json()["reason"] == "cancelled before it ran"
    assert wait_for(gated, "job_id_99", "30").status_code == 404


def test_what_is_no_number_of_seconds_is_refused(client: FlaskClient) -> None:
    job_id = client.post("/api/best5", json={"question": OBESITY}).get_json()["job_id"]
    for seconds in ("", "x", "-1", "nan", "inf", "1e3", "1,5", "٣"):
        answer = client.get(f"/api/get_results/{job_id}", query_string={"wait": seconds})
        assert answer.status_code == 400, seconds
        assert answer.get_json()["reason"] == '"wait" must be a number of seconds, such as 30'


def test_a_wait_over_the_limit_is_cut_to_it(client: FlaskClient) -> None:
    job_id = client.post("/api/best5", json={"question": OBESITY}).get_json()["job_id"]
    for seconds in ("86400", "99999999999", "9" * 400, "0.12345678901"):
        answer = client.get(f"/api/get_results/{job_id}?wait={seconds}")
        assert answer.get_json()["status"] == "done", seconds


def test_other_wsgi_servers_wait_too(tmp_path: Path) -> None:
    """There a request waits on its thread."""
    with running_app(tmp_path, threads=1) as app:
        client = app.test_client()
        for _ in range(20):
            job_id = client.post("/api/best5", json={"question": OBESITY}).get_json()["job_id"]
            answer = client.get(f"/api/get_results/{job_id}?wait=20")
            assert answer.get_json()["status"] == "done"
