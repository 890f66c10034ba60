"""Rows that cannot be right, and two names of one thing: who leaves them out, and who says so."""

from pathlib import Path
from typing import Any

import pytest

from app.data_ingestor import DataIngestor
from app.prepare import __main__ as prepare
from app.statistics.registry import STATISTICS
from unittests.helpers.data import OBESITY
from unittests.helpers.rows import Row, made, row, write
from unittests.helpers.statistics import answer, dicts, named

OHIO, TEXAS = row("Ohio", 30.0, year=2021), row("Texas", 34.0, year=2021)
UTAH = row("Utah", 40.0, year=2021)
IMPOSSIBLE = {
    "percentage outside 0 to 100 (1)": UTAH._replace(value=-5.0, low=-6.0, high=-4.0),
    "sample size below 1 (1)": UTAH._replace(sample_size=-5),
    "lower limit above the upper limit (1)": UTAH._replace(low=41.0, high=39.0),
}


def table(name: str, data: DataIngestor, **body: Any) -> Any:
    return answer(STATISTICS[name], data, **body)


@pytest.mark.parametrize("why", IMPOSSIBLE)
def test_impossible_figures_are_left_out_and_told(why: str) -> None:
    data = made([OHIO, TEXAS, IMPOSSIBLE[why]])
    for name in ("ranking", "query"):
        body = {"group_by": ["state"]} if name == "query" else {}
        told = table(name, data, question="Q036", **body)
        values = {one["state"]: one["value"] for one in dicts(told) if one["value"] is not None}
        assert values == {"Ohio": 30.0, "Texas": 34.0}
        assert told.about["rows_impossible"] == 1
        (warning,) = [one for one in told.about["warnings"] if "as impossible" in one]
        assert why in warning
    (mean,) = dicts(table("query", data, question="Q036", method="mean"))
    assert (mean["value"], mean["sample_size"]) == (32.0, 2000)
    # The course's nine count every value.
    value = IMPOSSIBLE[why].value
    assert data.question("Q036").global_mean == pytest.approx((64 + (value or 0)) / 3)


def test_a_copy_of_a_row_leaves_the_first_as_it_is() -> None:
    (ohio, _), copied = ((OHIO, TEXAS), made([OHIO, OHIO, TEXAS]))
    told = table("ranking", copied, question="Q036")
    first = named(told, "state")["Ohio"]
    assert (first["low"], first["high"], first["sample_size"]) == (ohio.low, ohio.high, 1000)
    assert any("exact copy of another row (1)" in one for one in told.about["warnings"])
    assert copied.question("Q036").global_mean == pytest.approx(94 / 3)
    # Without limits nobody can tell: they may be of different people.
    bare = [row("Ohio", 30.0, None, year=2021)] * 2
    assert not made(bare).estimates["invalid"].any()


def test_a_prepared_folder_knows_them_too(tmp_path: Path) -> None:
    rows = [OHIO, OHIO, TEXAS._replace(value=105.0), UTAH]
    source = write(rows, tmp_path / "rows.csv")
    folder = str(tmp_path / "prepared")
    assert prepare.main(["--data", str(source), "--to", folder]) == 0
    data = DataIngestor(folder)
    assert data.estimates["invalid"].to_list() == [False, True, True, False]
    assert data.estimates.equals(DataIngestor(source).estimates)


def women(year: int, category: str, **more: Any) -> Row:
    return row("Ohio", 20.0 + year % 10, year=year, category=category, stratum="Female", **more)


def men(year: int, category: str) -> Row:
    return women(year, category)._replace(stratum="Male", value=40.0, low=39.0, high=41.0)


@pytest.fixture(name="renamed", scope="module")
def renamed_dataset(tmp_path_factory: pytest.TempPathFactory) -> DataIngestor:
    """Return a folder of two releases; the second calls the category by another name."""
    folder = tmp_path_factory.mktemp("releases")
    for category, years in (("Gender", (2018, 2019)), ("Sex", (2020, 2021))):
        rows = [make(year, category) for year in years for make in (women, men)]
        write(rows, folder / f"{category}.csv")
    return DataIngestor(folder)


def test_gender_and_sex_are_one_category(renamed: DataIngestor) -> None:
    (trend,) = dicts(table("trend", renamed, question="Q036", stratum="Female", state="Ohio"))
    assert (trend["points"], trend["years"]) == (4, "2018-2021")
    for category in ("Sex", "gender"):
        gap = table("disparity", renamed, question="Q036", category=category, state="Ohio")
        assert gap.about["years"] == "2021"
        body = {"question": "Q036", "method": "median", "where": {"category": category}}
        told = table("query", renamed, **body, group_by=["category", "year"])
        assert [(one["category"], one["year"]) for one in dicts(told)] == [
            ("Sex", str(year)) for year in range(2018, 2022)
        ]


def test_the_courses_nine_keep_the_names_of_the_file(renamed: DataIngestor) -> None:
    (means,) = renamed.question(OBESITY).stratum_means.values()
    assert means == {
        "('Gender', 'Female')": 28.5,
        "('Gender', 'Male')": 40.0,
        "('Sex', 'Female')": 20.5,
        "('Sex', 'Male')": 40.0,
    }
    alone = made([women(2018, "Gender"), men(2018, "Gender")])
    assert alone.category("sex") == "Gender"
    assert set(alone.question(OBESITY).stratum_means["Ohio"]) == {
        "('Gender', 'Female')",
        "('Gender', 'Male')",
    }


def test_the_nation_is_the_nation_whatever_its_name(tmp_path: Path) -> None:
    text = write([OHIO, row("National", 33.0, year=2021)], tmp_path / "rows.csv").read_text()
    path = tmp_path / "renamed.csv"
    path.write_text(text.replace("National", "United States"))
    data = DataIngestor(path)
    told = table("ranking", data, question="Q036")
    assert [one["state"] for one in dicts(told)] == ["Ohio"]
    assert told.about["national"]["value"] == 33.0
    for name in ("United States", "National", "US"):
        assert data.state(name) == "National"
