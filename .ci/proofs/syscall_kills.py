"""Kill the server at each system call that changes something, in turn; every time it must recover.

python .ci/proofs/syscall_kills.py [--runs N] [--seed S]     needs strace

A scenario (submit, ask, list, drain) runs against a fresh server, traced so that the Nth call of
one kind in a thread is met by SIGKILL. N goes up until the scenario is through with no kill.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from clients import Ledger, Truth, call, check_all

from unittests.helpers.server import Server
from unittests.helpers.waiting import PATIENCE, eventually

CALLS = (
    "write",
    "openat",
    "link",
    "linkat",
    "unlink",
    "rename",
    "mkdir",
    "ftruncate",
    "fdatasync",
    "fsync",
    "flock",
    "close",
)


def traced(server: Server, name: str, number: int) -> "subprocess.Popen[bytes]":
    """Attach strace to a running server; the Nth call of a kind brings SIGKILL."""
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}"]
    command += ["-e", f"inject={name}:signal=SIGKILL:when={number}", "-p", str(server.process.pid)]
    tracer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{server.process.pid}/status")
    eventually(lambda: f"TracerPid:\t{tracer.pid}\n" in status.read_text())
    return tracer


def scenario(server: Server, ledger: Ledger, chance: random.Random) -> None:
    """Do what clients do, to the end or until the server is gone."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        new = [ledger.truth.ask(chance) for _ in range(3)]
        for asked in (*new, *new):  # the second time, a job is ended by who submits it
            status, answer = call(
                connection, "POST", f"/api/{asked.statistic}", json.loads(asked.body)
            )
            if status == 200:
                ledger.promise(answer["job_id"], asked)
                call(connection, "GET", f"/api/get_results/{answer['job_id']}?wait=5")
        call(connection, "GET", "/api/jobs")
        (server.results / "job_id_1.json").unlink(missing_ok=True)
        call(connection, "GET", "/api/get_results/1")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE)
    except (OSError, HTTPException, ValueError, subprocess.TimeoutExpired):
        pass
    finally:
        connection.close()


def main() -> int:
    """Go through all calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12, help="stop at this N for each call")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if shutil.which("strace") is None:
        print("syscall_kills.py needs strace: left out")
        return 0
    truth, chance = Truth(), random.Random(options.seed)
    promised, wrong, kills = 0, 0, 0
    for name in CALLS:
        hits = 0
        for number in range(1, options.runs + 1):
            ledger = Ledger(truth)
            with tempfile.TemporaryDirectory() as folder:
                arguments = ("--threads", "1", "--journal", "power")
                server = Server(Path(folder), *arguments)
                tracer = traced(server, name, number)
                scenario(server, ledger, chance)
                time.sleep(0.05)
                killed = server.process.poll() == -signal.SIGKILL
                tracer.terminate()
                tracer.wait()
                server.stop(signal.SIGKILL)
                server = Server(Path(folder), *arguments)
                check_all(server, ledger, list(ledger.promised))
                server.stop()
            promised += len(ledger.promised)
            wrong += len(ledger.wrong)
            for what in ledger.wrong:
                print("WRONG", name, number, what)
            if not killed:
                break
            hits += 1
        kills += hits
        print(f"{name:10} killed at {hits} calls", flush=True)
    print(f"{kills} kills: {promised} jobs acknowledged, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
