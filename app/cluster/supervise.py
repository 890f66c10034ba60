"""Runs a program of `make cluster`, and starts it again when it dies.

`python -m app.cluster.supervise [--last] COMMAND ...`. Told to stop, it tells the program alone,
and waits; with `--last`, which Redis has, it waits before that until Redis has no clients any more.
"""

import ctypes
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

import redis

# Whoever runs this gives all of them 5 seconds to stop, from when the first of them did.
_STOP_SECONDS = 4.0

_LOOK = 0.05  # seconds from look to look
_PAUSE = 0.5  # seconds from a death to the next start
_STARTED = 15.0  # seconds after which an end is no failure to start
_STOP = (signal.SIGTERM, signal.SIGINT)
_PARENT_DIED = 1  # PR_SET_PDEATHSIG of Linux


def keep(command: Sequence[str], redis_url: str | None) -> int:
    """Run a program again and again; return its exit code, or 0 when told to stop.

    Where there is a `redis_url`, the program is that Redis.
    """
    # They wait until this asks for them, so that none comes between a start and what follows.
    signal.pthread_sigmask(signal.SIG_BLOCK, (*_STOP, signal.SIGCHLD))
    while True:
        child, began = _start(command), time.monotonic()
        while child.poll() is None:
            if signal.sigwait((*_STOP, signal.SIGCHLD)) in _STOP:
                _stop(child, redis_url)
                return 0
        code, lived = child.returncode, time.monotonic() - began
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        print(f"process {child.pid} {ended}", flush=True)
        if code > 0 and lived < _STARTED:
            return code  # it could not start, and would not the next time
        time.sleep(_PAUSE)


def _start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    # In a group of its own, for it is told to stop by this process alone: Redis after the others,
    # and of a worker not the children, whose jobs come to their end first. No threads are here.
    child = subprocess.Popen(  # pylint: disable=subprocess-popen-preexec-fn
        command,
        process_group=0,
        preexec_fn=_about_to_become_the_program,  # noqa: PLW1509
    )
    print(f"process {child.pid}: {shlex.join(command)}", flush=True)
    return child


def _about_to_become_the_program() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if sys.platform == "linux":  # have the kernel end it when this process dies
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)


def _stop(child: "subprocess.Popen[bytes]", redis_url: str | None) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    if redis_url:
        with suppress(redis.RedisError):  # it does not answer: nobody can need it
            _wait_until_alone(redis_url, deadline - 1)
    child.terminate()
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        child.kill()


def _wait_until_alone(url: str, deadline: float) -> None:
    """Wait until a Redis has no other clients, or for so long; raise RedisError."""
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        while len(client.client_list()) > 1 and time.monotonic() < deadline:
            time.sleep(_LOOK)


if __name__ == "__main__":
    words = sys.argv[1:]
    last = words[:1] == ["--last"]
    sys.exit(keep(words[last:], os.environ["STATS_REDIS"] if last else None))
