"""What keeps the programs of `make cluster` running, and stops them in order."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from unittests.helpers.files import PROJECT
from unittests.helpers.waiting import PATIENCE, eventually

ENDLESS = "import signal; print('here', flush=True); signal.pause()"


@contextlib.contextmanager
def kept(*command: str, last: bool = False, **environ: str) -> Iterator["subprocess.Popen[str]"]:
    words = [sys.executable, "-m", "app.cluster.supervise", *["--last"] * last, *command]
    process = subprocess.Popen(
        words, cwd=PROJECT, env=os.environ | environ, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def started(process: "subprocess.Popen[str]") -> int:
    """Return the number of the program that is started next."""
    assert process.stdout
    for line in process.stdout:
        if match := re.match(r"process (\d+): ", line):
            return int(match[1])
    raise AssertionError("nothing was started")


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_that_dies_is_started_again() -> None:
    with kept(sys.executable, "-c", ENDLESS) as process:
        for number in (signal.SIGKILL, signal.SIGTERM):
            os.kill(started(process), number)
        assert alive(started(process))


def test_a_program_that_cannot_run_is_given_up() -> None:
    with kept(sys.executable, "-c", "raise SystemExit(2)") as process:
        told = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 2
    assert "ended with 2" in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_waits_for_its_program(number: signal.Signals) -> None:
    program = (
        "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('ended well')));"
        " print('here', flush=True); signal.pause()"
    )
    with kept(sys.executable, "-c", program) as process:
        child = started(process)
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        process.send_signal(number)
        told = process.communicate(timeout=PATIENCE)[0]
    assert (process.returncode, told) == (0, "ended well\n")
    assert not alive(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a program with its parent")
def test_a_program_does_not_outlive_what_keeps_it() -> None:
    with kept(sys.executable, "-c", ENDLESS) as process:
        child = started(process)
        process.kill()
        process.wait(PATIENCE)
        eventually(lambda: not alive(child) or _is_zombie(child))


def _is_zombie(number: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return ") Z " in Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    return True


@pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server here")
def test_redis_stops_after_its_clients(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"redis://127.0.0.1:{port}/0"
    server = ("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path))
    with kept(*server, "--save", "", last=True, STATS_REDIS=url) as process:
        child = started(process)
        with redis.Redis.from_url(url) as client:

            def answers() -> bool:
                with contextlib.suppress(redis.ConnectionError):
                    return bool(client.ping())
                return False

            eventually(answers)
            process.terminate()
            # Whoever looks whether there are clients left is one more of them.
            eventually(lambda: len(client.client_list()) > 1)
            assert client.set("said", "last")
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not alive(child)
