"""A small and correct server of the course's contract, as a good student would write it.

    python plain_server.py PORT CSV

It shares nothing with the project: the grader must find nothing wrong with it, and each fault that
is put into it (mutants.py).
"""

import csv
import json
import logging
import os
import queue
import sys
import threading
import time
from logging.handlers import RotatingFileHandler
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

LOW_IS_GOOD = ("Q036", "Q037", "Q047", "Q018", "Q019")
OF_A_STATE = ("state_mean", "state_diff_from_mean", "state_mean_by_category")
PAUSE = 0.02  # seconds of a job, as if it read something


class Data:
    """The rows, by question."""

    def __init__(self, path: str) -> None:
        self.rows: dict[str, list[tuple[str, str, str, float]]] = {}
        self.low_is_good = set()
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if not row["Data_Value"]:
                    continue
                if int(row["YearStart"]) < 2011 or int(row["YearEnd"]) > 2022:
                    continue
                self.rows.setdefault(row["Question"], []).append(
                    (
                        row["LocationDesc"],
                        row["StratificationCategory1"],
                        row["Stratification1"],
                        float(row["Data_Value"]),
                    )
                )
                if row["QuestionID"] in LOW_IS_GOOD:
                    self.low_is_good.add(row["Question"])

    def states(self, question: str) -> dict[str, float]:
        """Return the mean of each state, lowest first."""
        values: dict[str, list[float]] = {}
        for state, _, _, value in self.rows[question]:
            values.setdefault(state, []).append(value)
        means = [(sum(some) / len(some), state) for state, some in values.items()]
        return {state: mean for mean, state in sorted(means)}

    def everywhere(self, question: str) -> float:
        """Return the mean of all rows."""
        rows = self.rows[question]
        return sum(row[3] for row in rows) / len(rows)

    def categories(self, question: str, of: str | None = None) -> dict[str, float]:
        """Return the mean of each state and stratum, or of each stratum of one state."""
        values: dict[tuple[str, ...], list[float]] = {}
        for state, category, stratum, value in self.rows[question]:
            if category and stratum and of in (None, state):
                key = (category, stratum) if of else (state, category, stratum)
                values.setdefault(key, []).append(value)
        return {repr(key): sum(values[key]) / len(values[key]) for key in sorted(values)}

    def answer(self, kind: str, question: str, state: str) -> Any:
        """Take the time that an answer takes, and compute it."""
        time.sleep(PAUSE)
        return self.compute(kind, question, state)

    def compute(self, kind: str, question: str, state: str) -> Any:
        """Compute an answer."""
        means = self.states(question)
        best = (
            list(means)
            if question in self.low_is_good
            else sorted(means, key=lambda name: (-means[name], name))
        )
        worst = (
            list(means)
            if question not in self.low_is_good
            else sorted(means, key=lambda name: (-means[name], name))
        )
        match kind:
            case "states_mean":
                return means
            case "state_mean":
                return {state: means[state]}
            case "best5":
                return {name: means[name] for name in best[:5]}
            case "worst5":
                return {name: means[name] for name in worst[:5]}
            case "global_mean":
                return {"global_mean": self.everywhere(question)}
            case "diff_from_mean":
                return {name: self.everywhere(question) - mean for name, mean in means.items()}
            case "state_diff_from_mean":
                return {state: self.everywhere(question) - means[state]}
            case "mean_by_category":
                return self.categories(question)
            case "state_mean_by_category":
                return {state: self.categories(question, state)}


