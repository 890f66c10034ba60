"""The journal: what was appended is read back, whatever happened to the process or the file."""

import errno
import fcntl
import os
import shutil
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import json_bytes
from app.errors import DiskFull, ResultsFolderError, StorageError
from app.job import Done, Failed, Job
from app.threads.history import records_of
from app.threads.journal import Journal
from app.threads.records import Accepted, Batch, Died, Ended, Keys, Record, Withdrawn, decode
from app.threads.recovery import Recovery
from unittests.helpers.files import no_descriptors, scratch, small_files
from unittests.helpers.recovered import jobs_of
from unittests.helpers.registry import request
from unittests.helpers.waiting import PATIENCE

RECORDS: list[Record] = [
    Accepted(1, "state_mean", '{"question":"a \\"question\\"\\n","state":"Ohio"}', "course", 1.5),
    Accepted(2, "best5", '{"question":"\u0103\u2028"}', "", 2.5),
    Died(1),
    Done(1, 13, 12345, "0f" * 8, 3.5),
    Failed(2, "a reason", 4.5),
    Failed(4, "cancelled before it ran", 4.5, cancelled=True),
    Accepted(3, "best5", '{"question":"q"}', "release", 5.5),
    Withdrawn(3),
    Batch(6, 1.5, [["best5", "{}"], ["state_mean", "{}"], ["best5", "{}"]]),
    Ended(6, [[5, 2, 3, "x", 2.5], [6, 4, 5, "x", 3.5]]),
    Batch(7, 1.5, [["best5", '{"question":"q"}', "release"]], "a key"),
    Batch(9, 1.5, [["best5", "{}"], ["best5", "{}"]], '"'),
    Keys(8, ["a key", '"'], [7, 8], [1, 2]),
]


@pytest.fixture(autouse=True)
def _no_waiting_for_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flush nothing: what that is for, test_power_loss.py tests."""
    monkeypatch.setattr(os, "fdatasync", lambda _descriptor: None)


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
    ends = {at for at, byte in enumerate(whole) if byte == ord("\n")}
    around = {at + near for at in ends for near in (0, 1, 2) if at + near < len(whole)}
    for cut in sorted({*around, *range(0, len(whole), 11)}):
        results = tmp_path / "cut"
        shutil.rmtree(results, ignore_errors=True)
        path = results / ".journal"
        results.mkdir()
        path.write_bytes(whole[:cut])
        kept = max(0, whole[:cut].count(b"\n") - 1)
        journal = Journal(results)
        assert list(journal.replay()) == RECORDS[:kept], cut
        journal.append(Died(99))
        journal.close()
        assert read(results) == [*RECORDS[:kept], Died(99)], cut


@settings(max_examples=40)
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


@pytest.mark.parametrize("version", [1, 999])
def test_another_format_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    path = write(tmp_path)
    body = json_bytes.encode(["journal", version])
    content = b"%08x %b\n" % (zlib.crc32(body), body)
    path.write_bytes(content)
    journal = Journal(tmp_path)
    with pytest.raises(ResultsFolderError, match=rf"found \['journal', {version}\]"):
        list(journal.replay())
    journal.close()
    assert path.read_bytes() == content


def test_a_journal_of_version_1_3_is_read(tmp_path: Path) -> None:
    path = tmp_path / ".journal"
    path.write_bytes(
        b'54ceda03 ["journal",2]\n'
        b'e6ded520 ["last",2]\n'
        b'9c0a46e5 ["kept",2,[["best5","q",null]],["0f0f"],'
        b'[[1,0,1.5,2.5,13,7,0],[2,0,1.5,3.5,"no"]]]\n'
        b'046adae1 ["accepted",3,"state_mean","q","Ohio",4.5]\n'
        b'e9d86ae2 ["batch",5,5.5,[["best5","q",null],["state_mean","q","Ohio"]]]\n'
        b'aaa0c7b7 ["died",3]\n'
        b'0fb66c65 ["ended",4,[[3,13,7,"0f0f",6.5],[4,13,7,"0f0f",6.5]]]\n'
    )
    journal = Journal(tmp_path)
    found = Recovery(journal.replay())
    journal.close()
    assert (found.last, journal.damaged) == (5, 0)
    best5 = request("best5", question="q")
    state_mean = request("state_mean", question="q", state="Ohio")
    jobs = jobs_of(found)
    assert {job.number: (job.request, job.accepted_at, job.end) for job in jobs.values()} == {
        1: (best5, 1.5, Done(1, 13, 7, "0f0f", 2.5)),
        2: (best5, 1.5, Failed(2, "no", 3.5)),
        3: (state_mean, 4.5, Done(3, 13, 7, "0f0f", 6.5)),
        4: (best5, 5.5, Done(4, 13, 7, "0f0f", 6.5)),
        5: (state_mean, 5.5, None),
    }
    assert jobs[3].deaths == 1


def earlier_folder(results: Path) -> Path:
    """Make the folder that versions before 2.0 had in the journal's place; return it."""
    folder = write(results).rename(results / "journal.log").parent / ".journal"
    folder.mkdir()
    (results / "journal.log").rename(folder / "journal.log")
    for name in ("running", "journal.damaged", "journal.log.1", "journal.0f0f0f0f.new"):
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize("died_after", range(8))
def test_the_folder_of_earlier_versions_is_taken_over_though_the_start_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, died_after: int
) -> None:
    earlier_folder(tmp_path)
    left = died_after

    def dying(step: Callable[..., None]) -> Callable[..., None]:
        def die_or_do(*arguments: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(errno.EIO, "died")
            step(*arguments)

        return die_or_do

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dying(Path.rename))
        patch.setattr(Path, "rmdir", dying(Path.rmdir))
        if died_after < 7:
            with pytest.raises(ResultsFolderError):
                Journal(tmp_path)
        else:
            Journal(tmp_path).close()
    assert read(tmp_path) == RECORDS
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        ".journal": (tmp_path / ".journal").read_text(),
        ".running": "running",
        ".journal.damaged": "journal.damaged",
        ".journal.log.1": "journal.log.1",
        ".journal.0f0f0f0f.new": "journal.0f0f0f0f.new",
    }


