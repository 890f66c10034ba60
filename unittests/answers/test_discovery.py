"""The four answers on what there is to ask: of the bundled dataset, of CDC's, and of odd files."""

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from app import json_bytes
from app.answers.discovery import about_dataset, categories, questions, states, warnings
from app.data_ingestor import DataIngestor
from app.datasets.provenance import BUNDLED_SHA256
from app.datasets.source_note import SourceNote
from unittests.datasets.test_quirks import (
    GENDER,
    LONG,
    MALE,
    NONE,
    OLD,
    WITHHELD,
    each,
    load,
    row,
)
from unittests.helpers.data import cdc_cut, dataset, dataset_rows
from unittests.helpers.files import DATASET, PROJECT


def note(sha256: str) -> SourceNote:
    return SourceNote(
        dataset="hn4x-zwk7",
        url="https://data.cdc.gov/api/views/hn4x-zwk7/rows.csv",
        way="export",
        fetched="2026-01-31T12:00:00Z",
        updated="2025-09-01T00:00:00Z",
        rows=4,
        sha256=sha256,
    )


@pytest.fixture(scope="module", name="moved")
def bundled_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> DataIngestor:
    """Read the bundled file from another place, under another name."""
    moved = tmp_path_factory.mktemp("moved") / "moved.csv"
    moved.write_bytes(DATASET.read_bytes())
    return DataIngestor(moved)


def test_the_bundled_dataset() -> None:
    about = about_dataset(dataset(), 1_700_000_000.9, ())
    assert list(about) == [
        "rows", "sha256", "file", "files", "years", "single_years", "questions", "states", "strata",
        "estimates", "suppressed", "not_released", "filled", "no_estimate", "with_limits",
        "with_sample_size", "source", "loaded_at", "layout", "warnings",
    ]  # fmt: skip
    assert about["file"] == DATASET.name
    assert about["sha256"] == hashlib.sha256(DATASET.read_bytes()).hexdigest()
    assert list(about["years"].items()) == [("from", 2011), ("to", 2022)]
    assert about["single_years"] is False
    assert about["loaded_at"] == "2023-11-14T22:13:20Z"
    assert about["warnings"] == warnings(dataset())
    assert about["layout"] == {
        "name": "brfss",
        "title": "Behavioral Risk Factor Surveillance System: adults in the United States",
        "survey": "BRFSS", "people": "adults", "breaks": [2011, 2017, 2019, 2023], "notes": [],
    }  # fmt: skip
    counts = {name: about[name] for name in list(about)[6:16]} | {"rows": about["rows"]}
    assert counts == {
        "rows": 18650, "questions": 9, "states": 55, "strata": 28, "estimates": 16851,
        "suppressed": 0, "not_released": 0, "filled": 1799, "no_estimate": 0, "with_limits": 15734,
        "with_sample_size": 15734,
    }  # fmt: skip


def test_the_bundled_file_is_known_by_its_bytes_wherever_it_lies(moved: DataIngestor) -> None:
    assert hashlib.sha256(DATASET.read_bytes()).hexdigest() == BUNDLED_SHA256
    about = about_dataset(moved, 0, ())
    assert about["file"] == "moved.csv"
    assert about["source"]["kind"] == "subset"
    assert about["source"]["url"] is None
    assert "public domain" in about["source"]["message"]


def test_a_release_is_one_only_with_a_note_of_its_own_bytes(tmp_path: Path) -> None:
    data = load(tmp_path, each())
    told = about_dataset(data, 0, (note(data.digest),))["source"]
    assert list(told) == ["kind", "name", "url", "fetched", "updated", "message"]
    assert list(told.values())[:5] == [
        "release",
        "CDC's release hn4x-zwk7 of September 2025 (public domain)",
        "https://data.cdc.gov/api/views/hn4x-zwk7/rows.csv",
        "2026-01-31T12:00:00Z",
        "2025-09-01T00:00:00Z",
    ]
    changed = about_dataset(data, 0, (note("0" * 64),))["source"]
    unknown = about_dataset(data, 0, ())["source"]
    for source in (changed, unknown):
        assert source["kind"] == "unknown"
        assert source["url"] is source["fetched"] is source["updated"] is None
    assert "changed" in changed["message"]
    assert about_dataset(dataset(), 0, (note("0" * 64),))["source"]["kind"] == "subset"


def test_every_row_is_an_estimate_or_lacks_one_for_a_reason(tmp_path: Path) -> None:
    rows = [
        *each(High=""),
        row(year=2017, Sample_Size=""),
        row(year=2018, **WITHHELD),
        row(year=2019, **WITHHELD, **NONE),
        row(year=2020, **NONE),
    ]
    about = about_dataset(load(tmp_path, rows), 0, ())
    names = ("estimates", "no_estimate", "filled", "with_limits", "with_sample_size")
    assert {name: about[name] for name in names} == {
        "estimates": 5, "no_estimate": 2, "filled": 1, "with_limits": 1, "with_sample_size": 4,
    }  # fmt: skip
    assert about["single_years"] is True


