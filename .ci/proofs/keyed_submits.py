"""Clients that submit with keys, and send again what got no answer."""

import contextlib
import random
import time
from collections import deque
from collections.abc import Sequence

from clients import Ledger, Submit, Submits, job_ids_in

from unittests.helpers.server import Api


class KeyedSubmits(Submits):
    """Submits with keys: what got no answer is sent again, and there is one job for each.

    Some of those that were answered are sent again, too, and must get the same answer.
    """

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._answers: dict[str, Sequence[str]] = {}  # of keys
        self._sent: list[Submit] = []  # those that were answered
        self._open: deque[Submit] = deque()  # those that were not; its ends change atomically
        self.repeated = 0

    def next(self, chance: random.Random) -> Submit:
        """Return what to submit: what got no answer first; every tenth other got one before."""
        with contextlib.suppress(IndexError):
            return self._open.popleft()
        if self._sent and chance.random() < 0.1:
            return chance.choice(self._sent)
        return super().next(chance)._replace(key=f"{chance.getrandbits(128):032x}")

    def answered(self, submit: Submit, job_ids: Sequence[str]) -> None:
        """Note the jobs that were acknowledged; they must be the same each time."""
        known = self._answers.setdefault(submit.key, job_ids)  # atomic
        if known is job_ids:
            super().answered(submit, job_ids)
            self._sent.append(submit)
            return
        with self.ledger.lock:
            self.repeated += 1
        if known != job_ids:
            self.ledger.complain(f"a key got {known[0]} first, and then {job_ids[0]}")
            super().answered(submit, job_ids)

    def unanswered(self, submit: Submit) -> None:
        """Have a submit sent again."""
        self._open.append(submit)

    def check_once(self, server: Api, seconds: float = 60) -> None:
        """Send what got no answer until it has one; look that there are no other jobs then."""
        deadline = time.monotonic() + seconds
        while self._open:
            submit = self._open.popleft()
            answer = server.http.post(
                server.url + submit.path, json=submit.body, headers=submit.headers, timeout=30
            )
            if answer.status_code == 200:
                self.answered(submit, job_ids_in(answer.json()))
            elif time.monotonic() < deadline:
                self._open.append(submit)
                time.sleep(0.01)
            else:
                self.ledger.complain(f"a submit is refused: {answer.text}")
        listed = {next(iter(row)) for row in server.get("api/jobs")["data"]}
        if listed != self.ledger.promised.keys():
            more, less = listed - self.ledger.promised.keys(), self.ledger.promised.keys() - listed
            self.ledger.complain(f"{len(more)} jobs too many, {len(less)} too few")
        print(f"{len(self._answers)} keys, {self.repeated} repeated: one submit for each")