def test_the_folder_of_an_earlier_version_that_runs_is_left_alone(tmp_path: Path) -> None:
    folder = earlier_folder(tmp_path)
    before = sorted(os.listdir(folder))
    with (folder / "journal.log").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ResultsFolderError, match="another server uses this results folder"):
            Journal(tmp_path)
    assert sorted(os.listdir(folder)) == before


@pytest.mark.parametrize("removed", ["results", ".journal"])
def test_a_removed_journal_is_rewritten(tmp_path: Path, removed: str) -> None:
    results = tmp_path / "results"
    known = RECORDS[:2]
    journal = Journal(results, look_seconds=0)
    journal.history = lambda: known
    for record in known:
        journal.append(record)
    shutil.rmtree(results) if removed == "results" else journal.path.unlink()
    journal.append(Died(1))
    journal.close()
    assert read(results) == [*known, Died(1)]


def change(journal: Journal, change: str) -> None:
    """Do to a journal's file what other programs do to files that grow."""
    path = journal.path
    match change:
        case "truncated":
            os.truncate(path, 0)
        case "cut":
            os.truncate(path, path.stat().st_size - 7)
        case "written to":
            with path.open("ab") as file:
                file.write(b"something\n")
        case "renamed":
            path.rename(path.with_suffix(".1"))
        case "replaced":
            path.rename(path.with_suffix(".1"))
            path.touch()


CHANGES = ["truncated", "cut", "written to", "renamed", "replaced"]


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("step", ["append", "ensure"])
def test_a_journal_that_somebody_changed_is_written_anew(
    tmp_path: Path, step: str, how: str
) -> None:
    known = RECORDS[:2]
    restored: list[str] = []
    journal = Journal(tmp_path, look_seconds=0)
    journal.history, journal.restored = lambda: known, lambda: restored.append(how)
    for record in known:
        journal.append(record)
    change(journal, how)
    if step == "ensure":
        journal.ensure()
    journal.append(Died(1))
    journal.close()
    assert restored == [how]
    assert read(tmp_path) == [*known, Died(1)]
    assert not list(tmp_path.glob("*.new"))


def test_a_journal_that_is_truncated_while_it_is_rewritten_is_not_lost(tmp_path: Path) -> None:
    journal = Journal(tmp_path, look_seconds=0)
    journal.append(RECORDS[0])

    def history() -> Iterator[Record]:
        yield RECORDS[0]
        journal.append(RECORDS[1])
        os.truncate(journal.path, 0)

    journal.history = history
    with pytest.raises(StorageError, match="truncated while it was rewritten"):
        journal.rewrite()
    journal.history = lambda: RECORDS[:2]
    journal.ensure()
    journal.close()
    assert read(tmp_path) == RECORDS[:2]


