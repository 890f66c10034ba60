"""Answers in a sentence: what they say, in both languages, and that it is in the table."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from app.data_ingestor import DataIngestor
from app.statistics.in_words.languages import LANGUAGES
from unittests.datasets.test_layouts import INDICATORS, indicator, written
from unittests.helpers.data import release
from unittests.helpers.registry import TABLE_STATISTICS
from unittests.helpers.rows import Row, made, row
from unittests.helpers.statistics import in_words

OHIO: dict[str, Any] = {"question": "Q036", "where": {"state": "Ohio", "year": 2023}}
LACKS = "The figures of the United States are made without Kentucky and Pennsylvania."


def told(statistic: str, language: str = "en", **body: Any) -> str:
    return in_words(TABLE_STATISTICS[statistic], release(), language, **body)


def test_one_estimate() -> None:
    assert told("query", **OHIO) == (
        "In 2023, 36.4 % (35.2-37.7) of adults in Ohio had obesity, clearly above the United "
        f"States (32.8 %), up from 29.6 % in 2011. {LACKS}"
    )
    assert told("query", "ro", **OHIO).startswith(
        "În 2023, 36,4 % (35,2-37,7) dintre adulții din Ohio aveau obezitate, clar peste Statele "
        "Unite (32,8 %), în creștere față de 29,6 % în 2011."
    )
    active: dict[str, Any] = {"question": "Q047", "where": {"state": "CO", "year": 2022}}
    assert told("query", **active).endswith(
        ", clearly below the United States (23.7 %), not clearly different from 17.0 % in 2012."
    )
    # The year before is not comparable, and the nation is not told beside itself.
    after_a_break: dict[str, Any] = {"question": "Q043", "where": {"state": "US", "year": 2023}}
    assert told("query", **after_a_break).partition(". The figures")[0].endswith("equivalent)")
    islands = told("query", question="Q047", where={"state": "VI", "year": 2021})
    assert islands.startswith("In 2021, 21.9 % (17.4-27.2) of adults in the Virgin Islands did no")
    aged = told("query", question="Q036", where={"state": "VI", "year": 2023}, adjust="age2000")
    assert aged.startswith(
        "In 2023, in the Virgin Islands, standardised by age, the share of adults who had obesity "
        "was 31.6 % (27.5-36.1)."
    )
    women = {**OHIO, "method": "sample_weighted"}
    women["where"] = {**OHIO["where"], "stratum": "Female"}
    assert told("query", "ro", **women).startswith("În 2023, la femei, 37,0 % (35,3-38,8)")


def test_what_a_count_is_of_is_told() -> None:
    guam: dict[str, Any] = {
        "question": "Q036",
        "state": "Guam",
        "category": "Race/Ethnicity",
        "year": 2023,
    }
    assert told("inequality", **guam).startswith(
        'In 2023, in Guam, the 5 groups of "Race/Ethnicity" (of 8) that have an estimate clearly '
    )
    hispanic: dict[str, Any] = {
        "question": "Q036",
        "state": "Guam",
        "stratum": "Hispanic",
        "year": 2023,
    }
    assert told("against", "ro", **hispanic, others="strata").endswith(
        "Fără estimare: „Amerindieni, nativi din Alaska”, „De rasă neagră, nehispanici” și "
        "„Altele” (nepublicată, pentru că au fost întrebați prea puțini oameni)."
    )
    own_years = "(each from its first to its last year, and tested by itself)"
    assert own_years in told("trend", question="Q036")
    four = ["OH", "TX", "IA", "UT"]
    assert "(each tested by itself)" in told("trend", question="Q036", state=four)


def test_places_have_their_romanian_names() -> None:
    named = told("ranking", "ro", question="Q036", year=2023)
    assert "primul este Districtul Columbia, cu" in named
    assert "iar ultimul Virginia de Vest, cu" in named


def test_the_nation_is_told_with_those_whom_it_lacks() -> None:
    body: dict[str, Any] = {"question": "Q036", "method": "national", "where": {"year": 2023}}
    assert told("query", **body) == (
        "In 2023, 32.8 % (32.4-33.1) of adults in the United States had obesity, up from 27.4 % in "
        f"2011. {LACKS}"
    )
    assert told("query", "ro", **body).endswith("fără Kentucky și Pennsylvania.")


def test_what_is_withheld_or_was_not_released_has_no_number() -> None:
    withheld: dict[str, Any] = {
        "question": "Q036",
        "method": "sample_weighted",
        "where": {"state": "Alabama", "stratum": "Asian", "year": 2023},
    }
    assert (
        told("query", **withheld)
        == 'In 2023, in Alabama, in the group "Asian", there is no estimate of the share of adults '
        "who had obesity: withheld, for too small a sample."
    )
    assert "nepublicată" in told("query", "ro", **withheld)
    nothing: dict[str, Any] = {"question": "Q036", "where": {"state": "Kentucky", "year": 2023}}
    assert told("query", **nothing).endswith("had obesity: CDC released nothing.")
    years = {"from": 2011, "to": 2023}
    changed: dict[str, Any] = {"question": "Q036", "state": ["KY", "OH"], "years": years}
    assert told("change", **changed).startswith(
        "From 2011 to 2023, in Kentucky, whether the share of adults who had obesity changed "
        "cannot be told: in 2023 CDC released nothing. From 2011"
    )


def test_marks_are_told() -> None:
    body: dict[str, Any] = {
        "question": "Q036",
        "method": "sample_weighted",
        "where": {"state": "Vermont", "stratum": "Asian", "year": 2023},
    }
    assert "16.7 % (7.0-34.8; too imprecise to be shown) of adults" in told("query", **body)
    assert "16,7 % (7,0-34,8; prea puțin precis" in told("query", "ro", **body)
    several = told("query", question="Q036")
    assert "the mean of 52 estimates of the share of adults who had obesity was" in several
    assert several.endswith("of several places together, and no prevalence of the United States.")
    bare = made([row("Iowa", 90.0, None)])
    query = TABLE_STATISTICS["query"]
    assert "90.0 % (no interval; to be read" in in_words(query, bare, question="Q036")


def test_a_change_is_told_by_its_test() -> None:
    assert (
        told("change", question="Q036", state="Ohio")
        == "From 2011 to 2023, in Ohio, the share of adults who had obesity clearly rose from "
        "29.6 % (28.3-31.0) to 36.4 % (35.2-37.7), a change of 6.8 percentage points (5.0-8.6)."
    )
    years = {"from": 2021, "to": 2022}
    utah = told("change", question="Q036", state="Utah", years=years)
    assert "did not clearly change: it was 30.9 %" in utah
    assert "nu s-a schimbat clar" in told("change", "ro", question="Q036", state="UT", years=years)
    kentucky = told("trend", question="Q043", state="Kentucky")
    assert "fell: it went from 46.8 % to 36.3 %, a change of \u221210.5 percentage" in kentucky
    everywhere = told("change", question="Q018")
    assert "rose in 28 of 54 places, fell in 1 and did not clearly change in 23" in everywhere


def test_one_against_the_others() -> None:
    english = told("against", question="Q036", state="Ohio", year=2023)
    assert english.startswith(
        "In 2023, 36.4 % (35.2-37.7) of adults in Ohio had obesity, clearly above the United "
        "States (32.8 %); of the other states and the District of Columbia (48) it was clearly "
        "above 20, clearly below 3 and not clearly different from 25."
    )
    assert english.endswith(LACKS)
    romanian = told("against", "ro", question="Q036", state="Ohio", year=2023)
    assert "clar peste Statele Unite (32,8 %)" in romanian
    assert "clar peste 20, clar sub 3 și fără diferență clară față de 25" in romanian
    guam = told("against", question="Q036", state="Guam", others="places")
    assert "not clearly different from the United States" in guam


def test_a_ranking_tells_the_ends_and_how_many_may_be_first() -> None:
    text = told("ranking", question="Q036", state="Ohio", year=2023)
    assert "the first is the District of Columbia, with 23.5 % (21.4-25.8)" in text
    assert (
        "the last West Virginia, with 41.2 % (39.3-43.0). First place is plausible for 11 of"
        in text
    )
    assert "The rank of Ohio is 42 (plausible ranks for Ohio alone: 20-51)." in text
    assert "debatable: Overweight" in told("ranking", question="Q037")
    assert "discutabil: Supraponderalitate" in told("ranking", "ro", question="Q037")
    tied = made([row("Ohio", 30.0), row("Iowa", 30.0), row("Utah", 40.0), Row("Guam", value=None)])
    text = in_words(TABLE_STATISTICS["ranking"], tied, question="Q036")
    assert "the first are Iowa and Ohio, each with 30.0 %, and the last Utah" in text


def test_strata() -> None:
    text = told("disparity", question="Q036", category="Sex", state="Ohio", reference="Male")
    assert "a gap of 1.2 percentage points (\u22121.3 to 3.7; not clear)" in text
    text = told("inequality", "ro", question="Q036", category="Race/Ethnicity", state="VT")
    assert "nu diferă clar" in text
    assert "Fără estimare: „Amerindieni, nativi din Alaska”" in text


def test_two_questions_and_many() -> None:
    assert (
        told("compare", states=["Ohio", "Texas"])
        == "In the latest year of each question (2021 or 2023), Ohio was clearly better than "
        "Texas on 1 of 9 questions (Vegetables less than once a day), clearly worse on 0, "
        "and without a clear difference on 8."
    )
    tied = told("correlation", questions=["Q036", "Q037"])
    assert "tended to be lower" in tied
    assert tied.endswith("this says little or nothing of what people do.")


def test_a_question_without_words_is_told_by_its_text() -> None:
    data = made([row("Ohio", 10.0, question="Q999")])
    query = TABLE_STATISTICS["query"]
    english = in_words(query, data, question="Q999", where={"state": "OH"})
    assert english == "In 2020, in Ohio, the percent of adults who answer was 10.0 % (9.0-11.0)."
    romanian = in_words(query, data, "ro", question="Q999", where={"state": "OH"})
    assert "valoarea întrebării „Percent of adults who answer” era de 10,0 %" in romanian


def test_numbers_that_are_no_percentages_have_their_own_unit(tmp_path: Path) -> None:
    rows = [indicator("CrdMean", "Ohio", 4.0)]
    data = DataIngestor(written(tmp_path / "cdi.csv", INDICATORS, rows))
    text = in_words(TABLE_STATISTICS["query"], data, question="MTH1_0", where={"state": "OH"})
    assert text.endswith('(crude mean)" was 4.00 (3.60-4.40; to be read with caution).')


def test_every_language_has_the_same_phrases_with_the_same_fields() -> None:
    def fields(code: str) -> dict[str, set[str]]:
        return {
            name: {field.partition("|")[0] for _, field, _, _ in Formatter().parse(text) if field}
            for name, text in LANGUAGES[code].phrases.items()
            if name != "quantity"
        }

    english = fields("en")
    for code, language in LANGUAGES.items():
        assert fields(code) == english
        assert set(language.did) == set(LANGUAGES["en"].did)


BODIES: list[tuple[str, dict[str, Any]]] = [
    *((name, dict(one.example)) for name, one in TABLE_STATISTICS.items()),
    ("query", {"question": "Q044", "group_by": ["state"], "where": {"year": 2019}}),
    ("query", {"question": "Q047", "group_by": ["year"], "where": {"state": "Guam"}}),
    ("query", {"question": "Q036", "where": {"state": "PR"}, "adjust": "age2000"}),
    ("trend", {"question": "Q046"}),
    ("trend", {"question": "Q047", "state": ["Guam", "Illinois"]}),
    ("trend", {"question": "Q037", "state": ["Nevada", "Oklahoma"]}),
    ("trend", {"question": "Q036", "state": "Texas", "stratum": "Hispanic"}),
    ("change", {"question": "Q019", "state": ["FL", "NJ", "WY"]}),
    ("ranking", {"question": "Q045", "state": "VI", "stratum": "Hispanic"}),
    ("disparity", {"question": "Q036", "category": "Race/Ethnicity", "state": ["VT", "WY"]}),
    ("inequality", {"question": "Q036", "category": "Race/Ethnicity", "state": ["WA", "US", "OH"]}),
    ("inequality", {"question": "Q018", "category": "Education", "state": ["OH", "TX"]}),
    ("compare", {"strata": ["18 - 24", "65 or older"], "state": "Guam"}),
    ("against", {"question": "Q043", "state": "US", "stratum": "Asian"}),
    ("against", {"question": "Q036", "state": "DC", "others": "places"}),
    ("correlation", {"questions": ["Q018", "Q046"], "stratum": "Asian"}),
    ("correlation", {"questions": ["Q045", "Q046"], "year": 2023}),
]


def cells(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from cells(part)
    elif isinstance(value, list):
        for part in value:
            yield from cells(part)
    else:
        yield value


def counts(columns: list[str], rows: list[list[Any]]) -> Iterator[int]:
    """Yield how many rows have each thing in each column, with and without the nation."""
    for some in (rows, [cells for cells in rows if "National" not in cells]):
        yield len(some)
        for place in range(len(columns)):
            found = Counter(str(row[place]).partition(":")[0] for row in some)
            yield from found.values()
            yield found["caution"] + found["withhold"]
            yield len(some) - found["None"]
    dicts = [dict(zip(columns, cells, strict=True)) for cells in rows]
    precise = [row for row in dicts if not str(row.get("presentation")).startswith("withhold")]
    for kept in (dicts, precise):
        yield sum(row.get("value") is not None for row in kept)
    gaps = [
        sum(row.get("gap") is not None and row["stratum"] != row["reference"] for row in kept)
        for kept in (dicts, precise)
    ]
    yield from (*gaps, gaps[0] - gaps[1])
    indexes = [row for row in dicts if row.get("measure") == "index of disparity"]
    yield from (len(indexes), sum(row["without"] is None for row in indexes))


@pytest.mark.parametrize(("statistic", "body"), BODIES)
def test_every_number_is_in_the_table(statistic: str, body: dict[str, Any]) -> None:
    one = TABLE_STATISTICS[statistic]
    content = one.answer(one.ask(body, release()))
    about = content["about"]
    texts = {name: about.pop(name) for name in ("answer", "answer_ro")}
    every = [*cells(content)]
    exact = {cell for cell in every if isinstance(cell, float)}
    whole = {str(abs(cell)) for cell in every if isinstance(cell, int)}
    inside = {
        number
        for cell in {cell for cell in every if isinstance(cell, str)}
        for number in re.findall(r"\d+", cell)
    }
    rounded = [{abs(round(cell, places)) for cell in exact} for places in range(4)]
    counted = set(map(str, [0, *counts(content["columns"], content["rows"])]))
    if "strata" in about:
        counted |= set(map(str, counts(about["strata"]["columns"], about["strata"]["rows"])))
    for key, text in texts.items():
        decimal = "," if key == "answer_ro" else "."
        # Names of groups are in the dataset, or the page's for these.
        bare = re.sub(r'"[^"]*"|„[^”]*”', "", text)
        for number in re.findall(rf"\d+(?:\{decimal}\d+)?", bare):
            if decimal in number:
                places = len(number.partition(decimal)[2])
                value = float(number.replace(",", "."))
                assert value in rounded[places], (number, text)
            else:
                assert number in whole | inside | counted, (number, text)
    assert json.dumps(texts).isprintable()
    assert list(about)[:3] == ["statistic", "asked", "parameters"]


def test_those_of_whom_nothing_is_known_are_no_group() -> None:
    where = {"state": "Ohio", "category": "Income", "year": 2023}
    body: dict[str, Any] = {"question": "Q036", "group_by": ["stratum"], "where": where}
    body["method"] = "median"
    english, romanian = told("query", **body), told("query", "ro", **body)
    assert "of the 6 estimates" in english
    assert "Those of whom nothing is known (34.2 %) are left out: they are no group." in english
    assert "Cei despre care nu se știe nimic (34,2 %) sunt lăsați deoparte" in romanian
