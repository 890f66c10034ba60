"""A start does not read the rows in the box: what it goes by instead is of these very files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.data_ingestor import DataIngestor
from app.datasets import in_the_box
from app.datasets.in_the_box import as_json, cells_path, content_of
from app.datasets.reading import whole
from app.errors import DatasetError
from app.sources import BOX, Source
from unittests.helpers.data import dataset, release
from unittests.helpers.files import DATASET, PROJECT, RELEASE
from unittests.helpers.rows import row, write

IN_THE_BOX = pytest.mark.parametrize("source", list(BOX), ids=lambda source: source.name)


@IN_THE_BOX
def test_what_is_written_down_is_what_reading_finds(source: Source) -> None:
    content, rows = whole((source.path,))
    assert cells_path(source.path).read_bytes() == as_json(content), "run dataset/build_cells.py"
    boxed = content_of(source.path)
    assert boxed is not None
    assert boxed.content == content
    served = {DATASET: dataset, RELEASE: release}[source.path]()
    assert served.rows == rows.height
    assert served.estimates.equals(rows)


@pytest.fixture(name="box")
def copied_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the files of a box that a test may change."""
    (tmp_path / "dataset").mkdir()
    paths = [tmp_path / source.path.name for source in BOX]
    for path, source in zip(paths, BOX, strict=True):
        shutil.copy(source.path, path)
        shutil.copy(cells_path(source.path), tmp_path / "dataset")
    monkeypatch.setattr(in_the_box, "BUNDLED", tmp_path)
    monkeypatch.setattr(in_the_box, "BOX", [Source(path.stem, path) for path in paths])
    return paths


def test_rows_are_of_the_bytes_that_were_there_at_the_start(box: list[Path]) -> None:
    before = DataIngestor(box[1])
    box[1].write_bytes(b"something else")
    assert before.estimates.height == before.rows


def test_rows_are_read_where_no_file_can_be_made_in_memory(
    box: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create")
    data = DataIngestor(box[0])
    assert data.estimates.height == data.rows


def test_a_changed_file_is_read_and_refused(box: list[Path]) -> None:
    content = box[0].read_bytes()
    box[0].write_bytes(content[: len(content) // 2] + b'"' + content[len(content) // 2 :])
    with pytest.raises(DatasetError, match="line"):
        DataIngestor(box[0])


def test_what_is_damaged_is_not_used(box: list[Path]) -> None:
    path = cells_path(box[1])
    content = path.read_bytes()
    assert content_of(box[1])
    place = content.index(b'"estimates":[') + 13
    another_number = content[:place] + b"9" + content[place:]
    for damaged in (b"", b"{}", b"[]", b'{"content": 1}', another_number):
        path.write_bytes(damaged)
        assert content_of(box[1]) is None, damaged[:20]


def test_a_start_imports_what_its_dataset_needs_and_no_more(tmp_path: Path) -> None:
    """A first answer needs no library of rows, and a file none of what prepares folders."""
    write([row("Ohio", 30.0)], tmp_path / "rows.csv")
    program = f"""
import sys
from app import create_app
from app.concurrency.periodic import Periodic
from app.settings import Settings
Periodic.run = lambda self: None  # a second after the start, the chores load all that is left
app = create_app(
    Settings.load(["--results", {str(tmp_path)!r}, "--log", {str(tmp_path / "log")!r}], program="")
)
client = app.test_client()
client.post("/api/state_mean", json={{"question": "Q036", "state": "OH"}})
print(client.get("/api/get_results/1?wait=20").get_json()["data"])
print(sorted({{"polars", "numpy", "scipy", "apispec"}} & sys.modules.keys()))
from app.data_ingestor import DataIngestor
print(DataIngestor({str(tmp_path / "rows.csv")!r}).rows)
heavy = {{"numpy", "rich", "app.datasets.prepared", "app.prepare.writing"}}
print(sorted(heavy & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["{'Ohio': 33.7}", "[]", "1", "[]"]