def test_a_journal_that_is_truncated_as_soon_as_it_is_rewritten_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, look_seconds=0)
    journal.history = lambda: RECORDS[:2]

    def rename_and_truncate(source: str, target: Path) -> None:
        rename(source, target)
        os.truncate(target, 9)

    rename = os.rename
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", rename_and_truncate)
        journal.rewrite()
    journal.append(Died(1))
    journal.close()
    assert read(tmp_path) == [*RECORDS[:2], Died(1)]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_has_lost_the_folder_to_another_server_refuses_and_leaves_its_files(
    tmp_path: Path, moment: str
) -> None:
    results = tmp_path / "results"
    first = Journal(results, look_seconds=0)
    first.history = lambda: RECORDS[:1]
    first.append(RECORDS[0])
    shutil.rmtree(results)
    if moment == "after":  # the first one has noticed by then
        first.ensure()
        with pytest.raises(ResultsFolderError, match="another server uses this results folder"):
            Journal(results)
        first.append(Died(1))
        first.close()
        assert read(results) == [RECORDS[0], Died(1)]
        return
    second = Journal(results)
    second.append(RECORDS[1])
    with pytest.raises(StorageError, match="another server uses this results folder"):
        first.append(Died(1))
    first.close()
    second.append(Died(2))
    second.close()
    assert read(results) == [RECORDS[1], Died(2)]
    assert os.listdir(results) == [".journal"]


def test_the_ids_of_a_damaged_last_line_are_not_given_again(tmp_path: Path) -> None:
    for last in (RECORDS[0], RECORDS[8]):
        results = tmp_path / str(last.number)
        path = write(results, [Accepted(1, "best5", "{}", "course", 0.5), last])
        whole = path.read_bytes()
        start = len(whole.splitlines(keepends=True)[-1])
        for at in range(len(whole) - start, len(whole)):
            changed = bytearray(whole)
            changed[at] ^= 1
            path.write_bytes(changed)
            journal = Journal(results)
            found = Recovery(journal.replay())
            assert found.last + journal.most_lost_ids >= last.number, at
            journal.close()


def test_a_last_line_of_whose_end_a_bit_has_changed_is_read(tmp_path: Path) -> None:
    path = write(tmp_path)
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    assert read(tmp_path) == RECORDS
    assert read(tmp_path) == RECORDS  # it has been mended


ONE, OTHER = (Accepted(number, "best5", '{"question":"q"}', "", 1.5) for number in (1, 2))


def test_whoever_was_told_that_the_file_is_in_its_place_does_not_have_to_rewrite_it(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path, look_seconds=3600)
    journal.history = lambda: records
    records = [ONE]
    assert not journal.may_wait
    journal.path.unlink()
    assert journal.file.is_lost()  # as the chores find out between that look and the append
    records.append(OTHER)
    journal.append(OTHER, promise=True)
    assert not journal.path.exists()
    journal.ensure()
    assert not journal.may_wait
    journal.close()
    assert [record.number for record in Journal(tmp_path).replay()] == [1, 2]


def test_a_rewrite_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.history = lambda: RECORDS * 100
    with small_files(2000), pytest.raises(DiskFull):
        journal.rewrite()
    journal.close()
    Journal(tmp_path).close()
    assert os.listdir(tmp_path) == [".journal"]


def test_a_full_disk_refuses_a_record_whole_and_the_journal_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    kept: list[Record] = []
    refused: list[StorageError] = []
    with small_files(200):
        for number in range(20):
            record = Accepted(number, "best5", "{" * 30, "", 0.5)
            try:
                journal.append(record)
                kept.append(record)
            except StorageError as error:
                refused.append(error)
    assert kept
    assert refused
    assert all(isinstance(error, DiskFull) for error in refused)
    journal.append(Died(1))
    journal.close()
    assert read(tmp_path) == [*kept, Died(1)]


def test_a_journal_that_cannot_be_rewritten_refuses_until_it_can(tmp_path: Path) -> None:
    journal = Journal(tmp_path, look_seconds=0)
    journal.history = lambda: RECORDS[:1]
    journal.append(RECORDS[0])
    journal.path.unlink()
    with no_descriptors():
        with pytest.raises(StorageError):
            journal.append(Died(1))
        with pytest.raises(StorageError):
            journal.ensure()
        with pytest.raises(StorageError):
            journal.rewrite()
    journal.append(Died(1))
    journal.close()
    assert read(tmp_path) == [RECORDS[0], Died(1)]


