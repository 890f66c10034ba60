"""Faults that are really injected while eight clients work; the server must go on by itself.

python .ci/proofs/faults.py [--runs N] [--seed S] [--seconds N] [--only NAME]

It needs root, to mount small file systems.

Each fault lasts N seconds and then ends. While it lasts, submits may be refused with 503 or 507
and nothing else; afterwards the server accepts again, without a restart, and everything that it
ever acknowledged is answered rightly, by this process and by the next.
"""

import argparse
import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from clients import Ledger, Truth, call, check_all, client, verdict

from unittests.helpers.server import Server
from unittests.helpers.waiting import eventually

Fault = Callable[[Server, Path], AbstractContextManager[None]]
REFUSALS = {503, 507}


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Mount a small file system in memory on `folder`."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def filled(folder: Path) -> AbstractContextManager[None]:
    """Fill the file system that holds `folder`, to its last byte."""

    @contextlib.contextmanager
    def fill() -> Iterator[None]:
        path = folder / "filler"
        with path.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 4096)
        yield
        path.unlink()

    return fill()


def full_results(server: Server, _folder: Path) -> AbstractContextManager[None]:
    """The disk of the results is full."""
    return filled(server.results.parent)


def full_log(_server: Server, folder: Path) -> AbstractContextManager[None]:
    """The disk of the log is full."""
    return filled(folder / "logs")


def remounted_read_only(path: Path) -> bool:
    """Try to make a mount read-only; return whether it is."""
    command = ["mount", "-o", "remount,ro,bind", str(path)]
    return subprocess.run(command, check=False).returncode == 0


@contextlib.contextmanager
def read_only(server: Server, _folder: Path) -> Iterator[None]:
    """The results cannot be written: their folder is immutable, which binds root too."""
    path = server.results
    subprocess.run(["mount", "--bind", path, path], check=True)
    # Busy for as long as the server writes a file there, as it does most of the time.
    eventually(partial(remounted_read_only, path))
    yield
    subprocess.run(["umount", "--lazy", path], check=True)


@contextlib.contextmanager
def no_descriptors(server: Server, _folder: Path) -> Iterator[None]:
    """The process can open nothing more."""
    pid = server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    open_now = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def repeatedly(action: Callable[[], None]) -> Iterator[None]:
    """Do something again and again in the background."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.01):
            action()

    thread = threading.Thread(daemon=True, target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def emptied(server: Server, _folder: Path) -> AbstractContextManager[None]:
    """Somebody runs `rm -rf results/*` in a loop."""

    def empty() -> None:
        for path in server.results.glob("[!.]*"):
            path.unlink()

    return repeatedly(empty)


def removed(server: Server, _folder: Path) -> AbstractContextManager[None]:
    """Somebody runs `rm -rf results` in a loop."""
    return repeatedly(lambda: shutil.rmtree(server.results, ignore_errors=True))


@contextlib.contextmanager
def io_errors(server: Server, _folder: Path) -> Iterator[None]:
    """Every third write of a journal record or a result fails with EIO (injected by strace)."""
    command = ["strace", "-f", "-qq", "-e", "trace=write,linkat,link", "-o", "/dev/null"]
    command += ["-P", str(server.results / ".journal")]
    command += ["-e", "inject=write:error=EIO:when=1+3", "-p", str(server.process.pid)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tracer:
        yield
        tracer.terminate()


FAULTS: list[Fault] = [
    full_results, full_log, read_only, no_descriptors, emptied, removed, io_errors
]  # fmt: skip


def accepts(server: Server) -> bool:
    """Tell whether the server takes a job and says so, on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        took = call(connection, "POST", "/api/best5", {"question": "Q036"})[0] == 200
        return took and call(connection, "GET", "/api/health")[0] == 200
    except OSError:
        return False
    finally:
        connection.close()


def prove(fault: Fault, truth: Truth, chance: random.Random, seconds: float) -> int:
    """Run one fault and return 0 when all was well."""
    ledger = Ledger(truth)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(mounted(folder / "disk", "8m"))
        stack.enter_context(mounted(folder / "logs", "1m"))
        arguments = ("--log", str(folder / "logs" / "webserver.log"), "--log-bytes", "200000")
        server = Server(folder / "disk", *arguments, "--log-files", "2")
        stack.callback(server.stop)
        stop = threading.Event()
        threads = [
            threading.Thread(
                daemon=True,
                target=client,
                args=(server.port, ledger, random.Random(chance.random()), stop, REFUSALS),
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds / 2)
        before = len(ledger.promised)
        with fault(server, folder):
            time.sleep(seconds)
        during = len(ledger.promised) - before
        try:
            eventually(lambda: accepts(server), 10)
        except AssertionError:
            ledger.complain("the server did not recover by itself")
        time.sleep(seconds / 2)
        stop.set()
        for thread in threads:
            thread.join()
        check_all(server, ledger, list(ledger.promised))
        if server.process.poll() is not None:
            ledger.complain(f"the server ended with {server.process.returncode}")
        server.stop()
        server = Server(folder / "disk", *arguments)
        stack.callback(server.stop)
        check_all(server, ledger, list(ledger.promised))
    return verdict(ledger, f"{fault.__name__:15} {during:5} accepted meanwhile")


def main() -> int:
    """Run all faults, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how often each fault is injected")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each fault lasts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        print("faults.py needs root, to mount small file systems: left out")
        return 0
    truth, chance = Truth(), random.Random(options.seed)
    chosen = [fault for fault in FAULTS if options.only in fault.__name__]
    return max(
        prove(fault, truth, chance, options.seconds)
        for _ in range(options.runs)
        for fault in chosen
    )


if __name__ == "__main__":
    sys.exit(main())
