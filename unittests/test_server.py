"""The process: how it starts, what stops it, what it survives, and that nothing stays behind."""

import contextlib
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from unittests.helpers import forked
from unittests.helpers.data import OBESITY
from unittests.helpers.files import DATASET
from unittests.helpers.prepared import prepared_course
from unittests.helpers.server import GATED, Server, free_port, running_server
from unittests.helpers.waiting import PATIENCE, eventually


def run(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run api_server.py to its end."""
    return forked.run("api_server.py", *arguments, environ=environ)


# Servers whose output goes to a full disk, or was closed before Python started. Where the tests run
# under nohup, SIGHUP is ignored.
NOTHING_CAN_BE_PRINTED = """
import os, signal, sys
from app.server import main
signal.signal(signal.SIGHUP, signal.SIG_DFL)
{}
sys.exit(main(sys.argv[1:], "silent"))
"""


@pytest.mark.parametrize(
    "output",
    ['os.dup2(os.open("/dev/full", os.O_WRONLY), 1)', "os.close(1); sys.stdout = None"],
    ids=["full", "closed"],
)
def test_it_serves_though_nothing_can_be_printed_and_a_closed_terminal_stops_it(
    tmp_path: Path, output: str
) -> None:
    log = tmp_path / "webserver.log"
    port = free_port()
    files = ["--results", str(tmp_path / "results"), "--log", str(log)]
    arguments = ["--port", str(port), "--data", str(prepared_course()), *files]
    program = ["-c", NOTHING_CAN_BE_PRINTED.format(output), *arguments]
    process = forked.Forked(program, dict(os.environ))
    try:
        eventually(lambda: log.exists() and "INFO serving on" in log.read_text(encoding="utf-8"))
        answer = requests.get(f"http://127.0.0.1:{port}/api/health", timeout=PATIENCE)
        assert answer.json() == {"status": "ok"}
        process.send_signal(signal.SIGHUP)
        assert process.end(PATIENCE) == (0, "")
    finally:
        process.kill()
    assert log.read_text(encoding="utf-8").endswith("INFO stopped\n")


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (["--port", "http"], {}, "--port='http': expected a whole number"),
        ([], {"TP_NUM_OF_THREADS": "many"}, "TP_NUM_OF_THREADS='many': expected a whole number"),
        (["--data", "/nowhere.csv"], {}, "/nowhere.csv: No such file"),
        (["--host", "0.0.0.0"], {}, "--host='0.0.0.0' can be reached from other machines"),
        (
            ["--host", "203.0.113.1"],
            {"STATS_TOKEN": "secret"},
            "cannot listen on 203.0.113.1:0",
        ),
    ],
)
def test_a_start_that_cannot_be_ends_in_one_line(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], told: str
) -> None:
    folders = ["--results", str(tmp_path / "r"), "--log", str(tmp_path / "log")]
    ended = run("--port", "0", *folders, *arguments, **environ)
    assert ended.returncode == 2
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1
    assert told in ended.stdout


def test_a_faulty_dataset_is_told_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    lines = DATASET.read_text(encoding="utf-8").splitlines()
    lines[41] = lines[41].replace(",Value,", ",Value,about ")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ended = run("--data", str(path), "--port", "0", "--results", str(tmp_path / "results"))
    assert ended.returncode == 2
    assert ended.stdout.count("\n") == 1
    assert "data.csv: line 42, column Data_Value: expected a number or nothing" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_taken_port_and_a_taken_folder_are_told(server: Server, tmp_path: Path) -> None:
    ended = run("--port", str(server.port), "--results", str(tmp_path / "other"))
    assert (ended.returncode, ended.stdout.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{server.port}" in ended.stdout
    data, log = str(prepared_course()), str(tmp_path / "l")
    files = ["--results", str(server.results), "--log", log, "--data", data]
    ended = run("--port", "0", *files)
    assert (ended.returncode, ended.stdout.count("\n")) == (2, 1)
    assert "another server uses this results folder" in ended.stdout


@pytest.mark.parametrize(("threads", "number"), [("0", signal.SIGINT), ("3", signal.SIGTERM)])
def test_a_signal_drains_and_exits_with_0(tmp_path: Path, threads: str, number: int) -> None:
    with running_server(tmp_path, TP_NUM_OF_THREADS=threads) as server:
        ids = [server.post("mean_by_category", question=OBESITY) for _ in range(20)]
        assert server.stop(number) == 0
        for job_id in ids:
            assert (server.results / f"{job_id}.json").stat().st_size > 0
        assert "0 jobs left for the next start" in server.log_text()
    # Nothing of it stays behind.
    assert not Path(f"/proc/{server.process.pid}").exists()
    with socket.socket() as probe:
        # Fails where somebody listens; connections that were closed a moment ago may linger.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", server.port))


def test_what_was_queued_before_the_signal_is_finished_after_it(tmp_path: Path) -> None:
    with running_server(tmp_path, "--threads", "1", program=("-c", GATED)) as server:
        ids = [server.post("state_mean", question="Q036", state="OH") for _ in range(20)]
        assert server.get("api/num_jobs")["num_jobs"] == 20
        assert server.stop() == 0
        for job_id in ids:
            assert (server.results / f"{job_id}.json").read_text() == '{"Ohio":33.7}'


def test_a_killed_server_keeps_what_it_accepted(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        ids = [server.post("state_mean", question="Q036", state="OH") for _ in range(50)]
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    with running_server(tmp_path) as server:
        for job_id in ids:
            assert server.outcome(job_id) == {"status": "done", "data": {"Ohio": 33.7}}
        assert server.post("best5", question=OBESITY) == "job_id_51"


# A server whose jobs never end.
STUCK = """
import sys, threading
from app.answers.compute import Answers
from app.server import main
Answers.answer = lambda self, parameters: threading.Event().wait()
sys.exit(main(sys.argv[1:], "stuck"))
"""


def test_a_drain_ends_at_its_limit_and_what_is_left_runs_next_time(tmp_path: Path) -> None:
    arguments = ("--drain-seconds", "0.1", "--threads", "1")
    with running_server(tmp_path, *arguments, program=("-c", STUCK)) as server:
        ids = [server.post("state_mean", question="Q036", state="OH") for _ in range(3)]
        assert server.get("api/num_jobs")["num_jobs"] == 3
        assert server.stop() == 0
        assert "3 jobs left for the next start" in server.log_text()
    with running_server(tmp_path) as server:
        for job_id in ids:
            assert server.outcome(job_id) == {"status": "done", "data": {"Ohio": 33.7}}
        assert server.post("best5", question=OBESITY) == "job_id_4"


# A server that each job kills.
LETHAL_JOBS = """
import os, signal, sys
from app.answers.compute import Answers
from app.server import main
Answers.answer = lambda self, parameters: os.kill(os.getpid(), signal.SIGKILL)
sys.exit(main(sys.argv[1:], "lethal"))
"""


def test_a_job_that_kills_the_process_is_run_three_times_and_no_more(tmp_path: Path) -> None:
    arguments = ("--threads", "1")
    server = Server(tmp_path, *arguments, program=("-c", LETHAL_JOBS))
    for _ in range(2):
        with contextlib.suppress(requests.ConnectionError):
            server.post("best5", question=OBESITY)
    assert server.stop() == -signal.SIGKILL
    for _ in range(2):  # the first job takes the next two processes with it as they start
        with contextlib.suppress(AssertionError):
            Server(tmp_path, *arguments, program=("-c", LETHAL_JOBS)).stop()
    with running_server(tmp_path) as server:
        assert "was running 3 times when its process died" in server.outcome("job_id_1")["reason"]
        assert server.post("best5", question=OBESITY) in ("job_id_2", "job_id_3")


def test_a_second_signal_ends_the_process_at_once(tmp_path: Path) -> None:
    with running_server(tmp_path, "--drain-seconds", "600", program=("-c", STUCK)) as server:
        server.post("best5", question=OBESITY)
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: requests.get(f"{server.url}/api/health", timeout=5).status_code == 503)
        assert server.get("api/num_jobs")["num_jobs"] == 1  # still serving while it drains
        assert server.stop(signal.SIGINT) == 128 + signal.SIGINT


def half_sent(server: Server, text: bytes) -> socket.socket:
    """Send a part of a request and leave it at that."""
    connection = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
    connection.sendall(text)
    return connection


def test_half_sent_requests_keep_nobody_else_waiting(tmp_path: Path) -> None:
    head = b"POST /api/best5 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n"
    with running_server(tmp_path) as server:
        stuck = [half_sent(server, text) for text in (b"", head[:30], head + b'{"q') * 70]
        assert server.outcome(server.post("best5", question=OBESITY))["status"] == "done"
        assert server.stop() == 0  # and the server does not wait for them either
        for connection in stuck:
            connection.close()


def test_who_had_asked_before_the_signal_is_answered_though_nobody_had_listened(
    tmp_path: Path,
) -> None:
    ask = b"GET /api/num_jobs HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with running_server(tmp_path) as server, ExitStack() as stack:
        server.process.send_signal(signal.SIGSTOP)
        asked = [stack.enter_context(half_sent(server, ask)) for _ in range(300)]
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        for connection in asked:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(PATIENCE) == 0


def test_a_body_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    with running_server(tmp_path, "--body-seconds", "0.05") as server:
        head = b"POST /api/best5 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n{"
        with half_sent(server, head) as connection:
            answer = connection.recv(4096)
        assert b" 408 " in answer.splitlines()[0]
        assert b'{"status":"error","reason":"the body took too long to arrive"}' in answer
        assert server.get("api/jobs")["data"] == []


@pytest.mark.parametrize("path", ["/api/batch", "//api/batch", "/openapi/batch", "/api/health"])
def test_a_body_of_somebody_without_the_token_is_not_waited_for(guarded: Server, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n["
    with half_sent(guarded, head.encode()) as connection:
        answer = connection.makefile("rb").read()
    # Where no token is needed, none of this size is read either.
    status = b" 401 " if "/api/batch" in path else b" 413 "
    assert status in answer.splitlines()[0]
    assert b"connection: close" in answer


def test_an_idle_connection_and_headers_that_do_not_end_are_closed(tmp_path: Path) -> None:
    with running_server(tmp_path, "--idle-seconds", "0.1") as server:
        for text in (
            b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        ):
            with half_sent(server, text) as connection:
                while connection.recv(4096):
                    pass
        head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 50_000
        with half_sent(server, head) as connection:
            assert b" 431 " in connection.recv(4096).splitlines()[0]


@pytest.fixture(scope="module", name="guarded")
def server_with_a_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that waits for a body as long as a test may take."""
    arguments = ("--body-seconds", "600", "--token", "secret")
    with running_server(tmp_path_factory.mktemp("guarded"), *arguments) as server:
        yield server


@pytest.fixture(scope="module", name="server")
def idle_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that no job is accepted by, one for all tests of the module."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def test_a_huge_body_is_refused_and_not_kept(server: Server) -> None:
    answer = requests.post(f"{server.url}/api/best5", data=b"x" * 8_000_000, timeout=PATIENCE)
    assert answer.status_code == 413
    assert answer.json() == {"status": "error", "reason": "the body is larger than 64 KiB"}


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b"", b"zz\r\n"])
def test_a_body_in_chunks_which_may_break_off_is_refused(server: Server, end: bytes) -> None:
    head = b"POST /api/best5 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b'{"question": "Q036"}'
    with half_sent(server, head + b"%x\r\n%b\r\n%b" % (len(body), body, end)) as connection:
        assert b" 411 " in connection.recv(4096).splitlines()[0]
    assert server.get("api/jobs")["data"] == []