def test_the_questions_of_the_bundled_dataset() -> None:
    told = questions(dataset())
    dimensions = json.loads((PROJECT / "dataset" / "dimensions.json").read_text(encoding="utf-8"))
    known = dimensions["questions"]
    assert [one["id"] for one in told] == sorted(known, key=lambda id_: (known[id_]["topic"], id_))
    counts = Counter(one["QuestionID"] for one in dataset_rows())
    years: dict[str, set[int]] = defaultdict(set)
    periods: dict[str, set[str]] = defaultdict(set)
    for cells in dataset_rows():
        first, last = cells["YearStart"], cells["YearEnd"]
        if first == last:
            years[cells["QuestionID"]].add(int(first))
        else:
            periods[cells["QuestionID"]].add(f"{first}-{last}")
    for one in told:
        best = "lower" if known[one["id"]]["best_is"] == "min" else "higher"
        assert one["direction"] == f"{best} is better"
        assert (one["text"], one["topic"]) == (
            known[one["id"]]["question"],
            known[one["id"]]["topic"],
        )
        assert one["years"] == sorted(years[one["id"]])
        assert one["periods"] == sorted(periods[one["id"]])
        assert (one["value_type"], one["unit"]) == (None, "percent")
        assert one["rows"] == counts[one["id"]]
        assert list(one) == [
            "id", "short_name", "text", "topic", "direction", "reason", "value_type", "unit",
            "years", "periods", "rows",
        ]  # fmt: skip


def test_the_questions_of_a_cut_of_the_real_release() -> None:
    years = {one["id"]: one["years"] for one in questions(cdc_cut())}
    assert years["Q036"] == list(range(2011, 2024))
    assert years["Q043"] == [2011, 2013, 2015, 2017, 2019, 2023]
    assert len(years) == 7
    assert all(one["periods"] == [] for one in questions(cdc_cut()))


def test_questions_that_are_not_known_and_periods_beside_years(tmp_path: Path) -> None:
    rows = [*each(QuestionID="X1", Question="Why?", Topic="Z"), row(**LONG), row(year=2012)]
    obesity, unknown = questions(load(tmp_path, rows))
    assert (obesity["id"], obesity["topic"]) == ("Q036", None)
    assert (obesity["years"], obesity["periods"]) == ([2012], ["2011-2022"])
    assert unknown == {
        "id": "X1", "short_name": "Why?", "text": "Why?", "topic": "Z", "direction": None,
        "reason": None, "value_type": None, "unit": "percent", "years": [2015, 2016], "periods": [],
        "rows": 4,
    }  # fmt: skip


def test_the_states_of_the_bundled_dataset() -> None:
    told = states(dataset())
    names = [one["name"] for one in told]
    assert names == [*sorted(name for name in names if name != "National"), "National"]
    counts = Counter(one["LocationDesc"] for one in dataset_rows())
    assert {one["name"]: one["rows"] for one in told} == counts
    by_kind = Counter(one["kind"] for one in told)
    assert by_kind == {"state": 50, "district": 1, "territory": 3, "nation": 1}
    assert told[0] == {
        "name": "Alabama", "abbreviation": "AL", "fips": "01", "kind": "state",
        "rows": counts["Alabama"],
    }  # fmt: skip
    assert told[-1]["fips"] is None


def test_a_place_that_is_not_known(tmp_path: Path) -> None:
    data = load(tmp_path, [*each(LocationDesc="South", LocationAbbr="S"), row("Texas")])
    assert states(data) == [
        {"name": "South", "abbreviation": "S", "fips": None, "kind": "unknown", "rows": 4},
        {"name": "Texas", "abbreviation": "TX", "fips": "48", "kind": "state", "rows": 1},
    ]


def test_the_categories_of_the_bundled_dataset() -> None:
    told = categories(dataset())
    names = [one["name"] for one in told]
    assert names == ["Total", "Gender", "Age (years)", "Education", "Income", "Race/Ethnicity"]
    for one in told:
        assert list(one) == ["name", "strata", "overlaps_with", "overlap"]
        assert one["overlaps_with"] == [name for name in names if name != one["name"]]
    strata = {one["name"]: [stratum["name"] for stratum in one["strata"]] for one in told}
    assert strata["Income"][0] == "Less than $15,000"
    assert strata["Income"][-2:] == ["$75,000 or greater", "Data not reported"]
    assert strata["Education"][0] == "Less than high school"
    assert strata["Race/Ethnicity"][-2:] == ["2 or more races", "Other"]
    assert sum(stratum["rows"] for one in told for stratum in one["strata"]) == 18649


def test_categories_that_are_not_known_come_last(tmp_path: Path) -> None:
    odd = {"StratificationCategory1": "Veterans", "Stratification1": "Yes"}
    rows = [row(**odd), row(**OLD), row(**MALE), row(year=2011, **GENDER), row(Stratification1="")]
    told = categories(load(tmp_path, rows))
    assert [one["name"] for one in told] == ["Sex", "Age (years)", "Veterans"]
    assert told[2]["strata"] == [{"name": "Yes", "rows": 1}]


def test_the_one_category_of_a_cut_of_the_real_release() -> None:
    (sex,) = categories(cdc_cut())
    assert [stratum["name"] for stratum in sex["strata"]] == ["Male", "Female"]
    assert sex["overlaps_with"] == []


def test_all_answers_are_json_and_the_same_each_time_that_a_file_is_read(
    moved: DataIngestor,
) -> None:
    def answers(data: DataIngestor) -> list[Any]:
        return [about_dataset(data, 0, ()), questions(data), states(data), categories(data)]

    once = answers(dataset())
    body = json_bytes.encode(once)
    assert json_bytes.decode(body) == once
    # But for the name of the file.
    again = json_bytes.encode(answers(moved))
    assert again.replace(b"moved.csv", DATASET.name.encode()) == body
