"""The command line as a process of its own: on a terminal, in a pipe, interrupted, completed."""

import csv
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from unittests.helpers import forked
from unittests.helpers.app import hold_jobs, served_app
from unittests.helpers.bad_server import answer
from unittests.helpers.command_line import NOWHERE, environ_of, refused, run
from unittests.helpers.files import PROJECT
from unittests.helpers.forked import Forked
from unittests.helpers.server import Api, running_server
from unittests.helpers.terminal import COLOUR, Terminal, on_terminal
from unittests.helpers.waiting import PATIENCE


def shell(url: str, command: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of bash, which fails where any part of a pipe does."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=environ_of(url, **environ),
        cwd=PROJECT,
        text=True,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )


def test_a_terminal_gets_a_table(server: Api) -> None:
    code, shown = on_terminal(server.url, "ask", "best5", "obesity")
    assert code == 0
    assert "\x1b[1mThe five best states" in shown
    assert re.search(r"Colorado +23\.07  █+", COLOUR.sub("", shown))


EVIL = "\x1b]52;c;ZXZpbA==\x07\x1b[31mred \x9d52;c;eA==\x9c \u202ebackwards\rover"


def test_text_of_a_dataset_gives_a_terminal_no_commands(tmp_path: Path) -> None:
    path = tmp_path / "evil.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        names = "YearStart YearEnd LocationAbbr LocationDesc Question QuestionID Data_Value"
        rows.writerow([*names.split(), "StratificationCategory1", "Stratification1"])
        for state in ("Ohio", "Texas"):
            rows.writerow((2020, 2020, state[:2], state, EVIL, "Q1", 30, "Total", EVIL))
    with running_server(tmp_path, "--data", str(path)) as server:
        server.outcome(server.post("mean_by_category", question="Q1"))
        for command in ("job 1", "result 1 --csv", "job 1 --json"):
            code, shown = on_terminal(server.url, *command.split())
            assert code == 0
            assert "red" in shown
            shown = COLOUR.sub("", shown).replace("\r\n", "\n")
            assert all(sign.isprintable() or sign == "\n" for sign in shown)


def test_json_on_a_terminal_is_plain(server: Api) -> None:
    code, shown = on_terminal(server.url, "ask", "best5", "obesity", "--json")
    assert code == 0
    assert "\x1b" not in shown
    assert shown.startswith('{\n  "Colorado": 23.07')


def unread(url: str, *arguments: str, folder: Path, signs: int = 0) -> tuple[int, str]:
    """Run a command of whose output a few signs are read; return its exit code and what it said."""
    errors = folder / "errors"
    errors.write_text("")
    process = Forked(["-m", "app", *arguments], environ_of(url), errors=errors)
    process.stdout.read(signs)
    process.stdout.close()
    return process.wait(PATIENCE), errors.read_text(encoding="utf-8")


def test_a_closed_pipe_ends_quietly(server: Api, tmp_path: Path) -> None:
    rows = ("job", "1", "--rows", "--json")  # a megabyte, which fits into no pipe
    assert unread(server.url, *rows, folder=tmp_path, signs=9) == (141, "")
    table = ("ask", "mean_by_category", "Q036", "--table")  # of a hundred kilobytes: nor does this
    assert unread(server.url, *table, folder=tmp_path) == (141, "")
    assert unread(server.url, "ask", "--help", folder=tmp_path) == (141, "")


# The command line, whose output goes to a full disk.
ON_A_FULL_DISK = """
import os, runpy
os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


def test_help_to_a_full_disk_ends_without_a_traceback() -> None:
    ended = forked.run("-c", ON_A_FULL_DISK, "--help", environ=environ_of(NOWHERE))
    assert (ended.returncode, ended.stderr) == (2, "No space left on device.\n")


# The command line, whose input and output were closed before Python started.
ON_NOTHING = """
import os, runpy, sys
os.closerange(0, 2)
sys.stdin = sys.stdout = None
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


