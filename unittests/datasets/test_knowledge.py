"""What is known beyond the file, held to the codes and names that the bundled dataset is made of.

Questions, places and strata.
"""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from app.datasets.places import PLACES, place
from app.datasets.questions import BRFSS
from app.datasets.strata import ORDER, TOTAL, about_overlap, category_key, overlap, stratum_key
from unittests.helpers.data import dataset, dataset_rows
from unittests.helpers.files import PROJECT


@cache
def dimensions() -> dict[str, dict[str, Any]]:
    path = PROJECT / "dataset" / "dimensions.json"
    content: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_directions_are_those_of_the_dimensions() -> None:
    best = {name: question["best_is"] for name, question in dimensions()["questions"].items()}
    assert {name: "min" if BRFSS[name].lower_is_better else "max" for name in BRFSS} == best
    lower = [name for name in sorted(BRFSS) if BRFSS[name].lower_is_better]
    assert lower == ["Q018", "Q019", "Q036", "Q037", "Q047"]
    for table in dataset().tables.values():
        assert table.question.lower_is_better is (table.question.id in lower)


def test_short_names_are_short_and_each_for_one_question() -> None:
    names = [known.short_name for known in BRFSS.values()]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 60
    for known in BRFSS.values():
        assert known.reason.count(". ") == 0
        assert known.reason.endswith(".")
    assert {name for name, known in BRFSS.items() if known.caution} == {"Q037"}
    assert BRFSS["Q037"].caution.startswith("which way is better is debatable: overweight here")


def test_fips_codes_are_the_location_ids_but_for_the_nation() -> None:
    for abbreviation, location in dimensions()["locations"].items():
        known = place(abbreviation)
        assert known is not None
        assert known.name == location["name"]
        if known.kind == "nation":
            assert (known.fips, location["id"]) == (None, "59")
        else:
            assert known.fips == location["id"].zfill(2)


def test_fips_codes_are_the_location_ids_of_the_file() -> None:
    ids = {row["LocationAbbr"]: row["LocationID"] for row in dataset_rows()}
    assert len(ids) == 55
    assert ids.pop("US") == "59"
    assert {name: PLACES[name].fips for name in ids} == {
        name: code.zfill(2) for name, code in ids.items()
    }


def test_places_are_all_of_the_united_states() -> None:
    kinds = Counter(known.kind for known in PLACES.values())
    assert kinds == {"state": 50, "district": 1, "territory": 5, "nation": 1}
    codes = [known.fips for known in PLACES.values() if known.fips]
    assert len(set(codes)) == 56
    assert all(len(code) == 2 and code.isdigit() for code in codes)
    assert len({known.name for known in PLACES.values()}) == 57
    assert {name: PLACES[name].fips for name in ("AS", "GU", "MP", "PR", "VI")} == {
        "AS": "60", "GU": "66", "MP": "69", "PR": "72", "VI": "78",
    }  # fmt: skip
    assert place("XX") is None


def test_the_order_knows_all_strata_of_the_dimensions() -> None:
    theirs = {(s["category"], s["stratum"]) for s in dimensions()["strata"].values()}
    ours = {(category, stratum) for category in ORDER for stratum in ORDER[category]}
    more = {category for category, _ in ours - theirs}
    assert more == {"Sex", "Age (months)", "Grade", "Race/Ethnicity"}
    assert theirs <= ours


@pytest.mark.parametrize(
    ("category", "shuffled", "natural"),
    [
        ("Age (years)", ["65 or older", "18 - 24"], ["18 - 24", "65 or older"]),
        (
            "Income",
            ["Data not reported", "$75,000 or greater", "$15,000 - $24,999", "Less than $15,000"],
            ["Less than $15,000", "$15,000 - $24,999", "$75,000 or greater", "Data not reported"],
        ),
        (
            "Race/Ethnicity",
            ["Zulu", "Other", "2 or more races", "Angle", "Hispanic"],
            ["Hispanic", "2 or more races", "Other", "Angle", "Zulu"],
        ),
        ("Veterans", ["b", "a"], ["a", "b"]),
    ],
)
def test_strata_come_in_natural_order(
    category: str, shuffled: list[str], natural: list[str]
) -> None:
    assert sorted(shuffled, key=lambda stratum: stratum_key(category, stratum)) == natural


def test_categories_come_in_natural_order_unknown_ones_last() -> None:
    names = ["Veterans", "Income", "Gender", "Sex", "Disability", "Age (years)", TOTAL]
    assert sorted(names, key=category_key) == [
        TOTAL, "Sex", "Gender", "Age (years)", "Income", "Disability", "Veterans",
    ]  # fmt: skip


def test_what_overlaps() -> None:
    assert overlap(TOTAL, "Sex")
    assert overlap("Income", "Sex")
    assert not overlap("Income", "Income")
    assert "Sex, Income" in about_overlap(TOTAL, ["Sex", "Income"])
    assert "do not overlap" in about_overlap("Sex", ["Income"])
    assert "No other category" in about_overlap("Sex", [])
