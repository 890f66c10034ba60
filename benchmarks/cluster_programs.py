"""The programs of the second executor, and of plain Celery beside it: Redis, workers, web.

Both have a Redis of their own that keeps what it accepts on disk, and the same shape: so many web
processes on one port, and one worker with so many processes.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.contestants import (
    CELERY_APP,
    lacks,
    lacks_for_celery,
    this_server,
    this_server_command,
)
from benchmarks.programs import Programs, free_port

_PATIENCE = 60.0
_PAUSE = 0.01
_LISTEN = "0A"  # as /proc/net/tcp has it


class Shape(NamedTuple):
    """How many processes there are."""

    webs: int
    workers: int

    def __str__(self) -> str:
        return f"{self.webs} web, {self.workers} worker"


class Place(NamedTuple):
    """Where programs can be asked: their port, their Redis' port (0: they have none)."""

    port: int
    redis_port: int
    folder: Path


Launch = Callable[[Programs], Place]


def missing() -> str:
    """Return what is not here that they need, and how to get it."""
    return lacks_for_celery() or lacks("gunicorn", "greenlet")


def alone(programs: Programs) -> Place:
    """Start this server as it is by default: one process, no Redis."""
    return Place(this_server()(programs), 0, programs.folder)


def cluster(shape: Shape) -> Launch:
    """Return what starts this server on Celery and Redis."""

    def launch(programs: Programs) -> Place:
        redis_port, port = _redis(programs), free_port()
        redis = ["--redis", f"redis://127.0.0.1:{redis_port}/0"]
        programs.python("-m", "app.cluster.worker", *redis, "--processes", str(shape.workers))
        for number in range(shape.webs):
            command = this_server_command(programs.folder / f"web{number}", port)
            (programs.folder / f"web{number}").mkdir()
            programs.python(*command, "--executor", "celery", *redis)
        _await_listeners(programs, port, shape.webs)
        return Place(port, redis_port, programs.folder)

    return launch


def plain(shape: Shape) -> Launch:
    """Return what starts Flask with Celery as they are usually put together, on gunicorn."""

    def launch(programs: Programs) -> Place:
        redis_port, port = _redis(programs), free_port()
        worker = ["worker", str(redis_port), str(shape.workers), "ours"]
        programs.python("-m", CELERY_APP, *worker)
        programs.python(
            *("-m", "gunicorn", "--workers", str(shape.webs)),
            *("--worker-class", "gthread", "--threads", "8", "--keep-alive", "60"),
            *("--bind", f"127.0.0.1:{port}", "--log-level", "error"),
            f"{CELERY_APP}:create_app({redis_port})",
        )
        programs.wait_for(port)
        return Place(port, redis_port, programs.folder)

    return launch


def _redis(programs: Programs) -> int:
    port = free_port()
    programs.start(
        *("redis-server", "--port", str(port), "--bind", "127.0.0.1"),
        *("--dir", str(programs.folder), "--appendonly", "yes", "--save", ""),
        *("--hash-max-listpack-value", "512"),
    )
    programs.wait_for(port)
    return port


def _await_listeners(programs: Programs, port: int, count: int) -> None:
    """Wait until so many processes listen on a port."""
    programs.wait_for(port)
    deadline = time.monotonic() + _PATIENCE
    while _listeners(port) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"fewer than {count} processes listen on port {port}")
        time.sleep(_PAUSE)


def _listeners(port: int) -> int:
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == _LISTEN for row in rows)
