"""What is in the files that come with this program, so that a start need not read their rows.

Beside these files, `*.cells.json` has what the first reading of one finds: `dataset/build_cells.py`
writes it, and a test compares it with the file. It counts for this very file alone, told by its
SHA-256; whatever differs is read as any other file is, and refused where that is due.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

from app.datasets.cells import Cells, Content, Names, Reading
from app.datasets.files import DataFile, checksum
from app.datasets.layouts import LAYOUTS
from app.installation import BUNDLED
from app.json_bytes import DecodeError, decode, encode
from app.sources import BOX

if TYPE_CHECKING:
    import polars as pl


class Boxed(NamedTuple):
    """What is known of a file, and the bytes that it is known of."""

    content: Content
    file: bytes

    def rows(self) -> "pl.DataFrame":
        """Read the rows: of these very bytes, whatever has become of the file."""
        from app.datasets.reading import rows_of

        with _file_of(self.file) as path:
            return rows_of(path, self.content)


@contextmanager
def _file_of(content: bytes) -> Iterator[Path]:
    """Give a file of some bytes."""
    if not hasattr(os, "memfd_create"):  # as on macOS
        with NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield Path(file.name)
        return
    # In memory: a disk may be full.
    with open(os.memfd_create("rows", os.MFD_CLOEXEC), "wb") as file:
        file.write(content)
        file.flush()
        yield Path(f"/proc/self/fd/{file.fileno()}")


def cells_path(path: Path) -> Path:
    """Return where what is in a file of the box is written down."""
    return BUNDLED / "dataset" / f"{path.stem}.cells.json"


def content_of(path: Path) -> Boxed | None:
    """Return what is in a file that comes with this program; None for any other file."""
    if all(path != source.path for source in BOX):
        return None
    try:
        written: Any = decode(cells_path(path).read_bytes())
        fields, file = written["content"], path.read_bytes()
        if written["sha256"] != checksum(fields):
            return None
        if fields["file"]["sha256"] != hashlib.sha256(file).hexdigest():
            return None
        return Boxed(_content(fields), file)
    except (OSError, DecodeError, KeyError, TypeError):
        return None


def as_json(content: Content) -> bytes:
    """Return what is written down of a file."""
    cells, (file,), reading = content
    fields = {
        "file": asdict(file),
        "layout": reading.layout.name,
        "replaced": {column: dict(names) for column, names in reading.replaced.items()},
        "columns": {name: [one.names, [*one.places]] for name, one in cells.columns.items()},
        "estimates": [*cells.estimates],
        "totals": [*cells.totals],
    }
    return encode({"sha256": checksum(fields), "content": fields}) + b"\n"


def _content(fields: Mapping[str, Any]) -> Content:
    columns = {name: Names.of(*column) for name, column in fields["columns"].items()}
    cells = Cells(columns, fields["estimates"], fields["totals"])
    reading = Reading(LAYOUTS[fields["layout"]], fields["replaced"])
    return Content(cells, (DataFile(**fields["file"]),), reading)
