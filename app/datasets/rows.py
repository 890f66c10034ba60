"""The rows of a dataset, which need not be in memory from the start."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


class Rows:
    """Rows that are read when they are first asked for."""

    def __init__(self, read: "Callable[[], pl.DataFrame] | None") -> None:
        """`read` is called once, unless it raises: then whoever asks next calls it again."""
        # Held while the rows are read: who asks for them meanwhile waits.
        self._reading = threading.Lock()
        self._read = read
        self._rows: pl.DataFrame | None = None

    @classmethod
    def of(cls, rows: "pl.DataFrame") -> "Rows":
        """Return rows that are in memory."""
        found = cls(None)
        found._rows = rows
        return found

    def get(self) -> "pl.DataFrame":
        """Return the rows; raise what reading them raises."""
        if self._rows is None:
            with self._reading:
                if self._rows is None and self._read is not None:
                    self._rows, self._read = self._read(), None
        assert self._rows is not None
        return self._rows