class Jobs:
    """Ids, what is known of each job, and the threads that run them."""

    def __init__(self, data: Data, log: logging.Logger) -> None:
        self.data, self.log = data, log
        self.lock = threading.Lock()  # guards all that follows but the queue
        self.results: dict[str, dict[str, Any]] = {}
        self.count = 0
        self.unfinished = 0
        self.closing = False
        self.queue: queue.Queue[Any] = queue.Queue()
        os.makedirs("results", exist_ok=True)
        threads = int(os.environ.get("TP_NUM_OF_THREADS") or os.cpu_count() or 1)
        self.workers = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]
        for worker in self.workers:
            worker.start()

    def submit(self, kind: str, question: str, state: str) -> str | None:
        """Accept a job and return its id; None once the server shuts down."""
        with self.lock:
            if self.closing:
                return None
            self.count += 1
            job_id = f"job_id_{self.count}"
            self.results[job_id] = {"status": "running"}
            self.unfinished += 1
            self.queue.put((job_id, kind, question, state))
        return job_id

    def work(self) -> None:
        """Run jobs until the sentinel."""
        while True:
            job = self.queue.get()
            if job is None:
                return
            self.run(*job)

    def run(self, job_id: str, kind: str, question: str, state: str) -> None:
        """Run one job."""
        try:
            data = self.data.answer(kind, question, state)
            self.write(job_id, data)
            result = {"status": "done", "data": data}
        except Exception as error:  # noqa: BLE001
            result = {"status": "error", "reason": str(error)}
        with self.lock:
            self.results[job_id] = result
            self.unfinished -= 1

    def write(self, job_id: str, data: Any) -> None:
        """Write the file of a result in one step."""
        os.makedirs("results", exist_ok=True)
        path = f"results/{job_id}.json"
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(path + ".part", path)

    def status(self, job_id: str) -> dict[str, Any] | None:
        """Return what is known of a job."""
        with self.lock:
            return self.results.get(job_id)

    def every(self) -> list[dict[str, str]]:
        """Return all jobs, by id."""
        with self.lock:
            return [{job_id: result["status"]} for job_id, result in self.results.items()]

    def left(self) -> int:
        """Return how many jobs have not ended."""
        with self.lock:
            return self.unfinished

    def close(self) -> None:
        """Take no more jobs; the workers end when those that were accepted have ended."""
        with self.lock:
            if self.closing:
                return
            self.closing = True
            for _ in self.workers:
                self.queue.put(None)


def logger() -> logging.Logger:
    """Return the log, which rotates and has UTC times."""
    log = logging.getLogger("plain")
    log.setLevel(logging.INFO)
    handler = RotatingFileHandler("webserver.log", maxBytes=1_000_000, backupCount=3)
    form = logging.Formatter(
        "%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    form.converter = time.gmtime
    handler.setFormatter(form)
    log.addHandler(handler)
    return log


def answer(data: Any, status: int = 200) -> Response:
    """Return a response of JSON, in the order of the data."""
    return Response(json.dumps(data), status, mimetype="application/json")


def create_app(data: Data, log: logging.Logger) -> Flask:
    """Return the app."""
    app = Flask("plain")
    jobs = Jobs(data, log)

    @app.before_request
    def enter() -> None:
        log.info("enter %s %s %s", request.method, request.path, request.get_data(as_text=True))

    @app.after_request
    def leave(response: Response) -> Response:
        log.info("exit %s %s %s", request.method, request.path, response.status_code)
        return response

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        return answer({"status": "error", "reason": error.description}, error.code or 500)

    @app.post("/api/<kind>")
    def submit(kind: str) -> Response:
        if kind not in (*OF_A_STATE, "states_mean", "best5", "worst5", "global_mean",
                        "diff_from_mean", "mean_by_category"):  # fmt: skip
            return answer({"status": "error", "reason": "no such route"}, 404)
        try:
            body = json.loads(request.get_data())
        except (ValueError, RecursionError):
            return answer({"status": "error", "reason": "the body is no JSON"}, 400)
        if not isinstance(body, dict):
            return answer({"status": "error", "reason": "the body is no object"}, 400)
        question, state = body.get("question"), str(body.get("state"))
        if not isinstance(question, str) or question not in data.rows:
            return answer({"status": "error", "reason": "unknown question"}, 400)
        if kind in OF_A_STATE and state not in (row[0] for row in data.rows[question]):
            return answer({"status": "error", "reason": "unknown state"}, 400)
        job_id = jobs.submit(kind, question, state)
        if job_id is None:
            return answer({"status": "error", "reason": "shutting down"}, 503)
        return answer({"job_id": job_id})

    @app.get("/api/get_results/<job_id>")
    def get_results(job_id: str) -> Response:
        result = jobs.status(job_id if job_id.startswith("job_id_") else f"job_id_{job_id}")
        if result is None:
            return answer({"status": "error", "reason": "Invalid job_id"}, 404)
        return answer(result)

    @app.get("/api/jobs")
    def every() -> Response:
        return answer({"status": "done", "data": jobs.every()})

    @app.get("/api/num_jobs")
    def num_jobs() -> Response:
        return answer({"status": "done", "num_jobs": jobs.left()})

    @app.route("/api/graceful_shutdown", methods=["GET", "POST"])
    def graceful_shutdown() -> Response:
        jobs.close()
        return answer({"status": "running" if jobs.left() else "done"})

    @app.get("/")
    def index() -> Response:
        return answer({"routes": [rule.rule for rule in app.url_map.iter_rules()]})

    return app


def main() -> None:
    """Serve until a signal ends the process."""
    port, path = sys.argv[1:]
    app = create_app(Data(path), logger())
    make_server("127.0.0.1", int(port), app, threaded=True, request_handler=Quiet).serve_forever()


class Quiet(WSGIRequestHandler):
    """One that does not write of each request to standard error."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


if __name__ == "__main__":
    main()
