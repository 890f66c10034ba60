"""`make data` against a server that behaves as Socrata does, and against one that does not.

What a user would notice: the file is the one that was there, untouched, or the whole new one.
"""

import csv
import json
import os
import signal
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.data_ingestor import DataIngestor
from app.datasets.source_note import SourceNote, read_note
from app.download.__main__ import main
from app.durable_files import exclusive
from app.errors import DownloadError, StorageError
from app.progress import Meter, plain_console
from unittests.helpers.clock import Clock
from unittests.helpers.download import NEW, NEWER, NEWER_ROWS, OLD, ROWS, Place
from unittests.helpers.files import CDC_CUT, scratch, small_files
from unittests.helpers.forked import Forked
from unittests.helpers.socrata import COLUMNS, UPDATED, Fault, Socrata, made_up, serving
from unittests.helpers.terminal import on_terminal
from unittests.helpers.waiting import eventually

# Both ways, when all is well


def test_the_export_is_put_in_place_whole(place: Place) -> None:
    run = place.run()
    assert (run.code, run.err, run.pauses) == (0, "", [])
    place.has(NEW, "export")
    last = run.out.splitlines()[-1]
    assert last.startswith(f"300 rows in {place.target}, CDC's release as of 2025-09-16; serve")
    assert last.endswith(f'make run ARGS="--data {place.target}"')
    assert not place.socrata.asks("page")
    assert not any("X-App-Token" in asked.headers for asked in place.socrata.asked)


@pytest.mark.parametrize("framing", ["length", "close"])
def test_an_export_may_end_in_other_ways_than_by_chunks(place: Place, framing: Any) -> None:
    place.socrata.framing = framing
    run = place.run()
    assert (run.code, run.err, run.pauses) == (0, "", [])
    place.has(NEW, "export")


def test_the_note_says_where_the_file_is_from_and_the_newest_is_not_downloaded_again(
    place: Place,
) -> None:
    place.run()
    note = json.loads((place.folder / "cdc.csv.source.json").read_bytes())
    fetched = note.pop("fetched")
    assert len(fetched) == len("2025-09-16T00:00:00Z")
    assert note == {
        "dataset": "hn4x-zwk7",
        "url": f"{place.socrata.url}/api/views/hn4x-zwk7/rows.csv?accessType=DOWNLOAD",
        "way": "export",
        "updated": "2025-09-16T00:00:00Z",
        "rows": 300,
        "sha256": DataIngestor(place.target).digest,
    }
    assert isinstance(read_note(place.target), SourceNote)
    run = place.run()
    assert run.code == 0
    assert "the newest already: nothing was downloaded" in run.out
    assert len(place.socrata.asks("export")) == 1
    place.has(NEW, "export")


@pytest.mark.parametrize("page_rows", [149, 300, 301])
def test_pages_make_the_same_file_as_the_export(place: Place, page_rows: int) -> None:
    assert place.run("--paged", "--page-rows", str(page_rows)).code == 0
    place.has(NEW, "paged")
    assert not place.socrata.asks("export")
    assert len(place.socrata.asks("page")) == 300 // page_rows + 1


@pytest.mark.parametrize("way", ["export", "paged"])
def test_real_rows_come_as_they_are(tmp_path: Path, capsys: Any, way: str) -> None:
    if not CDC_CUT.exists():
        pytest.skip(
            "needs ../shared/data/cdc_sex_2011_2023.csv, which is not a part of the project"
        )
    with CDC_CUT.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert len(rows) == 6724
    rows = rows[::20]  # of every place, year and question
    real = Socrata([tuple(row) for row in rows], tuple(header))
    cut = tmp_path / "cut.csv"
    cut.write_bytes(real.export)
    folder = tmp_path / "there"
    folder.mkdir()
    with serving(real):
        place = Place(folder, real, capsys)
        assert place.run(*(["--paged", "--page-rows", "200"] if way == "paged" else [])).code == 0
    with place.target.open(newline="", encoding="utf-8") as file:
        header_now, *rows_now = csv.reader(file)
    point = header.index("GeoLocation")  # which the paged API writes in its own way
    assert header_now == header
    assert len(rows_now) == len(rows) == 337
    for row, now in zip(rows, rows_now, strict=True):
        assert now[:point] + now[point + 1 :] == row[:point] + row[point + 1 :]
        assert now[point].startswith("POINT (") == (way == "paged" and row[point] != "")
    before, after = DataIngestor(cut), DataIngestor(place.target)
    assert (after.rows, after.tables) == (before.rows, before.tables)


