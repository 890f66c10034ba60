"""Many files, Parquet, and prepared folders: the same rows and answers, and as clear errors."""

import contextlib
import hashlib
import json
import logging
import shutil
import struct
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from flask.testing import FlaskClient
from polars.exceptions import PanicException, PolarsError

from app import json_bytes
from app.answers.catalogue import Catalogue
from app.answers.discovery import about_dataset, categories, questions, states
from app.data_ingestor import DataIngestor
from app.datasets import files, reading
from app.datasets.provenance import source_of
from app.datasets.source_note import SourceNote, write_note
from app.errors import DatasetError, StorageError
from app.prepare import __main__ as prepare
from app.prepare import writing
from app.progress import plain_console
from app.sources import NAMELESS, Sources
from app.statistics.registry import STATISTICS
from unittests.helpers.app import running_app
from unittests.helpers.data import answers_of, dataset
from unittests.helpers.files import DATASET, RELEASE
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS
from unittests.helpers.rows import Row, made, row, write

SOME = (
    row("Ohio", 30.1),
    row("Ohio", 0.7, year=2019, sample_size=None),
    row("Texas", None, filled=True),
    row("Iowa", 33.0, None, category="Gender", stratum="Female", question="Q999"),
    Row("Ohio", 2011, 12.25, question="Q043", until=2022, filled=True),
)
OTHER = (row("Utah", 20.0), row("Ohio", 35.5, year=2021), row("Guam", 1.0, question="Q018"))


def as_parquet(csv: Path, path: Path, **typed: Any) -> Path:
    """Write a CSV as Parquet: its cells as text, but for the types given."""
    frame = pl.read_csv(csv, infer_schema=False)
    frame.with_columns(pl.col(name).cast(kind) for name, kind in typed.items()).write_parquet(path)
    return path


def prepared(source: Path, folder: Path) -> Path:
    assert prepare.main(["--data", str(source), "--to", str(folder)]) == 0
    return folder


def answers(data: DataIngestor) -> list[bytes | str]:
    """Return the bytes of an answer of each statistic, and what is told of the dataset."""
    asked = answers_of(data)
    asked_of: Any = {"question": "Q036", "state": "OH"}
    bodies = dict.fromkeys(COURSE_STATISTICS, asked_of)
    bodies |= {name: statistic.example for name, statistic in TABLE_STATISTICS.items()}
    requests = (asked.request(STATISTICS[name], body) for name, body in bodies.items())
    told = [json.dumps(tell(data)) for tell in (questions, states, categories)]
    told.append(json.dumps(about_dataset(data, 0, data.notes())))
    return [*told, *(asked.answer(request).body for request in requests)]


