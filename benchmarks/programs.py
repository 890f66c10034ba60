"""Child processes: started in a folder of their own, waited for, stopped in reverse order."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

_PATIENCE = 60.0


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Programs:
    """The programs of one contestant, which end with the `with` block that started them.

    What they print goes to `output.txt` in their folder. The folder stays: removing thousands of
    files makes ext4 slow at making files for a while, and the next contestant would pay for it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self._output = (folder / "output.txt").open("wb")
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Programs":
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._output.close()

    def python(self, *arguments: str, environ: Mapping[str, str] | None = None) -> int:
        """Start a Python program; return its process id."""
        return self.start(sys.executable, *arguments, environ=environ)

    def start(self, *command: str, environ: Mapping[str, str] | None = None) -> int:
        """Start a program; return its process id."""
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, **(environ or {})},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._running.append(process)
        return process.pid

    def wait_for(self, port: int) -> None:
        """Wait until the program that was started last listens on a port."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._running[-1].poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.005)
        said = (self.folder / "output.txt").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"nothing listens on port {port}; the program said:\n{said}")


def memory_mb(process_id: int) -> float:
    """Return the memory that a process holds now, in megabytes (its resident set)."""
    return _status(process_id, "VmRSS")


def peak_memory_mb(process_id: int) -> float:
    """Return the most memory that a process ever held, in megabytes."""
    return _status(process_id, "VmHWM")


def _status(process_id: int, field: str) -> float:
    text = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1000 if found else float("nan")