def test_a_client_that_leaves_in_the_middle_is_one_quiet_line(server: Server) -> None:
    head = b"POST /api/best5 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n{"
    half_sent(server, head).close()
    assert eventually(lambda: "INFO POST /api/best5: the client left" in server.log_text())
    assert "Traceback" not in server.log_text()


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_it_listens_on_what_it_is_told(tmp_path: Path, host: str) -> None:
    with running_server(tmp_path, "--host", host) as server:
        address = re.search(r"http://\S+:\d+", server.first_line)
        assert address
        assert requests.get(f"{address[0]}/api/health", timeout=PATIENCE).ok
        assert server.stop() == 0


def test_servers_that_start_at_once_do_not_share_a_port(tmp_path: Path) -> None:
    command = ["api_server.py", "--port", str(free_port()), "--data", str(prepared_course())]
    files = [["--results", f"{tmp_path}/{n}", "--log", f"{tmp_path}/{n}.log"] for n in range(2)]
    started = [forked.Forked([*command, *own], dict(os.environ)) for own in files]
    lines = [process.stdout.readline() for process in started]
    for process in started:
        process.kill()
        process.end(PATIENCE)
    assert sorted("cannot listen" in line for line in lines) == [False, True]


def test_a_slow_job_at_the_limit_and_the_end_of_the_server_do_not_meet(tmp_path: Path) -> None:
    arguments = ("--job-seconds", "0.05", "--drain-seconds", "5", "--threads", "1")
    with running_server(tmp_path, *arguments, program=("-c", STUCK)) as server:
        for _ in range(3):
            server.post("best5", question=OBESITY)
        assert server.stop() == 0
        assert "Traceback" not in server.log_text()
    with running_server(tmp_path) as server:
        assert server.outcome("job_id_3")["reason"] == "the job took longer than 0.05 seconds"


