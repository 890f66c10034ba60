"""A real Redis, for one test."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import redis

from unittests.helpers.server import free_port
from unittests.helpers.waiting import PATIENCE, eventually

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None,
    reason="needs redis-server (on Debian: apt-get install redis-server)",
)
# What is acknowledged is on disk before; docs/scaling.md says what other settings lose.
_DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


class Redis:
    """A Redis that keeps its data in a folder; it can die and come back on its port."""

    def __init__(
        self, folder: Path, *options: str, port: int = 0, host: str = "127.0.0.1",
        within: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """`within` is a command to run it with, such as `ip netns exec NAME`."""
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.url = f"redis://{host}:{self.port}/0"
        self.client = redis.Redis(host, self.port, socket_timeout=PATIENCE)
        self._within = within
        self._host = host
        self._options = options or _DURABLE
        self.start()

    def start(self) -> None:
        """Start it, on what it kept, and wait until it answers."""
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *self._within, "redis-server", "--port", str(self.port), "--dir", self.folder,
                    "--bind", self._host, "--protected-mode", "no", *self._options,
                ],
                stdout=log, stderr=log,
            )  # fmt: skip
        eventually(self.answers)

    def answers(self) -> bool:
        """Tell whether it has read what it kept and answers."""
        assert self.process.poll() is None, (self.folder / "redis.log").read_text()
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.client.close()

    def pause(self) -> None:
        """Have it stand still: connections stay, nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on."""
        self.process.send_signal(signal.SIGCONT)

    def ask(self, *command: Any) -> Any:
        """Send it a command."""
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call]
