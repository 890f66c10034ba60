"""A Redis in this process, for tests of what Python decides: it answers as the scripts do.

`unittests/redis/test_fake_redis.py` holds it to a real one.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from app.cluster import keys
from app.cluster.redis_client import Command, RedisClient
from app.cluster.scripts import Scripts
from app.errors import StoreUnavailable
from app.job import JobRequest

_GRACE = 3.0
_GAP = 1_000_000
_UNFINISHED = ("queued", "running")


@dataclass
class FakeJob:
    """The hash of a job."""

    fields: dict[str, Any]
    due: float = 0.0  # while it is queued: when its message counts as lost

    @property
    def status(self) -> str:
        """Its status."""
        return str(self.fields["status"])


@dataclass
class Heartbeats:
    """Processes by the time of their last heartbeat."""

    at: dict[str, float] = field(default_factory=dict)

    def alive(self, since: float, now: float) -> list[str]:
        """Return those that sent one since then, the one that was silent longest first.

        One of a time that is still to come says nothing.
        """
        known = sorted(self.at.items(), key=lambda item: (item[1], item[0]))
        return [process for process, at in known if since <= at <= now]


class FakeRedis(RedisClient):
    """The jobs and processes of a service, and the scripts that were run.

    It can be `down`, lose its `answers` or its `last` number, and have messages in its queues
    (`queued_messages`). It has been up for long.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("redis://127.0.0.1:1/0", 1.0, logging.Logger("silent"))
        self.down = False
        self.process = b"1"  # it has another one once it was started again
        self.jobs: dict[int, FakeJob] = {}
        self.last = self.lost = 0
        self.answers: dict[str, bytes] = {}
        self.queued_messages: dict[str, int] = {}  # by dataset
        self.draining: set[str] = set()
        self.drains = 0  # that are over
        self.unlogged: list[bytes] = []
        self.calls: list[tuple[str, list[Any]]] = []
        self._clock = clock
        self._processes = {keys.RUNNERS: Heartbeats(), keys.WEBS: Heartbeats()}
        self._finished: list[int] = []
        self._janitor = ""
        scripts = Scripts()
        folder = files("app.cluster") / "lua"
        names = (entry.name.removesuffix(".lua") for entry in folder.iterdir())
        self._names = {scripts.sha(name): name for name in names if name != "common"}

    def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Return the answers to some commands; raise StoreUnavailable while it is down."""
        if self.down:
            raise StoreUnavailable("Redis is down")
        return [self._execute(*command) for command in commands]

    def sent(self, script: str) -> list[list[Any]]:
        """Return the arguments of each call of a script."""
        return [arguments for name, arguments in self.calls if name == script]

    def in_status(self, status: str) -> list[int]:
        """Return the numbers of the jobs with a status."""
        return [number for number, job in self.jobs.items() if job.status == status]

    def _execute(self, name: str | bytes | float, *arguments: Any) -> Any:
        match name:
            case "EVALSHA":
                script, values = self._names[arguments[0]], list(arguments[2:])
                self.calls.append((script, values))
                return getattr(self, f"run_{script}")(*values)
            case "HMGET":
                job = self.jobs.get(int(arguments[0].removeprefix(keys.JOB)))
                found = [job and job.fields.get(each) for each in arguments[1:]]
                return [None if value is None else str(value).encode() for value in found]
            case "ZREM":
                return int(self._processes[arguments[0]].at.pop(arguments[1], None) is not None)
            case "ZADD":
                self._processes[arguments[0]].at[arguments[2]] = float(arguments[1])
                return 1
            case "GET":
                return self.answers.get(arguments[0].removeprefix(keys.ANSWER))
            case "LPOP":
                popped = self.unlogged[: arguments[1]]
                del self.unlogged[: arguments[1]]
                return popped or None
            case "MGET":
                return [str(self.last).encode(), str(self.lost).encode()]
        raise NotImplementedError(name)

    def _alive(self, key: str, silence: float) -> list[str]:
        now = self._clock()
        return self._processes[key].alive(now - silence, now)

    def _go_on_after(self, highest: int) -> None:
        if self.last < highest:
            self.last = self.lost = highest + _GAP

    def run_accept(
        self, highest: int, most: int, _key: str, known_only: int, *asked: Any
    ) -> list[Any]:
        """Do what accept.lua does."""
        if known_only or self.draining:
            return [b"draining"]
        self._go_on_after(highest)
        last = self.last
        waiting = sum(job.status in _UNFINISHED for job in self.jobs.values())
        if waiting + len(asked) // 3 > most:
            return [b"full", waiting]
        at = self._clock()
        for place in range(len(asked) // 3):
            fields = {
                "status": "queued", "statistic": asked[3 * place],
                "asked": asked[3 * place + 1].decode(), "dataset": asked[3 * place + 2],
                "accepted": f"{at:.6f}",
            }  # fmt: skip
            self.last += 1
            self.jobs[self.last] = FakeJob(fields, at + _GRACE)
        return [b"accepted", last + 1, f"{at:.6f}".encode()]

    def run_start(self, runner: str, *numbers: int) -> list[bytes]:
        """Do what start.lua does."""
        started = []
        for number in numbers:
            job = self.jobs.get(number)
            if job and job.status == "queued":
                at = f"{self._clock():.6f}"
                job.fields.update(status="running", runner=runner, started=at)
            if job and job.status == "running" and job.fields["runner"] == runner:
                started.append(str(number).encode())
        return started

    def run_finish(self, _channel: str, count: int, *values: Any) -> list[bytes]:
        """Do what finish.lua does."""
        answers = dict(zip(values[: 2 * count : 2], values[1 : 2 * count : 2], strict=True))
        missing = [sha for sha, body in answers.items() if not body and sha not in self.answers]
        if missing:
            return [sha.encode() for sha in missing]
        self.answers |= {sha: body for sha, body in answers.items() if body}
        ends = values[2 * count :]
        for place in range(0, len(ends), 4):
            number, status, what, digest = ends[place : place + 4]
            if self.jobs[number].status in _UNFINISHED:
                more = {"answer": what, "digest": digest} if status == "done" else {"reason": what}
                self._end(number, status, **more)
        return []

    def run_release(self, runner: str, *numbers: int) -> None:
        """Do what release.lua does."""
        for number in numbers:
            job = self.jobs[number]
            if job.status == "running" and job.fields["runner"] == runner:
                self._queue_again(job, due=0.0)

    def run_disown(self, runner: str, *numbers: int) -> None:
        """Do what disown.lua does."""
        for number in set(self.in_status("running")) - set(numbers):
            if self.jobs[number].fields["runner"] == runner:
                self._queue_again(self.jobs[number], due=0.0)

    def run_heartbeat(self, key: str, process: str, highest: int) -> list[bytes]:
        """Do what heartbeat.lua does."""
        self._processes[key].at[process] = self._clock()
        self._go_on_after(highest)
        return [str(self.last).encode(), str(self.lost).encode(), self.process]

    def run_runners(self, silence: float) -> list[list[bytes]]:
        """Do what runners.lua does."""
        running = [self.jobs[number].fields["runner"] for number in self.in_status("running")]
        runners, webs = (self._alive(key, silence) for key in (keys.RUNNERS, keys.WEBS))
        found = (dict.fromkeys(running), runners, webs)
        return [[name.encode() for name in names] for names in found]

    def run_elect(self, web: str, silence: float) -> int:
        """Do what elect.lua does."""
        if self._janitor != web and self._janitor in self._alive(keys.WEBS, silence):
            return 0
        self._janitor = web
        return 1

    def run_drain(self, silence: float, web: str) -> int:
        """Do what drain.lua does."""
        self.draining |= {web, *self._alive(keys.WEBS, silence)}
        return self.drains

    def run_resume(self, silence: float, web: str, known: int) -> list[int]:
        """Do what resume.lua does."""
        if web not in self.draining and 0 <= known < self.drains:
            return [3, self.drains]
        if known >= 0:
            self.draining.add(web)
        if web in self.draining:
            return [2, self.drains]
        if self.draining & set(self._alive(keys.WEBS, silence)):
            return [1, self.drains]
        self.drains += bool(self.draining)
        self.draining.clear()
        return [0, self.drains]

    def run_rescue(
        self, _channel: str, most_deaths: int, lethal: str, unserved: str, known: bytes
    ) -> list[list[bytes]]:
        """Do what rescue.lua does."""
        processes, at = json.loads(known), self._clock()
        again: list[int] = []
        waiting_for: set[str] = set()
        for runner in processes["dead"]:
            self._processes[keys.RUNNERS].at.pop(runner, None)
        for number in self.in_status("running"):
            job = self.jobs[number]
            if job.fields["runner"] in processes["dead"]:
                job.fields["deaths"] = job.fields.get("deaths", 0) + 1
                if job.fields["deaths"] >= most_deaths:
                    self._end(number, "error", reason=lethal)
                else:
                    self._queue_again(job, due=at + _GRACE)
                    again.append(number)
        for number in self.in_status("queued"):
            job = self.jobs[number]
            dataset = job.fields["dataset"]
            if at < job.due <= at + _GRACE:
                continue
            if dataset in processes["abandoned"] and not self._names_dataset(job):
                dataset = job.fields["dataset"] = processes["course"]
                job.due = 0.0
            if dataset in processes["abandoned"]:
                self._end(number, "error", reason=unserved)
            elif dataset not in processes["served"]:
                waiting_for.add(dataset)
            elif not self.queued_messages.get(dataset) or not job.due:
                job.due = at + _GRACE
                again.append(number)
        return [[str(each).encode() for each in again], [name.encode() for name in waiting_for]]

    def run_expire(self, most: int, seconds: float, at_once: int) -> list[bytes]:
        """Do what expire.lua does."""
        over = len(self._finished) - most if most else 0
        before = self._clock() - seconds if seconds else float("-inf")
        removed: list[int] = []
        for number in self._finished[:at_once]:
            if len(removed) >= over and float(self.jobs[number].fields["ended"]) >= before:
                break
            removed.append(number)
            del self.jobs[number]
        del self._finished[: len(removed)]
        return [str(number).encode() for number in removed]

    def _names_dataset(self, job: FakeJob) -> bool:
        request = JobRequest.recorded(job.fields["statistic"], *json.loads(job.fields["asked"]))
        return bool(request.dataset)

    def _end(self, number: int, status: str, **more: Any) -> None:
        fields, at = self.jobs[number].fields, f"{self._clock():.6f}"
        fields.update(status=status, ended=at, **more)
        self._finished.append(number)
        times = f"{fields['accepted']} {fields.get('started', '')} {at}"
        self.unlogged.append(f"{number} {status} {times} {fields.get('runner', '')}".encode())

    def _queue_again(self, job: FakeJob, due: float) -> None:
        job.fields["status"], job.due = "queued", due
        del job.fields["runner"], job.fields["started"]
