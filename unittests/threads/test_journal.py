"""The journal: what was appended is read back, whatever happened to the process or the file."""

import os
import shutil
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import json_bytes
from app.errors import ResultsFolderError, StorageError
from app.job import Done, Failed
from app.threads.journal import Journal
from app.threads.records import Accepted, Died, Record, Withdrawn
from unittests.helpers.files import scratch, small_files

RECORDS: list[Record] = [
    Accepted(1, "state_mean", 'a "question"\n', "Ohio", 1.5),
    Accepted(2, "best5", "\u0103\u2028", None, 2.5),
    Died(1),
    Done(1, 13, 12345, "0f" * 8, 3.5),
    Failed(2, "a reason", 4.5),
    Accepted(3, "best5", "q", None, 5.5),
    Withdrawn(3),
]


def write(results: Path, records: list[Record] = RECORDS) -> Path:
    """Write a journal and return its file."""
    journal = Journal(results)
    assert list(journal.replay()) == []
    for record in records:
        journal.append(record)
    journal.close()
    return journal.path


def read(results: Path) -> list[Record]:
    """Read a journal as the next start would."""
    journal = Journal(results)
    records = list(journal.replay())
    journal.close()
    return records


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    write(tmp_path)
    assert read(tmp_path) == RECORDS


def test_a_journal_cut_anywhere_gives_its_whole_lines_and_goes_on(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole").read_bytes()
    for cut in range(len(whole)):
        results = tmp_path / "cut"
        shutil.rmtree(results, ignore_errors=True)
        path = results / ".journal" / "journal.log"
        path.parent.mkdir(parents=True)
        path.write_bytes(whole[:cut])
        kept = max(0, whole[:cut].count(b"\n") - 1)
        journal = Journal(results)
        assert list(journal.replay()) == RECORDS[:kept], cut
        journal.append(Died(99))
        journal.close()
        assert read(results) == [*RECORDS[:kept], Died(99)], cut


@given(st.data())
def test_a_damaged_line_costs_that_line_alone(data: st.DataObject) -> None:
    with scratch() as results:
        path = write(results)
        lines = path.read_bytes().splitlines(keepends=True)
        victim = data.draw(st.integers(1, len(lines) - 2))
        at = data.draw(st.integers(0, len(lines[victim]) - 2))
        damaged = bytearray(lines[victim])
        damaged[at] ^= data.draw(st.integers(1, 255))
        if b"\n" in bytes(damaged)[:-1]:
            damaged[at] = ord("!") if lines[victim][at] != ord("!") else ord("?")
        lines[victim] = bytes(damaged)
        path.write_bytes(b"".join(lines))
        assert read(results) == RECORDS[: victim - 1] + RECORDS[victim:]


def test_two_servers_cannot_use_one_folder(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    with pytest.raises(ResultsFolderError, match="another server uses this results folder"):
        Journal(tmp_path)
    first.close()
    Journal(tmp_path).close()


def test_another_format_is_told_and_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path)
    body = json_bytes.encode(["journal", 999])
    path.write_bytes(b"%08x %b\n" % (zlib.crc32(body), body))
    journal = Journal(tmp_path)
    with pytest.raises(ResultsFolderError, match="999"):
        list(journal.replay())
    journal.close()
    assert b"999" in path.read_bytes()


@pytest.mark.parametrize("removed", ["results", ".journal", "journal.log"])
def test_a_removed_journal_is_told_anew(tmp_path: Path, removed: str) -> None:
    results = tmp_path / "results"
    known = RECORDS[:2]
    journal = Journal(results, look_seconds=0)
    journal.history = lambda: known
    for record in known:
        journal.append(record)
    for path in (results, journal.folder, journal.path):
        if path.name == removed:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    journal.append(Died(1))
    journal.close()
    assert read(results) == [*known, Died(1)]


def test_a_full_disk_refuses_a_record_whole_and_the_journal_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    kept: list[Record] = []
    refused: list[StorageError] = []
    with small_files(200):
        for number in range(20):
            record = Accepted(number, "best5", "q" * 30, None, 0.5)
            try:
                journal.append(record)
                kept.append(record)
            except StorageError as error:
                refused.append(error)
    assert kept
    assert refused
    assert all(error.full for error in refused)
    journal.append(Died(1))
    journal.close()
    assert read(tmp_path) == [*kept, Died(1)]


def test_no_descriptors_left_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "results")
    os.close(journal._descriptor)
    with pytest.raises(StorageError):
        journal.append(Died(1))
    journal._descriptor = -1
    journal.close()