def fails(path: Path, *words: str) -> None:
    """Check that a dataset is refused in one line that has these words in it."""
    with pytest.raises(DatasetError) as caught:
        DataIngestor(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for word in (str(path), *words):
        assert word in message, message


PARQUETS: dict[str, dict[str, Any]] = {
    "text": {},
    "whole numbers": {"YearStart": pl.Int64, "YearEnd": pl.Int16, "Sample_Size": pl.UInt32},
    "floats": dict.fromkeys(
        ("YearStart", "Data_Value", "Low_Confidence_Limit", "Sample_Size"), pl.Float64
    ),
    "short floats": {"YearEnd": pl.Float32, "Data_Value": pl.Float32},
    "decimals": {"Data_Value": pl.Decimal(10, 4)},
    "categories": {"Question": pl.Categorical, "LocationAbbr": pl.Categorical},
}


def test_parquet_says_what_the_csv_says(tmp_path: Path) -> None:
    csv, plain = write(SOME, tmp_path / "rows.csv"), made(SOME)
    for kind, types in PARQUETS.items():
        path = as_parquet(csv, tmp_path / "rows.parquet", **types)
        data = DataIngestor(path)
        assert data.estimates.equals(plain.estimates), kind
        assert data.estimates.schema == plain.estimates.schema, kind
        assert data.tables == plain.tables, kind
        assert data.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_whole_file_by_guessed_types_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "whole.parquet"
    pl.read_csv(DATASET, infer_schema_length=None).write_parquet(path)
    data, plain = DataIngestor(path), dataset()
    assert data.estimates.equals(plain.estimates)
    assert data.estimates.schema == plain.estimates.schema
    assert data.tables == plain.tables
    asked = STATISTICS["correlation"]  # of rows without limits, and of filled ones
    told, known = (asked.answer(asked.ask(asked.example, one)) for one in (data, plain))
    assert told["rows"] == known["rows"]
    assert told["about"]["answer"] == known["about"]["answer"]


@pytest.fixture(name="some_states", scope="module")
def part_of_the_release(tmp_path_factory: pytest.TempPathFactory) -> DataIngestor:
    """Return the release's rows of some places, those of all examples among them, as Parquet."""
    path = tmp_path_factory.mktemp("part") / "some.parquet"
    states = ("CA", "GU", "KY", "MS", "NY", "OH", "TX", "US")
    pl.read_parquet(RELEASE).filter(pl.col("LocationAbbr").is_in(states)).write_parquet(path)
    return DataIngestor(path)


def test_the_release_as_a_csv_is_the_same(some_states: DataIngestor, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    pl.read_parquet(some_states.path).write_csv(path)
    data = DataIngestor(path)
    assert data.rows > 10_000  # more than are read at a time
    assert data.estimates.equals(some_states.estimates)
    assert data.tables == some_states.tables


def test_floats_that_are_none_or_tiny(tmp_path: Path) -> None:
    csv = write([row("Ohio", 30.0), row("Iowa", 0.00001), row("Utah", 5.0)], tmp_path / "a.csv")
    frame = pl.read_csv(csv).with_columns(
        pl.when(pl.col("Data_Value") == 5).then(float("nan")).otherwise("Data_Value").alias("v")
    )
    path = tmp_path / "a.parquet"
    frame.drop("Data_Value").rename({"v": "Data_Value"}).write_parquet(path)
    assert DataIngestor(path).question("Q036").state_means == {"Iowa": 0.00001, "Ohio": 30.0}


def test_limits_and_sample_sizes_that_are_no_numbers(tmp_path: Path) -> None:
    csv = write(
        [row(state, 30.0) for state in ("Ohio", "Iowa", "Utah", "Guam")], tmp_path / "a.csv"
    )
    low, size = [29.0, None, float("nan"), float("inf")], [900, None, 1_000_000, 2**62]
    frame = pl.read_csv(csv).with_columns(
        pl.Series("Low_Confidence_Limit", low), pl.Series("Sample_Size", size)
    )
    frame.write_parquet(tmp_path / "a.parquet")
    rows = DataIngestor(tmp_path / "a.parquet").estimates
    assert rows["low"].to_list() == [29.0, None, None, None]
    assert rows["sample_size"].to_list() == [900, None, 1_000_000, None]
    assert rows["unreadable"].to_list() == [False, False, False, True]


FAULTS: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], tuple[str, ...]]] = {
    "missing column": (
        lambda f: f.drop("QuestionID"),
        ("one column named QuestionID, found none",),
    ),
    "doubled column": (
        lambda f: f.with_columns(pl.col("Data_Value").alias(" Data_Value")),
        ("one column named Data_Value, found more",),
    ),
    "a date": (
        lambda f: f.with_columns(YearStart=date(2020, 1, 1)),
        ("column YearStart: expected texts or numbers, found Date",),
    ),
    "a list": (
        lambda f: f.with_columns(pl.concat_list("Sample_Size").alias("Sample_Size")),
        ("column Sample_Size: expected texts or numbers, found List",),
    ),
    "a word": (
        lambda f: f.with_columns(Data_Value=pl.lit("many")),
        ('row 1, column Data_Value: expected a number or nothing, found "many"',),
    ),
    "no number": (
        lambda f: f.with_columns(Data_Value=pl.lit(float("inf"))),
        ("row 1, column Data_Value: expected a number",),
    ),
    "half a year": (
        lambda f: f.with_columns(YearEnd=pl.lit(2020.5)),
        ('row 1, column YearEnd: expected a year, found "2020.5"',),
    ),
    "no year in row 2": (
        lambda f: f.with_columns(YearStart=pl.Series([2020, None, 2020, 2020, 2020])),
        ('row 2, column YearStart: expected a year, found ""',),
    ),
    "a year of a number": (
        lambda f: f.with_columns(YearEnd=pl.lit(10**9)),
        ('row 1, column YearEnd: expected a year, found "1000000000"',),
    ),
    "no state in row 2": (
        lambda f: f.with_columns(LocationDesc=pl.Series(["Ohio", *[None] * 4])),
        ("row 2, column LocationDesc: expected a value, found none",),
    ),
    "no rows": (lambda f: f.clear(), ("at least one row, found none",)),
}


