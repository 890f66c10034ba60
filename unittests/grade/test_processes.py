"""What counts as a process that has ended."""

import subprocess
import sys

from app.grade.processes import Family
from unittests.helpers.waiting import PATIENCE, eventually

_FIRST_THREAD_ENDS = """
import ctypes, os, sys, threading

def wait():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=wait).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_runs_for_as_long_as_one_of_its_threads_does() -> None:
    with subprocess.Popen([sys.executable, "-c", _FIRST_THREAD_ENDS], stdin=subprocess.PIPE) as one:
        assert one.stdin is not None
        family = Family(one.pid)
        eventually(lambda: _state_of(one.pid) == "Z")
        assert not family.ends_within(0, one.poll)
        assert family.pids() == [one.pid]
        one.stdin.close()
        assert family.ends_within(PATIENCE, one.poll)


def _state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]
