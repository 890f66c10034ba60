"""The usual way to build such a server: pandas, a ThreadPoolExecutor, one JSON file for each job.

    python -m benchmarks.apps.usual PORT FOLDER

What a careful developer writes with the best-known tools: the dataset is read once, each request is
a filter and a groupby, a lock guards the jobs, the log rotates, waitress serves with eight threads.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import pandas as pd
import waitress
from flask import Flask, Response, jsonify, request

from app.datasets.questions import BRFSS
from benchmarks.jobs import DATASET

_STRATUM = ["StratificationCategory1", "Stratification1"]


def _five(rows: Any, *, best: bool) -> Any:
    lower_is_better = BRFSS[rows["QuestionID"].iloc[0]].lower_is_better
    means = rows.groupby("LocationDesc")["Data_Value"].mean()
    return means.sort_values(ascending=lower_is_better == best, kind="stable").head(5)


def _states(rows: Any) -> Any:
    return rows.groupby("LocationDesc")["Data_Value"].mean().sort_values(kind="stable")


def _of_state(rows: Any, state: str) -> Any:
    return rows.loc[rows["LocationDesc"] == state, "Data_Value"].mean()


def _by(rows: Any, columns: list[str]) -> dict[str, Any]:
    means = rows.groupby(columns)["Data_Value"].mean()
    return {str(key): mean for key, mean in means.items()}


STATISTICS: dict[str, Callable[[Any, str], Any]] = {
    "states_mean": lambda rows, _: _states(rows).to_dict(),
    "state_mean": lambda rows, state: {state: _of_state(rows, state)},
    "best5": lambda rows, _: _five(rows, best=True).to_dict(),
    "worst5": lambda rows, _: _five(rows, best=False).to_dict(),
    "global_mean": lambda rows, _: {"global_mean": rows["Data_Value"].mean()},
    "diff_from_mean": lambda rows, _: (rows["Data_Value"].mean() - _states(rows)).to_dict(),
    "state_diff_from_mean": lambda rows, state: {
        state: rows["Data_Value"].mean() - _of_state(rows, state)
    },
    "mean_by_category": lambda rows, _: _by(rows, ["LocationDesc", *_STRATUM]),
    "state_mean_by_category": lambda rows, state: {
        state: _by(rows[rows["LocationDesc"] == state], _STRATUM)
    },
}


class Jobs:
    """The jobs' statuses, and the threads that run them."""

    def __init__(self, folder: Path, log: logging.Logger) -> None:
        data = pd.read_csv(DATASET, low_memory=False)
        self._data = data[(data["YearStart"] >= 2011) & (data["YearEnd"] <= 2022)]
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
            rows = self._data[self._data["Question"] == question]
            self._path(job_id).write_text(json.dumps(STATISTICS[statistic](rows, state)))
            status = "done"
        except Exception:  # noqa: BLE001
            self._log.exception("%s failed", job_id)
            status = "error"
        with self._lock:
            self._statuses[job_id] = status

    def result(self, job_id: str) -> dict[str, Any]:
        """Return the status of a job, with its data when it is done."""
        with self._lock:
            status = self._statuses[job_id]
        data = {"data": json.loads(self._path(job_id).read_text())} if status == "done" else {}
        return {"status": status, **data}

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"


def create_app(folder: Path) -> Flask:
    """Return the app."""
    log = logging.getLogger("usual")
    handler = RotatingFileHandler(folder / "webserver.log", maxBytes=20_000_000, backupCount=5)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    jobs = Jobs(folder, log)

    @app.post("/api/<statistic>")
    def submit(statistic: str) -> Response:
        content = request.get_json()
        log.info("entering %s: %s", statistic, content)
        job_id = jobs.submit(statistic, content["question"], content["state"])
        log.info("leaving %s: %s", statistic, job_id)
        return jsonify({"job_id": job_id})

    @app.get("/api/get_results/<job_id>")
    def get_results(job_id: str) -> Response:
        log.info("entering get_results: %s", job_id)
        result = jobs.result(job_id)
        log.info("leaving get_results: %s", result["status"])
        return jsonify(result)

    return app


if __name__ == "__main__":
    port, home = int(sys.argv[1]), Path(sys.argv[2])
    waitress.serve(create_app(home), host="127.0.0.1", port=port, threads=8, _quiet=True)
