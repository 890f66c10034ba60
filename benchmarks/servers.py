"""How each server that is measured is started."""

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.programs import PROJECT, Programs, free_port, wait_until_idle

# Starts a server, waits until it listens, and returns its port.
Start = Callable[[Programs], int]

BARE_APP = "benchmarks.apps.bare:bare_app"
# As this is often run: one process with eight threads.
GUNICORN = ("-m", "gunicorn", "--worker-class", "gthread", "--threads", "8", "--keep-alive", "60")


def launch(
    programs: Programs, *options: str, checkout: Path = PROJECT, python: str = sys.executable
) -> tuple[int, int]:
    """Start this server, or another checkout's, with its log and its results in a folder.

    Returns its port and its process id, and does not wait until it listens.
    """
    port, folder = free_port(), programs.folder
    files = ["--results", f"{folder}/results", "--log", f"{folder}/webserver.log"]
    command = [python, "api_server.py", "--port", str(port), *files, *options]
    return port, programs.start(*command, cwd=checkout)


def this_server(*options: str) -> Start:
    """Return what starts this server, and waits until it has done its chores."""

    def start(programs: Programs) -> int:
        port, process_id = launch(programs, *options)
        programs.wait_for(port)
        wait_until_idle(process_id)
        return port

    return start


def python(*arguments: str) -> Start:
    """Return what starts a program in Python; {port} and {folder} are filled in."""

    def start(programs: Programs) -> int:
        port = free_port()
        programs.python(*(one.format(port=port, folder=programs.folder) for one in arguments))
        programs.wait_for(port)
        return port

    return start


def redis(programs: Programs) -> int:
    """Start a Redis that keeps what it accepts on disk, as `make cluster` has it."""
    port = free_port()
    programs.start(
        *("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""),
        *("--dir", str(programs.folder), "--appendonly", "yes"),
        *("--hash-max-listpack-value", "512", "--zset-max-listpack-entries", "0"),
    )
    programs.wait_for(port)
    return port


def cluster(programs: Programs, redis_port: int, webs: int, workers: int) -> int:
    """Start web processes that share a port, and one worker with so many processes."""
    port, url = free_port(), f"redis://127.0.0.1:{redis_port}/0"
    programs.python("-m", "app.cluster.worker", "--redis", url, "--processes", str(workers))
    started = []
    for number in range(webs):
        log = ["--log", f"{programs.folder}/web{number}.log"]
        executor = ["--executor", "celery", "--redis", url]
        started.append(programs.python("api_server.py", "--port", str(port), *log, *executor))
    programs.wait_for(port, webs)
    for process_id in started:
        wait_until_idle(process_id)
    return port


def plain_celery(programs: Programs, redis_port: int, webs: int, workers: int) -> int:
    """Start Flask with Celery as they are usually put together, on gunicorn."""
    app = "benchmarks.apps.plain_celery"
    programs.python("-m", app, str(redis_port), str(workers))
    bind = ["--workers", str(webs), "--bind", "127.0.0.1:{port}", "--log-level", "error"]
    return python(*GUNICORN, *bind, f"{app}:create_app({redis_port})")(programs)
