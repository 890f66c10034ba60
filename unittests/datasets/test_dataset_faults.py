"""A CSV that cannot be used: one clear line for each fault, and nothing passed over in silence."""

from fractions import Fraction
from pathlib import Path

import pytest

from app.data_ingestor import DataIngestor
from app.errors import DatasetError

HEADER = (
    "YearStart,YearEnd,LocationAbbr,LocationDesc,Question,QuestionID,Data_Value,"
    "StratificationCategory1,Stratification1,Note\n"
)
OHIO = "2011,2022,OH,Ohio,Is it?,Q036,30,Gender,Male,\n"
FAULTS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty": ("", ("line 1", "header", "empty")),
    "only a BOM": (b"\xef\xbb\xbf", ("line 1", "header", "empty")),
    "blank lines": ("\n\n", ("line 1", "header")),
    "header only": (HEADER, ("line 2", "at least one row", "none")),
    "no header": (OHIO * 2, ("line 1", "column named YearStart", "none")),
    "missing column": (HEADER.replace("QuestionID", "Other") + OHIO, ("line 1", "QuestionID")),
    "doubled column": (HEADER.replace("Note", "Data_Value ") + OHIO, ("Data_Value", "more than")),
    "UTF-16": ((HEADER + OHIO).encode("utf-16"), ("line 1", "UTF-8")),
    "bad byte in the header": (HEADER[:-1].encode() + b"\xe9\n", ("line 1", "UTF-8")),
    "bad byte near the start": (
        (HEADER + OHIO + OHIO[:-1]).encode() + b"\xe9\n" + OHIO.encode(),
        ("line 3", "UTF-8"),
    ),
    "bad byte deep in the file": (
        (HEADER + OHIO * 5000 + OHIO[:-1]).encode() + b"\xe9\n" + OHIO.encode(),
        ("line 5002", "UTF-8"),
    ),
    "word as value": (HEADER + OHIO + OHIO.replace("30", "many"), ("line 3", "Data_Value", "many")),
    "value in percent": (HEADER + OHIO.replace("30", "30%"), ("line 2", "Data_Value", "number")),
    "nan": (HEADER + OHIO.replace("30", "nan"), ("line 2", "Data_Value", "number", "nan")),
    "inf": (HEADER + OHIO.replace("30", "-inf"), ("line 2", "Data_Value", "number", "-inf")),
    "fault behind a newline in a field": (
        HEADER + OHIO[:-1] + '"a\nb"\n\n' + OHIO.replace("30", "many"),
        ("line 5", "Data_Value", "many"),
    ),
    "value with a newline": (
        HEADER + OHIO.replace("30", '"3\n0"'),
        ("line 2", "Data_Value", "number"),
    ),
    "year is no number": (HEADER + OHIO.replace("2011", "MMXI"), ("line 2", "YearStart", "year")),
    "year too large": (HEADER + OHIO.replace("2011", "9" * 11), ("line 2", "YearStart", "year")),
    "no year": (HEADER + OHIO.replace("2022", ""), ("line 2", "YearEnd", "year")),
    "year with a point": (HEADER + OHIO.replace("2022", "2022.0"), ("line 2", "YearEnd", "year")),
    "no question": (HEADER + OHIO.replace("Is it?", ""), ("line 2", "column Question")),
    "no id": (HEADER + OHIO.replace("Q036", ""), ("line 2", "column QuestionID")),
    "no location": (HEADER + OHIO.replace("Ohio", " "), ("line 2", "column LocationDesc")),
    "no abbreviation": (HEADER + OHIO.replace("OH", ""), ("line 2", "column LocationAbbr")),
    "too many fields": (HEADER + OHIO + OHIO[:-1] + ",\n" + OHIO, ("line 3", "10", "11")),
    "too few fields": (HEADER + OHIO + "2011,2022,OH,Ohio,Is it?,Q036,5\n" + OHIO, ("line 3", "7")),
    "cut last line": (HEADER + OHIO + OHIO[:13], ("line 3", "expected 10", "found 4")),
    "cut last line and blanks": (HEADER + OHIO + OHIO[:13] + "\n\n", ("line 3", "found 4")),
    "cut in quotes": (HEADER + OHIO + '2011,2022,OH,"Oh', ("line 3",)),
    "stray quote": (HEADER + OHIO + OHIO[:-1] + 'a"b\n', ()),
    "CR alone": ((HEADER + OHIO + OHIO).replace("\n", "\r"), ()),
}


def test_a_fault_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    for name, (content, fragments) in FAULTS.items():
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            DataIngestor(path)
        except DatasetError as fault:
            message = str(fault)
        else:
            pytest.fail(f"{name}: it was read")
        assert len(message.splitlines()) == 1, name
        assert len(message.replace(str(tmp_path), "")) < 200, name
        assert all(fragment in message for fragment in (str(path), *fragments)), (name, message)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DatasetError, match=str(path)) as caught:
            DataIngestor(path)
        assert len(str(caught.value).splitlines()) == 1


def test_a_value_is_counted_or_refused_and_never_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    for value in ("1e1", "+5", ".5", "5.", "1_0", "٣", "1" * 31, "1e40"):
        path.write_text(HEADER + OHIO.replace("30", value), encoding="utf-8")
        try:
            means = DataIngestor(path).question("Q036").state_means
        except DatasetError as fault:
            assert "line 2, column Data_Value" in str(fault), value
        else:
            assert means == {"Ohio": float(Fraction(value))}, value
