"""Workers and web processes on a Redis of their own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import redis

from app.cluster import keys
from unittests.helpers.files import DATASET, PROJECT
from unittests.helpers.redis_server import Redis
from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE, eventually

WORKER = ("-m", "app.cluster.worker")
# A worker in which a job on Utah never ends, and one on Guam ends the process that runs it.
FAULTY_WORKER = (
    "-c",
    """
import os, sys, threading
from app.cluster import worker
begin = worker.ChildProcess.begin
def begin_faulty(self, **more):
    begin(self, **more)
    from app.answers.compute import Answers  # in a child, as the worker itself does
    answer = Answers.answer
    def faulty(self, request):
        if "Utah" in request.parameters:
            threading.Event().wait()
        if "Guam" in request.parameters:
            os._exit(9)
        return answer(self, request)
    Answers.answer = faulty
worker.ChildProcess.begin = begin_faulty
sys.exit(worker.main(sys.argv[1:]))
""",
)


class Worker:
    """A worker as users run it, in a process group of its own so that nothing of it is left."""

    def __init__(
        self, url: str, log: Path, *arguments: str, program: Sequence[str] = WORKER,
        within: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """`program` is what to run of it; one that is patched, perhaps. It starts meanwhile."""
        if "--data" not in arguments:
            arguments = (*arguments, "--data", str(DATASET))
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*within, sys.executable, *program, "--redis", url, *arguments],
                stdout=file, stderr=file, cwd=PROJECT, start_new_session=True,
            )  # fmt: skip

    def first_line(self) -> str:
        """Wait for the first line that it prints, and return it."""

        def line() -> str:
            text = self.log.read_text(encoding="utf-8")
            assert "\n" in text or self.process.poll() is None, "it printed nothing"
            return text.partition("\n")[0] if "\n" in text else ""

        first: str = eventually(line)
        return first

    def children(self) -> list[int]:
        """Return the processes that run jobs and live, whichever thread has started them."""
        found: list[str] = []
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += path.read_text(encoding="ascii").split()
        return [int(child) for child in found if alive(int(child))]

    def ready(self, client: "redis.Redis", processes: int) -> list[int]:
        """Return its processes once Redis has heard of so many of them."""

        def running() -> list[int]:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            names = [str(name) for name in client.zrange(keys.RUNNERS, 0, -1)]
            there = [pid for pid in self.children() if any(f":{pid}:" in name for name in names)]
            return there if len(there) >= processes else []

        pids: list[int] = eventually(running)
        return pids

    def kill(self) -> None:
        """End all of it as a crash of its machine does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Tell it to stop, wait for the end, and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def alive(pid: int) -> bool:
    """Tell whether a process is there and is more than what its parent has to collect."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Cluster:
    """A Redis, and whatever is started on it; all of it is ended by `close`."""

    def __init__(self, folder: Path, **options: Any) -> None:
        """`options` are of the Redis."""
        self.folder = folder
        self.files = folder / "results"  # where workers write files to
        self.redis = Redis(folder / "redis", **options)
        self.workers: list[Worker] = []
        self.webs: list[Server] = []
        self._started = 0

    def worker(self, *arguments: str, processes: int = 1, url: str = "", **options: Any) -> Worker:
        """Start a worker; who needs it to be ready waits for that."""
        self._started += 1
        log = self.folder / f"worker{self._started}.log"
        worker = Worker(
            url or self.redis.url, log, "--processes", str(processes), *arguments, **options
        )
        self.workers.append(worker)
        return worker

    def web(self, *arguments: str, url: str = "", **options: Any) -> Server:
        """Start a web process and wait until it serves."""
        self._started += 1
        redis_url = ("--executor", "celery", "--redis", url or self.redis.url)
        folder = self.folder / f"web{self._started}"
        folder.mkdir()
        files = ("--files", str(self.files))
        web = Server(folder, *redis_url, *files, *arguments, **options)
        web.results = self.files
        self.webs.append(web)
        return web

    def close(self) -> None:
        """End everything at once, whatever became of it."""
        for web in self.webs:
            web.stop(signal.SIGKILL if web.process.poll() is None else signal.SIGTERM)
        for worker in self.workers:
            worker.kill()
        self.redis.kill()


@contextlib.contextmanager
def running_cluster(folder: Path, **options: Any) -> Iterator[Cluster]:
    """Run a Redis for the length of a with block, and end what was started on it."""
    there = Cluster(folder, **options)
    try:
        yield there
    finally:
        there.close()
