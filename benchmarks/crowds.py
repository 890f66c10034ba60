"""Many clients at once, many that only wait, and more or fewer worker threads."""

import json
import selectors
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import jobs_load, load
from benchmarks.asking import Jobs, all_questions, mixed
from benchmarks.contestants import this_server, this_server_command
from benchmarks.jobs_load import Figures
from benchmarks.programs import free_port
from benchmarks.session import Session

Rounds = dict[int, list[Figures]]

_SETTLED = 1.0  # seconds


def by_clients(session: Session, counts: Sequence[int]) -> Rounds:
    """Measure one server under so many clients, in turns."""
    asked = mixed(all_questions(), session.jobs)
    rounds: Rounds = {count: [] for count in counts}
    with session.programs() as programs:
        port = this_server()(programs)
        jobs_load.measure(port, Jobs(), session.clients, asked[: session.jobs // 10])
        for number in range(session.rounds):
            for count in counts:
                session.tell(f"{count} clients, round {number + 1} of {session.rounds}")
                rounds[count].append(jobs_load.measure(port, Jobs(), count, asked))
    return rounds


def by_threads(session: Session, counts: Sequence[int]) -> Rounds:
    """Measure servers with so many worker threads, in turns; all are up, one at a time works."""
    asked = mixed(all_questions(), session.jobs)
    rounds: Rounds = {count: [] for count in counts}
    with ExitStack() as stack:
        ports = {}
        for count in counts:
            programs = stack.enter_context(session.programs())
            ports[count] = this_server("--threads", str(count))(programs)
            jobs_load.measure(ports[count], Jobs(), session.clients, asked[: session.jobs // 10])
        for number in range(session.rounds):
            for count, port in ports.items():
                session.tell(f"{count} threads, round {number + 1} of {session.rounds}")
                rounds[count].append(jobs_load.measure(port, Jobs(), session.clients, asked))
    return rounds


@dataclass(frozen=True)
class Waiting:
    """Jobs per second of a few clients while others wait, and without; how many really waited."""

    waited: int
    jobs_rate: float
    jobs_rate_alone: float


def while_others_wait(session: Session, waiting: int) -> list[Waiting]:
    """Measure a few clients while `waiting` others wait for jobs that do not end, and alone."""
    asked = mixed(all_questions(), session.jobs)
    rounds = []
    with session.programs() as programs:
        port = free_port()
        # Jobs that never end would hold up the server's end too.
        options = ["--drain-seconds", "0"]
        command = this_server_command(programs.folder, port)[1:]
        programs.python("-m", "benchmarks.apps.held", str(waiting), *command, *options)
        programs.wait_for(port)
        submitted = load.run(port, session.clients, Jobs().submits(mixed(asked, waiting)))
        ids = [json.loads(body)["job_id"] for body in submitted.answers]
        jobs_load.measure(port, Jobs(), session.clients, asked[: session.jobs // 10])
        for number in range(session.rounds):
            session.tell(f"{waiting} wait, round {number + 1} of {session.rounds}")
            alone = jobs_load.measure(port, Jobs(), session.clients, asked)
            with ExitStack() as stack:
                limiter = [stack.enter_context(load.Connection(port)) for _ in ids]
                for connection, job_id in zip(limiter, ids, strict=True):
                    connection.send(load.request("GET", f"/api/get_results/{job_id}?wait=30"))
                time.sleep(_SETTLED)  # what is asked is what waiting costs, not arriving
                beside = jobs_load.measure(port, Jobs(), session.clients, asked)
                rounds.append(
                    Waiting(len(limiter) - _answered(limiter), beside.jobs_rate, alone.jobs_rate)
                )
    return rounds


def _answered(limiter: Sequence[load.Connection]) -> int:
    """Return how many have something to read."""
    with selectors.DefaultSelector() as selector:
        for connection in limiter:
            selector.register(connection.socket, selectors.EVENT_READ)
        return len(selector.select(0))
