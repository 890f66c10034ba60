"""A real Redis, workers, web processes, and a wire between them that can fail, for tests."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from app.cluster import keys
from unittests.helpers.support import PATIENCE, PROJECT, Server, eventually

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None,
    reason="needs redis-server (on Debian: apt-get install redis-server)",
)

WORKER = ("-m", "app.cluster.worker")

# A worker in which a job on Utah never ends, and one on Guam ends the process that runs it.
FAULTY_WORKER = (
    "-c",
    """
import os, sys, threading
from app.cluster import worker
begin = worker.Children.begin
def begin_faulty(self, **more):
    begin(self, **more)
    from app.answers.answers import Answers  # in a child, as the worker itself does
    answer = Answers.answer
    def faulty(self, asked):
        if asked.state == "Utah":
            threading.Event().wait()
        if asked.state == "Guam":
            os._exit(9)
        return answer(self, asked)
    Answers.answer = faulty
worker.Children.begin = begin_faulty
sys.exit(worker.main(sys.argv[1:]))
""",
)


# What is told of is on disk before it is told; docs/scaling.md tells what less is worth.
_DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Redis:
    """A Redis that keeps what it is told in a folder; it can die and come back on its port."""

    def __init__(
        self, folder: Path, *options: str, port: int = 0, host: str = "127.0.0.1",
        within: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """`within` is a command to run it with, such as `ip netns exec NAME`."""
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.url = f"redis://{host}:{self.port}/0"
        self.client = redis.Redis(host, self.port, socket_timeout=PATIENCE)
        self._within = within
        self._host = host
        self._options = options or _DURABLE
        self.start()

    def start(self) -> None:
        """Start it, on what it kept, and wait until it answers."""
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self._within, "redis-server", "--port", str(self.port), "--dir", self.folder,
                    "--bind", self._host, "--protected-mode", "no", *self._options,
                ],
                stdout=log, stderr=log,
            )  # fmt: skip
        eventually(self.answers)

    def answers(self) -> bool:
        """Tell whether it has read what it kept and answers."""
        assert self.process.poll() is None, (self.folder / "redis.log").read_text()
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.client.close()

    def pause(self) -> None:
        """Have it stand still: connections stay, nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on."""
        self.process.send_signal(signal.SIGCONT)

    def ask(self, *command: Any) -> Any:
        """Send it a command."""
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call]


class Worker:
    """A worker as users run it, in a process group of its own so that nothing of it is left."""

    def __init__(
        self, url: str, log: Path, *arguments: str, program: Sequence[str] = WORKER,
        within: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """`program` is what to run of it; one that is patched, perhaps. It starts meanwhile."""
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

        told: str = eventually(line)
        return told

    def children(self) -> list[int]:
        """Return the processes that run jobs and live, whichever thread has started them."""
        told = []
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                told += path.read_text(encoding="ascii").split()
        return [int(child) for child in told if alive(int(child))]

    def ready(self, client: "redis.Redis", processes: int) -> list[int]:
        """Return its processes once so many have told Redis that they live."""

        def told() -> list[int]:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            names = [str(name) for name in client.zrange(keys.RUNNERS, 0, -1)]
            there = [pid for pid in self.children() if any(f":{pid}:" in name for name in names)]
            return there if len(there) >= processes else []

        pids: list[int] = eventually(told)
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


class Place:
    """A Redis, and whatever is started on it; all of it is ended by `close`."""

    def __init__(self, folder: Path, **options: Any) -> None:
        """`options` are of the Redis."""
        self.folder = folder
        self.files = folder / "results"  # where workers are told to write files to
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
def place(folder: Path, **options: Any) -> Iterator[Place]:
    """Run a Redis for the length of a with block, and end what was started on it."""
    there = Place(folder, **options)
    try:
        yield there
    finally:
        there.close()


class Wire(threading.Thread):
    """A TCP proxy to a port of this machine, which can be slow, or stop passing anything on."""

    def __init__(self, target: int) -> None:
        super().__init__(name="Wire", daemon=True)
        self.port = free_port()
        self.delay = 0.0  # seconds that each piece takes
        self._target = target
        self._open = threading.Event()  # whether anything is passed on
        self._open.set()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.start()

    @property
    def url(self) -> str:
        """The Redis at the other end."""
        return f"redis://127.0.0.1:{self.port}/0"

    def run(self) -> None:
        """Take connections until the end."""
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                # Nothing is listened on while connections are refused.
                self._ended.wait(0.01)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), PATIENCE)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._ended.wait(self.delay)
                while not (self._open.wait(0.05) or self._ended.is_set()):
                    pass
                other.sendall(data)
        self._forget(one, other)

    def _forget(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._lock:
                if end in self._ends:
                    self._ends.remove(end)
                    end.close()

    def hold(self) -> None:
        """Pass nothing on, and say nothing: as a cable that was pulled."""
        self._open.clear()

    def cut(self) -> None:
        """Close all connections; new ones are taken."""
        with self._lock:
            ends = list(self._ends)
        self._forget(*ends)

    def refuse(self) -> None:
        """Close all connections, and refuse new ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def restore(self) -> None:
        """Pass everything on again, at once."""
        self.delay = 0.0
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
        self._open.set()

    def close(self) -> None:
        """End all of it."""
        self._ended.set()
        self._open.set()
        self.refuse()
        self.join(PATIENCE)
