"""Runs a program of `make cluster`, and starts it again when it dies.

`python -m app.cluster.kept [--last] COMMAND ...`. Told to stop, it tells the program alone and waits
for it; with `--last`, which Redis has, it waits before that until Redis has no clients any more.
"""

import ctypes
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import redis

# Whoever runs this gives all of them 5 seconds to stop, from when the first of them did.
_STOP_SECONDS = 4.0

_LOOK = 0.05  # seconds from look to look
_PAUSE = 0.5  # before a start that follows a death
_PARENT_DIED = 1  # PR_SET_PDEATHSIG of Linux


class Kept:
    """A program, run until this is told to stop or the program finds that it cannot run."""

    def __init__(self, command: Sequence[str], redis_url: str | None) -> None:
        """Where there is a `redis_url`, the program is that Redis, and stops after its clients."""
        self._command = command
        self._redis_url = redis_url
        self._stopping = threading.Event()
        # Guards the start of a program: it is started and known, or not started any more.
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Run the program again and again; return its exit code, or 0 when told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        threading.Thread(target=self._stop, name="Stop", daemon=True).start()
        while (child := self._start()) is not None:
            code = child.wait()
            if self._stopping.is_set():
                break
            ended = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            print(f"process {child.pid} {ended}", flush=True)
            if code > 0:
                return code  # an error of its own, which it would meet again
            self._stopping.wait(_PAUSE)
        return 0

    def _start(self) -> "subprocess.Popen[bytes] | None":
        """Start the program, unless this was told to stop."""
        with self._lock:
            if self._stopping.is_set():
                return None
            # In a group of its own: it is told to stop by this process alone, at its time, and
            # Celery's worker tells its children itself.
            self._child = subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn
                self._command, process_group=0, preexec_fn=_end_with_parent
            )
        print(f"process {self._child.pid}: {shlex.join(self._command)}", flush=True)
        return self._child

    def _stop(self) -> None:
        self._stopping.wait()
        with self._lock:
            child = self._child
        deadline = time.monotonic() + _STOP_SECONDS
        if child is not None:
            if self._redis_url:
                with suppress(redis.RedisError):  # it does not answer: nobody can need it
                    _wait_until_alone(self._redis_url, deadline - 1)
            child.terminate()
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()


def _end_with_parent() -> None:
    """Have the kernel end this process, which is about to become the program, with its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)


def _wait_until_alone(url: str, deadline: float) -> None:
    """Wait until a Redis has no other clients, or for so long; raise RedisError."""
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        while len(client.client_list()) > 1 and time.monotonic() < deadline:
            time.sleep(_LOOK)


if __name__ == "__main__":
    words = sys.argv[1:]
    last = words[:1] == ["--last"]
    sys.exit(Kept(words[last:], os.environ["STATS_REDIS"] if last else None).run())
