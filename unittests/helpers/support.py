"""What the tests share: a server in a child process, an app in this one, figures to check by."""

import contextlib
import csv
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from flask import Flask

from app import create_app
from app.answers.answers import Answer
from app.data_ingestor import DataIngestor
from app.job import Parameters
from app.job_service import JobService
from app.logs import close_log
from app.settings import Settings
from app.threads.service import ThreadService

if TYPE_CHECKING:
    import pytest  # which plain unittest does without

PROJECT = Path(__file__).resolve().parents[2]
CDC_CUT = PROJECT.parent / "shared" / "data" / "cdc_sex_2011_2023.csv"
DATASET = PROJECT / "nutrition_activity_obesity_usa_subset.csv"
OBESITY = "Percent of adults aged 18 years and older who have obesity"
PATIENCE = 20.0  # seconds until a test gives up on something that should happen at once

# A server whose jobs wait until it was told to take no more of them.
GATED = """
import sys, threading
from app.answers.answers import Answers
from app.threads.service import ThreadService
from app.server import main
gate, answer, drain = threading.Event(), Answers.answer, ThreadService.drain
Answers.answer = lambda self, parameters: gate.wait(20) and answer(self, parameters)
ThreadService.drain = lambda self: (drain(self), gate.set())
sys.exit(main(sys.argv[1:], "gated"))
"""


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Poll `what` until it is true, and return it; fail when it stays false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = what()
        if value:
            return value
        time.sleep(0.002)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


@cache
def dataset() -> DataIngestor:
    """Return the bundled dataset, read once: it is immutable."""
    return DataIngestor(DATASET)


class Server:
    """A server as users run it: a child process, reached over a real socket."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        program: Sequence[str] = (str(PROJECT / "api_server.py"),),
        **environ: str,
    ) -> None:
        self.results = folder / "results"
        self.log = folder / "webserver.log"
        command = [sys.executable, *program, "--port", "0"]
        command += ["--results", str(self.results), "--log", str(self.log), *arguments]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=PROJECT,
            env={**os.environ, **environ},
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        address = re.search(r"http://[^\s,;]+:\d+", self.first_line)
        if address is None:
            self.process.wait(PATIENCE)
            raise AssertionError(f"the server did not start: {self.first_line}")
        self.url = address[0]
        self.port = int(self.url.rpartition(":")[2])
        self.http = requests.Session()

    def post(self, statistic: str, **body: str) -> str:
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
            answer = self.get(f"api/get_results/{job_id}")
            return None if answer == {"status": "running"} else answer

        return eventually(finished)

    def log_text(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@contextlib.contextmanager
def running_server(folder: Path, *arguments: str, **options: Any) -> Iterator[Server]:
    """Run a server for the length of a with block."""
    server = Server(folder, *arguments, **options)
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL if server.process.poll() is None else signal.SIGTERM)


@contextlib.contextmanager
def running_app(folder: Path, **changes: Any) -> Iterator[Flask]:
    """Build an app in this process for the length of a with block."""
    values = {"results": folder / "results", "log": folder / "webserver.log", "threads": 2}
    app = create_app(Settings(**{**values, **changes}))
    try:
        yield app
    finally:
        service_of(app).close(PATIENCE)
        app.extensions["periodic"].stop()
        app.extensions["drawer"].close()
        close_log(app.extensions["log"])


def service_of(app: Flask) -> JobService:
    """Return the job service of an app."""
    service: JobService = app.extensions["job_service"]
    return service


def embedded(app: Flask) -> ThreadService:
    """Return the job service of an app that runs jobs on its own threads."""
    service = service_of(app)
    assert isinstance(service, ThreadService)
    return service


def fail_jobs_on(
    state: str, app: Flask, monkeypatch: "pytest.MonkeyPatch", error: BaseException
) -> None:
    """Have jobs on one state raise `error`."""
    answers = service_of(app).answers
    compute = answers.answer

    def answer(parameters: Parameters) -> Answer:
        if parameters.state == state:
            raise error
        return compute(parameters)

    monkeypatch.setattr(answers, "answer", answer)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for the length of a with block."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextlib.contextmanager
def small_files(most_bytes: int) -> Iterator[None]:
    """Let no file grow beyond a size: the kernel then cuts writes short, as on a full disk.

    Holds for the whole process: keep what is done meanwhile short.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Figures:
    """The nine answers, computed in exact fractions from dataset/figures.csv and nothing else."""

    def __init__(self) -> None:
        folder = PROJECT / "dataset"
        dimensions = json.loads((folder / "dimensions.json").read_text(encoding="utf-8"))
        strata = dimensions["strata"]
        self.directions = {q["question"]: q["best_is"] for q in dimensions["questions"].values()}
        self.cells: dict[str, list[tuple[str, tuple[str, str] | None, int, Fraction]]] = (
            defaultdict(list)
        )
        with (folder / "figures.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                question = dimensions["questions"][row["question_id"]]["question"]
                state = dimensions["locations"][row["location"]]["name"]
                stratum = strata.get(row["stratum_id"])
                key = (stratum["category"], stratum["stratum"]) if stratum else None
                cell = (state, key, int(row["estimates"]), Fraction(row["sum"]))
                self.cells[question].append(cell)

    def mean(
        self, question: str, state: str | None = None, stratum: tuple[str, str] | None = None
    ) -> float:
        """Return a mean as the nearest float to the exact fraction."""
        cells = [
            cell
            for cell in self.cells[question]
            if state in (None, cell[0]) and stratum in (None, cell[1])
        ]
        return float(sum(cell[3] for cell in cells) / sum(cell[2] for cell in cells))

    def states(self, question: str) -> list[str]:
        """Return the states of a question, ascending by mean, ties by name."""
        states = {cell[0] for cell in self.cells[question]}
        return sorted(states, key=lambda state: (self.mean(question, state), state))

    def strata(self, question: str, state: str) -> list[tuple[str, str]]:
        """Return the strata of a question in a state, ascending."""
        return sorted({c[1] for c in self.cells[question] if c[0] == state and c[1]})

    def answer(self, statistic: str, question: str, state: str | None = None) -> Any:
        """Return what the contract says that a statistic answers."""
        means = {name: self.mean(question, name) for name in self.states(question)}
        overall = self.mean(question)
        high_first = sorted(means.items(), key=lambda item: (-item[1], item[0]))
        best_first, worst_first = high_first, list(means.items())
        if self.directions[question] == "min":
            best_first, worst_first = worst_first, best_first
        wanted = [state] if state else list(means)
        match statistic:
            case "states_mean" | "state_mean":
                return {name: means[name] for name in wanted}
            case "best5":
                return dict(best_first[:5])
            case "worst5":
                return dict(worst_first[:5])
            case "global_mean":
                return {"global_mean": overall}
            case "diff_from_mean" | "state_diff_from_mean":
                return {name: overall - means[name] for name in wanted}
            case "mean_by_category":
                return {
                    repr((name, *stratum)): self.mean(question, name, stratum)
                    for name in means
                    for stratum in self.strata(question, name)
                }
            case "state_mean_by_category":
                assert state
                return {
                    state: {
                        repr(stratum): self.mean(question, state, stratum)
                        for stratum in self.strata(question, state)
                    }
                }
        raise KeyError(statistic)
