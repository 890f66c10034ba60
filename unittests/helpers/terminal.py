"""Runs the command line on a terminal."""

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from fcntl import ioctl
from pathlib import Path

from unittests.helpers.command_line import environ_of
from unittests.helpers.forked import Forked
from unittests.helpers.waiting import PATIENCE, eventually

COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

_TIMES_THAT_IT_WAITED = re.compile(r"\nvoluntary_ctxt_switches:\t([0-9]+)")


class Terminal:
    """A command that runs on a terminal of its own."""

    def __init__(self, url: str, *arguments: str, columns: int = 80, **environ: str) -> None:
        self._mine, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        known = environ_of(url, **environ)
        self.process = Forked(
            ["-m", "app", *arguments],
            {name: text for name, text in known.items() if name not in ("COLUMNS", "LINES")},
            terminal=Path(os.ttyname(theirs)),
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

    def interrupt(self) -> None:
        """Send it a Ctrl-C once it waits for something.

        In the instant before, Python takes the signal, and tells nobody until the wait is over.
        """
        before = -1

        def waits() -> bool:
            nonlocal before
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
            waited, before = before, int(_TIMES_THAT_IT_WAITED.findall(status)[0])
            return "\nState:\tS" in status and waited == before

        eventually(waits)
        os.kill(self.process.pid, signal.SIGINT)

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
        return self.process.wait()

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
