"""CDC's release that comes with the program, held to what CDC published about it in prose."""

import hashlib
import runpy
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app.answers.discovery import about_dataset
from app.datasets.places import NATION, is_of_the_nation, named
from app.datasets.provenance import RELEASE_SHA256
from app.datasets.source_note import read_note
from app.statistics.registry import STATISTICS
from unittests.helpers.data import OBESITY, release
from unittests.helpers.files import PROJECT, RELEASE

build = runpy.run_path(str(PROJECT / "dataset" / "build_release.py"))["build"]


@pytest.fixture(name="obesity", scope="module")
def obesity_by_year() -> dict[str, dict[str, float]]:
    """Give how many percent of the adults of each place have obesity, as it is answered."""
    query = STATISTICS["query"]
    body = {"question": "Q036", "group_by": ["year", "state"]}
    table = query.answer(query.ask(body, release()))
    year, state, value = (table["columns"].index(name) for name in ("year", "state", "value"))
    found: dict[str, dict[str, float]] = {}
    for cells in table["rows"]:
        if cells[value] is not None:
            found.setdefault(cells[year], {})[cells[state]] = cells[value]
    return found


def at_least(percent: float, values: dict[str, float]) -> dict[str, list[str]]:
    """Return the places with so much or more, by their kind."""
    found: dict[str, list[str]] = {}
    for state, value in values.items():
        place = named(state)
        assert place
        if value >= percent:
            found.setdefault(place.kind, []).append(state)
    return found


# Of CDC's pages "Adult Obesity Prevalence Maps" of these years.
@pytest.mark.parametrize(
    ("year", "states"), [("2023", 23), ("2022", 22), ("2021", 19), ("2020", 16), ("2019", 12)]
)
def test_so_many_states_had_obesity_of_35_percent_or_more(
    obesity: dict[str, dict[str, float]], year: str, states: int
) -> None:
    assert len(at_least(35, obesity[year])["state"]) == states


def test_two_territories_had_as_much_in_2021(obesity: dict[str, dict[str, float]]) -> None:
    assert sorted(at_least(35, obesity["2021"])["territory"]) == ["Puerto Rico", "Virgin Islands"]


@pytest.mark.parametrize(
    ("year", "states"),
    [
        ("2023", ["Arkansas", "Mississippi", "West Virginia"]),
        ("2022", ["Louisiana", "Oklahoma", "West Virginia"]),
    ],
)
def test_three_states_had_obesity_of_40_percent_or_more(
    obesity: dict[str, dict[str, float]], year: str, states: list[str]
) -> None:
    assert sorted(at_least(40, obesity[year])["state"]) == states


def test_what_is_in_it() -> None:
    about = about_dataset(release(), 0, release().notes())
    counts = ("rows", "questions", "states", "strata", "estimates")
    assert [about[name] for name in counts] == [106_260, 9, 55, 28, 93_505]
    absent = [about[name] for name in ("suppressed", "not_released", "filled")]
    assert absent == [12_755 - 111 * 28 - 3 * 55, 111 * 28, 0]
    assert about["no_estimate"] == 3 * 55  # of the race "Other" in 2022
    assert (about["with_limits"], about["with_sample_size"]) == (93_505, 93_505)
    assert about["years"] == {"from": 2011, "to": 2023}
    assert about["single_years"]
    symbols = pl.read_parquet(RELEASE).filter(pl.col("Data_Value").is_null())
    assert Counter(symbols["Data_Value_Footnote_Symbol"]) == {"~": 8_769, "-": 3_986}


def test_the_nation_is_the_states_and_the_district() -> None:
    rows = release().estimates.filter(pl.col("category") == "Total", pl.col("value").is_not_null())
    asked = ["question_id", "year_start"]
    whom = pl.col("state").cast(pl.String)
    parts = whom.map_elements(is_of_the_nation, pl.Boolean)
    of_nation = rows.filter(whom == NATION.name).select(*asked, "sample_size").sort(asked)
    sums = rows.filter(parts).group_by(asked).agg(pl.col("sample_size").sum()).sort(asked)
    assert_frame_equal(of_nation, sums)
    assert (of_nation.height, of_nation.filter(pl.col("year_start") <= 2021).height) == (69, 59)


def test_it_is_small_and_says_where_it_is_from() -> None:
    assert RELEASE.stat().st_size < 1_500_000
    note = read_note(RELEASE)
    assert note
    assert note.sha256 == hashlib.sha256(RELEASE.read_bytes()).hexdigest()
    assert (note.dataset, note.rows) == ("hn4x-zwk7", release().rows)
    source = about_dataset(release(), 0, release().notes())["source"]
    assert (source["kind"], source["updated"]) == ("release", "2025-09")
    assert "hn4x-zwk7 of September 2025" in source["message"]
    assert "public domain" in source["message"]
    assert source["name"] == "CDC's release hn4x-zwk7 of September 2025 (public domain)"
    assert release().digest == RELEASE_SHA256
    assert release().source == source["name"]


def test_cdcs_export_makes_the_same_rows(tmp_path: Path) -> None:
    table = pl.read_parquet(RELEASE).filter(LocationAbbr="OH", YearStart=2022)
    export = table.sample(fraction=1, shuffle=True, seed=1).with_columns(
        pl.lit("2022").alias("Data_Value_Unit"), pl.col("Data_Value").alias("Data_Value_Alt")
    )
    # As CDC has written them: 1,702, and nothing where nothing is.
    grouped = pl.col("Sample_Size").cast(pl.String).str.replace(r"(\d)(\d{3})$", "$1,$2")
    export.with_columns(grouped).write_csv(tmp_path / "cdc.csv")
    assert build(tmp_path / "cdc.csv", tmp_path / "made.parquet") == table.height
    assert_frame_equal(pl.read_parquet(tmp_path / "made.parquet"), table)


def test_a_table_of_codes_makes_the_same_rows(tmp_path: Path) -> None:
    table = pl.read_parquet(RELEASE).filter(LocationAbbr="GU", YearStart=2023)
    names = {
        "QuestionID": "question_id",
        "LocationAbbr": "location_abbr",
        "YearStart": "year",
        "StratificationID1": "stratum_id",
        "Data_Value": "value",
        "Low_Confidence_Limit": "low",
        "High_Confidence_Limit ": "high",
        "Sample_Size": "sample_size",
        "Data_Value_Footnote_Symbol": "footnote",
    }
    table.select(*names).rename(names).write_csv(tmp_path / "codes.csv")
    build(tmp_path / "codes.csv", tmp_path / "made.parquet")
    assert_frame_equal(pl.read_parquet(tmp_path / "made.parquet"), table)
    assert OBESITY in set(table["Question"])


def test_figures_read_by_hand_from_cdcs_file() -> None:
    # Alaska, men and women, 2011: 28.0 (24.9 to 31.3) of 1,620, and 26.7 (23.9 to 29.7) of 1,716.
    rows = release().estimates.filter(
        question_id="Q036", abbreviation="AK", year_start=2011, category="Sex"
    )
    figures = rows.sort("stratum").select("value", "low", "high", "sample_size").rows()
    assert figures == [(28.0, 24.9, 31.3, 1620), (26.7, 23.9, 29.7, 1716)]
