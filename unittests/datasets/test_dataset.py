"""The course's file: rebuilt byte for byte, and each row held against CDC's release beside it."""

import json
import runpy
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from unittests.helpers.data import dataset_rows
from unittests.helpers.files import DATASET, PROJECT, RELEASE

FOOTNOTE = "Data not available because sample size is insufficient."
# The columns of the layout; the upper limit's trailing space is CDC's.
HEADER = (
    ",YearStart,YearEnd,LocationAbbr,LocationDesc,Datasource,Class,Topic,Question,"
    "Data_Value_Unit,Data_Value_Type,Data_Value,Data_Value_Alt,Data_Value_Footnote_Symbol,"
    "Data_Value_Footnote,Low_Confidence_Limit,High_Confidence_Limit ,Sample_Size,Total,Age(years),"
    "Education,Gender,Income,Race/Ethnicity,GeoLocation,ClassID,TopicID,QuestionID,"
    "DataValueTypeID,LocationID,StratificationCategory1,Stratification1,"
    "StratificationCategoryId1,StratificationID1"
)

LONG_NAME = "Behavioral Risk Factor Surveillance System"

Row = dict[str, str]
Cell = tuple[str, str, str]  # ids of the question and the stratum around a location's abbreviation
Figures = tuple[float | None, float | None, float | None, int | None]


@cache
def dimensions() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads(
        (PROJECT / "dataset" / "dimensions.json").read_text(encoding="utf-8")
    )
    return content


def cell_of(row: Row) -> Cell:
    return row["QuestionID"], row["LocationAbbr"], row["StratificationID1"]


@cache
def release() -> dict[tuple[Cell, int], Figures]:
    """Return value, limits and sample size of each cell and year of CDC's release."""
    figures = ("Data_Value", "Low_Confidence_Limit", "High_Confidence_Limit ", "Sample_Size")
    keys = ("QuestionID", "LocationAbbr", "StratificationID1", "YearStart")
    table = pl.read_parquet(RELEASE, columns=[*keys, *figures]).select(*keys, *figures)
    return {(row[:3], row[3]): row[4:] for row in table.iter_rows()}


def figures_of(row: Row) -> Figures:
    """Return the same of a row of the file."""
    low, high = row["Low_Confidence_Limit"], row["High_Confidence_Limit "]
    return (
        float(row["Data_Value"]),
        float(low) if low else None,
        float(high) if high else None,
        int(row["Sample_Size"]) if row["Sample_Size"] else None,
    )


def years_of(row: Row) -> range:
    return range(int(row["YearStart"]), int(row["YearEnd"]) + 1)


def is_marked(row: Row) -> bool:
    return row["Data_Value_Footnote_Symbol"] == "~"


def is_empty_but_for_its_value(row: Row) -> bool:
    return figures_of(row)[1:] == (None, None, None)


def fill_value(row: Row) -> Decimal:
    return Decimal(str(dimensions()["questions"][row["QuestionID"]]["fill_value"]))


def test_the_script_rebuilds_the_file_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.csv"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["build.py", str(copy)])
    runpy.run_path(str(PROJECT / "dataset" / "build.py"), run_name="__main__")
    assert capsys.readouterr() == (f"{copy}: 18650 rows\n", "")
    assert copy.read_bytes() == DATASET.read_bytes()


def test_the_header_is_cdcs_behind_an_unnamed_index() -> None:
    first_line, _, _ = DATASET.read_text(encoding="utf-8").partition("\n")
    assert first_line == HEADER


def test_the_index_counts_the_rows() -> None:
    assert [row[""] for row in dataset_rows()] == [str(number) for number in range(18_650)]


def test_years_lie_within_the_period() -> None:
    assert all(2011 <= min(years_of(row)) <= max(years_of(row)) <= 2022 for row in dataset_rows())
    known = [row for row in dataset_rows() if len(years_of(row)) == 1]
    assert (len(known), len(dataset_rows()) - len(known)) == (15_876, 2_774)


