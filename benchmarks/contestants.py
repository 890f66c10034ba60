"""The contestants: how each is started and asked, and what it needs that may be missing here."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path

from app.settings import Settings
from benchmarks.asking import Api, Bare, Jobs, Sql
from benchmarks.programs import PROJECT, Programs, free_port

Start = Callable[[Programs], int]

PACKAGES = "pip install -r benchmarks/requirements.txt"

CELERY_APP = "benchmarks.apps.celery_app"


@dataclass(frozen=True)
class Contestant:
    """A program, or some that work together, to be measured.

    `start` starts it and returns the port it listens on. `share` is how many of the jobs it gets:
    less where each takes milliseconds. `missing` says what it lacks here and how to get it.
    """

    name: str
    start: Start
    api: Api
    share: float = 1.0
    missing: str = ""
    remark: str = ""


def this_server(*options: str) -> Start:
    """Return what starts this server as users run it, with its log and its journal."""

    def start(programs: Programs) -> int:
        port = free_port()
        programs.python(*this_server_command(programs.folder, port), *options)
        programs.wait_for(port)
        return port

    return start


def this_server_command(folder: Path, port: int) -> list[str]:
    """Return the command line of this server, without the interpreter."""
    files = ["--results", f"{folder}/results", "--log", f"{folder}/webserver.log"]
    return [str(PROJECT / "api_server.py"), "--port", str(port), *files]


def has_setting(name: str) -> bool:
    """Tell whether this server has a setting."""
    return name in {one.name for one in fields(Settings)}


def uncached() -> list[str]:
    """Return the options that make this server compute each answer, where it has one for that."""
    return ["--cache", "0"] if has_setting("cache") else []


def bare(server: str) -> Start:
    """Return what starts a Flask route that does nothing."""
    return _module("benchmarks.apps.bare", server, "{port}")


def _module(name: str, *arguments: str) -> Start:
    """Return what starts a module with arguments in which port and folder are filled in."""

    def start(programs: Programs) -> int:
        port = free_port()
        filled = [one.format(port=port, folder=programs.folder) for one in arguments]
        programs.python("-m", name, *filled)
        programs.wait_for(port)
        return port

    return start


def _celery(programs: Programs) -> int:
    redis_port, port = free_port(), free_port()
    files = ["--dir", str(programs.folder), "--save", "", "--appendonly", "no"]
    programs.start("redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", *files)
    programs.wait_for(redis_port)
    # The worker has no port. The first answer, which is waited for, shows that it is there.
    programs.python("-m", CELERY_APP, "worker", str(redis_port), "2", "pandas")
    programs.python("-m", CELERY_APP, "web", str(redis_port), str(port))
    programs.wait_for(port)
    return port


def lacks(*modules: str) -> str:
    """Return which of these modules are missing, and how to get them; nothing where none is."""
    lacking = [name for name in modules if find_spec(name) is None]
    return f"needs {', '.join(lacking)}: {PACKAGES}" if lacking else ""


def lacks_for_celery() -> str:
    """Return what Celery and Redis lack here, and how to get it; nothing where all is there."""
    if shutil.which("redis-server") is None:
        return "needs redis-server; on Debian: apt-get install redis-server"
    return lacks("celery", "redis", "pandas")


OURS = "this server"
UNCACHED = "this server, --cache 0"
BARE = "bare route, same server"
USUAL = "the usual way"


def all_contestants() -> list[Contestant]:
    """Return all contestants, those that cannot run here included."""
    return [
        Contestant(OURS, this_server(), Jobs()),
        Contestant(
            UNCACHED,
            this_server(*uncached()),
            Jobs(),
            missing="" if uncached() else "this server has no setting --cache yet",
        ),
        Contestant("this server, power", this_server("--journal", "power"), Jobs()),
        Contestant(BARE, bare("bridge"), Bare()),
        Contestant("bare route, granian WSGI", bare("granian"), Bare()),
        Contestant("bare route, waitress", bare("waitress"), Bare()),
        Contestant("bare route, gunicorn", bare("gunicorn"), Bare()),
        Contestant(
            USUAL,
            _module("benchmarks.apps.usual", "{port}", "{folder}"),
            Jobs(),
            share=0.1,
            missing=lacks("pandas", "waitress"),
        ),
        Contestant(
            "Datasette",
            _module("benchmarks.apps.datasette_app", "{port}", "{folder}"),
            Sql(),
            share=0.1,
            missing=lacks("datasette"),
            remark="no jobs: one request is question and answer",
        ),
        Contestant("Celery and Redis", _celery, Jobs(), share=0.1, missing=lacks_for_celery()),
    ]
