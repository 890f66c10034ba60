"""A server whose jobs a test holds back, or has fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unittests.helpers.server import Server, box_server

_PROGRAM = """
import os, sys, time
from pathlib import Path
from app.answers.compute import Answers
from app.server import main
answer, known, stage = Answers.answer, Answers.known, Path(os.environ["STAGE"])
def staged(self, parameters):
    while (stage / "held").exists():
        time.sleep(0.005)
    if (stage / "failing").exists():
        raise RuntimeError("so the test wants it")
    return answer(self, parameters)
def found(self, request):  # a job whose answer is known ends at once, so it could not be held
    return None if (stage / "held").exists() else known(self, request)
Answers.answer, Answers.known = staged, found
sys.exit(main(sys.argv[1:], "staged"))
"""


class Stage:
    """The server, and what its jobs are to do."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder = folder
        self.server = server

    def hold(self) -> None:
        """Let no job end."""
        (self._folder / "held").touch()

    def release(self) -> None:
        """Let jobs go on."""
        (self._folder / "held").unlink(missing_ok=True)

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Let jobs fail for the length of a with block."""
        mark = self._folder / "failing"
        mark.touch()
        try:
            yield
        finally:
            mark.unlink()


@contextmanager
def staged_server(folder: Path, *arguments: str, **options: Any) -> Iterator[Stage]:
    """Run such a server for the length of a with block."""
    program = ("-c", _PROGRAM)
    with box_server(folder, *arguments, program=program, STAGE=str(folder), **options) as server:
        stage = Stage(folder, server)
        try:
            yield stage
        finally:
            stage.release()