def test_a_fault_of_a_parquet_file_is_told_in_one_line(tmp_path: Path) -> None:
    frame = pl.read_csv(write(SOME, tmp_path / "rows.csv"), infer_schema=False)
    for name, (change, words) in FAULTS.items():
        path = tmp_path / f"{name}.parquet"
        change(frame).write_parquet(path)
        fails(path, *words)


def test_a_broken_parquet_file_is_told_in_one_line(tmp_path: Path) -> None:
    whole = as_parquet(write(SOME, tmp_path / "a.csv"), tmp_path / "a.parquet").read_bytes()
    for content in (whole[:4], whole[:-1], whole[: len(whole) // 2], whole[:4] + whole[200:]):
        (tmp_path / "b.parquet").write_bytes(content)
        fails(tmp_path / "b.parquet", "not readable as Parquet")


def test_a_parquet_file_that_polars_panics_at_is_told_in_one_line(tmp_path: Path) -> None:
    years = range(2011, 2016)
    rows = [row(state, 30.0, year=year) for state in ("Ohio", "Texas", "Iowa") for year in years]
    whole = as_parquet(write(rows, tmp_path / "a.csv"), tmp_path / "a.parquet").read_bytes()
    damaged = tmp_path / "b.parquet"
    for at in range(200, len(whole) - 8):
        content = bytearray(whole)
        content[at] ^= 0x80
        damaged.write_bytes(content)
        with contextlib.suppress(PolarsError):
            try:
                pl.read_parquet(damaged)
            except PanicException:
                break
    else:
        pytest.fail("no byte makes polars panic: is polars_errors.py needed any longer?")
    fails(damaged, "not readable as Parquet")


def told_apart_by(column: str, values: Sequence[Any], path: Path) -> None:
    """Write two rows of one cell with this column, which no layout knows."""
    rows = [row("Ohio", value) for value in (30.0, 60.0)]
    frame = pl.read_csv(write(rows, path.with_suffix(".csv")), infer_schema=False)
    frame.with_columns(pl.Series(column, values)).write_parquet(path)


def test_a_column_of_any_type_may_tell_rows_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for values in (["x", "y"], [b"x", b"y"], [[1], [1, 2]], [{"a": 1}, {"a": 2}]):
        told_apart_by("Group", values, path)
        frame = pl.read_parquet(path)
        three = pl.concat([frame, frame.tail(1)])  # no index: a value comes twice
        three.write_parquet(path)
        fails(path, "column Group is not read, and tells apart rows")


BLANK = {"an empty line": "\n", "two empty lines": "\n\n\n", "blank cells": f"{',' * 14}\n"}


@pytest.mark.parametrize("blank", BLANK)
def test_blank_rows_hide_no_column_that_tells_files_apart(blank: str, tmp_path: Path) -> None:
    for name, value in (("a", 30.0), ("b", 60.0)):
        path = write([row("Ohio", value), row("Utah", value)], tmp_path / f"{name}.csv")
        header, *lines = path.read_text("utf-8").splitlines()
        content = "\n".join([f"{header},Group", *(f"{line},{name}" for line in lines)])
        path.write_text(f"{content}\n{BLANK[blank]}", encoding="utf-8")
    fails(tmp_path, "column Group is not read, and tells its rows apart from those of")


def test_blank_rows_make_no_index_a_column_that_tells_rows_apart(tmp_path: Path) -> None:
    path = write([row("Ohio", 30.0), row("Ohio", 60.0)], tmp_path / "a.csv")
    header, *lines = path.read_text("utf-8").splitlines()
    numbered = [f"{place},{line}" for place, line in enumerate(lines)]
    for blank in ("\n\n", "\n\n\n"):
        path.write_text("\n".join([f"Index,{header}", *numbered]) + blank, encoding="utf-8")
        assert DataIngestor(path).rows == 2


def releases(folder: Path) -> Path:
    """Make a folder with two files of rows and some that are none."""
    folder.mkdir()
    as_parquet(write(SOME, folder / "b.csv"), folder / "a.parquet")
    write(OTHER, folder / "b.csv")
    (folder / "b.csv.source.json").write_text("{}", encoding="utf-8")
    (folder / ".c.csv").write_text("no dataset", encoding="utf-8")
    (folder / "d.csv").mkdir()
    return folder


def test_a_folder_and_a_pattern_mean_the_files_in_order_of_name(tmp_path: Path) -> None:
    folder = releases(tmp_path / "releases")
    for pattern in ("", "*", "?.[cp]*", "../*/*", "../**/**/*"):
        assert files.names_of(files.files_of(folder / pattern)) == ("a.parquet", "b.csv"), pattern


def test_many_files_are_read_in_order_of_name(tmp_path: Path) -> None:
    folder = releases(tmp_path / "releases")
    data, together = DataIngestor(folder / "../*/*"), made([*SOME, *OTHER])
    assert data.estimates.equals(together.estimates)
    assert data.tables == together.tables
    read = [(one.name, one.rows, one.first_record, one.last_record) for one in data.files]
    assert read == [("a.parquet", 5, 1, 5), ("b.csv", 3, 6, 8)]
    summed = ["sha256sum", "a.parquet", "b.csv"]
    listed = subprocess.run(summed, cwd=folder, check=True, capture_output=True).stdout
    assert data.digest == hashlib.sha256(listed).hexdigest()
    told = about_dataset(data, 0, data.notes())["files"]
    assert [file["sha256"] for file in told] == listed.decode().split()[::2]


def test_a_folder_of_one_file_is_that_file_and_a_file_may_be_called_like_a_pattern(
    tmp_path: Path,
) -> None:
    path = write(SOME, tmp_path / "rows[1].csv")
    assert DataIngestor(path).digest == DataIngestor(tmp_path).digest
    assert DataIngestor(tmp_path).rows == len(SOME)


def test_what_is_wrong_with_one_of_many_files_names_it(tmp_path: Path) -> None:
    fails(tmp_path, "expected *.csv or *.parquet in this folder, found none")
    fails(tmp_path / "*.csv", "that this pattern matches, found none")
    folder = releases(tmp_path / "releases")
    path = folder / "b.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("35.5", "many"), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"b\.csv: line 3, column Data_Value: .*many"):
        DataIngestor(folder)


def test_files_that_come_while_others_are_read_are_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(SOME, tmp_path / "a.csv")
    digest = files.sha256

    def late(path: Path) -> str:
        if not (tmp_path / "b.csv").exists():
            write(OTHER, tmp_path / "b.csv")
        return digest(path)

    monkeypatch.setattr(reading, "sha256", late)
    assert DataIngestor(tmp_path).rows == len(SOME) + len(OTHER)


def prepared_same(plain: DataIngestor, folder: Path) -> DataIngestor:
    """Prepare a dataset; check that the folder holds the same, and return it."""
    data = DataIngestor(prepared(plain.path, folder))
    assert data.estimates.equals(plain.estimates)
    assert data.estimates.schema == plain.estimates.schema
    assert (data.rows, data.digest, data.files) == (plain.rows, plain.digest, plain.files)
    assert (data.tables, data.reading) == (plain.tables, plain.reading)
    return data


def test_a_prepared_folder_holds_several_files(tmp_path: Path) -> None:
    prepared_same(DataIngestor(releases(tmp_path / "releases")), tmp_path / "prepared")


def test_a_prepared_folder_answers_the_same_to_the_byte(
    some_states: DataIngestor, tmp_path: Path
) -> None:
    folder = tmp_path / "to" / "prepared"
    data = prepared_same(some_states, folder)
    before = {one.name: one.stat().st_mtime_ns for one in folder.iterdir()}
    assert answers(data) == answers(some_states)
    assert {one.name: one.stat().st_mtime_ns for one in folder.iterdir()} == before
    assert len(before) == 3


def test_a_folder_is_prepared_anew_under_those_who_have_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(SOME, tmp_path / "rows.csv")
    folder = prepared(path, tmp_path / "prepared")
    log = logging.getLogger("test_ingest")
    in_use = Catalogue(Sources.alone(folder), {NAMELESS: DataIngestor(folder)}, STATISTICS, 0, log)
    first = in_use.course.dataset
    assert not in_use.reload()
    write(OTHER, path)
    (folder / "rows-01234567.bin.new").write_bytes(b"of a run that was killed")
    prepared(path, folder)
    assert in_use.reload()
    assert in_use.course.dataset.rows == len(OTHER)
    assert first.estimates.equals(DataIngestor(write(SOME, path)).estimates)
    assert len(list(folder.iterdir())) == 3
    assert prepare.main(["--check", str(folder)]) == 0
    assert "3 rows" in capsys.readouterr().out


def test_a_reload_takes_rows_that_were_prepared_again_of_the_same_files(tmp_path: Path) -> None:
    path = write([row("Ohio", 20.0)], tmp_path / "rows.csv")
    folder = prepared(path, tmp_path / "prepared")
    (rows,) = folder.glob("rows-*.bin")
    content = rows.read_bytes()
    assert content.count(struct.pack("<d", 20.0)) == 1
    rows.write_bytes(content.replace(struct.pack("<d", 20.0), struct.pack("<d", 21.5)))
    log = logging.getLogger("test_ingest")
    in_use = Catalogue(
        Sources.alone(folder), {NAMELESS: DataIngestor(folder)}, STATISTICS, 10**6, log
    )

    def answer() -> Any:
        asked = in_use.course.request(STATISTICS["query"], {"question": "Q036"})
        return json_bytes.decode(in_use.course.answer(asked).body)["rows"][0][0]

    assert answer() == 21.5  # of damaged rows, which `--check` would find
    prepared(path, folder)
    before = in_use.course
    assert in_use.reload()
    # An answer that was under way leaves nothing behind for those that come.
    before.answer(before.request(STATISTICS["query"], {"question": "Q036"}))
    assert answer() == 20.0
    assert not in_use.reload()


def test_what_was_prepared_stays_until_a_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(SOME, tmp_path / "rows.csv")
    folder = prepared(path, tmp_path / "prepared")
    write(OTHER, path)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    for step in ("rows", "move_into_place", "write_whole", "as_json"):
        with monkeypatch.context() as patch:
            patch.setattr(writing, step, full)
            assert prepare.main(["--data", str(path), "--to", str(folder)]) == 1
        assert "the disk is full" in capsys.readouterr().err
        assert DataIngestor(folder).rows == len(SOME)
        assert len(list(folder.iterdir())) == 3
    fresh = tmp_path / "fresh"
    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_whole", full)
        with pytest.raises(StorageError):
            writing.prepare(path, fresh, plain_console())
    assert not fresh.exists()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a flipped bit in prepared.json": lambda folder: flip(folder / "prepared.json", 200),
    "another name in prepared.json": lambda folder: swap(folder / "prepared.json", b"rows.csv"),
    "an empty prepared.json": lambda folder: (folder / "prepared.json").write_bytes(b""),
    "no object": lambda folder: (folder / "prepared.json").write_bytes(b"[]"),
    "another format": lambda folder: (folder / "prepared.json").write_bytes(b'{"format": 2}'),
    "a flipped bit in the cells": lambda folder: flip(one(folder, "cells-*"), 100),
    "no cells": lambda folder: one(folder, "cells-*").unlink(),
    "short rows": lambda folder: cut(one(folder, "rows-*")),
    "empty rows": lambda folder: one(folder, "rows-*").write_bytes(b""),
    "no rows": lambda folder: one(folder, "rows-*").unlink(),
    "a name that is none": lambda folder: flip(one(folder, "rows-*"), -1),
}


def one(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at if at >= 0 else len(content) - 4096] ^= 0x80
    path.write_bytes(content)


def swap(path: Path, word: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(word, word[::-1], 1))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.fixture(name="intact", scope="module")
def intact_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a prepared folder of some rows, to copy."""
    folder = tmp_path_factory.mktemp("intact")
    return prepared(write(SOME, folder / "rows.csv"), folder / "prepared")


def test_a_damaged_folder_is_refused_in_one_line(intact: Path, tmp_path: Path) -> None:
    for name, damage in DAMAGE.items():
        folder = shutil.copytree(intact, tmp_path / name)
        damage(folder)
        fails(folder, "prepare it again (python -m app.prepare)")


@pytest.mark.parametrize("name", ["an empty prepared.json", "short rows"])
def test_a_damaged_folder_can_be_prepared_again(name: str, intact: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(intact, tmp_path / "prepared")
    DAMAGE[name](folder)
    prepared(write(SOME, tmp_path / "rows.csv"), folder)
    assert DataIngestor(folder).rows == len(SOME)
    assert len(list(folder.iterdir())) == 3


def test_many_names_and_blank_rows(tmp_path: Path) -> None:
    many = [row(f"State {number:03}", 1.0 + number) for number in range(300)]
    path = write(many, tmp_path / "rows.csv")
    content = path.read_text(encoding="utf-8").splitlines(keepends=True)
    content[2:2] = ["\n", "," * content[0].count(",") + "\n"]
    path.write_text("".join(content) + "\n\n", encoding="utf-8")
    write(OTHER, tmp_path / "then.csv")
    plain = DataIngestor(tmp_path / "*.csv")
    data = DataIngestor(prepared(tmp_path / "*.csv", tmp_path / "prepared"))
    assert data.estimates.equals(plain.estimates)
    assert data.estimates["record"].to_list()[:3] == [1, 4, 5]
    assert [(file.rows, file.first_record) for file in data.files] == [(300, 1), (3, 303)]
    assert data.question("Q036").state_means["State 299"] == 300.0


def test_a_check_reads_every_byte(
    intact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(intact, tmp_path / "prepared")
    flip(one(folder, "rows-*"), 3 * 4096)  # in a value: no start could see it
    assert DataIngestor(folder).rows == len(SOME)
    assert prepare.main(["--check", str(folder)]) == 1
    assert "is not as it was written" in capsys.readouterr().err


def test_what_cannot_be_prepared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(SOME, tmp_path / "rows.csv")
    folder = prepared(path, tmp_path / "prepared")
    others = tmp_path / "others"
    others.mkdir()
    write(OTHER, others / "rows-2024.csv")
    for source, target, words in (
        (tmp_path / "none.csv", tmp_path / "a" / "b", "No such file"),
        (folder, tmp_path / "a", "prepared already"),
        (path, tmp_path, "holds other files"),
        (path, others, "rows-2024.csv"),
        (path, path, "rows.csv"),
    ):
        capsys.readouterr()
        assert prepare.main(["--data", str(source), "--to", str(target)]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("python -m app.prepare: ")
        assert words in line
    assert DataIngestor(others).rows == len(OTHER)
    assert not (tmp_path / "a").exists()
    for wrong in ([], ["--data", "a"], ["--check", "a", "--to", "b"], ["--to", ""]):
        assert prepare.main(wrong) == 2
        assert "expected" in capsys.readouterr().err


def test_what_is_to_be_prepared_or_checked_is_one_and_clear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--data", "a.csv", "--data", "b.csv", "--to", str(tmp_path / "prepared")]
    assert prepare.main(given) == 2
    assert capsys.readouterr().err == (
        "python -m app.prepare: --data='a.csv' --data='b.csv': expected it once: several files are"
        " a folder of them, or a pattern in quotes\n"
    )
    assert prepare.main(["--check", str(tmp_path)]) == 1
    told = f"python -m app.prepare: {tmp_path} is no prepared folder: it has no prepared.json\n"
    assert capsys.readouterr().err == told
    assert prepare.main(["--check", str(tmp_path / "none")]) == 1
    assert "none: No such file or directory" in capsys.readouterr().err


def test_the_notes_of_files_go_with_them(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    folder.mkdir()
    for name, rows in (("a.csv", SOME), ("b.csv", OTHER)):
        path = write(rows, folder / name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        day = f"2026-01-0{len(rows)}T00:00:00Z"
        write_note(path, SourceNote("hn4x-zwk7", "https://a", "export", day, day, 1, digest))
    data = DataIngestor(folder)
    told = source_of(data.files, data.notes())
    assert (told["kind"], told["url"], told["updated"]) == (
        "release",
        "https://a",
        "2026-01-05T00:00:00Z",
    )
    prepared_one = DataIngestor(prepared(folder, tmp_path / "prepared"))
    assert source_of(prepared_one.files, prepared_one.notes()) == told
    shutil.rmtree(folder)
    assert source_of(prepared_one.files, prepared_one.notes()) == told
    strange = source_of(data.files, data.notes())
    assert strange["kind"] == "unknown"
    assert "a.csv, b.csv" in strange["message"]


def test_a_server_of_many_files_and_then_of_one_prepared_folder(tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    folder.mkdir()
    as_parquet(write(SOME, tmp_path / "some.csv"), folder / "a.parquet")
    to = prepared(folder, tmp_path / "prepared")
    told = []
    for place, path in ((tmp_path / "one", folder / "*"), (tmp_path / "two", to)):
        place.mkdir()
        with running_app(place, threads=0, data=path) as app:
            client = app.test_client()

            def get(address: str, client: FlaskClient = client) -> Any:
                return client.get(address).get_json()

            asked = client.post("/api/query", json={"question": "Q036", "method": "mean"})
            job_id = asked.get_json()["job_id"]
            told.append([get(f"/api/get_results/{job_id}"), get(f"/api/jobs/{job_id}/rows")])
            about = get("/api/dataset")["data"]
            told[-1].append([about[name] for name in ("sha256", "files", "warnings")])
            write(OTHER, folder / "b.csv")
            if path == to:
                prepared(folder, to)
            told[-1].append(client.post("/api/dataset/reload").get_json())
            assert get("/api/dataset")["data"]["files"][1]["first_record"] == len(SOME) + 1
        (folder / "b.csv").unlink()
    assert told[0] == told[1]
    assert told[0][1]["data"]["rows"][0][0] == 1
    assert told[0][3]["data"]["changed"] is True
