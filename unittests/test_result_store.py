"""Results on disk: whole or not there, whatever happens to the folder."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from app.errors import DiskFull, ResultsFolderError, StorageError
from app.job import digest_of
from app.result_store import ResultStore
from unittests.helpers.files import small_files, spoil

BODY = b'{"Ohio":33.7}'


def test_what_another_process_left_half_done_is_removed_once_it_is_old(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    store.write("job_id_1", BODY)
    for name, age in ((".0a.new", 7200), (".0b.new", 0)):
        (tmp_path / name).write_bytes(BODY[:3])
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    store.sweep(3600)
    assert sorted(os.listdir(tmp_path)) == [".0b.new", "job_id_1.json"]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    store = ResultStore(tmp_path / "results")
    store.write("job_id_1", BODY)
    assert (tmp_path / "results" / "job_id_1.json").read_bytes() == BODY
    assert store.read("job_id_1", digest_of(BODY)) == BODY


@pytest.mark.parametrize("damaged", [None, b"", BODY[:-1], BODY + b" ", BODY.replace(b"7", b"8")])
def test_a_damaged_result_is_not_read(tmp_path: Path, damaged: bytes | None) -> None:
    store = ResultStore(tmp_path)
    store.write("job_id_1", BODY)
    spoil(tmp_path / "job_id_1.json", damaged)
    assert store.read("job_id_1", digest_of(BODY)) is None


def test_a_result_that_a_failing_disk_altered_is_written_anew_and_no_other_linked_to_it(
    tmp_path: Path,
) -> None:
    store = ResultStore(tmp_path)
    store.write("job_id_1", BODY)
    path = tmp_path / "job_id_1.json"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(BODY.replace(b"7", b"8"))
    os.utime(path, ns=times)
    assert store.read("job_id_1", digest_of(BODY)) is None
    for job_id in ("job_id_1", "job_id_2"):
        store.write(job_id, BODY)
        assert store.read(job_id, digest_of(BODY)) == BODY


def test_a_folder_of_a_results_name_is_told_and_leaves_no_litter(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    store.write("job_id_1", BODY)
    (tmp_path / "job_id_2.json").mkdir()
    with pytest.raises(StorageError):
        store.write("job_id_2", BODY)
    assert sorted(os.listdir(tmp_path)) == ["job_id_1.json", "job_id_2.json"]


def test_a_removed_folder_is_made_anew(tmp_path: Path) -> None:
    store = ResultStore(tmp_path / "results")
    shutil.rmtree(tmp_path / "results")
    store.write("job_id_1", BODY)
    assert store.read("job_id_1", digest_of(BODY)) == BODY


def test_a_reader_never_sees_a_half(tmp_path: Path) -> None:
    store, stop = ResultStore(tmp_path), threading.Event()
    bodies = [b"a" * 50_000, b"b" * 60_000]
    seen: set[bytes] = set()

    def read_on() -> None:
        while not stop.is_set():
            seen.add((tmp_path / "job_id_1.json").read_bytes())

    store.write("job_id_1", bodies[0])
    reader = threading.Thread(target=read_on)
    reader.start()
    for number in range(300):
        store.write("job_id_1", bodies[number % 2])
    stop.set()
    reader.join()
    assert seen <= set(bodies)


def test_a_full_disk_is_told_and_leaves_no_litter(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    with pytest.raises(DiskFull), small_files(100):
        store.write("job_id_1", b"x" * 101)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_killed_process_left_is_swept_and_its_results_stay(tmp_path: Path) -> None:
    ResultStore(tmp_path).write("job_id_1", BODY)
    (tmp_path / ".0f0f.new").write_bytes(BODY[:3])
    store = ResultStore(tmp_path)
    store.sweep()
    assert os.listdir(tmp_path) == ["job_id_1.json"]
    assert store.read("job_id_1", digest_of(BODY)) == BODY


def test_the_folder_of_answers_of_earlier_versions_is_removed_and_results_stay(
    tmp_path: Path,
) -> None:
    (tmp_path / ".answers" / "web-1").mkdir(parents=True)
    (tmp_path / ".answers" / "job_id_1-1").write_bytes(BODY)
    os.link(tmp_path / ".answers" / "job_id_1-1", tmp_path / "job_id_1.json")
    store = ResultStore(tmp_path)
    assert os.listdir(tmp_path) == ["job_id_1.json"]
    assert store.read("job_id_1", digest_of(BODY)) == BODY


def test_the_same_answer_takes_room_once(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    for number in range(5):
        store.write(f"job_id_{number}", bytes(BODY))
    inodes = {(tmp_path / f"job_id_{number}.json").stat().st_ino for number in range(5)}
    assert len(inodes) == 1


@pytest.mark.parametrize("change", ["altered", "removed", "folder"])
def test_a_changed_answer_is_not_given_to_further_jobs(tmp_path: Path, change: str) -> None:
    store = ResultStore(tmp_path, look_seconds=0)
    store.write("job_id_1", BODY)
    first = tmp_path / "job_id_1.json"
    match change:
        case "altered":
            first.chmod(0o644)
            first.write_bytes(BODY.replace(b"3", b"4"))
            os.utime(first, ns=(1, 1))
        case "removed":
            first.unlink()
        case "folder":
            shutil.rmtree(tmp_path)
    store.write("job_id_2", BODY)
    assert (tmp_path / "job_id_2.json").read_bytes() == BODY


def test_where_files_cannot_be_linked_they_are_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: str, **_descriptors: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store = ResultStore(tmp_path)
    for number in range(3):
        store.write(f"job_id_{number}", BODY)
        assert store.read(f"job_id_{number}", digest_of(BODY)) == BODY
    assert sorted(os.listdir(tmp_path)) == [f"job_id_{number}.json" for number in range(3)]


def test_a_file_in_place_of_the_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(ResultsFolderError) as caught:
        ResultStore(tmp_path / "results")
    assert "\n" not in str(caught.value)


def test_large_answers_are_not_all_kept_in_memory(tmp_path: Path) -> None:
    store = ResultStore(tmp_path, most_bytes=2500)
    bodies = [str(number).encode() * 1000 for number in range(5)]
    for number, body in enumerate(bodies, 1):
        store.write(f"job_id_{number}", body)
    for number, body in enumerate(bodies, 1):
        store.write(f"job_id_{number + 5}", body)
        assert store.read(f"job_id_{number}", digest_of(body)) == body
    # Of the last two alone the file was known, and after each that was written anew another one.
    assert len({path.stat().st_ino for path in tmp_path.iterdir()}) == 10