def test_neither_input_nor_output_has_to_be_open(server: Api) -> None:
    asked = ("ask", "best5", "obesity")
    ended = forked.run("-c", ON_NOTHING, *asked, environ=environ_of(server.url))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_watching_goes_on_over_a_restart(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        server.outcome(server.post("best5", question="Q036"))
        watching = Terminal(server.url, "jobs", "--watch", "--every", "0.1", columns=120)
        watching.until("five best states")
        port = str(server.port)
        server.stop()
        watching.until("trying again")
        with running_server(tmp_path, "--port", port) as again:
            again.post("worst5", question="Q036")
            watching.until("five worst states")
            watching.type("\x03")
            assert watching.end() == 130


def test_a_megabyte_in_an_error_is_told_in_short(server: Api, tmp_path: Path) -> None:
    name = "x" * 1_000_000
    line = f'{{"statistic": "best5", "question": "{name}"}}\n'
    (tmp_path / "long.ndjson").write_text(line, encoding="utf-8")
    assert len(refused(server, "batch", f"{tmp_path}/long.ndjson")) < 5000
    assert "\x1b" not in refused(server, "ask", "best5", "\x1b[31mred")


def test_ctrl_c_leaves_the_job_to_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_jobs(monkeypatch)
    with served_app(tmp_path, threads=1) as server:
        terminal = Terminal(server.url, "ask", "best5", "Q036")
        terminal.until("Waiting for job_id_1")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert "job_id_1 goes on: python -m app result 1" in terminal.text
        assert "Traceback" not in terminal.text

        terminal = Terminal(server.url, "jobs", "--watch", "--every", "0.1")
        terminal.until("The five best states")
        server.post("global_mean", question="Q036")
        terminal.until("The mean over all states")
        terminal.type("\x03")
        assert terminal.end() == 130

        (tmp_path / "two").write_text('{"statistic": "best5", "question": "Q036"}\n' * 2)
        terminal = Terminal(server.url, "batch", str(tmp_path / "two"))
        terminal.until("0/2 jobs")
        terminal.type("\x03")
        assert terminal.end() == 130
        assert "They go on: job_id_3 and job_id_4" in terminal.text

        terminal = Terminal(server.url, "shutdown")
        terminal.until("take no new jobs? [y/N]")
        terminal.type("n\n")
        assert terminal.end() == 130
        assert server.get("api/health") == {"status": "ok"}

        terminal = Terminal(server.url, "shutdown")
        terminal.until("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
        assert "takes no new jobs; none is left." in terminal.plain
        assert server.get("api/num_jobs")["num_jobs"] == 0


def test_ctrl_c_while_a_batch_is_submitted_tells_what_was_accepted(tmp_path: Path) -> None:
    (tmp_path / "one").write_text('{"statistic": "best5", "question": "Q036"}\n')
    asked, ended = threading.Event(), threading.Event()

    def served(listener: socket.socket) -> None:
        for interrupted in (True, False):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(PATIENCE)
                    if b"POST /api/batch " not in connection.recv(65536):
                        connection.sendall(answer('{"status":"done","data":[]}'))
                        continue
                    asked.set()
                    if interrupted:
                        assert stopping.wait(PATIENCE)
                        connection.sendall(answer('{"job_ids":["job_id_7"]}'))
                    else:
                        assert ended.wait(PATIENCE)
                    break

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        listener.settimeout(PATIENCE)
        stopping = threading.Event()
        serving = threads.submit(served, listener)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        terminal = Terminal(url, "batch", str(tmp_path / "one"), "--json")
        assert asked.wait(PATIENCE)
        asked.clear()
        terminal.interrupt()
        terminal.until("Ctrl-C again does not wait for it.")
        stopping.set()
        assert terminal.end() == 130
        assert "They go on: job_id_7; `result` waits for one again." in terminal.text

        terminal = Terminal(url, "batch", str(tmp_path / "one"), "--json")
        assert asked.wait(PATIENCE)
        terminal.interrupt()
        terminal.until("Ctrl-C again does not wait for it.")
        terminal.interrupt()
        assert terminal.end() == 130
        ended.set()
        serving.result(PATIENCE)
        told = "What was being sent may have been accepted: see `python -m app jobs`."
        assert told in " ".join(terminal.plain.split())
        assert "They go on" not in terminal.text


def test_a_server_is_served(tmp_path: Path) -> None:
    program = ("-m", "app", "serve")
    with running_server(tmp_path, program=program) as server:
        ended = run(server.url, "ask", "state_mean", "obesity", "--state", "OH")
        assert ended.stdout == '{"Ohio":33.7}\n'
        assert server.stop(signal.SIGINT) == 0


def test_what_is_handed_on(tmp_path: Path) -> None:
    handed = {"serve": "--drain-seconds", "data": "--paged", "worker": "--processes"}
    for name, option in {**handed, "mcp": "--url", "prepare": "--check"}.items():
        assert option in run(NOWHERE, name, "--help").stdout
        assert run(NOWHERE, name, "--nonsense").exit_code == 2
    for asked, said in (
        (["data", "--to", str(tmp_path)], f"{tmp_path}: Is a directory\n"),
        (["data", "--to", ""], "--to='': expected a value that is not empty\n"),
        (["prepare"], "expected --data and --to, or --check alone\n"),
        (
            ["mcp", "--url", "foo"],
            "--url='foo': expected http(s)://HOST, with :PORT where it is not the usual one\n",
        ),
    ):
        assert run(NOWHERE, *asked).stderr == f"python -m app {asked[0]}: {said}"


def completed(url: str, line: str) -> list[str]:
    """Return what is offered for the last word of a line."""
    count = str(len(line.split(" ")) - 1)
    asked = {"_STATS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": count}
    ended = run(url, **asked)
    assert (ended.exit_code, ended.stderr) == (0, "")
    return ended.stdout.split()


def test_completion(server: Api) -> None:
    assert completed(server.url, "stats sta") == ["states"]
    assert completed(server.url, "stats ask best5 Q03") == ["Q036", "Q037"]
    assert completed(server.url, "stats query --question ob") == ["obesity"]
    assert completed(server.url, "stats ask trend Q036 --state O") == ["OH", "OK", "OR"]
    assert completed(server.url, "stats ask disparity Q036 --category inc") == ["income"]
    assert completed(server.url, "stats ask ranking Q036 --stratum Fe") == ["Female"]
    assert completed(server.url, "stats ask ranking Q036 --dataset co") == ["course"]
    assert completed(server.url, "stats dataset co") == ["course"]
    assert completed(server.url, "stats query --method sample") == ["sample_weighted"]
    assert completed(server.url, "stats jobs --status d") == ["done"]


def test_completion_without_a_server_is_silent() -> None:
    assert completed(NOWHERE, "stats ask state_m") == ["state_mean", "state_mean_by_category"]
    assert completed(NOWHERE, "stats ask best5 Q03") == []
    assert completed(NOWHERE, "stats ask best5 --url nonsense Q03") == []


def test_bash_completes_by_the_script_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "stats").write_text(f'#!/bin/sh\nexec {sys.executable} -m app "$@"\n')
    (tmp_path / "stats").chmod(0o755)
    # It is the shell that asks which is told, whoever runs the tests.
    asked = """eval "$(stats --show-completion)"; complete -p stats
        COMP_WORDS=(stats ask state_m); COMP_CWORD=2
        _stats_completion stats; echo "${COMPREPLY[@]}" """
    ended = shell(NOWHERE, asked, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    told = "complete -o default -F _stats_completion stats\nstate_mean state_mean_by_category\n"
    assert (ended.stdout, ended.stderr) == (told, "")


def test_the_short_name_from_another_folder(server: Api, tmp_path: Path) -> None:
    link = tmp_path / "stats"
    link.symlink_to(PROJECT / "app" / "cli" / "stats")
    environ = environ_of(server.url)
    environ = {name: text for name, text in environ.items() if not name.startswith("MAKE")}
    asked = ["make", "-q", "install", "VIRTUAL_ENV="]
    if subprocess.run(asked, cwd=PROJECT, env=environ, check=False).returncode:
        pytest.skip("make has something to install first")
    ended = subprocess.run(
        [link, "ask", "state_mean", "obesity", "--state", "OH"],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (ended.returncode, ended.stdout) == (0, b'{"Ohio":33.7}\n')
