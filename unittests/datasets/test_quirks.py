"""Quirks of a dataset: told where they are, with the right count, and only there."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.answers.discovery import warnings
from app.data_ingestor import DataIngestor
from app.datasets.questions import BRFSS
from app.datasets.quirks.checks import QUIRKS
from app.datasets.quirks.parts import part_of, some
from app.datasets.years import spans
from unittests.helpers.data import cdc_cut, cdc_cut_rows, dataset, dataset_rows
from unittests.helpers.files import PROJECT
from unittests.test_data_ingestor import CDC_COLUMNS

Row = dict[str, str]


def row(place: str = "Ohio", year: int | str = 2015, **changes: str) -> Row:
    """Return a row with nothing to tell of; the upper limit's column is called `High`."""
    abbreviation = {"Ohio": "OH", "Texas": "TX", "National": "US"}[place]
    plain = {
        "YearStart": str(year),
        "YearEnd": str(year),
        "LocationDesc": place,
        "LocationAbbr": abbreviation,
        "Question": "Is it?",
        "QuestionID": "Q036",
        "Data_Value": "30",
        "Low_Confidence_Limit": "28",
        "High": "32.5",
        "Sample_Size": "500",
        "StratificationCategory1": "Total",
        "Stratification1": "Total",
    }
    told = plain | changes
    return told | {"High_Confidence_Limit ": told["High"]}


def undated(place: str) -> Row:
    return {name: text for name, text in row(place).items() if name[:4] != "Year"}


def each(**changes: str) -> list[Row]:
    """Return a row of each of two states in each of two years."""
    return [row(place, year, **changes) for place in ("Ohio", "Texas") for year in (2015, 2016)]


def first(**changes: str) -> list[Row]:
    """Return the rows of `each`, the first of them changed."""
    return [row(**changes), *each()[1:]]


