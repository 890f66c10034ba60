"""The jobs in Redis, as a worker's process asks for them.

Where Redis is down, each call waits until it is back: what a worker has computed is not given up.
"""

import hashlib
import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.cluster import keys
from app.cluster.link import Link
from app.errors import StoreUnavailable
from app.job import Digest

# Answers that Redis is believed to have, by their SHA-256; it says so where it has not.
_MOST_SENT = 10_000

# Of an answer's SHA-256, so many hexadecimal digits tell it from all others.
_SHA_DIGITS = 32

_TRY_AGAIN = 0.1


class End(NamedTuple):
    """How a job ends: with an answer (`body`), or with the reason why there is none."""

    number: int
    body: bytes | None
    digest: Digest
    reason: str = ""


class WorkerJobs:
    """All jobs, as one runner sees them. It is used from any thread of the runner's process."""

    def __init__(self, link: Link, runner: str) -> None:
        """`runner` tells this process from others."""
        self.runner = runner
        self._link = link
        self._channel = keys.channel(link.database)
        # Guards the set of answers below; not held while calling out.
        self._lock = threading.Lock()
        self._sent: set[str] = set()
        self._hurry = threading.Event()

    def start(self, numbers: Sequence[int]) -> list[int]:
        """Start queued jobs; return those that are this runner's to run."""
        return [int(number) for number in self._patiently("start", self.runner, *numbers)]

    def finish(self, ends: Sequence[End]) -> None:
        """End jobs; one that is ended already keeps its end."""
        told: list[str | bytes | int] = []
        answers: dict[str, bytes] = {}
        for number, body, digest, reason in ends:
            if body is None:
                told += (number, "error", reason, "")
                continue
            sha = hashlib.sha256(body).hexdigest()[:_SHA_DIGITS]
            answers[sha] = body
            told += (number, "done", sha, keys.digest_text(digest))
        with self._lock:
            known = answers.keys() & self._sent
        while True:
            sent = [
                part
                for sha, body in answers.items()
                for part in (sha, b"" if sha in known else body)
            ]
            missing = self._patiently("finish", self._channel, len(answers), *sent, *told)
            if not missing:
                break
            known = known - {sha.decode() for sha in missing}
        with self._lock:
            if len(self._sent) > _MOST_SENT:
                self._sent.clear()
            self._sent |= answers.keys()

    def release(self, numbers: Iterable[int]) -> None:
        """Give back jobs that were started and will not be run here."""
        self._patiently("release", self.runner, *numbers)

    def beat(self) -> None:
        """Tell that this process lives; raise StoreUnavailable."""
        self._link.run("beat", keys.RUNNERS, self.runner)

    def leave(self) -> None:
        """Tell that this process ends; raise StoreUnavailable."""
        self._link.ask("ZREM", keys.RUNNERS, self.runner)

    def hurry(self) -> None:
        """Wait for Redis no longer than a moment from now on: this process is to end."""
        self._hurry.set()

    def _patiently(self, name: str, *arguments: str | bytes | int) -> Any:
        pause = _TRY_AGAIN
        while True:
            try:
                return self._link.run(name, *arguments)
            except StoreUnavailable:
                if self._hurry.wait(pause):
                    raise
                pause = min(1.0, 2 * pause)
