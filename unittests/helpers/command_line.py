"""Runs the command line in this process."""

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from typer.main import get_command
from typer.testing import CliRunner

from app.cli.program import build
from unittests.helpers.files import PROJECT
from unittests.helpers.server import Api

NOWHERE = "http://127.0.0.1:1"


class Ended(NamedTuple):
    """How a command ended: its exit code, what it printed, what it said on standard error."""

    exit_code: int
    stdout_bytes: bytes
    stderr: str

    @property
    def stdout(self) -> str:
        """Return what it printed as text."""
        return self.stdout_bytes.decode().replace("\r\n", "\n")


@cache
def _program() -> Any:
    return get_command(build())


def run(
    url: str, *arguments: str, given: str | bytes = "", charset: str = "utf-8", **environ: str
) -> Ended:
    """Run a command in this process, its output going to pipes."""
    code = 0
    environ = {"STATS_URL": url, "STATS_TOKEN": "", "COLUMNS": "80", **environ}
    with CliRunner(charset).isolation(given, environ) as (stdout, stderr, _):
        try:
            _program().main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
        return Ended(code, stdout.getvalue(), stderr.getvalue().decode())


def answered(server: Api, *arguments: str, **options: Any) -> Any:
    """Return the JSON that a command prints, one document and the end of a line."""
    ended = run(server.url, *arguments, **options)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.endswith("\n")
    assert "\n" not in ended.stdout[:-1]
    return json.loads(ended.stdout)


def refused(server: Api, *arguments: str, code: int = 2, **options: Any) -> str:
    """Return what a command says on standard error; it prints nothing else."""
    ended = run(server.url, *arguments, **options)
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert "Traceback" not in ended.stderr
    return ended.stderr


def environ_of(url: str, **more: str) -> dict[str, str]:
    """Return the environment of a process that asks a server."""
    return {
        **os.environ,
        "STATS_URL": url,
        "STATS_TOKEN": "",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "TERM": "xterm",
        **more,
    }
