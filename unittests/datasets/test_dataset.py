"""The bundled dataset: rebuilt byte for byte, and true to the figures that it is made from."""

import csv
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from unittests.helpers.files import DATASET, PROJECT
from unittests.helpers.waiting import PATIENCE

REFERENCE = PROJECT.parent / "shared" / "reference"
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

Row = dict[str, str]
Cell = tuple[str, str, str]  # ids of the question and the stratum around a location's abbreviation
Amount = tuple[int, Decimal]


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def rows() -> list[Row]:
    return read(DATASET)


@cache
def dimensions() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = json.loads(
        (PROJECT / "dataset" / "dimensions.json").read_text(encoding="utf-8")
    )
    return content


def cell_of(row: Row) -> Cell:
    return row["QuestionID"], row["LocationAbbr"], row["StratificationID1"]


@cache
def figures() -> dict[Cell, Amount]:
    table = read(PROJECT / "dataset" / "figures.csv")
    amounts = {
        (row["question_id"], row["location"], row["stratum_id"]): (
            int(row["estimates"]),
            Decimal(row["sum"]),
        )
        for row in table
    }
    assert len(amounts) == len(table), "figures.csv names a cell twice"
    return amounts


def test_the_script_rebuilds_the_file_byte_for_byte(tmp_path: Path) -> None:
    copy = tmp_path / "copy.csv"
    script = PROJECT / "dataset" / "build.py"
    done = subprocess.run(
        [sys.executable, script, copy],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "18650 rows" in done.stdout
    assert copy.read_bytes() == DATASET.read_bytes()


def test_the_header_is_cdcs_behind_an_unnamed_index() -> None:
    first_line, _, _ = DATASET.read_text(encoding="utf-8").partition("\n")
    assert first_line == HEADER


def test_the_index_counts_the_rows() -> None:
    assert [row[""] for row in rows()] == [str(number) for number in range(18_650)]


def test_each_cell_has_its_count_and_its_exact_sum() -> None:
    counts: Counter[Cell] = Counter()
    sums: dict[Cell, Decimal] = defaultdict(Decimal)
    for row in rows():
        counts[cell_of(row)] += 1
        sums[cell_of(row)] += Decimal(row["Data_Value"])
    assert {cell: (counts[cell], sums[cell]) for cell in counts} == figures()


def test_values_have_one_decimal_and_are_as_equal_as_they_can_be() -> None:
    values: dict[Cell, set[Decimal]] = defaultdict(set)
    for row in rows():
        value = Decimal(row["Data_Value"])
        assert value.as_tuple().exponent == -1, row
        values[cell_of(row)].add(value)
    assert max(max(cell) - min(cell) for cell in values.values()) == Decimal("0.1")


def test_suppressed_cells_are_marked_and_only_those() -> None:
    fill = {
        question: Decimal(str(entry["fill_value"]))
        for question, entry in dimensions()["questions"].items()
    }
    marked = 0
    for row in rows():
        count, total = figures()[cell_of(row)]
        suppressed = total == fill[row["QuestionID"]] * count
        marked += suppressed
        wanted = ("~", FOOTNOTE, "") if suppressed else ("", "", row["Data_Value"])
        found = (
            row["Data_Value_Footnote_Symbol"],
            row["Data_Value_Footnote"],
            row["Data_Value_Alt"],
        )
        assert found == wanted, row
    assert 0 < marked < len(rows())


def test_what_is_not_known_is_left_empty() -> None:
    unknown = ("Low_Confidence_Limit", "High_Confidence_Limit ", "Sample_Size", "Data_Value_Unit")
    assert {row[name] for row in rows() for name in unknown} == {""}


def test_every_row_stands_for_the_whole_period_and_says_that_it_is_reconstructed() -> None:
    facts = {(row["YearStart"], row["YearEnd"], row["Datasource"]) for row in rows()}
    assert facts == {("2011", "2022", "Reconstruction from published BRFSS aggregates")}


def test_codes_and_names_go_together() -> None:
    breakouts = ("Total", "Age(years)", "Education", "Gender", "Income", "Race/Ethnicity")
    for row in rows():
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
    bare = [row for row in rows() if not row["StratificationID1"]]
    assert [(row["LocationDesc"], row["QuestionID"]) for row in bare] == [("New Jersey", "Q018")]
    assert "fruit" in bare[0]["Question"]
    assert [bare[0][name] for name in names] == ["", "", ""]
    assert all(row[name] for row in rows() if row is not bare[0] for name in names)


def test_the_means_are_the_published_ones() -> None:
    """Each cell, each place and each question has the mean of the course's own file.

    How many rows a cell has, the published answers do not say, so that differs.
    """
    published = REFERENCE / "cell_statistics.csv"
    if not published.exists():
        pytest.skip(f"{published} is not here: the project's figures cannot be held against it")
    questions, locations, strata = (
        dimensions()[kind] for kind in ("questions", "locations", "strata")
    )
    ours = {}
    for (question, location, stratum), amount in figures().items():
        breakout = strata.get(stratum, {"category": "", "stratum": ""})
        names = (
            questions[question]["question"],
            locations[location]["name"],
            breakout["category"],
            breakout["stratum"],
        )
        ours[names] = amount
    theirs = {
        (row["question"], row["location"], row["category"], row["stratum"]): (
            int(row["estimates"]),
            Decimal(row["sum"]),
        )
        for row in read(published)
    }
    assert len(ours) == len(theirs)
    # Of a question all rows; of a question in a place; of a cell.
    for key_size in (1, 2, 4):
        assert _means(ours, key_size) == _means(theirs, key_size)


def _means(
    amounts: Mapping[tuple[str, str, str, str], tuple[int, Decimal]], key_size: int
) -> dict[tuple[str, ...], Fraction]:
    """Return the exact means of all that have the first parts of their keys in common."""
    counts: Counter[tuple[str, ...]] = Counter()
    sums: defaultdict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for key, (count, total) in amounts.items():
        counts[key[:key_size]] += count
        sums[key[:key_size]] += Fraction(total)
    return {key: sums[key] / counts[key] for key in sums}