def test_a_row_whose_year_is_known_is_cdcs_row() -> None:
    published = [row for row in dataset_rows() if len(years_of(row)) == 1 and not is_marked(row)]
    assert len(published) == 15_734
    for row in published:
        assert figures_of(row) == release()[cell_of(row), int(row["YearStart"])], row


def test_a_row_whose_year_is_not_known_is_of_the_first_to_the_last_that_it_may_be() -> None:
    uncertain = [row for row in dataset_rows() if len(years_of(row)) > 1]
    assert all(is_empty_but_for_its_value(row) for row in uncertain)
    for row in uncertain:
        value = None if is_marked(row) else float(row["Data_Value"])
        ends = {release()[cell_of(row), year][0] for year in (years_of(row)[0], years_of(row)[-1])}
        # Of eleven it cannot be told whether their value is the constant: they are not marked.
        assert ends == {value} or Decimal(row["Data_Value"]) == fill_value(row), row


def test_withheld_estimates_are_marked_and_hold_the_constant_of_their_question() -> None:
    marked = [row for row in dataset_rows() if is_marked(row)]
    assert len(marked) == 1_799
    for row in dataset_rows():
        footnote = FOOTNOTE if is_marked(row) else ""
        assert row["Data_Value_Footnote"] == footnote, row
        assert row["Data_Value_Alt"] == ("" if is_marked(row) else row["Data_Value"]), row
    for row in marked:
        assert Decimal(row["Data_Value"]) == fill_value(row), row
        assert is_empty_but_for_its_value(row), row
        if row["StratificationID1"]:
            # CDC published nothing there in any of the years that it may be of.
            for year in (years_of(row)[0], years_of(row)[-1]):
                assert release()[cell_of(row), year] == (None, None, None, None), row


def test_eleven_rows_that_may_hold_the_constant_carry_no_mark() -> None:
    undecided = [
        row
        for row in dataset_rows()
        if not is_marked(row)
        and len(years_of(row)) > 1
        and Decimal(row["Data_Value"]) == fill_value(row)
        and any(release().get((cell_of(row), year), (0.0,))[0] is None for year in years_of(row))
    ]
    assert Counter((row["QuestionID"], row["LocationAbbr"]) for row in undecided) == {
        ("Q047", "MA"): 3, ("Q047", "ND"): 3, ("Q036", "TN"): 2, ("Q047", "WV"): 2,
        ("Q036", "FL"): 1,
    }  # fmt: skip


def test_the_data_source_has_its_short_name_where_both_years_are_2022() -> None:
    for row in dataset_rows():
        is_of_2022 = (row["YearStart"], row["YearEnd"]) == ("2022", "2022")
        assert row["Datasource"] == ("BRFSS" if is_of_2022 else LONG_NAME)
    assert Counter(row["Datasource"] for row in dataset_rows())["BRFSS"] > 0


def test_codes_and_names_go_together() -> None:
    breakouts = ("Total", "Age(years)", "Education", "Gender", "Income", "Race/Ethnicity")
    for row in dataset_rows():
        question = dimensions()["questions"][row["QuestionID"]]
        location = dimensions()["locations"][row["LocationAbbr"]]
        assert (row["Question"], row["ClassID"], row["TopicID"]) == (
            question["question"],
            question["class_id"],
            question["topic_id"],
        )
        assert (row["LocationDesc"], row["LocationID"]) == (location["name"], location["id"])
        told = {name: row[name] for name in breakouts if row[name]}
        category = row["StratificationCategory1"].replace("Age (years)", "Age(years)")
        assert told == ({category: row["Stratification1"]} if category else {}), row


def test_one_row_has_neither_category_nor_stratum() -> None:
    names = ("StratificationCategory1", "Stratification1", "StratificationCategoryId1")
    bare = [row for row in dataset_rows() if not row["StratificationID1"]]
    assert [(row["LocationDesc"], row["QuestionID"]) for row in bare] == [("New Jersey", "Q018")]
    assert "fruit" in bare[0]["Question"]
    assert [bare[0][name] for name in names] == ["", "", ""]
    assert all(row[name] for row in dataset_rows() if row is not bare[0] for name in names)