def test_a_link_stays_a_link_and_its_file_keeps_its_mode(place: Place) -> None:
    place.target.chmod(0o600)
    place.target.rename(place.folder / "elsewhere.csv")
    place.target.symlink_to("elsewhere.csv")
    assert place.run().code == 0
    assert place.target.is_symlink()
    assert (place.folder / "elsewhere.csv").read_bytes() == NEW
    assert (place.folder / "elsewhere.csv").stat().st_mode & 0o777 == 0o600


# Only what is new


def test_it_is_downloaded_again_for_a_reason(place: Place) -> None:
    note = place.folder / "cdc.csv.source.json"
    reasons: dict[str, Callable[[], object]] = {
        "nothing is there": lambda: None,
        "force": lambda: None,
        "altered": lambda: place.target.write_bytes(NEW.replace(b"30.5", b"35.0")),
        "no note": note.unlink,
        "broken note": lambda: note.write_bytes(note.read_bytes()[:50]),
        "newer": lambda: place.socrata.publish(NEWER_ROWS, UPDATED + 1),
    }
    for number, (reason, happens) in enumerate(reasons.items(), 1):
        happens()
        assert place.run(*(["--force"] if reason == "force" else [])).code == 0
        assert len(place.socrata.asks("export")) == number, reason
        place.has(NEWER if reason == "newer" else NEW, "export")


# Connections that break


class Quiet:
    """Stands for the capture fixture where there is none."""

    def readouterr(self) -> tuple[str, str]:
        return "", ""


@settings(max_examples=2, deadline=None)
@example(cuts=[0], framing="length", ranges=True)
@example(cuts=[1, len(NEW) - 1], framing="chunked", ranges=True)
@given(
    st.lists(st.integers(0, len(NEW) - 1), min_size=1, max_size=3),
    st.sampled_from(["length", "chunked", "close"]),
    st.booleans(),
)
def test_cut_anywhere_and_resumed_it_is_the_same_to_the_byte(
    cuts: list[int], framing: Any, ranges: bool
) -> None:
    with scratch() as folder, serving(Socrata(ROWS)) as socrata:
        socrata.framing, socrata.ranges = framing, ranges
        socrata.faults["export"].extend(Fault(cut_at=cut) for cut in cuts)
        place = Place(folder, socrata, Quiet())
        assert place.run().code == 0
        place.has(NEW, "export")


def test_what_came_before_a_cut_is_not_asked_for_again(place: Place) -> None:
    place.socrata.framing = "length"
    place.socrata.faults["export"].append(Fault(cut_at=30_000))
    run = place.run()
    assert "the export: the connection was cut; trying again in 1 s (try 2 of 4)" in run.out
    first, second = place.socrata.asks("export")
    assert "Range" not in first.headers
    assert second.headers["Range"] == "bytes=24576-"
    assert second.headers["If-Range"] == place.socrata.etag
    place.has(NEW, "export")


def test_a_later_run_goes_on_where_one_gave_up(place: Place) -> None:
    place.socrata.framing = "length"
    place.socrata.faults["export"].extend([Fault(cut_at=20_000)] + [Fault(cut_at=0)] * 3)
    place.socrata.always["page"] = Fault(status=500)
    run = place.run()
    assert run.code == 1
    assert "gave up after 4 tries; asking for the rows page by page instead" in run.out
    assert "nothing was replaced; what came is kept" in run.err
    place.has_old()
    assert place.run().code == 0
    assert place.socrata.asks("export")[-1].headers["Range"] == "bytes=16384-"
    place.has(NEW, "export")


def test_a_connection_that_brings_much_is_no_failure(place: Place) -> None:
    # Of a few long rows, which are checked sooner than many.
    topic = COLUMNS.index("Topic")
    long = [(*row[:topic], row[topic] + "long" * 1000, *row[topic + 1 :]) for row in made_up(700)]
    place.socrata.publish(long, UPDATED)
    assert len(place.socrata.export) > 2_400_000
    place.socrata.faults["export"].extend([Fault(cut_at=1_200_000)] * 2)
    assert place.run(policy={"tries": 2}).code == 0
    place.has(place.socrata.export, "export")


def test_a_weak_etag_does_not_vouch_for_bytes(place: Place) -> None:
    place.socrata.framing, place.socrata.weak = "length", True
    place.socrata.faults["export"].append(Fault(cut_at=30_000))
    assert place.run().code == 0
    modified = formatdate(UPDATED, usegmt=True)
    assert place.socrata.asks("export")[1].headers["If-Range"] == modified
    place.has(NEW, "export")


