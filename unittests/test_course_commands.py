"""What students and checkers type: Flask's own command, and `from app import webserver`."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from unittests.helpers import forked
from unittests.helpers.files import PROJECT
from unittests.helpers.prepared import prepared_course
from unittests.helpers.server import free_port
from unittests.helpers.waiting import PATIENCE, eventually


def environ(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which all that a server writes lies in a folder."""
    files = {"STATS_RESULTS": str(folder / "results"), "STATS_LOG": str(folder / "webserver.log")}
    return {**os.environ, **files, "STATS_DATA": str(prepared_course()), **more}


# Flask's command in a session of its own: to end the reloader with the process that it starts, by
# the words by which it was started itself.
RELOADING = """
import os, runpy, sys
os.setsid()
sys.orig_argv = [sys.executable, "-m", "flask", *sys.argv[1:]]
runpy.run_module("flask", run_name="__main__", alter_sys=True)
"""


@contextlib.contextmanager
def reloading(folder: Path, source: Path, **more: str) -> Iterator[str]:
    """Run Flask's command with its reloader on the source; give the address that it serves at."""
    port = free_port()
    command = ["-c", RELOADING, "run", "--debug", "--port", str(port)]
    process = forked.Forked(command, environ(folder, **more), source)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.end(PATIENCE)


def get(url: str) -> Any:
    """Return the JSON that a GET answers; None while nobody answers it to the end."""
    with contextlib.suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return requests.get(url, timeout=PATIENCE).json()
    return None


def answered(url: str) -> Any:
    """Have a server compute an answer, once it serves, and return its data."""
    assert eventually(lambda: get(f"{url}/api/health")) == {"status": "ok"}
    job = requests.post(f"{url}/api/state_mean", data='{"question":"Q036","state":"OH"}', timeout=5)
    result = get(f"{url}/api/get_results/{job.json()['job_id']}?wait=20")
    assert result["status"] == "done", result
    return result["data"]


def test_flask_run_serves_and_says_so_in_the_log(tmp_path: Path) -> None:
    port = str(free_port())
    # Without --app, as in the test of the reloader, it finds the application, too.
    command = ["-m", "flask", "--app", "api_server", "run", "--port", port]
    process = forked.Forked(command, environ(tmp_path, TP_NUM_OF_THREADS="3"))
    try:
        url = f"http://127.0.0.1:{port}"
        assert answered(url) == {"Ohio": 33.7}
        log = tmp_path / "webserver.log"
        eventually(lambda: "exit GET /api/get_results" in log.read_text(encoding="utf-8"))
        text = log.read_text(encoding="utf-8")
        assert text.count(f"INFO serving on {url}, 18650 rows, 3 threads\n") == 1
        assert " ERROR " not in text
    finally:
        process.kill()
        process.end(PATIENCE)


def test_the_reloader_takes_up_a_change_of_the_source_and_the_jobs(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(PROJECT / "app", source / "app")  # compiled, as it lies there
    version = source / "app" / "version.py"
    with reloading(tmp_path, source, TP_NUM_OF_THREADS="3") as url:
        assert answered(url) == {"Ohio": 33.7}
        log = tmp_path / "webserver.log"
        served = f"INFO serving on {url}, 18650 rows, 3 threads\n"
        # Lines are written a moment after what they tell.
        assert eventually(lambda: log.read_text(encoding="utf-8").count(served) == 1)
        version.write_text('VERSION = "changed"\n', encoding="utf-8")

        def changed() -> bool:
            activity = get(f"{url}/api/activity")
            return bool(activity) and activity["data"]["version"] == "changed"

        assert eventually(changed)
        assert get(f"{url}/api/jobs")["data"] == [{"job_id_1": "done"}]
        assert answered(url) == {"Ohio": 33.7}
        assert get(f"{url}/api/num_jobs") == {"status": "done", "num_jobs": 0}


@pytest.mark.parametrize("more", [[], ["--debug"]])
def test_flask_run_tells_a_wrong_setting_in_one_line(more: list[str], tmp_path: Path) -> None:
    command = ["-m", "flask", "run", "--port", str(free_port()), *more]
    ended = forked.run(*command, environ=environ(tmp_path, TP_NUM_OF_THREADS="many"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert ended.stderr.count("\n") == 1


def test_flask_run_listens_beyond_loopback_with_a_token_alone(tmp_path: Path) -> None:
    command = ["-m", "flask", "run", "--host", "0.0.0.0", "--port", str(free_port())]
    ended = forked.run(*command, environ=environ(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: --host='0.0.0.0' can be reached from other machines")
    assert ended.stderr.count("\n") == 1


def test_flask_run_tells_a_missing_dataset_in_one_line(tmp_path: Path) -> None:
    ended = forked.run(
        *("-m", "flask", "run", "--port", "0"), environ=environ(tmp_path, STATS_DATA="/nowhere.csv")
    )
    assert ended.returncode == 1
    assert ended.stderr == "Error: dataset /nowhere.csv: No such file or directory\n"


STUDENT_TEST = """
import time, unittest
import app
from app import webserver

class Test(unittest.TestCase):
    def test_jobs(self):
        self.assertIs(webserver, app.webserver)
        self.assertEqual(webserver.job_counter, 1)
        client = webserver.test_client()
        answer = client.post("/api/global_mean", json={"question": "Q036"})
        self.assertEqual(answer.get_json(), {"job_id": "job_id_1"})
        self.assertEqual(webserver.job_counter, 2)
        while (got := client.get("/api/get_results/1").get_json())["status"] == "running":
            time.sleep(0.01)
        table = webserver.data_ingestor.question("Q036")
        self.assertEqual(got["data"], {"global_mean": table.global_mean})
        self.assertEqual(len(webserver.tasks_runner.runners), 3)
        with self.assertRaises(AttributeError):
            webserver.job_counter = 7
        with self.assertRaises(ImportError):
            from app import nothing
"""


def test_a_unit_test_imports_the_app(tmp_path: Path) -> None:
    (tmp_path / "test_student.py").write_text(STUDENT_TEST, encoding="utf-8")
    variables = environ(tmp_path, TP_NUM_OF_THREADS="3")
    ended = forked.run("-m", "unittest", "discover", environ=variables, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Ran 1 test" in ended.stderr
    log = (tmp_path / "webserver.log").read_text(encoding="utf-8")
    assert "exit POST /api/global_mean 200 job_id_1" in log


def test_importing_app_alone_does_no_work(tmp_path: Path) -> None:
    program = (
        "import sys, app; print(sorted({'flask', 'polars', 'app.settings'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert ended.stdout == "[]\n"
    assert not list(tmp_path.iterdir())
