"""`make cluster`: what dies is restarted, what cannot start ends all, and Redis stops last."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import requests

from unittests.helpers.data import OBESITY
from unittests.helpers.files import PROJECT
from unittests.helpers.redis_server import needs_redis
from unittests.helpers.server import free_port
from unittests.helpers.waiting import PATIENCE, eventually

pytestmark = needs_redis

_START_SECONDS = 90.0  # all programs start at the same time, on a machine that may be busy


class MakeCluster:
    """The command, with one process of each kind."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        # `-o`: what is installed is used as it is.
        command = ["make", "-o", f"{sys.prefix}/.installed-celery", "cluster"]
        settings = {
            "VENV": sys.prefix, "CLUSTER": folder, "PORT": port, "REDIS_PORT": free_port(),
            "WEBS": 1, "WORKERS": 1, "PROCESSES": 1,
        }  # fmt: skip
        command += [f"{name}={value}" for name, value in settings.items()]
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd=PROJECT)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return (self._folder / "output").read_text(encoding="utf-8")

    def started(self, program: str) -> list[int]:
        """Return the process ids that a program has had."""
        return [
            int(pid) for pid in re.findall(rf"spawned: '{program}' with pid (\d+)", self.output)
        ]

    def serves(self) -> bool:
        """Tell whether a new job is answered."""
        try:
            job = requests.post(
                f"{self.url}/api/best5", json={"question": OBESITY}, timeout=PATIENCE
            ).json()
            path = f"{self.url}/api/get_results/{job.get('job_id')}?wait=1"
            return bool(requests.get(path, timeout=PATIENCE).json()["status"] == "done")
        except requests.RequestException:
            assert self.process.poll() is None, self.output
            return False

    def stop(self) -> None:
        """Stop all as Ctrl-C does."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid = (self._folder / "supervisord.pid").read_text(encoding="ascii")
            os.kill(int(pid), signal.SIGINT)
        self.process.wait(PATIENCE)


@contextlib.contextmanager
def make_cluster(folder: Path, port: int) -> Iterator[MakeCluster]:
    cluster = MakeCluster(folder, port)
    try:
        yield cluster
    finally:
        cluster.stop()


def test_what_dies_is_restarted_and_redis_stops_last(tmp_path: Path) -> None:
    with make_cluster(tmp_path, free_port()) as cluster:
        eventually(cluster.serves, _START_SECONDS)
        programs = ("redis", "worker.1", "web.1")
        before = {program: len(cluster.started(program)) for program in programs}
        for program in programs:
            os.kill(cluster.started(program)[-1], signal.SIGKILL)
        eventually(lambda: len(cluster.started("web.1")) > before["web.1"])
        eventually(cluster.serves, _START_SECONDS)
        assert all(len(cluster.started(program)) == before[program] + 1 for program in programs)
    assert cluster.process.returncode == 0
    stopped = re.findall(r"stopped: ([\w.]+) \(exit status 0\)", cluster.output)
    assert stopped == ["web.1", "worker.1", "redis"]


def test_a_program_that_cannot_start_ends_all(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with make_cluster(tmp_path, port) as cluster:
            cluster.process.wait(_START_SECONDS)
    assert f"cannot listen on 127.0.0.1:{port}" in cluster.output
    assert "stopped: redis (exit status 0)" in cluster.output
