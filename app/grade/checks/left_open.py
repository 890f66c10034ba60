"""What the course leaves open, and each solution does in its own way: told, and not graded."""

import signal
from pathlib import Path

from app.grade.bench import Bench, Running, as_job_id, data_of
from app.grade.checks.files import path_of


def run(bench: Bench) -> None:
    """See what error statuses there are, and what is left after a restart and a `kill -9`."""
    before: tuple[str, str] | None = None  # how the last server ended, and a job that it had
    for number, how in ((signal.SIGTERM, "SIGTERM"), (signal.SIGKILL, "kill -9"), (None, "")):
        if number is None or bench.can_start:
            with bench.server(2, hurried=False) as running:
                if before is not None:
                    _kept(bench, *before)
                if running.family is None or number is None:
                    _statuses(bench)
                    break
                before = _ended_by(bench, running, number, how)
    bench.silence("Nothing here costs points.")


def _statuses(bench: Bench) -> None:
    route, body, _ = bench.question("state_mean")
    with bench.client() as http:
        for what, asked in (
            ("An unknown question", {**body, "question": "What is the meaning of life?"}),
            ("An unknown state", {**body, "state": "Atlantis"}),
            ("No question", {"state": body["state"]}),
        ):
            submit = http.submit(route, asked)
            if submit.job_id is None:
                if submit.status != 400:
                    bench.note(
                        f"{what} gets {submit.status or 'no answer'}; the contract says 400."
                    )
                continue
            answer = bench.ended(http, submit.job_id, min(bench.patience, 3.0)).json
            status = answer.get("status") if isinstance(answer, dict) else "no object"
            bench.note(f"{what} gets a job that ends as {str(status)[:40]}; the contract says 400.")
        if http.get("/").status not in (401, 403):
            bench.note("No token is asked for: whoever reaches the server can submit.")


def _ended_by(
    bench: Bench, running: Running, number: signal.Signals, how: str
) -> tuple[str, str] | None:
    """End a server that has done a job; return how, and the job."""
    route, body, _ = bench.question("state_mean")
    with bench.client() as http:
        job_id = http.submit(route, body).job_id
        if job_id is None or running.family is None:
            return None
        bench.ended(http, job_id)
    running.family.signal(number)
    running.family.ends_within(bench.patience, running.reap)
    return how, job_id


def _kept(bench: Bench, how: str, job_id: str) -> None:
    """Tell what the next server knows of the job."""
    route, body, _ = bench.question("state_mean")
    with bench.client() as http:
        result = http.get(f"/api/get_results/{job_id}")
        after = http.submit(route, body).job_id
        if after is not None:
            bench.ended(http, after)
    known = "has its answer" if data_of(result) is not None else f"gets {result.status}"
    old, new = as_job_id(job_id), as_job_id(after or "")
    ids = "ids go on" if old is not None and new is not None and new > old else "ids begin again"
    kept = "" if ids == "ids begin again" else data_of_file(bench, job_id)
    bench.note(f"After {how} and a new start, {ids}, and a job of before {known}{kept}.")


def data_of_file(bench: Bench, job_id: str) -> str:
    """Tell whether the file of a job is there, where that is known."""
    folder: Path | None = bench.places.results
    if folder is None:
        return ""
    return "; its file is there" if path_of(folder, job_id).exists() else "; its file is gone"