def test_the_first_line_tells_where_to_look_and_the_log_the_story_of_a_job(tmp_path: Path) -> None:
    with running_server(tmp_path, TP_NUM_OF_THREADS="3") as server:
        # What it tells to look at has all of the start by now.
        assert f"INFO serving on {server.url}, " in server.log_text()
        assert re.fullmatch(
            r"Le Stats Sportif on http://127\.0\.0\.1:\d+, 18,650 rows; see \S+/openapi, .*\n",
            server.first_line,
        )
        # It is true at once: no retry.
        assert server.get("api/health") == {"status": "ok"}
        server.outcome(server.post("state_mean", question="Q036", state="OH"))
        requests.post(f"{server.url}/api/best5", data="no\r\nJSON\x1b[2J", timeout=PATIENCE)
        # Not only at the end: who follows the log sees it as it happens.
        assert eventually(lambda: "exit POST /api/best5 400" in server.log_text())
        assert server.stop() == 0
        lines = server.log_text().splitlines()
    story = "\n".join(lines)
    for told in (
        r"INFO serving on http://127\.0\.0\.1:\d+, 18650 rows, 3 threads",
        r'INFO enter POST /api/state_mean {"question": "Q036", "state": "OH"}',
        r"INFO exit POST /api/state_mean 200 job_id_1 [\d.]+ ms",
        r"INFO job_id_1 done after [\d.]+ ms",
        r"INFO enter GET /api/get_results/job_id_1",
        r"INFO exit GET /api/get_results/job_id_1 200 job_id_1",
        r"INFO enter POST /api/best5 no\\r\\nJSON\\x1b\[2J",
        r"ERROR refused POST /api/best5: the body is not valid JSON",
        r"INFO exit POST /api/best5 400 - [\d.]+ ms",
        r"INFO draining: 0 jobs to finish",
        r"INFO pool stopped, 0 jobs left for the next start",
    ):
        assert re.search(told, story), told
    for line in lines:
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|ERROR) ", line), line
