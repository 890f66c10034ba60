"""Where the tests download to: a folder with a file that is there already, and a server."""

from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from app.datasets.source_note import read_note
from app.download.__main__ import main
from app.download.retrying_http import RetryPolicy
from unittests.helpers.clock import Clock
from unittests.helpers.socrata import COLUMNS, Socrata, as_csv, made_up

OLD = b"the file that was there\n"
ROWS = made_up(300)
NEW = as_csv(COLUMNS, ROWS)
NEWER_ROWS = made_up(310, value="31.5")
NEWER = as_csv(COLUMNS, NEWER_ROWS)


class Run(NamedTuple):
    """What a run left behind for the user."""

    code: int
    out: str
    err: str
    pauses: list[float]


class Place:
    """A folder with the file that was there, and a server to replace it from."""

    def __init__(self, folder: Path, socrata: Socrata, capture: Any) -> None:
        self.folder, self.socrata, self._capture = folder, socrata, capture
        self.target = folder / "cdc.csv"
        self.target.write_bytes(OLD)

    def run(self, *arguments: str, policy: dict[str, Any] | None = None, **environ: str) -> Run:
        """Run the command in this process."""
        clock = Clock()
        self._capture.readouterr()
        given = ["--to", str(self.target), "--from", self.socrata.url, *arguments]
        options = {"tries": 4, "silence": 5.0, "connect": 5.0} | (policy or {})
        code = main(given, environ, RetryPolicy(**clock.options(**options)))
        out, err = self._capture.readouterr()
        assert "Traceback" not in out + err
        return Run(code, out, err, clock.slept)

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def has(self, content: bytes, way: str) -> None:
        """Check that the whole of something new is in place, with its note, and no remains."""
        assert self.target.read_bytes() == content
        note = read_note(self.target)
        assert note
        assert (note.way, note.sha256) == (way, sha256(content).hexdigest())
        assert note.rows == len(self.socrata.rows)
        assert self.files() == {"cdc.csv", "cdc.csv.source.json"}

    def has_old(self) -> None:
        assert self.target.read_bytes() == OLD
        assert not (self.folder / "cdc.csv.source.json").exists()
        assert "cdc.csv.lock" not in self.files()
