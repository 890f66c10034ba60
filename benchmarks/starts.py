"""Starts: seconds from the start of `python api_server.py` to its first whole answer."""

import time
from contextlib import suppress
from dataclasses import dataclass

from benchmarks import generate
from benchmarks.asking import Jobs, Question, all_questions
from benchmarks.contestants import this_server_command
from benchmarks.jobs_load import await_answer
from benchmarks.load import Connection
from benchmarks.programs import Programs, free_port
from benchmarks.session import Session

_PATIENCE = 600.0
_PAUSE = 0.002

CDC_ROWS = 106_000


@dataclass(frozen=True)
class Started:
    """A server that runs, and how long it took to its first answer."""

    port: int
    process_id: int
    seconds: float


def start(programs: Programs, question: Question, *options: str) -> Started:
    """Start this server, submit one job and collect its result."""
    port = free_port()
    began = time.perf_counter()
    process_id = programs.python(*this_server_command(programs.folder, port), *options)
    submitted = _first_answer(port, Jobs().submits([question])[0])
    await_answer(port, Jobs().collects([question], [submitted])[0])
    return Started(port, process_id, time.perf_counter() - began)


def _first_answer(port: int, data: bytes) -> bytes:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), Connection(port) as connection:
            return connection.ask(data).body
        time.sleep(_PAUSE)
    raise TimeoutError("the server does not start")


def measure(session: Session) -> list[float]:
    """Return the seconds that starts with the bundled dataset took."""
    return _starts(session, "bundled dataset")


def measure_rows(session: Session) -> list[float]:
    """Return the seconds that starts with as many rows as CDC's whole release took."""
    path = session.folder / f"{CDC_ROWS}.csv"
    generate.write(path, CDC_ROWS)
    return _starts(session, f"{CDC_ROWS:,} rows", "--data", str(path))


def _starts(session: Session, what: str, *options: str) -> list[float]:
    question = all_questions()[0]
    seconds = []
    for number in range(session.rounds):
        session.tell(f"start, {what}, round {number + 1} of {session.rounds}")
        with session.programs() as programs:
            seconds.append(start(programs, question, *options).seconds)
    return seconds