def load(folder: Path, rows: list[Row]) -> DataIngestor:
    path = folder / "data.csv"
    columns = [name for name in CDC_COLUMNS if "YearStart" in rows[0] or name[:4] != "Year"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return DataIngestor(path)


class Told:
    """What is told of a dataset: the number of rows of each code, and the messages by code."""

    def __init__(self, data: DataIngestor) -> None:
        self.warnings = warnings(data)
        self.rows: dict[str, int | None] = {one["code"]: one["rows"] for one in self.warnings}
        self.messages: dict[str, str] = {one["code"]: one["message"] for one in self.warnings}
        assert len(self.warnings) == len(self.rows)


MALE = {"StratificationCategory1": "Sex", "Stratification1": "Male"}
OLD = {"StratificationCategory1": "Age (years)", "Stratification1": "65 or older"}
GENDER = MALE | {"StratificationCategory1": "Gender"}
NO_FIGURES = {"Low_Confidence_Limit": "", "High": "", "Sample_Size": ""}
WITHHELD = NO_FIGURES | {"Data_Value_Footnote_Symbol": "~"}
NONE = {"Data_Value": ""}
LONG = {"YearStart": "2011", "YearEnd": "2022"}

# What each file is told of, and of nothing else.
CASES: dict[str, tuple[list[Row], Mapping[str, int | None]]] = {
    "nothing to tell of": (each(), {}),
    "a stratum beside Total": ([*each(), row(**MALE)], {"overlapping-strata": 2}),
    "two categories": (
        [row(**MALE), row(**OLD), row("Texas", **MALE)],
        {"overlapping-strata": 2, "no-total": 3},
    ),
    "a constant": (
        [*first(**WITHHELD), row(**MALE)],
        {"filled-values": 1, "overlapping-strata": 2},
    ),
    "nothing released": (
        [*first(**WITHHELD, **NONE), row(**WITHHELD, **NONE, **MALE)],
        {"not-released": 2, "missing-states": None, "overlapping-strata": 2},
    ),
    "withheld or not, nobody knows": (
        [*first(**WITHHELD, **NONE), row(year=2016, **MALE)],
        {"no-value": 1, "missing-states": None, "overlapping-strata": 2},
    ),
    "withheld stratum": (
        [*each(), row(**WITHHELD, **NONE, **MALE)],
        {"suppressed": 1, "overlapping-strata": 2},
    ),
    "the nation": (
        [*each(), row("National"), row("National", 2016)],
        {"nation-among-states": 2},
    ),
    "the nation alone": ([row("National"), row("National", 2016)], {}),
    "no years": ([undated("Ohio"), undated("Texas")], {"no-years": 2}),
    "twelve years": ([row(**LONG), row("Texas", **LONG)], {"several-years": 2}),
    "rows again": ([*each(), row(), row()], {"repeated-cells": 3, "copied-rows": 2}),
    "cells again": ([*each(), row(Data_Value="31")], {"repeated-cells": 2}),
    "rows again without limits": (
        [*each(), *([row(**NO_FIGURES)] * 2)],
        {"repeated-cells": 3, "missing-limits": 2, "missing-sample-sizes": 2},
    ),
    "asked of nobody": (first(Sample_Size="-5"), {"sample-size-below-1": 1}),
    "limits the wrong way round": (
        first(Low_Confidence_Limit="32.5", High="28"),
        {"reversed-limits": 1},
    ),
    "no lower limit": (first(Low_Confidence_Limit=""), {"missing-limits": 1}),
    "no upper limit": (first(High=""), {"missing-limits": 1}),
    "no sample sizes": (each(Sample_Size=""), {"missing-sample-sizes": 4}),
    "no number": (
        first(Sample_Size="n/a"),
        {"unreadable-figures": 1, "missing-sample-sizes": 1},
    ),
    "value above": (first(Data_Value="40"), {"limits-not-enclosing": 1}),
    "value on a limit": (first(Data_Value="28"), {}),
    "value below the one limit": (
        first(Data_Value="20", High=""),
        {"limits-not-enclosing": 1, "missing-limits": 1},
    ),
    "negative": (
        first(Data_Value="-1", Low_Confidence_Limit="-2"),
        {"outside-0-100": 1},
    ),
    "limit over 100": (first(High="100.1"), {"outside-0-100": 1}),
    "0 and 100": (first(Low_Confidence_Limit="0", High="100"), {}),
    "no Total": (each(**MALE), {"no-total": 4}),
    "Total not everywhere": ([*each()[1:], row(**MALE)], {"no-total": 1}),
    "no category": ([*each(), row(StratificationCategory1="")], {"no-stratum": 1}),
    "no stratum": ([*each(), row(Stratification1="")], {"no-stratum": 1}),
    "fewer years": (
        [*each(), *each(QuestionID="Q047", Question="Does it?")[::2]],
        {"different-years": None},
    ),
    "a state less": (each()[1:], {"missing-states": None}),
    "2023": ([*each(), row(year=2023), row("Texas", 2023)], {"outside-period": 2}),
    "2010": (each() + [row(state, 2010) for state in ("Ohio", "Texas")], {"outside-period": 2}),
    "back in time": ([*each(), row(YearStart="2016")], {"reversed-years": 1}),
    "both names": (
        [*each(**MALE)[::2], *each(**GENDER)[1::2]],
        {"gender-and-sex": 4, "no-total": 4},
    ),
    "reworded": ([*each(), *each(Question="What is it?")], {"texts-of-an-id": 8}),
    "two ids": ([*each()[:2], *each(QuestionID="Q037")[2:]], {"ids-of-a-text": 4}),
    "two abbreviations": (
        [*each(), row(year=2017, LocationAbbr="TX"), row("Texas", 2017)],
        {"names-of-a-place": 6},
    ),
    "a region": (
        [*each()[:2], *each(LocationDesc="South", LocationAbbr="S")[2:]],
        {"unknown-places": 2},
    ),
    "ages that a spreadsheet took for dates": (
        [*each(), row(StratificationCategory1="Age (months)", Stratification1="11-Jun")],
        {"strata-from-dates": 1, "overlapping-strata": 2},
    ),
    "new question": (each(QuestionID="Q999"), {"unknown-directions": 4}),
}


def test_quirks_are_told_where_they_are(tmp_path: Path) -> None:
    for case, (rows, expected) in CASES.items():
        told = Told(load(tmp_path, rows))
        assert told.rows == expected, case
        for warning in told.warnings:
            assert list(warning) == ["code", "rows", "message"]
            # What it is, what it does, what to do.
            assert re.fullmatch(r"[^:]+: .+\. .+\.", warning["message"]), warning
            assert "1 rows" not in warning["message"]


def test_every_quirk_has_a_case() -> None:
    assert {code for _, expected in CASES.values() for code in expected} == set(QUIRKS)


def counted_by_hand(rows: list[Row]) -> dict[str, int]:
    """Return some of the counts, with neither polars nor the program."""
    cells, categories = Counter[Any](), defaultdict(set)
    for one in rows:
        period = (one["Question"], one["YearStart"], one["YearEnd"], one["LocationDesc"])
        category, stratum = one["StratificationCategory1"], one["Stratification1"]
        cells[*period, category, stratum] += 1
        if category and stratum:
            categories[period].add(category)
    kept = [(key[:4], number) for key, number in cells.items() if key[4] and key[5]]
    marked = [one for one in rows if one["Data_Value_Footnote_Symbol"] == "~"]
    return {
        "overlapping-strata": sum(n for period, n in kept if len(categories[period]) > 1),
        "no-total": sum(n for period, n in kept if "Total" not in categories[period]),
        "repeated-cells": sum(number for number in cells.values() if number > 1),
        "nation-among-states": sum(one["LocationAbbr"] == "US" for one in rows),
        "filled-values": sum(one["Data_Value"] != "" for one in marked),
        "suppressed": sum(one["Data_Value"] == "" for one in rows),
        "several-years": sum(one["YearStart"] != one["YearEnd"] for one in rows),
        "outside-period": sum(int(one["YearEnd"]) > 2022 for one in rows),
        "no-stratum": sum(not one["StratificationCategory1"] for one in rows),
    }


def test_the_bundled_dataset() -> None:
    told = Told(dataset())
    by_hand = counted_by_hand(dataset_rows())
    assert told.rows == {code: number for code, number in by_hand.items() if number} | {
        "missing-limits": 1117,
        "missing-sample-sizes": 1117,
        "different-years": None,
        "missing-states": None,
    }
    assert told.rows["filled-values"] == 1799
    assert told.rows["several-years"] == 2774
    assert told.rows["no-stratum"] == 1
    assert "up to 12 rows, in up to 12 strata" in told.messages["overlapping-strata"]
    assert "2,774 of 18,650 rows" in told.messages["several-years"]
    filled = told.messages["filled-values"]
    for known, constant in zip(
        sorted(BRFSS), (39.7, 21.4, 31, 34.5, 49.8, 20.2, 31.1, 30.9, 25.6), strict=True
    ):
        assert f"{known}: {constant:g}" in filled


def test_a_cut_of_the_real_release() -> None:
    told, rows = Told(cdc_cut()), cdc_cut_rows()
    by_hand = {code: number for code, number in counted_by_hand(rows).items() if number}
    assert told.rows == by_hand | {"different-years": None, "missing-states": None}
    asked = {(one["QuestionID"], one["YearStart"]) for one in rows}
    states = {one["LocationDesc"] for one in rows}
    there = {(one["QuestionID"], one["YearStart"], one["LocationDesc"]) for one in rows}
    missing = told.messages["missing-states"]
    assert f"({len(asked) * len(states) - len(there)} gaps" in missing
    for example in ("Florida 2021", "New Jersey 2019", "Kentucky 2023", "Pennsylvania 2023"):
        assert example in missing
    assert missing.index("Florida") < missing.index("Guam")
    assert "Puerto Rico 2011-2012, and for some questions 2013" in missing
    assert (
        "Q036, Q037, Q047 in 2011-2023; Q043, Q044, Q045, Q046 in "
        "2011, 2013, 2015, 2017, 2019, 2023" in told.messages["different-years"]
    )


def test_messages_stay_short_however_much_there_is_to_tell(tmp_path: Path) -> None:
    rows = [
        row(
            year=2011 + number % 12,
            Question=f"Question {number}, {'long ' * 20}",
            QuestionID=f"X{number % 150}",
            LocationDesc=f"Place {number}",
            LocationAbbr=f"P{number % 140}",
            Data_Value=str(number / 10),
            **WITHHELD,
        )
        for number in range(300)
    ]
    told = warnings(load(tmp_path, rows))
    assert len(told) >= 7
    assert max(len(warning["message"]) for warning in told) < 1000


def test_words() -> None:
    assert spans([2015, 2011, 2012, 2013, 2011]) == "2011-2013, 2015"
    assert spans([]) == ""
    assert some("abc", 2) == "a, b and 1 more"
    assert some("abc", 3, "; ") == "a; b; c"
    assert part_of(1, 1234, "row") == "1 of 1,234 rows"
    assert part_of(1234, 1234, "row") == "All 1,234 rows"


def test_the_docs_list_the_codes() -> None:
    page = (PROJECT / "docs" / "discovery.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| `")]
    for quirk in QUIRKS.values():
        assert f"| `{quirk.code}` | {quirk.meaning} | {quirk.rows or 'null'} |" in listed
    assert len([line for line in listed if line.count("|") == 4]) == len(QUIRKS)
