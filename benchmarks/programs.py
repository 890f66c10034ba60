"""Child processes: started in a folder of their own, waited for, stopped in reverse order."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

_START_SECONDS = 600.0  # ten million rows take their time
_STOP_SECONDS = 30.0
_PAUSE = 0.005
_LISTEN = "0A"  # as /proc/net/tcp has it


class Programs:
    """Programs that end with the `with` block in which they were started.

    What they print goes to `output.txt` in `folder`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._output = folder / "output.txt"
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, cwd: Path = PROJECT) -> int:
        """Start a program; return its process id."""
        with self._output.open("ab") as output:
            process = subprocess.Popen(command, cwd=cwd, stdout=output, stderr=subprocess.STDOUT)
        self._running.append(process)
        return process.pid

    def python(self, *arguments: str) -> int:
        """Start a program in Python; return its process id."""
        return self.start(sys.executable, *arguments)

    def wait_for(self, port: int, processes: int = 1) -> None:
        """Wait until so many processes listen on a port."""
        deadline = time.monotonic() + _START_SECONDS
        while _listeners(port) < processes:
            ended = any(process.poll() is not None for process in self._running)
            if ended or time.monotonic() > deadline:
                said = self._output.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"nothing listens on port {port}; printed was:\n{said}")
            time.sleep(_PAUSE)

    def stop(self) -> None:
        """Stop the programs, the latest first."""
        while self._running:
            process = self._running.pop()
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def programs_in(folder: Path) -> Iterator[Programs]:
    """Yield programs with a new folder inside of `folder`; stop them at the end."""
    programs = Programs(Path(tempfile.mkdtemp(dir=folder)))
    try:
        yield programs
    finally:
        programs.stop()


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def missing(*, modules: Sequence[str] = (), programs: Sequence[str] = ()) -> str:
    """Return what of these is not installed, and how to get it; "" where all is there."""
    lacking = [name for name in modules if find_spec(name) is None]
    if lacking:
        return f"{', '.join(lacking)}: pip install -r requirements-dev.txt"
    lacking = [name for name in programs if shutil.which(name) is None]
    return f"{', '.join(lacking)}: apt-get install {' '.join(lacking)}" if lacking else ""


def processor_seconds(process_id: int) -> float:
    """Return the processor time that a process has taken."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(process_id: int, most: float = 20.0) -> None:
    """Wait until a program has done what it puts off until after its start, `most` seconds at most.

    Then it takes hardly any processor time; where it still does, that is said.
    """
    deadline = time.monotonic() + most
    while time.monotonic() < deadline:
        before = processor_seconds(process_id)
        time.sleep(1.5)  # longer than the pause between two rounds of the chores
        if processor_seconds(process_id) - before <= 0.03:
            return
    print(f"still busy {most:g} seconds after its start", file=sys.stderr)


def memory_mb(process_id: int, *, peak: bool = False) -> float:
    """Return the memory that a process holds in megabytes (its resident set), or ever held."""
    text = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(rf"^{'VmHWM' if peak else 'VmRSS'}:\s+(\d+) kB", text, re.MULTILINE)
    assert found, "a running process has memory"
    return int(found[1]) / 1000


def _listeners(port: int) -> int:
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == _LISTEN for row in rows)
