"""A server that tests ask over a real socket, and the one that is a process of its own."""

import os
import re
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import requests

from unittests.helpers.files import PROJECT
from unittests.helpers.forked import Forked
from unittests.helpers.prepared import prepared_course
from unittests.helpers.waiting import PATIENCE, eventually

# A server whose jobs wait until it was told to take no more of them.
GATED = """
import sys, threading
from app.answers.compute import Answers
from app.threads.service import ThreadService
from app.server import main
gate, answer, drain = threading.Event(), Answers.answer, ThreadService.drain
Answers.answer = lambda self, parameters: gate.wait(20) and answer(self, parameters)
ThreadService.drain = lambda self: (drain(self), gate.set())
sys.exit(main(sys.argv[1:], "gated"))
"""


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Api:
    """What tests ask of any server, over a real socket."""

    def __init__(self, url: str, results: Path) -> None:
        self.url = url
        self.results = results
        self.port = int(url.rpartition(":")[2])
        self.http = requests.Session()
        self.http.trust_env = False  # to look for a proxy takes a fifth of a request's time

    def post(self, statistic: str, **body: Any) -> str:
        """Submit a job and return its id."""
        answer = self.http.post(f"{self.url}/api/{statistic}", json=body, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    def get(self, path: str) -> Any:
        """Return the JSON that a GET answers."""
        return self.http.get(f"{self.url}/{path}", timeout=PATIENCE).json()

    def outcome(self, job_id: str) -> Any:
        """Return the answer of get_results once it is not `running` any more."""

        def finished() -> Any:
            answer = self.get(f"api/get_results/{job_id}?wait=20")
            return None if answer == {"status": "running"} else answer

        return eventually(finished)


class Server(Api):
    """A server as users run it: a child process."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        program: Sequence[str] = (str(PROJECT / "api_server.py"),),
        **environ: str,
    ) -> None:
        results = folder / "results"
        self.log = folder / "webserver.log"
        files = ["--results", str(results), "--log", str(self.log)]
        command = [*program, "--port", "0", *files, *arguments]
        if "--data" not in arguments and "STATS_DATA" not in environ:
            # Which is all that most tests need; to read the file takes longer than all else.
            command += ["--data", str(prepared_course())]
        self.process = Forked(command, {**os.environ, **environ})
        self.first_line = self.process.stdout.readline()
        address = re.search(r"http://[^\s,;]+:\d+", self.first_line)
        if address is None:
            self.process.wait(PATIENCE)
            raise AssertionError(f"the server did not start: {self.first_line}")
        super().__init__(address[0], results)

    def log_text(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code


@contextmanager
def running_server(folder: Path, *arguments: str, **options: Any) -> Iterator[Server]:
    """Run a server for the length of a with block."""
    server = Server(folder, *arguments, **options)
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL if server.process.poll() is None else signal.SIGTERM)


def box_server(folder: Path, *arguments: str, **options: Any) -> AbstractContextManager[Server]:
    """Run a server of the datasets that come with the program, as `make run` does."""
    return running_server(folder, *arguments, STATS_DATA="", **options)
