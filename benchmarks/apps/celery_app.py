"""Flask with Celery and Redis: `delay()` to submit, Redis for the queue and for the results.

python -m benchmarks.apps.celery_app worker REDIS_PORT
python -m benchmarks.apps.celery_app web REDIS_PORT PORT
"""

import sys
from typing import Any

import waitress
from celery import Celery
from flask import Flask, Response, jsonify, request

from benchmarks.apps.pandas_answers import PandasAnswers
from benchmarks.asking import DATASET


def celery_of(redis_port: int, answers: PandasAnswers | None = None) -> tuple[Celery, Any]:
    """Return Celery and its one task. Only a worker needs `answers`."""
    url = f"redis://127.0.0.1:{redis_port}/0"
    celery = Celery("stats", broker=url, backend=url)

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
        result = celery.AsyncResult(job_id)
        status = result.status
        if status == "SUCCESS":
            return jsonify({"status": "done", "data": result.result})
        return jsonify({"status": "error" if status == "FAILURE" else "running"})

    return app


def work(redis_port: int) -> None:
    """Run a worker with two processes, which share the dataset that was read before the fork."""
    celery, _ = celery_of(redis_port, PandasAnswers(str(DATASET)))
    options = ["--pool", "prefork", "--concurrency", "2", "--loglevel", "warning"]
    celery.worker_main(["worker", *options])


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        work(int(sys.argv[2]))
    else:
        waitress.serve(
            create_app(int(sys.argv[2])),
            host="127.0.0.1",
            port=int(sys.argv[3]),
            threads=8,
            _quiet=True,
        )
