"""The jobs in Redis, as a worker's process uses them.

While Redis is down, each call waits until it is back: what a worker has computed is not lost.
"""

import hashlib
import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.cluster import keys
from app.cluster.redis_client import RedisClient
from app.errors import StoreUnavailable
from app.job import Digest, JobStatus

# How many answers to remember as known to Redis. Where it has lost one, it asks for it.
_MOST_KNOWN_ANSWERS = 10_000

# Hexadecimal digits of an answer's SHA-256 that are enough to tell it from all others.
_SHA_DIGITS = 32

# Seconds between tries while Redis is down: the first pause, and the longest one.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0


class JobEnd(NamedTuple):
    """How a job ends: with an answer (`body`), or with the reason why there is none."""

    number: int
    body: bytes | None
    digest: Digest
    reason: str = ""


class WorkerJobs:
    """All jobs, as one runner uses them. Any thread of its process may do so."""

    def __init__(self, redis: RedisClient, runner: str) -> None:
        """`runner` is the name of this process, as `keys.runner_name` makes it."""
        self.runner = runner
        self._redis = redis
        self._channel = keys.channel(redis.database)
        # Guards the set of answers below; not held while calling out.
        self._lock = threading.Lock()
        self._known_answers: set[str] = set()  # by their SHA-256
        self._highest = 0  # number of a job that was started here; only its runner's thread sets it
        self._redis_process: bytes | None = None  # only heartbeats, one after another, set it
        self._stopping = threading.Event()

    def start(self, numbers: Sequence[int]) -> list[int]:
        """Start queued jobs; return those that this runner has to run."""
        started = [int(number) for number in self._run_script("start", self.runner, *numbers)]
        self._highest = max([self._highest, *started])
        return started

    def finish(self, ends: Sequence[JobEnd]) -> None:
        """End jobs; one that has ended already is left as it is."""
        arguments: list[str | bytes | int] = []
        answers: dict[str, bytes] = {}
        shas: dict[bytes, str] = {}  # of the many jobs of a message, most have the same few answers
        for number, body, digest, reason in ends:
            if body is None:
                arguments += (number, "error", reason, "")
                continue
            sha = shas.get(body)
            if sha is None:
                sha = shas[body] = hashlib.sha256(body).hexdigest()[:_SHA_DIGITS]
                answers[sha] = body
            arguments += (number, "done", sha, keys.digest_text(digest))
        with self._lock:
            known = answers.keys() & self._known_answers
        while True:
            sent = [
                part
                for sha, body in answers.items()
                for part in (sha, b"" if sha in known else body)
            ]
            missing = self._run_script("finish", self._channel, len(answers), *sent, *arguments)
            if not missing:
                break
            known = known - {sha.decode() for sha in missing}
        with self._lock:
            if len(self._known_answers) > _MOST_KNOWN_ANSWERS:
                self._known_answers.clear()
            self._known_answers |= answers.keys()

    def result(self, number: int) -> tuple[JobStatus | None, bytes | None]:
        """Return the status of a job, and its answer, if any; raise StoreUnavailable."""
        key = f"{keys.JOB}{number}"
        status, answer = self._redis.execute("HMGET", key, "status", "answer")
        body = self._redis.execute("GET", f"{keys.ANSWER}{answer.decode()}") if answer else None
        return JobStatus(status.decode()) if status else None, body

    def release(self, numbers: Iterable[int]) -> None:
        """Give back jobs that were started and will not be run here."""
        self._run_script("release", self.runner, *numbers)

    def send_heartbeat(self, numbers: Sequence[int] = ()) -> None:
        """Tell Redis that this process is alive, and has these jobs; raise StoreUnavailable.

        Where Redis was started since, maybe from an older copy of its log, others that it takes for
        running here are queued again.
        """
        *_, process = self._redis.run_script("heartbeat", keys.RUNNERS, self.runner, self._highest)
        if process != self._redis_process:
            self._redis.run_script("disown", self.runner, *numbers)
            self._redis_process = process

    def leave(self) -> None:
        """Tell Redis that this process ends; raise StoreUnavailable."""
        self._redis.execute("ZREM", keys.RUNNERS, self.runner)

    def stop_waiting(self) -> None:
        """From now on, wait no longer for a Redis that is down: this process is about to end."""
        self._stopping.set()

    def _run_script(self, name: str, *arguments: str | bytes | int) -> Any:
        """Run a script once Redis is up; raise StoreUnavailable only when this process ends."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return self._redis.run_script(name, *arguments)
            except StoreUnavailable:
                if self._stopping.wait(pause):
                    raise
                pause = min(_LONGEST_PAUSE, 2 * pause)
