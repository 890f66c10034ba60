"""What the proofs share: clients that remember each acknowledged job, and judge every answer."""

import contextlib
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from unittests.helpers.data import answers_of, dataset
from unittests.helpers.figures import figures
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.server import Server

STATES = ("Ohio", "Texas", "Alabama", "Guam")


class Asked(NamedTuple):
    """A statistic, and the body that asks it, as JSON."""

    statistic: str
    body: str


# So many questions are asked again and again.
_ASKED_AGAIN = 5


class Truth:
    """Right answers, worked out beforehand.

    Those of the course's statistics from dataset/course_rows.csv alone; those of the others, which
    are proved right elsewhere, in this process, which nothing happens to.
    """

    def __init__(self) -> None:
        nine = {
            Asked(
                name, json.dumps({"question": question} | ({"state": state} if state else {}))
            ): figures().answer(name, question, state)
            for question in figures().questions
            for name, statistic in COURSE_STATISTICS.items()
            for state in (STATES if statistic.needs_state else (None,))
            if state is None or state in figures().states(question)
        }
        answers = answers_of(dataset())
        others = {
            Asked(name, json.dumps(statistic.example)): json.loads(
                answers.answer(answers.request(statistic, statistic.example)).body
            )
            for name, statistic in TABLE_STATISTICS.items()
            if name not in ("trend", "compare")  # of rows that the course's file lacks
        }
        self._known: dict[Asked, Any] = {**nine, **others}
        self._nine, self._others = list(nine), list(others)

    def ask(self, chance: random.Random) -> Asked:
        """Return a question to ask: every tenth is of a statistic that answers with a table.

        Every third is one of a few, which soon have been asked before: such jobs end at once.
        """
        kind = chance.random()
        if kind < 0.1:
            return chance.choice(self._others)
        return chance.choice(self._nine if kind < 2 / 3 else self._nine[:_ASKED_AGAIN])

    def of(self, asked: Asked) -> Any:
        """Return the right answer."""
        return self._known[asked]


class Ledger:
    """All that the server promised, and all that was wrong."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.promised: dict[str, Asked] = {}
        self.wrong: list[str] = []
        self.refused: dict[int, int] = {}
        self.told_to_stop = float("inf")  # when the server got a SIGTERM
        self.lock = threading.Lock()

    def promise(self, job_id: str, asked: Asked) -> None:
        """Note an acknowledged job."""
        with self.lock:
            if job_id in self.promised:
                self.wrong.append(f"{job_id} was given twice")
            self.promised[job_id] = asked

    def complain(self, what: str) -> None:
        """Note that something was wrong."""
        with self.lock:
            self.wrong.append(what)

    def judge(self, job_id: str, answer: Any) -> bool:
        """Hold an answer against the truth; return whether it is final."""
        if answer == {"status": "running"}:
            return False
        if answer != {"status": "done", "data": self.truth.of(self.promised[job_id])}:
            self.complain(f"{job_id}: {self.promised[job_id]} answered {str(answer)[:200]}")
        return True


class Submit(NamedTuple):
    """One request that asks for jobs, a batch or a single one; with a key, or none (empty)."""

    asked: Sequence[Asked]
    is_batch: bool
    key: str = ""

    @property
    def path(self) -> str:
        """Where it is sent."""
        return "/api/batch" if self.is_batch else f"/api/{self.asked[0].statistic}"

    @property
    def body(self) -> Any:
        """What it asks."""
        items = [(each.statistic, json.loads(each.body)) for each in self.asked]
        if self.is_batch:
            return [{"statistic": statistic} | body for statistic, body in items]
        return items[0][1]

    @property
    def headers(self) -> dict[str, str]:
        """The header of its key."""
        return {"Idempotency-Key": f'"{self.key}"'} if self.key else {}


class Submits:
    """What clients submit."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def next(self, chance: random.Random) -> Submit:
        """Return what to submit: every sixth is a batch."""
        is_batch = chance.random() < 1 / 6
        count = chance.randint(1, 30) if is_batch else 1
        return Submit([self.ledger.truth.ask(chance) for _ in range(count)], is_batch)

    def answered(self, submit: Submit, job_ids: Sequence[str]) -> None:
        """Note the jobs that were acknowledged."""
        for job_id, each in zip(job_ids, submit.asked, strict=True):
            self.ledger.promise(job_id, each)

    def unanswered(self, submit: Submit) -> None:
        """Note that it is not known what became of a submit."""


def job_ids_in(answer: Any) -> list[str]:
    """Return the ids in the answer to a submit."""
    ids: list[str] = answer["job_ids"] if "job_ids" in answer else [answer["job_id"]]
    return ids


