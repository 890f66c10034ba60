"""A thread that runs chores at regular times: see JobService.run_chores."""

import logging
import threading
from collections.abc import Callable


class Periodic(threading.Thread):
    """Calls `run_chores` every `seconds` until it is stopped, whatever a call raises."""

    def __init__(self, run_chores: Callable[[], None], seconds: float, log: logging.Logger) -> None:
        super().__init__(name="Periodic", daemon=True)
        self._run_chores = run_chores
        self._seconds = seconds
        self._log = log
        self._stopping = threading.Event()

    def run(self) -> None:
        """Run the chores until stopped."""
        while not self._stopping.wait(self._seconds):
            try:
                self._run_chores()
            except Exception:  # noqa: BLE001
                self._log.exception("a chore raised")

    def stop(self) -> None:
        """Run no more; return once the last call is over. Can be repeated."""
        self._stopping.set()
        if self.is_alive():
            self.join()