def test_a_server_without_ranges_begins_again(place: Place) -> None:
    place.socrata.ranges = False
    place.socrata.faults["export"].append(Fault(cut_at=30_000))
    run = place.run()
    assert "the export: starting again from its beginning" in run.out
    place.has(NEW, "export")


@pytest.mark.parametrize("minds", [True, False], ids=["If-Range", "no If-Range"])
def test_pieces_of_two_releases_are_never_put_together(place: Place, minds: bool) -> None:
    place.socrata.framing, place.socrata.minds_if_range = "length", minds
    newer = Fault(before=lambda: place.socrata.publish(NEWER_ROWS, UPDATED + 1))
    place.socrata.faults["export"].extend([Fault(cut_at=30_000), newer])
    run = place.run()
    assert run.code == 0
    assert "CDC has changed the data meanwhile; starting again" in run.out
    place.has(NEWER, "export")
    note = read_note(place.target)
    assert note
    assert note.updated == "2025-09-16T00:00:01Z"


def test_a_piece_of_another_file_is_not_put_behind_what_is_here(place: Place) -> None:
    place.socrata.framing, place.socrata.minds_if_range = "length", False
    other = Fault(headers={"ETag": '"another"'})
    place.socrata.faults["export"].extend([Fault(cut_at=30_000), other])
    run = place.run()
    assert "the server sent another piece than the one asked for; trying again" in run.out
    assert "Range" not in place.socrata.asks("export")[2].headers
    place.has(NEW, "export")


@pytest.mark.parametrize("left", [100, None])
def test_a_part_that_somebody_cut_is_begun_again(place: Place, left: int | None) -> None:
    place.socrata.faults["page"].extend([Fault(), *[Fault(status=500)] * 4])
    assert place.run("--paged", "--page-rows", "100").code == 1
    part = place.folder / "cdc.csv.paged.part"
    if left is None:
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:left])
    assert place.run("--paged", "--page-rows", "100").code == 0
    place.has(NEW, "paged")


def test_bytes_that_the_part_has_beyond_its_note_are_cut_off(place: Place) -> None:
    place.socrata.faults["page"].extend([Fault(), *[Fault(status=500)] * 4])
    assert place.run("--paged", "--page-rows", "100").code == 1
    with (place.folder / "cdc.csv.paged.part").open("ab") as file:
        file.write(b"half a page")
    asked = len(place.socrata.asks("page"))
    assert place.run("--paged", "--page-rows", "100").code == 0
    assert place.socrata.asks("page")[asked].parameters["$offset"] == "100"
    place.has(NEW, "paged")


def test_a_release_that_changes_all_the_time_is_given_up(place: Place) -> None:
    def publish() -> None:
        place.socrata.publish(ROWS, place.socrata.updated + 1)

    place.socrata.always["export"] = Fault(before=publish)
    run = place.run()
    assert run.code == 1
    assert "CDC is changing the data again and again; try later" in run.err
    place.has_old()


def test_a_part_that_is_whole_already_is_taken_as_such(place: Place) -> None:
    place.socrata.framing = "length"
    # All came, but CDC could not be asked again whether it is still the newest.
    place.socrata.faults["about"].extend([Fault()] + [Fault(status=503)] * 4)
    assert place.run().code == 1
    place.has_old()
    assert place.run().code == 0
    assert place.socrata.asks("export")[-1].headers["Range"] == f"bytes={len(NEW)}-"
    place.has(NEW, "export")


# The disk, and others who use it


def test_a_full_disk_leaves_the_old_file(place: Place) -> None:
    with small_files(40_000):
        run = place.run()
    assert run.code == 1
    assert "cdc.csv.export.part could not be written: the disk is full" in run.err
    place.has_old()
    assert place.run().code == 0
    place.has(NEW, "export")


def test_a_replacement_that_fails_leaves_the_old_file(place: Place, monkeypatch: Any) -> None:
    def replace(_: object, target: Path) -> None:
        if target == place.target:
            raise OSError(5, "Input/output error")
        os.rename(_, target)  # type: ignore[arg-type]

    monkeypatch.setattr("app.durable_files.os.replace", replace)
    run = place.run()
    assert run.code == 1
    assert "cdc.csv could not be written: Input/output error" in run.err
    place.has_old()


def test_a_note_that_cannot_be_written_is_told(place: Place) -> None:
    (place.folder / "cdc.csv.source.json").mkdir()
    run = place.run()
    assert run.code == 0
    assert "cdc.csv.source.json could not be written: Is a directory" in run.out
    assert place.target.read_bytes() == NEW