class StrictLedger(Ledger):
    """One that also holds each answer against what was told of the job before."""

    def __init__(self, truth: Truth) -> None:
        super().__init__(truth)
        self._told: dict[str, str] = {}

    def judge(self, job_id: str, answer: Any) -> bool:
        """Hold an answer against the truth; once final, it must stay as it is to the letter."""
        final = super().judge(job_id, answer)
        text = json.dumps(answer)
        before = self._told.setdefault(job_id, text) if final else self._told.get(job_id, text)
        if before != text:
            self.complain(f"{job_id} was {before[:100]} and is {text[:100]}")
        return final


class Moment:
    """When a request was sent to its end; before that, never."""

    at = float("inf")


def call(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: Any = None,
    sent: Moment | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, Any]:
    """Send one request and return status and JSON."""
    sent = sent or Moment()
    data = None if body is None else json.dumps(body)
    sent.at = float("inf")
    connection.request(method, path, data, {"Content-Type": "application/json", **headers})
    sent.at = time.monotonic()
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def client(
    port: int,
    ledger: Ledger,
    chance: random.Random,
    stop: threading.Event,
    allowed: set[int],
    unread: Collection[int] = (),
    submits: Submits | None = None,
) -> None:
    """Submit and ask until stopped or cut off.

    Statuses beside 200 and, of submits, those `allowed`, of results, those `unread`, are wrong.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    sent = Moment()
    submits = submits or Submits(ledger)
    submit: Submit | None = None
    try:
        while not stop.is_set():
            submit = submits.next(chance)
            # Some wait for the result at once, and half of the others later.
            headers = submit.headers | ({"Prefer": "wait=1"} if chance.random() < 0.2 else {})
            status, answer = call(connection, "POST", submit.path, submit.body, sent, headers)
            if status != 200:
                submits.unanswered(submit)
                with ledger.lock:
                    ledger.refused[status] = ledger.refused.get(status, 0) + 1
                if status not in allowed:
                    ledger.complain(f"{status} {answer}")
                continue
            job_ids = job_ids_in(answer)
            submits.answered(submit, job_ids)
            submit = None
            if "status" in answer:
                ledger.judge(answer.pop("job_id"), answer)
            job_id, wait = chance.choice(job_ids), chance.choice(("", "?wait=1"))
            status, answer = call(connection, "GET", f"/api/get_results/{job_id}{wait}", sent=sent)
            if status == 200:
                ledger.judge(job_id, answer)
            elif status not in unread:
                ledger.complain(f"{job_id}: {status} {answer}")
    except (OSError, HTTPException, ValueError) as error:
        if submit is not None:
            submits.unanswered(submit)
        # The server was killed; what it promised is in the ledger. One that was told to stop must
        # still answer what it was asked before.
        if sent.at < ledger.told_to_stop < float("inf"):
            ledger.complain(f"a request in flight was cut off: {error!r}")
    finally:
        connection.close()


@contextlib.contextmanager
def kept_up(
    work: Callable[[int, random.Random, threading.Event], None], count: int, chance: random.Random
) -> Iterator[None]:
    """Have so many threads work for a with block, until an event is set.

    `work` gets the number of its thread, chances of its own, and the event.
    """
    stop = threading.Event()
    threads = [
        threading.Thread(
            daemon=True, target=work, args=(number, random.Random(chance.random()), stop)
        )
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def torn_files(results: Path, ledger: Ledger, stop: threading.Event) -> None:
    """Read results as they appear, until stopped: each must be whole."""
    seen: set[str] = set()
    while not stop.is_set():
        for path in list(results.glob("job_id_*.json")):
            if path.name in seen:
                continue
            seen.add(path.name)
            try:
                json.loads(path.read_bytes())
            except FileNotFoundError:
                seen.discard(path.name)
            except ValueError:
                ledger.complain(f"{path.name} was torn when it was read")


def check_all(server: Server, ledger: Ledger, job_ids: list[str], seconds: float = 60) -> None:
    """Ask for every job of `job_ids` until it has ended, and judge it."""

    def check(part: list[str]) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        deadline = time.monotonic() + seconds
        for job_id in part:
            while True:
                status, answer = call(connection, "GET", f"/api/get_results/{job_id}")
                if status != 200:
                    ledger.complain(f"{job_id}: {status} {answer}")
                    break
                if ledger.judge(job_id, answer):
                    break
                if time.monotonic() > deadline:
                    ledger.complain(f"{job_id} is still running")
                    break
                time.sleep(0.002)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(check, [job_ids[n::4] for n in range(4)]))


def verdict(ledger: Ledger, what: str) -> int:
    """Print what was found and return the exit code."""
    for wrong in ledger.wrong[:20]:
        print("WRONG", wrong)
    refused = ", ".join(f"{n} x {status}" for status, n in sorted(ledger.refused.items()))
    print(f"{what}: {len(ledger.promised)} jobs acknowledged, {len(ledger.wrong)} wrong"
          + (f"; refused: {refused}" if refused else ""))  # fmt: skip
    return 1 if ledger.wrong else 0
