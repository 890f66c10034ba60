"""The durable record of what was accepted, so that a 200 survives the death of the process.

`<results>/.journal` is a log of lines that only grows: `threads/records.py` has what
they hold, `threads/journal_file.py` how they are written. A line is written by one system call
before its client gets an answer, so it outlives `kill -9`; a torn last line was never acknowledged,
and is cut at the next start. At level `power` the answer also waits until the line is on the
device; clients that wait at the same time share one flush.

From time to time the file is rewritten, shorter: what is known of each job that is still kept.
"""

import contextlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile

from app.concurrency.trace import Trace
from app.errors import ResultsFolderError, StorageError
from app.job import Done
from app.threads.journal_file import JournalFile, open_locked
from app.threads.records import Record, decode, encode, ended, first_line, is_whole, most_ids

# So many records are written at a time while the file is rewritten.
_RECORDS_A_PART = 1000


class Journal:
    """An open journal: read once, then appended to.

    `history`, which its owner sets, returns what the journal should hold by now. It is called when
    the file was removed, replaced or truncated under the running server, and when it is rewritten.
    `restored`, which its owner sets too, is called once the file was lost so and is written anew.
    """

    history: Callable[[], Iterable[Record]] = staticmethod(tuple)
    restored: Callable[[], None] = staticmethod(lambda: None)

    def __init__(
        self,
        results: Path,
        *,
        power: bool = False,
        look_seconds: float = 0.02,
        least_rewritten: int = 16 * 2**20,
        trace: Trace | None = None,
    ) -> None:
        """Open or create the journal; raise ResultsFolderError when it cannot be used.

        At most so many seconds pass until it is noticed that somebody removed or changed the file.
        A file of less than `least_rewritten` bytes is never `bloated`. `trace` is told of writes.
        """
        self.path = results / ".journal"
        self._power = power
        self._least_rewritten = least_rewritten
        # What is written with the next line. Python promises that any thread may change its ends.
        self._notes: deque[Done] = deque()
        self.damaged = 0  # lines that `replay` passed over
        self.most_lost_ids = 0  # that these can have given
        self.incomplete = False  # whether it found less than was written
        self.outdated = False  # whether it found a format that is only read
        # Why a record could not be written; empty once there is room for as much again.
        self.failure = ""
        self._refused_bytes = 0
        try:
            results.mkdir(parents=True, exist_ok=True)
            _take_over_folder(self.path)
            self._file = JournalFile(
                self.path,
                first_line(),
                power=power,
                look_seconds=look_seconds,
                trace=trace or Trace(),
            )
        except OSError as error:
            raise ResultsFolderError(f"journal {self.path}: {error.strerror or error}") from None
        self._rewrite_at = self._twice_the_size()

    def replay(self) -> Iterator[Record]:
        """Yield all records, in the order they were written; then cut a torn end off the file.

        A line that is damaged elsewhere is passed over, and the file as it was is kept beside
        (`damaged`). Raises ResultsFolderError for a journal of another format, and where the folder
        does not take what has to be written. To be called once, before the first `append`.
        """
        end = good = 0
        without_end: Record | None = None
        for line in self._file.lines():
            end += len(line)
            if is_whole(line):
                if record := self._decoded(line):
                    yield record
                elif line != first_line():
                    self.outdated = True
                good = end
            elif is_whole(line[:-1] + b"\n"):  # the last one, of whose end a bit has changed
                without_end = self._decoded(line)
                if without_end:
                    yield without_end
            elif line.endswith(b"\n"):
                self.damaged += 1  # not torn by a death: that takes the last line's end
                self.most_lost_ids += most_ids(len(line))
        self.incomplete = bool(self.damaged) or good < end
        try:
            if self.damaged:
                shutil.copyfile(self.path, self.path.with_name(".journal.damaged"))
            if good < end:
                self._file.cut(good)
            if without_end:
                self.append(without_end)
        except (OSError, StorageError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise ResultsFolderError(f"journal {self.path} cannot be mended: {said}") from None
        self._rewrite_at = self._twice_the_size()

    def _decoded(self, line: bytes) -> Record | None:
        try:
            return decode(line)
        except ResultsFolderError as error:
            raise ResultsFolderError(f"journal {self.path}: {error}") from None

    def append(self, *records: Record, promise: bool = False) -> None:
        """Write records by one write; raise StorageError when the disk does not take them.

        With `promise`, they are as durable as the journal's level says when this returns. Without,
        that may come later.
        """
        line = b"".join(map(encode, records))
        try:
            while not self._write(line):
                self._rewrite(if_lost=True)
            if promise and self._power:
                self._file.flush()
        except OSError as error:
            refused = StorageError.from_os("the job could not be recorded", error)
            self.failure = str(refused)
            self._refused_bytes = max(self._refused_bytes, len(line))
            raise refused from error

    def try_again(self, record: Record) -> None:
        """Find out by a short record whether `failure` is over.

        Such a one fits where longer ones do not: so there has to be room for these, too.
        """
        with contextlib.suppress(StorageError, OSError):
            self.append(record)
            with TemporaryFile(dir=self.path.parent) as file:
                file.write(bytes(self._refused_bytes))
            self.failure, self._refused_bytes = "", 0

    def note(self, record: Done) -> None:
        """Have a record written with the next one that comes, or by `write_notes`."""
        self._notes.append(record)

    def write_notes(self) -> None:
        """Write what was noted; raise StorageError when the disk does not take it.

        Where somebody removed or changed the file, that is left to `ensure`.
        """
        try:
            if self._notes:
                self._write(b"")
        except OSError as error:
            raise StorageError.from_os("results could not be recorded", error) from error

    def _write(self, line: bytes) -> bool:
        """Write what was noted, and a line; return False where the file is not in its place."""
        if not self._notes:
            return self._file.append(line)
        notes: list[Done] = []
        with contextlib.suppress(IndexError):  # another thread took the last ones
            while self._notes:
                notes.append(self._notes.popleft())
        written = False
        try:
            written = self._file.append(encode(ended(notes)) + line if notes else line)
        finally:
            if not written:
                self._notes.extendleft(reversed(notes))
        return written

    def ensure(self) -> None:
        """Rewrite the file if somebody removed or changed it, and write what was noted.

        Raises StorageError when that fails.
        """
        try:
            if self._file.is_lost():
                self._rewrite(if_lost=True)
        except OSError as error:
            raise StorageError.from_os("the journal could not be rewritten", error) from error
        self.write_notes()

    @property
    def may_wait(self) -> bool:
        """Whether an `append` with a promise may take long now.

        Always where it waits for the device; else where somebody removed or changed the file.
        """
        return self._power or not self._file.is_in_place()

    @property
    def file(self) -> JournalFile:
        """The file that it is in."""
        return self._file

    @property
    def bloated(self) -> bool:
        """Whether the file has grown so much that rewriting it is worth the while."""
        return self._file.size > self._rewrite_at and not self._file.replacing

    def outdate(self) -> None:
        """Have the file count as bloated, whatever its size: it has what is not to be found."""
        self._rewrite_at = 0

    def rewrite(self) -> None:
        """Rewrite the file from what is known now; raise StorageError when that fails.

        Records may be appended meanwhile.
        """
        try:
            self._rewrite()
        except OSError as error:
            self._rewrite_at = 2 * max(self._file.size, self._rewrite_at)  # not again at once
            raise StorageError.from_os("the journal could not be rewritten", error) from error

    def _rewrite(self, *, if_lost: bool = False) -> None:
        replaced = self._file.replace(self._history_lines, if_lost=if_lost)
        self._rewrite_at = self._twice_the_size()
        if replaced and if_lost:
            self.restored()

    def _history_lines(self) -> Iterator[bytes]:
        records = iter(self.history())
        while part := b"".join(map(encode, islice(records, _RECORDS_A_PART))):
            yield part

    def _twice_the_size(self) -> int:
        return max(self._least_rewritten, 2 * self._file.size)

    def close(self) -> None:
        """Put everything on the device and close the file, for another process to open."""
        self._file.close()


def _take_over_folder(path: Path) -> None:
    """Make files of the folder that versions before 2.0 have in the journal's place.

    A death at any moment loses nothing: the next start goes on. Raises OSError where a server still
    uses the folder.
    """
    log = path.with_name(".journal.log")  # its file, where an earlier start came no further
    if not path.is_dir() and (path.exists() or not log.exists()):
        return
    inside = path / "journal.log"
    lock = open_locked(inside if inside.exists() else log)
    try:
        if path.is_dir():
            for entry in path.iterdir():
                entry.rename(path.with_name(f".{entry.name}"))
            path.rmdir()
        log.rename(path)
    finally:
        os.close(lock)
