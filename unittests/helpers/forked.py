"""Starts Python programs by forking a process that has imported what servers import.

More than half of what a server does until it serves is importing, and a run of all tests starts
some seventy of them. What is started is a process like any other, with arguments, environment,
output and exit code of its own; only its modules are there already. What tests the start itself
uses `subprocess`.
"""

import contextlib
import logging
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import PATIENCE

# What app.create_app, app.server.main and the chores import for a server, and the command line.
_PRELOADED = [
    "app.cli.program",
    "app.client.client",
    "app.concurrency.periodic",
    "app.data_ingestor",
    "app.datasets.prepared",
    "app.download.__main__",
    "app.exposure",
    "app.http.connection",
    "app.http.for_people",
    "app.http.request_log",
    "app.http.security_headers",
    "app.routes",
    "app.server",
    "app.threads.build",
    "rich.table",
    "unittests.helpers.preloaded",
    "uvloop",
]


class Forked:
    """A process that was forked: as much of subprocess.Popen as tests need."""

    def __init__(
        self,
        program: Sequence[str],
        environ: Mapping[str, str],
        folder: Path = PROJECT,
        *,
        errors: Path | None = None,
        given: Connection | None = None,
        terminal: Path | None = None,
    ) -> None:
        """Start `python *program` in a folder.

        What it says of errors goes to its output, unless there is a file for it; `given` is the end
        of a pipe that it reads from. With a `terminal`, it is the first process on that one, and
        reads from and writes to it.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        reader, writer = context.Pipe(duplex=False)
        # A daemon, so that one which a failed test left behind ends with the tests.
        self._process = context.Process(
            target=_become,
            args=(program, environ, folder, writer, errors, given, terminal),
            daemon=True,
        )
        self._process.start()
        writer.close()
        self.stdout = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code; None while it runs, minus the signal's number if one ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, once it has ended; raise TimeoutExpired when it takes longer."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return code

    def end(self, timeout: float) -> tuple[int, str]:
        """Return the exit code and all of its output, once it has ended."""
        output = self.stdout.read()
        self.stdout.close()
        return self.wait(timeout), output

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            # It may be gone, while the process that forked it has not told so yet.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it with SIGKILL, unless it has ended."""
        self.send_signal(signal.SIGKILL)


def run(
    *program: str, environ: Mapping[str, str] | None = None, folder: Path = PROJECT
) -> "subprocess.CompletedProcess[str]":
    """Run `python *program` to its end; variables are added to those of this process."""
    with tempfile.NamedTemporaryFile() as errors:
        path = Path(errors.name)
        process = Forked(program, {**os.environ, **(environ or {})}, folder, errors=path)
        code, output = process.end(PATIENCE)
        return subprocess.CompletedProcess(program, code, output, path.read_text(encoding="utf-8"))


def _become(
    program: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    output: Connection,
    errors: Path | None,
    given: Connection | None,
    terminal: Path | None,
) -> None:
    """Run what `python *program` runs."""
    for descriptor in (1, 2):
        os.dup2(output.fileno(), descriptor)
    output.close()
    if errors is not None:
        os.dup2(os.open(errors, os.O_WRONLY), 2)
    if given is not None:
        os.dup2(given.fileno(), 0)
        given.close()
    if terminal is not None:
        # In a session of its own, whose first process opens a terminal: that is where a Ctrl-C
        # that is typed into it goes.
        os.setsid()
        opened = os.open(terminal, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(opened, descriptor)
    # Those of before know of no terminal.
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
        for number, mode in enumerate("rww")
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    try:
        _run(*program)
    finally:
        logging.shutdown()  # as Python does at the end of a process that was not forked


def _run(kind: str, *arguments: str) -> None:
    if kind == "-c":
        sys.argv = ["-c", *arguments[1:]]
        exec(compile(arguments[0], "<string>", "exec"), {"__name__": "__main__"})
    elif kind == "-m":
        sys.argv = [*arguments]
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [kind, *arguments]
        runpy.run_path(kind, run_name="__main__")