def test_a_record_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number, record in enumerate(RECORDS, 2):
        journal.append(record)
        assert journal.path.read_bytes().count(b"\n") == number
    journal.close()


def test_what_is_noted_is_written_with_the_next_record_and_kept_while_it_cannot_be(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path)
    ends = [Done(number, 13, 12345, "0f" * 8, 3.5) for number in (1, 2, 3)]
    journal.note(ends[0])
    assert journal.path.read_bytes().count(b"\n") == 1
    journal.append(Died(9))
    for end in ends[1:]:
        journal.note(end)
    with small_files(journal.path.stat().st_size), pytest.raises(StorageError):
        journal.write_notes()
    journal.ensure()
    journal.close()
    assert read(tmp_path) == [ends[0], Died(9), Ended(3, [[*ends[1]], [*ends[2]]])]


def test_records_that_are_appended_during_a_rewrite_are_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(RECORDS[0])
    asked, go_on = threading.Event(), threading.Event()

    def history() -> Iterator[Record]:
        yield RECORDS[0]
        asked.set()
        assert go_on.wait(PATIENCE)

    journal.history = history
    rewriter = threading.Thread(target=journal.rewrite)
    rewriter.start()
    assert asked.wait(PATIENCE)
    later = [Died(number) for number in range(2000)]
    for record in later:
        journal.append(record)
    go_on.set()
    rewriter.join(PATIENCE)
    journal.append(Died(9))
    journal.close()
    assert read(tmp_path) == [RECORDS[0], *later, Died(9)]


def test_it_is_bloated_once_it_has_twice_the_size_that_it_had_when_it_was_rewritten(
    tmp_path: Path,
) -> None:
    journal = Journal(tmp_path, least_rewritten=1000)
    journal.history = lambda: [Died(1)] * 100
    while not journal.bloated:
        journal.append(Died(1))
    assert 1000 < journal.path.stat().st_size < 1100
    journal.rewrite()
    size = journal.path.stat().st_size
    assert size > 1100
    while not journal.bloated:
        journal.append(Died(1))
    assert 2 * size < journal.path.stat().st_size < 2 * size + 100
    journal.close()


def test_a_closed_journal_refuses_and_leaves_the_file_to_others(tmp_path: Path) -> None:
    journal = Journal(tmp_path, look_seconds=0)
    journal.close()
    journal.close()
    with pytest.raises(StorageError):
        journal.append(Died(1))
    journal.ensure()
    assert read(tmp_path) == []


def test_a_cancelled_job_stays_one_in_a_journal_that_is_rewritten() -> None:
    ends = [Failed(1, "a reason", 2.5), Failed(2, "by somebody", 3.5, cancelled=True)]
    jobs = [Job(end.number, request("best5", question="q"), 0.5, end=end) for end in ends]
    read_back = jobs_of(Recovery(records_of(jobs, 2)))
    assert [read_back[number].end for number in (1, 2)] == ends


def test_jobs_that_version_1_3_cancelled_or_failed_are_told_apart() -> None:
    def line(body: bytes) -> bytes:
        return b"%08x %b\n" % (zlib.crc32(body), body)

    written = [
        b'["batch",3,0.5,[["best5","q",null],["best5","q",null],["best5","q",null]]]',
        b'["failed",2,"cancelled before it ran",4.5]',
        b'["failed",3,"the job took longer than 5 seconds",4.5]',
        b'["kept",5,[["best5","q",null]],[],[[4,0,0.5,1.5,"cancelled before it ran"],'
        b'[5,0,0.5,1.5,"the job failed"]]]',
    ]
    jobs = jobs_of(Recovery(record for text in written if (record := decode(line(text)))))
    failed = {number: job.end for number, job in jobs.items() if isinstance(job.end, Failed)}
    assert {number: end.cancelled for number, end in failed.items()} == {
        2: True,
        3: False,
        4: True,
        5: False,
    }


def test_a_job_that_ended_otherwise_was_not_cancelled_after_all() -> None:
    asked = Accepted(1, "best5", "{}", "course", 0.5)
    cancelled = Failed(1, "cancelled before it ran", 1.5, cancelled=True)
    for end in (Done(1, 13, 7, "0f", 2.5), Failed(1, "too long", 2.5)):
        assert jobs_of(Recovery([asked, cancelled, end]))[1].end == end
    first = Failed(1, "too long", 1.5)
    assert jobs_of(Recovery([asked, first, Done(1, 13, 7, "0f", 2.5)]))[1].end == first
