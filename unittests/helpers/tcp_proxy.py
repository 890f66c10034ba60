"""A connection that can be slow, or stop passing anything on."""

import contextlib
import socket
import threading

from unittests.helpers.server import free_port
from unittests.helpers.waiting import PATIENCE


class Proxy(threading.Thread):
    """A TCP proxy to a port of this machine, which can be slow, or stop passing anything on."""

    def __init__(self, target: int) -> None:
        super().__init__(name="Proxy", daemon=True)
        self.port = free_port()
        self.delay = 0.0  # seconds that each piece takes
        self._target = target
        self._open = threading.Event()  # whether anything is passed on
        self._open.set()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.start()

    @property
    def url(self) -> str:
        """The Redis at the other end."""
        return f"redis://127.0.0.1:{self.port}/0"

    def run(self) -> None:
        """Take connections until the end."""
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                # Nothing is listened on while connections are refused.
                self._ended.wait(0.01)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), PATIENCE)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._ended.wait(self.delay)
                while not (self._open.wait(0.05) or self._ended.is_set()):
                    pass
                other.sendall(data)
        self._forget(one, other)

    def _forget(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._lock:
                if end in self._ends:
                    self._ends.remove(end)
                    end.close()

    def hold(self) -> None:
        """Pass nothing on, and say nothing: as a cable that was pulled."""
        self._open.clear()

    def cut(self) -> None:
        """Close all connections; new ones are taken."""
        with self._lock:
            ends = list(self._ends)
        self._forget(*ends)

    def refuse(self) -> None:
        """Close all connections, and refuse new ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def restore(self) -> None:
        """Pass everything on again, at once."""
        self.delay = 0.0
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
        self._open.set()

    def close(self) -> None:
        """End all of it."""
        self._ended.set()
        self._open.set()
        self.refuse()
        self.join(PATIENCE)
