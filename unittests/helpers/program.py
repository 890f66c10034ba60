"""A program that a test starts and, whatever happens, leaves behind ended."""

import subprocess
from types import TracebackType


class Program(subprocess.Popen[str]):
    """A process that a `with` block kills at its end: Popen would wait for it, for ever."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        super().__exit__(kind, value, traceback)
