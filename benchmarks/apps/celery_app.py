"""Flask with Celery and Redis: `delay()` to submit, Redis for the queue and for the results.

python -m benchmarks.apps.celery_app worker REDIS_PORT PROCESSES ANSWERS     ANSWERS: pandas, ours
python -m benchmarks.apps.celery_app web REDIS_PORT PORT
gunicorn 'benchmarks.apps.celery_app:create_app(REDIS_PORT)'
"""

import json
import sys
import time
from typing import Any, Protocol

import waitress
from celery import Celery, group, signals
from flask import Flask, Response, jsonify, request

from app.data_ingestor import DataIngestor
from app.statistics.course import STATISTICS
from benchmarks.apps.pandas_answers import PandasAnswers
from benchmarks.asking import DATASET

# Seconds that a worker's process has to load the dataset; Celery's 4 are few where many start.
_LOADING = 60

# Seconds between looks whether a batch is done.
_LOOK = 0.01


class Answers(Protocol):
    """What computes answers in a worker."""

    def answer(self, statistic: str, question: str, state: str) -> dict[str, Any]:
        """Return one statistic of one question."""


class OurAnswers:
    """The answers as this project computes them, so that only what is around them differs."""

    def __init__(self) -> None:
        # The threads of polars do not outlive a fork, so each process of a worker loads its own.
        signals.worker_process_init.connect(self._load, weak=False)

    def _load(self, **_: Any) -> None:
        self._tables = DataIngestor(DATASET).tables

    def answer(self, statistic: str, question: str, state: str) -> dict[str, Any]:
        """Return one statistic of one question."""
        asked = STATISTICS[statistic]
        return dict(asked.compute(self._tables[question], *((state,) if asked.needs_state else ())))


def celery_of(redis_port: int, answers: Answers | None = None) -> tuple[Celery, Any]:
    """Return Celery and its one task. Only a worker needs `answers`."""
    url = f"redis://127.0.0.1:{redis_port}/0"
    celery = Celery("stats", broker=url, backend=url)
    celery.conf.worker_proc_alive_timeout = _LOADING

    def answer(statistic: str, question: str, state: str) -> dict[str, Any]:
        assert answers is not None, "runs in a worker"
        return answers.answer(statistic, question, state)

    return celery, celery.task(answer, name="answer")


def create_app(redis_port: int) -> Flask:
    """Return the Flask app."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    celery, task = celery_of(redis_port)

    @app.post("/api/<statistic>")
    def submit(statistic: str) -> Response:
        content = request.get_json()
        queued = task.delay(statistic, content["question"], content.get("state", ""))
        return jsonify({"job_id": queued.id})

    @app.get("/api/get_results/<job_id>")
    def get_results(job_id: str) -> Response:
        return jsonify(told(job_id))

    @app.post("/api/batch")
    def submit_batch() -> Response:
        asked = group(
            task.s(one["statistic"], one["question"], one.get("state", ""))
            for one in request.get_json()
        )
        return jsonify({"job_ids": [one.id for one in asked.apply_async().results]})

    @app.post("/api/batch/results")
    def batch_results() -> Response:
        ids = request.get_json()["job_ids"]
        deadline = time.monotonic() + request.args.get("wait", 0.0, float)
        # From the last one: as long as it is not ready, one question a look.
        while not all(celery.AsyncResult(job_id).ready() for job_id in reversed(ids)):
            if time.monotonic() > deadline:
                break
            time.sleep(_LOOK)
        lines = (json.dumps(told(job_id)) + "\n" for job_id in ids)
        return Response("".join(lines), mimetype="application/x-ndjson")

    def told(job_id: str) -> dict[str, Any]:
        result = celery.AsyncResult(job_id)
        status = result.status
        if status == "SUCCESS":
            return {"status": "done", "data": result.result}
        return {"status": "error" if status == "FAILURE" else "running"}

    return app


def work(redis_port: int, processes: str, answers: str) -> None:
    """Run a worker; what pandas read before the fork is shared by its processes."""
    celery, _ = celery_of(
        redis_port, OurAnswers() if answers == "ours" else PandasAnswers(str(DATASET))
    )
    options = ["--pool", "prefork", "--concurrency", processes, "--loglevel", "warning"]
    celery.worker_main(["worker", *options])


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        work(int(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        waitress.serve(
            create_app(int(sys.argv[2])),
            host="127.0.0.1",
            port=int(sys.argv[3]),
            threads=8,
            _quiet=True,
        )