def test_of_two_downloads_the_second_says_so(place: Place) -> None:
    with exclusive(place.folder / "cdc.csv.lock", "a test"):
        run = place.run()
    assert run.code == 1
    told = f"a download to {place.target} is under way already, in another process"
    assert run.err == f"make data: {told}\n"
    assert not place.socrata.asked
    place.has_old()


def test_a_lock_whose_name_was_removed_keeps_nobody_out(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with exclusive(lock, "a test"):
        with pytest.raises(DownloadError), exclusive(lock, "a test"):
            pass
        lock.unlink()
        with exclusive(lock, "a test"):
            assert lock.exists()
    assert not lock.exists()
    with pytest.raises(StorageError), exclusive(tmp_path / "no" / "lock", "a test"):
        pass


def test_a_folder_that_is_not_there(place: Place) -> None:
    place.target = place.folder / "no" / "cdc.csv"
    assert place.run().err == f"make data: there is no folder {place.folder / 'no'}\n"
    place.target = place.folder
    assert place.run().err == f"make data: {place.folder}: Is a directory\n"


def test_what_is_no_regular_file_is_not_replaced(place: Place) -> None:
    place.target = place.folder / "pipe"
    os.mkfifo(place.target)
    run = place.run()
    assert run.code == 1
    assert run.err == (
        f"make data: {place.target} is no regular file, and nothing else is replaced\n"
    )
    assert place.socrata.asked == []
    assert place.files() == {"cdc.csv", "pipe"}


# As users run it: a process of its own


def command_for(place: Place, *arguments: str) -> list[str]:
    to, url = str(place.target), place.socrata.url
    return ["-m", "app.download", "--to", to, "--from", url, *arguments]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_is_gone_on_with(place: Place, number: int) -> None:
    # Two pages come, the third hangs.
    place.socrata.faults["page"].extend([Fault(), Fault(), Fault(meanwhile=place.socrata.wait)])
    process = Forked(command_for(place, "--paged", "--page-rows", "100"), {**os.environ})
    eventually(lambda: len(place.socrata.asks("page")) == 3)
    process.send_signal(number)
    code, told = process.end(20)
    assert "Traceback" not in told
    if number == signal.SIGINT:
        assert code == 130
        assert "make data: stopped; what came is kept" in told
    assert place.target.read_bytes() == OLD
    place.socrata.released.set()
    asked = len(place.socrata.asks("page"))
    assert place.run("--paged", "--page-rows", "100").code == 0
    assert place.socrata.asks("page")[asked].parameters["$offset"] == "200"
    place.has(NEW, "paged")


def test_two_processes_do_not_mix(place: Place) -> None:
    place.socrata.faults["export"].append(Fault(meanwhile=place.socrata.wait))
    first = Forked(command_for(place), {**os.environ})
    eventually(lambda: place.socrata.asks("export"))
    second = place.run()
    assert second.code == 1
    assert "is under way already, in another process" in second.err
    place.socrata.released.set()
    code, _ = first.end(20)
    assert code == 0
    place.has(NEW, "export")


def test_on_a_terminal_there_is_a_bar_of_each_way(place: Place) -> None:
    # An export that is not the release, so that rows are asked for page by page.
    place.socrata.faults["export"].append(Fault(end_at=len(NEW) - 5000))
    given = ["--to", str(place.target), "--from", place.socrata.url, "--page-rows", "100"]
    code, text = on_terminal("", "data", *given, columns=100)
    assert code == 0
    export, _, paged = text.partition("what came by the export way is not the release")
    assert "bytes" in export
    assert "0 of 300 rows" in paged
    assert "300 rows in" in paged
    assert "Traceback" not in text
    place.has(NEW, "paged")


def test_elsewhere_there_is_a_line_now_and_then(capsys: Any) -> None:
    clock = Clock()
    with Meter(plain_console(), "rows", clock.now) as meter:
        meter.begin(1000, 106_000)
        for done in (2000, 3000, 4000):
            clock.sleep(2.5)
            meter.at(done)
    assert capsys.readouterr().out == "3,000 of 106,000 rows, 400 rows/s\n"


def test_wrong_usage(capsys: Any) -> None:
    for name, value in (
        ("--from", "ftp://data.cdc.gov"),
        ("--from", "data.cdc.gov"),
        ("--from", "https://data.cdc.gov:port"),
        ("--from", "https://me:s3cret@data.cdc.gov"),
        ("--page-rows", "0"),
        ("--page-rows", "50001"),
        ("--to", ""),
        ("--token", "s3cret\nX-Other: 1"),
        ("--token", "s3cret with a space"),
    ):
        assert main([name, value], {}) == 2, (name, value)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"python -m app.download: {name}")
        assert ": expected " in line
        assert "s3cret" not in line
