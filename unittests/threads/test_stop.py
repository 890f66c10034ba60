"""The pool's stop is logged once, whichever way it comes; a drained server goes on answering."""

import signal
from pathlib import Path

import pytest

from unittests.helpers.data import OBESITY
from unittests.helpers.server import GATED, running_server
from unittests.helpers.waiting import eventually

# A server whose jobs never end.
STUCK = """
import sys, threading
from app.answers.compute import Answers
from app.server import main
Answers.answer = lambda self, parameters: threading.Event().wait()
sys.exit(main(sys.argv[1:], "stuck"))
"""


@pytest.mark.parametrize("threads", ["0", "3"])
def test_after_a_graceful_shutdown_it_is_logged_while_results_can_be_fetched(
    tmp_path: Path, threads: str
) -> None:
    with running_server(tmp_path, "--threads", threads) as server:
        ids = [server.post("mean_by_category", question=OBESITY) for _ in range(10)]
        assert "pool stopped" not in server.log_text()
        for _ in range(2):
            server.get("api/graceful_shutdown")
        eventually(lambda: "pool stopped, 0 jobs left for the next start" in server.log_text())
        assert {server.outcome(job_id)["status"] for job_id in ids} == {"done"}
        assert server.stop() == 0
        assert server.log_text().count("pool stopped") == 1


def test_it_comes_after_the_jobs_that_were_accepted_before(tmp_path: Path) -> None:
    with running_server(tmp_path, "--threads", "2", program=("-c", GATED)) as server:
        ids = [server.post("state_mean", question="Q036", state="OH") for _ in range(5)]
        server.get("api/graceful_shutdown")  # opens the gate
        eventually(lambda: "pool stopped, 0 jobs left for the next start" in server.log_text())
        text = server.log_text()
        assert text.index("draining: 5 jobs") < text.index(f"{ids[0]} done")
        assert max(text.index(f"{job_id} done") for job_id in ids) < text.index("pool stopped")


def test_what_does_not_end_is_left_for_the_next_start(tmp_path: Path) -> None:
    arguments = ("--drain-seconds", "0.1", "--threads", "2")
    with running_server(tmp_path, *arguments, program=("-c", STUCK)) as server:
        server.post("best5", question=OBESITY)
        assert server.get("api/graceful_shutdown") == {"status": "running"}
        assert server.stop(signal.SIGTERM) == 0
        text = server.log_text()
        assert text.count("pool stopped") == 1
        assert "pool stopped, 1 jobs left for the next start" in text
        assert "threads that did not end in time: TaskRunner-" in text
