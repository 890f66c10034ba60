"""Runs the command line as tests need it: in this process, in one of its own, on a terminal."""

import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from typer.main import get_command
from typer.testing import CliRunner

from app.cli.program import build
from unittests.helpers.support import PATIENCE, PROJECT, Server

NOWHERE = "http://127.0.0.1:1"
COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


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


def answered(server: Server, *arguments: str, **options: Any) -> Any:
    """Return the JSON that a command prints, one document and the end of a line."""
    ended = run(server.url, *arguments, **options)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.endswith("\n")
    assert "\n" not in ended.stdout[:-1]
    return json.loads(ended.stdout)


def refused(server: Server, *arguments: str, code: int = 2, **options: Any) -> str:
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


class Terminal:
    """A command that runs on a terminal of its own."""

    def __init__(self, url: str, *arguments: str, columns: int = 80, **environ: str) -> None:
        self._mine, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        known = environ_of(url, **environ)
        # In a session of its own, whose first process opens a terminal: that is where a Ctrl-C that
        # is typed into it goes.
        command = [sys.executable, "-m", "app", *arguments]
        opening = 'exec <"$0" >"$0" 2>&1; exec "$@"'
        self.process = subprocess.Popen(
            ["sh", "-c", opening, os.ttyname(theirs), *command],
            env={name: text for name, text in known.items() if name not in ("COLUMNS", "LINES")},
            cwd=PROJECT,
            start_new_session=True,
        )
        self._theirs = theirs
        self.text = ""

    def until(self, words: str) -> None:
        """Read on until some words are there."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.plain:
            assert time.monotonic() < deadline, f"{words!r} is not in {self.plain}"
            self._read()

    def type(self, keys: str) -> None:
        """Type something."""
        os.write(self._mine, keys.encode())

    def end(self) -> int:
        """Read on until the end, and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end after {self.plain}"
            self._read()
        while self._read():
            pass
        os.close(self._theirs)
        os.close(self._mine)
        return self.process.returncode

    @property
    def plain(self) -> str:
        """Return what was shown, without colours."""
        return COLOUR.sub("", self.text)

    def _read(self) -> bool:
        """Read what is there already, or comes soon; tell whether there was something."""
        if not select.select([self._mine], [], [], 0.02)[0]:
            return False
        self.text += os.read(self._mine, 65536).decode(errors="replace").replace("\r\n", "\n")
        return True


def on_terminal(url: str, *arguments: str, columns: int = 80, **environ: str) -> tuple[int, str]:
    """Run a command on a terminal; return its exit code and what it showed."""
    terminal = Terminal(url, *arguments, columns=columns, **environ)
    return terminal.end(), terminal.text
