"""One grammar of CSV: what is served is read in one way by all, and what is not is refused."""

import random
from pathlib import Path

import polars as pl
import pytest

from app.answers.discovery import warnings
from app.data_ingestor import DataIngestor
from app.datasets import csv_grammar
from app.errors import DatasetError
from app.prepare import __main__ as prepare
from unittests.helpers.csv_files import disagreement, hostile_csv

HEADER = (
    "YearStart,YearEnd,LocationAbbr,LocationDesc,Question,QuestionID,Data_Value,Sample_Size,"
    "StratificationCategory1,Stratification1,Note"
)


def row(state: str = "Ohio", year: str = "2020", value: str = "30", note: str = "") -> str:
    return f"{year},{year},{state[:2].upper()},{state},Is it?,Q036,{value},9,Total,Total,{note}"


def file_of(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def refused(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        DataIngestor(path)
    return str(caught.value).removeprefix(f"dataset {path}: ")


@pytest.mark.parametrize("block", [1, 30, 2**17])
def test_all_readers_see_the_same_values(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_grammar, "BLOCK_BYTES", block)
    chance = random.Random(block)
    for _ in range(40):
        content = hostile_csv(chance)
        found = disagreement(content, tmp_path / "hostile.csv")
        assert found is None, content[:300]


QUOTES = {
    'see "Notes, 2014" there': "expected quotes around a value with a quote in it, and that one "
    'twice, found see "Notes',
    '5" or so': "expected quotes around a value with a quote in it, and that one twice, found 5"
    '" or so',
    '"a" b': "expected a comma or a new line after a value in quotes, found  b",
    '"no end': 'expected a quote at the end of "no end',
    "a\rb": "expected LF or CRLF at the end of a line, found CR alone after a",
}


def test_a_value_outside_of_the_grammar_is_refused_with_its_line(tmp_path: Path) -> None:
    before = row("Iowa", note='"two\nlines"')
    for note, reason in QUOTES.items():
        path = file_of(tmp_path / "a.csv", HEADER, row(note=note), row("Texas"))
        assert refused(path).startswith(f"line 2, column Note: {reason}")
        path = file_of(tmp_path / "b.csv", HEADER, before, row(note=note))
        assert refused(path).startswith(f"line 4, column Note: {reason}")


def test_lines_are_counted_behind_values_of_several_lines(tmp_path: Path) -> None:
    many = [row("Iowa", note='"two\nlines"')] * 3000
    path = file_of(tmp_path / "a.csv", HEADER, *many, row(note='5" or so'))
    assert refused(path).startswith("line 6002, column Note: ")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_long_value_and_one_of_two_lines(end: str, tmp_path: Path) -> None:
    notes = ("x" * 200_000, '"two\nlines, and ""quotes"""')
    rows = (row(state, note=note) for state, note in zip(("Ohio", "Texas"), notes, strict=True))
    path = file_of(tmp_path / "a.csv", "\ufeff" + HEADER, *rows, "", end=end)
    assert DataIngestor(path).rows == 2


def test_a_number_and_a_year_are_judged_alike_whatever_other_rows_have(tmp_path: Path) -> None:
    plain, of_two_lines = row("Texas"), row("Texas", note='"two\nlines"')
    for other, years in ((plain, ("99", "0099", "+201", "2011.0")), (of_two_lines, ("99",))):
        path = file_of(tmp_path / "a.csv", HEADER, row(value="3.03e1"), other)
        assert DataIngestor(path).question("Q036").state_means["Ohio"] == 30.3
        for wrong in years:
            path = file_of(tmp_path / "b.csv", HEADER, row(year=wrong), other)
            assert refused(path) == f'line 2, column YearStart: expected a year, found "{wrong}"'


def test_a_column_called_record_is_one_as_any_other(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", f"{HEADER},record", f"{row()},7", f"{row('Texas')},8")
    pl.read_csv(path).write_parquet(tmp_path / "a.parquet")
    for one in (path, tmp_path / "a.parquet"):
        assert DataIngestor(one).estimates["record"].to_list() == [1, 2]


def test_columns_that_are_there_twice(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", f"{HEADER}, Sample_Size", f"{row()},7")
    assert "line 1: expected one column named Sample_Size, found more than one" in refused(path)
    path = file_of(tmp_path / "b.csv", f"{HEADER},Note ,note,,", f"{row()},a,b,,")
    assert DataIngestor(path).rows == 1
    telling = [f"{row()},{one},b,,".replace(",30,", f",{one}0,") for one in "122"]
    path = file_of(tmp_path / "c.csv", f"{HEADER},Note ,note,,", *telling)
    assert "column Note (2) is not read, and tells apart rows" in refused(path)


def test_a_sample_size_of_millions_is_read(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", HEADER, row().replace(",9,", ',"1,234,567",'))
    assert DataIngestor(path).estimates["sample_size"].to_list() == [1234567]


GOOD = f"{HEADER}\n{row()}\n"
NO_CSV: dict[str, tuple[str | bytes, str]] = {
    "semicolons": (GOOD.replace(",", ";"), "expected commas between columns, found semicolons"),
    "tabs": (GOOD.replace(",", "\t"), "expected commas between columns, found tabs"),
    "sep=": (f"sep=,\n{GOOD}", 'found "sep=", which is not CSV: take it out'),
    "blank first line": (f"\n{GOOD}", "expected a CSV header, found a blank line"),
    "gzip": (b"\x1f\x8b\x08\0\n", "found a file packed with gzip: unpack it first"),
    "workbook": (b"PK\x03\x04\x14\0", "found a ZIP archive or a workbook (.xlsx)"),
    "UTF-16": (GOOD.encode("utf-16"), "found UTF-16: save it as UTF-8"),
    "Git LFS": ("version https://git-lfs.github.com/spec/v1\noid x\n", "git lfs pull"),
    "old Macs": (GOOD.replace("\n", "\r"), "found CR alone, as old Macs had it"),
    "web page": ("\n <!DOCTYPE html>\n<html>", "found a web page (HTML)"),
    "web page at once": (" <!DOCTYPE html>\n<html>", "found a web page (HTML)"),
    "JSON": ('[{"yearstart": "2011"}]\n', "found JSON"),
    "no places": (
        GOOD.replace("LocationAbbr,LocationDesc", "A,B"),
        "expected one column named LocationAbbr, found none",
    ),
}


def test_the_reason_leads_to_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for kind, (content, reason) in NO_CSV.items():
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        said = refused(path)
        assert said.startswith("line 1: "), kind
        assert reason in said, kind


def test_a_header_in_small_letters_is_read(tmp_path: Path) -> None:
    assert DataIngestor(file_of(tmp_path / "a.csv", HEADER.lower(), row())).rows == 1


def without_years(line: str) -> str:
    return ",".join(line.split(",")[2:])


def test_a_file_without_years_counts_all_rows_and_says_so(tmp_path: Path) -> None:
    rows = [row(), row("Texas", value="20"), row("Texas", value="40")]
    path = file_of(tmp_path / "a.csv", *map(without_years, (HEADER, *rows)))
    data = DataIngestor(path)
    assert data.question("Q036").state_means == {"Ohio": 30.0, "Texas": 30.0}
    (warning,) = [one for one in warnings(data) if one["code"] == "no-years"]
    assert warning["rows"] == 3
    assert "several-years" not in {one["code"] for one in warnings(data)}
    assert prepare.main(["--data", str(path), "--to", str(tmp_path / "prepared")]) == 0
    assert warnings(DataIngestor(tmp_path / "prepared")) == warnings(data)


def test_years_may_be_lacking_together_and_in_all_files(tmp_path: Path) -> None:
    one = file_of(tmp_path / "a.csv", *(line.split(",", 1)[1] for line in (HEADER, row())))
    assert "expected one column named YearStart, found none" in refused(one)
    file_of(one, HEADER, row())
    other = file_of(tmp_path / "b.csv", *map(without_years, (HEADER, row("Texas"))))
    with pytest.raises(DatasetError, match=f"{other}: it does not say of which years"):
        DataIngestor(tmp_path)
