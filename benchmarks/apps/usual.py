"""The usual way to build such a server: pandas, a ThreadPoolExecutor, one JSON file for each job.

    python -m benchmarks.apps.usual PORT FOLDER

What a careful developer writes with the best-known tools: the dataset is read once, a lock guards
the table of jobs, the log rotates, waitress serves with eight threads.
"""

import json
import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, Response, jsonify, request

from benchmarks.apps.pandas_answers import PandasAnswers
from benchmarks.asking import DATASET


class JobTable:
    """The jobs' statuses, and the threads that work them off."""

    def __init__(self, answers: PandasAnswers, folder: Path, log: logging.Logger) -> None:
        self._answers = answers
        self._folder = folder
        self._log = log
        self._lock = threading.Lock()  # guards the two below
        self._statuses: dict[str, str] = {}
        self._last = 0
        self._pool = ThreadPoolExecutor(os.cpu_count())

    def submit(self, statistic: str, question: str, state: str) -> str:
        """Queue a job and return its id."""
        with self._lock:
            self._last += 1
            job_id = f"job_id_{self._last}"
            self._statuses[job_id] = "running"
        self._pool.submit(self._run, job_id, statistic, question, state)
        return job_id

    def _run(self, job_id: str, statistic: str, question: str, state: str) -> None:
        try:
            data = self._answers.answer(statistic, question, state)
            with self._path(job_id).open("w") as file:
                json.dump(data, file)
            status = "done"
        except Exception:
            self._log.exception("%s failed", job_id)
            status = "error"
        with self._lock:
            self._statuses[job_id] = status

    def result(self, job_id: str) -> dict[str, Any] | None:
        """Return what is known of a job; None where it is not known."""
        with self._lock:
            status = self._statuses.get(job_id)
        if status == "done":
            with self._path(job_id).open() as file:
                return {"status": "done", "data": json.load(file)}
        return {"status": status} if status else None

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"


def open_log(path: Path) -> logging.Logger:
    """Return a log that rotates."""
    log = logging.getLogger("usual")
    handler = RotatingFileHandler(path, maxBytes=20_000_000, backupCount=5)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return log


def create_app(folder: Path) -> Flask:
    """Return the app."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    log = open_log(folder / "webserver.log")
    answers = PandasAnswers(str(DATASET))
    jobs = JobTable(answers, folder, log)

    @app.post("/api/<statistic>")
    def submit(statistic: str) -> tuple[Response, int]:
        content = request.get_json()
        log.info("entering %s: %s", statistic, content)
        if statistic not in answers.names:
            return jsonify({"status": "error", "reason": "no such statistic"}), 404
        job_id = jobs.submit(statistic, content["question"], content.get("state", ""))
        log.info("leaving %s: %s", statistic, job_id)
        return jsonify({"job_id": job_id}), 200

    @app.get("/api/get_results/<job_id>")
    def get_results(job_id: str) -> tuple[Response, int]:
        log.info("entering get_results: %s", job_id)
        result = jobs.result(job_id)
        log.info("leaving get_results: %s", result and result["status"])
        if result is None:
            return jsonify({"status": "error", "reason": "Invalid job_id"}), 404
        return jsonify(result), 200

    return app


if __name__ == "__main__":
    home = Path(sys.argv[2])
    waitress.serve(
        create_app(home), host="127.0.0.1", port=int(sys.argv[1]), threads=8, _quiet=True
    )
