"""What a check works with: a server that it may start, the right answers, and what it has found."""

import os
import random
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.grade.expected import OF_A_STATE, ROUTES, Expected
from app.grade.faults import FAULTS
from app.grade.findings import CannotGradeError, Exchange, Finding, Outcome
from app.grade.http_client import Address, Client, Prepared, check_admitted, side_by_side
from app.grade.processes import Family

START_SECONDS = 60.0
ANSWER_SECONDS = 30.0  # for one job, with nothing in front of it
_LOOK = 0.002


class Process(Protocol):
    """As much of subprocess.Popen as is needed."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""


Launch = Callable[[Mapping[str, str]], Process]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the server writes; None where that is not known."""

    results: Path | None
    log: Path | None


def launcher(command: str, folder: Path, output: Path) -> Launch:
    """Return what starts a command in a folder, in a session of its own."""
    words = shlex.split(command)

    def launch(environ: Mapping[str, str]) -> Process:
        with output.open("ab") as file:
            return subprocess.Popen(
                words,
                cwd=folder,
                env={**os.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )

    return launch


@dataclass(slots=True)
class Running:
    """A server that runs. Of one that we did not start, `family` is None."""

    family: Family | None = None
    process: Process | None = None

    def reap(self) -> bool:
        """Tell whether our child has ended."""
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        """End it."""
        if self.family is not None:
            self.family.end(self.reap)


class Bench:
    """What the checks of one grading share."""

    def __init__(
        self,
        address: Address,
        expected: Expected,
        places: Places,
        launch: Launch | None = None,
        *,
        seed: int = 1,
        seconds: float = 6.0,
        patience: float = 10.0,
        faults: Collection[str] = (),
        output: Path | None = None,
    ) -> None:
        """`seconds` is how long a check looks for a race, `patience` until something hangs.

        With `faults`, only what finds one of these is done.
        """
        self.address, self.expected, self.places = address, expected, places
        self.chance = random.Random(seed)
        self.seconds, self.patience = seconds, patience
        self.can_start = launch is not None
        self.faults = frozenset(faults)
        self._launch, self._output = launch, output
        self.outcome = Outcome("", "")

    # -- the server

    @contextmanager
    def server(
        self, threads: int = 4, *, hurried: bool = True, **environ: str
    ) -> Iterator[Running]:
        """Run a server for a with block; where none may be started, give the one that is there.

        When it is `hurried`, threads of a Python server change places more often: see `hurry/`.
        """
        if self._launch is None:
            yield Running()
            return
        running = self.start(threads, hurried=hurried, **environ)
        try:
            yield running
        finally:
            running.stop()

    def start(self, threads: int, *, hurried: bool, **environ: str) -> Running:
        """Start a server, and wait until it answers."""
        assert self._launch is not None
        until = time.monotonic() + self.patience
        while self.address.answers():  # the port of the last one may take a moment
            if time.monotonic() > until:
                raise CannotGradeError(f"something else answers at {self.address.url} already")
            time.sleep(0.05)
        settings = {"TP_NUM_OF_THREADS": str(threads), "PYTHONUNBUFFERED": "1"}
        if hurried:
            folder = str(Path(__file__).with_name("hurry"))
            before = os.environ.get("PYTHONPATH")
            settings["PYTHONPATH"] = os.pathsep.join(filter(None, (folder, before)))
        try:
            process = self._launch({**settings, **environ})
        except OSError as error:
            raise CannotGradeError(f"the server cannot be started: {error}") from None
        running = Running(Family(process.pid), process)
        until = time.monotonic() + START_SECONDS
        try:
            while True:
                if running.reap():
                    raise CannotGradeError(f"the server ended at once{self._last_words()}")
                with Client(self.address, 5.0) as client:
                    if self.address.answers() and client.get("/").status:
                        check_admitted(client.get("/api/num_jobs"), self.address)
                        return running
                if time.monotonic() > until:
                    raise CannotGradeError(
                        f"the server did not answer at {self.address.url} within "
                        f"{START_SECONDS:g} s{self._last_words()}"
                    )
                time.sleep(0.02)
        except BaseException:
            running.stop()
            raise

    def check_admitted(self) -> None:
        """Submit a job; raise CannotGradeError where the server lets in others alone."""
        question = self.expected.questions[0]
        with self.client() as client:
            check_admitted(client.submit("states_mean", {"question": question}), self.address)

    def _last_words(self) -> str:
        if self._output is None or not self._output.exists():
            return ""
        lines = self._output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f": {lines[-1][:300]}" if lines else ""

    def client(self) -> Client:
        """Return a client of the server, to be closed in the end."""
        return Client(self.address)

    # -- what is asked

    def question(self, route: str | None = None) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Return something to ask, by chance: the route, the body, and the right answer."""
        route = route or self.chance.choice(ROUTES)
        question = self.chance.choice(self.expected.questions)
        state = self.chance.choice(self.expected.states(question)) if route in OF_A_STATE else None
        body = {"question": question} | ({"state": state} if state else {})
        return route, body, self.expected.answer(route, question, state)

    def different(self, count: int) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        """Return questions whose answers all differ, as far as there are so many."""
        every = [(q, state) for q in self.expected.questions for state in self.expected.states(q)]
        self.chance.shuffle(every)
        return [
            (
                "state_mean",
                {"question": question, "state": state},
                self.expected.answer("state_mean", question, state),
            )
            for question, state in every[:count]
        ]

    def prepared(self, count: int, route: str | None = None) -> list[Prepared]:
        """Return submits that wait for their last byte, of one route or of several."""
        asked = [self.question(route)[:2] for _ in range(count)]
        return [Prepared(self.address, f"/api/{route}", body) for route, body in asked]

    def ended(self, client: Client, job_id: str, seconds: float = ANSWER_SECONDS) -> Exchange:
        """Return the first answer of get_results that is not `running`; if none is, the last."""
        until = time.monotonic() + seconds
        pause = _LOOK
        while True:
            exchange = client.get(f"/api/get_results/{job_id}")
            answer = exchange.json
            running = isinstance(answer, dict) and answer.get("status") == "running"
            if not running or time.monotonic() > until:
                return exchange
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)

    # -- what is found

    def wants(self, *names: str) -> bool:
        """Tell whether one of these faults is looked for."""
        return not self.faults or not self.faults.isdisjoint(names)

    def found(
        self,
        name: str,
        seen: str,
        *exchanges: Exchange,
        again: str = "",
        where: str = "",
    ) -> None:
        """Note a fault, the first time that it is seen (in each route, where one is named)."""
        fault = FAULTS[name]
        if any(one.fault is fault and one.where == where for one in self.outcome.findings):
            return
        if not again:
            again = "\n".join(
                filter(None, dict.fromkeys(one.curl(self.address.url) for one in exchanges))
            )
        finding = Finding(fault, self.outcome.name, seen, exchanges, again, where)
        self.outcome.findings.append(finding)

    def has_found(self, *names: str) -> bool:
        """Tell whether one of these, or without names anything, was found in this check."""
        return any(not names or one.fault.name in names for one in self.outcome.findings)

    @property
    def is_enough(self) -> bool:
        """Whether a fault was found that is looked for by its name."""
        return bool(self.faults) and self.has_found(*self.faults)

    def note(self, text: str) -> None:
        """Tell something that costs no points."""
        if text not in self.outcome.notes:
            self.outcome.notes.append(text)

    def silence(self, text: str) -> None:
        """Tell what it is worth that nothing was found."""
        self.outcome.silence = text


def counted(number: int, thing: str) -> str:
    """Return a number of things in words, `1 round` or `3 rounds`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def as_job_id(job_id: str) -> int | None:
    """Return the number in an id; None where it has none."""
    digits = job_id.removeprefix("job_id_")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def differs(data: object, expected: Mapping[str, Any]) -> str:
    """Tell in what an answer differs from the right one, its order aside; empty if it does not."""
    if not isinstance(data, dict):
        return f"data is {str(data)[:80]!r}, and not an object"
    lacking = [key for key in expected if key not in data]
    if lacking:
        return f"{lacking[0]!r} is missing"
    more = [key for key in data if key not in expected]
    if more:
        return f"{more[0]!r} does not belong there"
    for key, right in expected.items():
        value = data[key]
        if isinstance(right, Mapping):
            inside = differs(value, right)
            if inside:
                return f"{key}: {inside}"
        elif isinstance(value, bool) or not isinstance(value, int | float):
            return f"{key!r} is {value!r}, and not a number"
        elif not abs(value - right) <= 1e-6:
            return f"{key!r} is {value!r}, and should be {right!r}"
    return ""


def data_of(exchange: Exchange) -> Any:
    """Return the data of a result that is done; None for any other answer."""
    answer = exchange.json
    if isinstance(answer, dict) and answer.get("status") == "done":
        return answer.get("data")
    return None


def side_by_side_of(client: Callable[[], None], count: int, *others: Callable[[], None]) -> None:
    """Run so many clients, and others, on a thread each."""
    side_by_side([*[client] * count, *others])


def until(seconds: float, stop: Callable[[], bool]) -> Iterator[int]:
    """Count rounds until time is up or something was found; there is at least one."""
    end = time.monotonic() + seconds
    number = 0
    while number == 0 or (time.monotonic() < end and not stop()):
        yield number
        number += 1


def settled(what: Callable[[], int], seconds: float = 2.0, quiet: float = 0.25) -> int:
    """Return a number once it has not changed for a moment; the smallest, if it never settles."""
    end = time.monotonic() + seconds
    seen = [what()]
    since = time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < quiet:
        time.sleep(0.05)
        value = what()
        if value != seen[-1]:
            since = time.monotonic()
        seen.append(value)
    return seen[-1] if time.monotonic() - since >= quiet else min(seen)


def temporary_output() -> Path:
    """Return a file for what a server prints."""
    handle, name = tempfile.mkstemp(prefix="graded-", suffix=".txt")
    os.close(handle)
    return Path(name)
