"""What Linux tells of a process and those that it started: threads, memory, time on a core."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Threads of libraries, which come and go as these like. Python's have the name of the program.
_OF_LIBRARIES = ("tokio", "polars", "jemalloc", "async-exec", "rayon", "iou-", "grpc", "mi-")

# Places in /proc/<pid>/stat, counted behind the name.
_STATE, _PARENT, _GROUP, _THREADS, _STARTED = 0, 1, 2, 17, 19


@dataclass(frozen=True, slots=True)
class Usage:
    """What a family of processes has used so far: seconds on a core, and in line for one."""

    cpu: float
    in_line: float


def of_this_thread() -> Usage:
    """Return what the thread that asks has used so far."""
    on_core, waited, _ = (_PROC / "thread-self" / "schedstat").read_text().split()
    return Usage(int(on_core) / 1e9, int(waited) / 1e9)


class Family:
    """A process, and all that it started. All of them end with it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        # With the time of its start, for numbers are given again.
        self._known: dict[int, str] = {}
        about = _stat(pid)
        if about:
            self._known[pid] = about[_STARTED]

    def pids(self) -> list[int]:
        """Return those that run: of its group, and children of theirs that left it."""
        alive = {}
        for entry in os.listdir(_PROC):
            if entry.isdigit():
                about = _running(int(entry))
                if about:
                    alive[int(entry)] = about
        leader = alive.get(self.pid)
        is_ours = leader is None or leader[_STARTED] == self._known.get(self.pid)
        found = {
            pid
            for pid, about in alive.items()
            if self._known.get(pid) == about[_STARTED]
            or (is_ours and int(about[_GROUP]) == self.pid)
        }
        while True:
            more = {pid for pid, about in alive.items() if int(about[_PARENT]) in found} - found
            if not more:
                self._known.update((pid, alive[pid][_STARTED]) for pid in found)
                return sorted(found)
            found |= more

    def _known_run(self) -> bool:
        """Tell whether one of those that were seen before runs; to look for all costs much more."""
        return any(
            (about := _running(pid)) is not None and about[_STARTED] == started
            for pid, started in self._known.items()
        )

    def threads(self) -> int:
        """Return how many threads there are, but for those of libraries."""
        return len(self.turns())

    def turns(self) -> dict[str, int]:
        """Return how often each thread has had a core so far, but for those of libraries."""
        turns = {}
        for pid in self.pids():
            with suppress(OSError):
                for task in os.listdir(_PROC / str(pid) / "task"):
                    with suppress(OSError, ValueError, IndexError):
                        folder = _PROC / str(pid) / "task" / task
                        name = (folder / "comm").read_text(encoding="utf-8", errors="replace")
                        if not name.startswith(_OF_LIBRARIES):
                            turns[task] = int((folder / "schedstat").read_text().split()[2])
        return turns

    def memory(self) -> int:
        """Return the bytes of memory that are resident."""
        total = 0
        for pid in self.pids():
            with suppress(OSError, ValueError, IndexError):
                total += int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
        return total

    def usage(self) -> Usage:
        """Return what the threads that run now have used."""
        cpu = in_line = 0.0
        for pid in self.pids():
            with suppress(OSError):
                for task in os.listdir(_PROC / str(pid) / "task"):
                    with suppress(OSError, ValueError):
                        path = _PROC / str(pid) / "task" / task / "schedstat"
                        on_core, waited, _ = path.read_text().split()
                        cpu += int(on_core) / 1e9
                        in_line += int(waited) / 1e9
        return Usage(cpu, in_line)

    def signal(self, number: int) -> None:
        """Send a signal to all of them."""
        for pid in self.pids():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def ends_within(self, seconds: float, reap: Callable[[], object]) -> bool:
        """Wait until none of them runs; tell whether that happened. `reap` waits for our child."""
        until = time.monotonic() + seconds
        while True:
            reap()
            if not self._known_run() and not self.pids():
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(0.005)

    def end(self, reap: Callable[[], object], seconds: float = 3.0) -> None:
        """End all of them: asked first, then made to."""
        self.signal(signal.SIGTERM)
        if not self.ends_within(seconds, reap):
            for _ in range(100):  # one that forks meanwhile is found the next time
                self.signal(signal.SIGKILL)
                if self.ends_within(0.2, reap):
                    break


def _running(pid: int) -> Sequence[str] | None:
    """Return what /proc tells of a process that has not ended.

    One whose first thread has ended looks like a zombie, and keeps files and sockets open for as
    long as another thread runs.
    """
    about = _stat(pid)
    if about and (about[_STATE] not in "ZX" or int(about[_THREADS]) > 1):
        return about
    return None


def _stat(pid: int) -> Sequence[str] | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # a path's own methods take longer than this
            text = file.read()
    except OSError:
        return None
    return text.rpartition(b")")[2].decode().split()
