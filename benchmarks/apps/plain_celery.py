"""Flask with Celery and Redis: `delay()` to submit, Redis for the queue and for the results.

    python -m benchmarks.apps.plain_celery REDIS_PORT PROCESSES            the worker
    gunicorn 'benchmarks.apps.plain_celery:create_app(REDIS_PORT)'

Answers are computed by this project's functions, so that only what is around them differs.
"""

import json
import sys
import time
from typing import Any

from celery import Celery, group, signals
from flask import Flask, Response, jsonify, request

from app.data_ingestor import DataIngestor
from app.statistics.registry import STATISTICS
from benchmarks.jobs import DATASET

_LOADING_SECONDS = 60  # Celery's 4 are few where many processes start
_PAUSE = 0.01  # between two looks whether a batch is done


def celery_of(redis_port: int) -> Celery:
    """Return Celery."""
    url = f"redis://127.0.0.1:{redis_port}/0"
    celery = Celery("stats", broker=url, backend=url)
    celery.conf.worker_proc_alive_timeout = _LOADING_SECONDS
    return celery


def work(redis_port: int, processes: str) -> None:
    """Run a worker."""
    celery = celery_of(redis_port)
    datasets: list[DataIngestor] = []

    def load(**_: Any) -> None:
        datasets.append(DataIngestor(DATASET))

    def answer(statistic: str, question: str, state: str) -> dict[str, Any]:
        asked, dataset = STATISTICS[statistic], datasets[0]
        body = {"question": question, "state": state}
        return dict(asked.answer(asked.ask(body, dataset)))

    celery.task(answer, name="answer")
    # The threads of polars do not outlive a fork, so each process of a worker loads its own.
    signals.worker_process_init.connect(load, weak=False)
    options = ["--pool", "prefork", "--concurrency", processes, "--loglevel", "warning"]
    celery.worker_main(["worker", *options])


def create_app(redis_port: int) -> Flask:
    """Return the Flask app."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    celery = celery_of(redis_port)
    task = celery.signature("answer")

    def result(job_id: str) -> dict[str, Any]:
        found = celery.AsyncResult(job_id)
        if found.status == "SUCCESS":
            return {"status": "done", "data": found.result}
        return {"status": "error" if found.status == "FAILURE" else "running"}

    @app.post("/api/<statistic>")
    def submit(statistic: str) -> Response:
        asked = request.get_json()
        job = task.delay(statistic, asked["question"], asked["state"])
        return jsonify({"job_id": job.id})

    @app.get("/api/get_results/<job_id>")
    def get_results(job_id: str) -> Response:
        return jsonify(result(job_id))

    @app.post("/api/batch")
    def submit_batch() -> Response:
        asked = request.get_json()
        jobs = group(
            task.clone(args=(one["statistic"], one["question"], one["state"])) for one in asked
        )
        return jsonify({"job_ids": [job.id for job in jobs.apply_async().results]})

    @app.post("/api/batch/results")
    def batch_results() -> Response:
        ids = request.get_json()["job_ids"]
        # From the last one: as long as it is not ready, one question a look.
        while not all(celery.AsyncResult(job_id).ready() for job_id in reversed(ids)):
            time.sleep(_PAUSE)
        lines = (json.dumps(result(job_id)) + "\n" for job_id in ids)
        return Response("".join(lines), mimetype="application/x-ndjson")

    return app


if __name__ == "__main__":
    work(int(sys.argv[1]), sys.argv[2])
