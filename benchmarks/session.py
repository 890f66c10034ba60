"""What all measurements of one run share: a folder, how much to measure, and a line of progress."""

import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.programs import Programs


@dataclass
class Session:
    """One run of the benchmarks. Its folder is removed at the end, not before."""

    folder: Path
    rounds: int
    jobs: int
    clients: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def programs(self) -> Programs:
        """Return a place to start programs in."""
        return Programs(self.folder / f"{next(self._numbers):04}")

    def tell(self, text: str) -> None:
        """Show what is being done, where somebody looks on."""
        if sys.stderr.isatty():
            print(f"\r{text:78.78}", end="", file=sys.stderr)


@contextmanager
def session(rounds: int, jobs: int, clients: int) -> Iterator[Session]:
    """Begin a session; at its end remove what it left on disk."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        run = Session(Path(folder), rounds, jobs, clients)
        yield run
        run.tell("")
        if sys.stderr.isatty():
            print("\r", end="", file=sys.stderr)
