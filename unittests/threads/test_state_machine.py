"""The real service under any order of submits, questions, cancels, crashes, restarts and deletions.

hypothesis looks for an order that breaks a promise, and shortens what it finds.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.errors import ShuttingDown, TooLateError
from app.job import CANCELLED, JobStatus
from app.job_service import LETHAL, MOST_DEATHS
from app.threads.service import ThreadService
from unittests.helpers.app import submit
from unittests.helpers.data import OBESITY, answers_of, dataset
from unittests.helpers.thread_service import thread_service
from unittests.helpers.waiting import PATIENCE, eventually

STATES = ("Ohio", "Texas", "Guam")


class ServiceMachine(RuleBasedStateMachine):
    """What was promised, and the service that must keep it."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.lives = 0
        self.promised: dict[int, str] = {}  # number to state
        self.keys: dict[int, str] = {}  # number to what it was submitted with
        self.submits = 0
        self.cancelled: set[int] = set()
        self.answers = answers_of(dataset(), 2**26)
        self.crashed: list[ThreadService] = []
        self.start(self.root / "0")

    def start(self, results: Path) -> None:
        """Start a service, as a new process would."""
        self.results = results
        self.service = thread_service(results, data=self.answers.dataset, threads=2)

    @rule(state=st.sampled_from(STATES))
    def submit(self, state: str) -> None:
        """A client submits; once the drain began it is refused."""
        self.submits += 1
        key = f"key-{self.submits}"
        try:
            job = submit(self.service, "state_mean", key=key, question=OBESITY, state=state)
        except ShuttingDown:
            assert not self.service.accepting
            return
        assert job.number not in self.promised
        assert job.number > max(self.promised, default=0)
        self.promised[job.number], self.keys[job.number] = state, key

    @precondition(lambda self: self.promised)
    @rule(data=st.data())
    def submit_again(self, data: st.DataObject) -> None:
        """A client does not know whether its submit was heard, and repeats it."""
        number = data.draw(st.sampled_from(sorted(self.promised)))
        asked = {"question": OBESITY, "state": self.promised[number]}
        assert submit(self.service, "state_mean", key=self.keys[number], **asked).number == number

    @precondition(lambda self: self.promised)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A client cancels, in time or too late."""
        number = data.draw(st.sampled_from(sorted(self.promised)))
        try:
            self.service.cancel(number)
        except TooLateError:
            return
        assert number not in self.cancelled
        self.cancelled.add(number)

    @precondition(lambda self: self.promised)
    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        """A client waits for a job."""
        number = data.draw(st.sampled_from(sorted(self.promised)))
        self.judge(number)

    @rule()
    def crash(self) -> None:
        """The process dies: what a new one finds is the journal as it is at this moment."""
        self.lives += 1
        results = self.root / str(self.lives)
        results.mkdir()
        for name in (".journal", ".running"):
            path = self.results / name
            if path.exists():
                (results / name).write_bytes(path.read_bytes())
        self.crashed.append(self.service)
        self.start(results)

    @rule()
    def restart(self) -> None:
        """The process is told to stop, and started again."""
        assert self.service.close(PATIENCE)
        self.start(self.results)

    @rule()
    def drain(self) -> None:
        """Somebody asks for a graceful shutdown."""
        self.service.drain()

    @rule(everything=st.booleans())
    def remove_results(self, everything: bool) -> None:
        """Somebody empties the results folder, or removes it as a whole."""
        if everything:
            shutil.rmtree(self.results, ignore_errors=True)
        else:
            for path in self.results.glob("[!.]*"):
                path.unlink()
        self.service.run_chores()  # as its thread does every second

    @invariant()
    def the_list_has_every_promise(self) -> None:
        """All that was promised is listed, once, in order."""
        numbers = [job.number for job in self.service.list()]
        assert numbers == sorted(set(numbers))
        assert set(self.promised) <= set(numbers)

    def judge(self, number: int) -> None:
        """Wait for a job and hold its answer against the truth."""

        def ended() -> Any:
            outcome = self.service.outcome(number)
            return outcome if outcome.status in (JobStatus.DONE, JobStatus.ERROR) else None

        outcome = eventually(ended)
        assert outcome.cancelled == (number in self.cancelled)
        if number in self.cancelled:
            assert outcome.reason == CANCELLED
            return
        if outcome.reason == LETHAL and self.lives >= MOST_DEATHS:
            return  # on a busy machine a job may really be running at three crashes in a row
        assert outcome.status is JobStatus.DONE, outcome.reason
        state = self.promised[number]
        table = self.answers.dataset.question(OBESITY)
        assert json.loads(outcome.result) == {state: table.state_means[state]}

    def teardown(self) -> None:
        """Judge everything, and leave nothing behind."""
        for number in self.promised:
            self.judge(number)
        for service in (*self.crashed, self.service):
            service.close(PATIENCE)
        shutil.rmtree(self.root, ignore_errors=True)


TestService = ServiceMachine.TestCase
TestService.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
