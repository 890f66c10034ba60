"""Start and stop a server N times; fail when one leaves a process, a thread or its port behind.

python .ci/starts_and_stops.py [--runs N] [--seed S]
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from unittests.helpers.files import PROJECT
from unittests.helpers.program import Program


def start_and_stop(folder: str, number: int, stop: signal.Signals) -> None:
    """Run one server, ask it for a job, stop it, and look what is left."""
    command = [sys.executable, str(PROJECT / "api_server.py"), "--port", "0"]
    command += ["--results", f"{folder}/results", "--log", f"{folder}/webserver.log"]
    # A session of its own, so that whatever it leaves behind can be told by it.
    with Program(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:
        assert server.stdout
        port = int(server.stdout.readline().split(",")[0].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            body = b'{"question": "Q036"}'
            head = "POST /api/best5 HTTP/1.1\r\nHost: localhost\r\n"
            head += f"Content-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            assert f'"job_id_{number}"'.encode() in connection.recv(4096)
        server.send_signal(stop)
        assert server.wait(10) == 0
    left = [
        entry for entry in os.listdir("/proc") if entry.isdigit() and _session(entry) == server.pid
    ]
    assert not left, f"processes left behind: {left}"
    with socket.socket() as probe:
        # Fails where somebody listens; connections that were closed a moment ago may linger.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def _session(pid: str) -> int:
    try:
        return os.getsid(int(pid))
    except (ProcessLookupError, PermissionError):
        return -1


def main() -> None:
    """Start and stop it so often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(1, options.runs + 1):
            start_and_stop(scratch, number, chance.choice((signal.SIGTERM, signal.SIGINT)))
    print(f"{options.runs} starts and stops: no process and no port left behind")


if __name__ == "__main__":
    main()
