"""How charts show what CDC withholds and what it did not release, on its own release."""

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from app.charts.geography import box, hatching
from app.charts.picture import Caption
from app.charts.specs import chart_of
from app.charts.words import ChartWords
from app.statistics.registry import STATISTICS
from unittests.helpers.data import release
from unittests.helpers.drawing import drawer
from unittests.helpers.statistics import answer

SVG = "{http://www.w3.org/2000/svg}"


def chart(statistic: str, kind: str | None = None, **body: Any) -> dict[str, Any]:
    """Return the chart of an answer."""
    asked, data = STATISTICS[statistic], release()
    axes = ChartWords(data.unit(), data.layout.beginning)
    return chart_of(asked, answer(asked, data, **body), Caption("Title", "Subtitle"), axes, kind)


def notes(described: dict[str, Any]) -> str:
    """Return what stands below the title."""
    return " ".join(described["title"]["subtitle"])


def hatches(described: dict[str, Any], within: list[tuple[float, float]]) -> dict[str, int]:
    """Return how many lines of a map's hatching rise and fall within two corners."""
    (layer,) = (one for one in described["layer"] if one.get("name") == "missing_hatching")
    lines = layer["data"]["values"][0]["geometry"]["coordinates"]
    (left, top), (right, bottom) = within
    inside = [
        (start, end) if start[0] < end[0] else (end, start)
        for start, end in lines
        if all(left < x < right and top < y < bottom for x, y in (start, end))
    ]
    rising = sum(start[1] > end[1] for start, end in inside)
    return {"rising": rising, "falling": len(inside) - rising}


FLORIDA = [(720.0, 490.0), (830.0, 600.0)]
MONTANA = [(230.0, 80.0), (390.0, 180.0)]


def values_of(described: dict[str, Any]) -> dict[str, float | None]:
    """Return the values of a map's states by what is told of each."""
    (lookup,) = (one for one in described["layer"][0]["transform"] if "lookup" in one)
    return {row["told"]: row["value"] for row in lookup["from"]["data"]["values"]}


def described_texts(described: dict[str, Any]) -> list[str]:
    """Return the texts that a map will have beside its title."""
    rows = [row for layer in described["layer"] for row in layer["data"]["values"] if row]
    return [row["text"] for row in rows if "text" in row]


def legend(texts: list[str]) -> list[str]:
    """Return those texts of a map that its legend may have."""
    words = ("withheld", "not released", "no estimate in this answer", "too imprecise to show")
    return [text for text in texts if text in words]


def test_a_map_hatches_each_kind_in_its_own_way_and_says_which() -> None:
    described = chart("ranking", "map", question="Q036", year=2021, stratum="Asian")
    values = values_of(described)
    assert values["Florida: not released"] is values["Montana: withheld"] is None
    assert values["Arizona: 14.2"] == 14.2
    kinds = ["withheld", "not released", "too imprecise to show"]
    assert legend(described_texts(described)) == kinds
    told = notes(described)
    assert "United States: 11.8 (10.4 to 13.3; 95 % confidence limits, as CDC published" in told
    assert told.endswith("The figures of the United States are made without Florida in 2021.")
    florida, montana = hatches(described, FLORIDA), hatches(described, MONTANA)
    assert min(florida.values()) > 5
    assert montana["falling"] > 10
    assert not montana["rising"]
    # A map of differences shows no figure of the nation.
    for statistic, more in (("change", {}), ("against", {"state": "OH"})):
        assert "United States" not in notes(chart(statistic, "map", question="Q036", **more))


def test_the_key_of_a_map_has_only_the_kinds_that_occur() -> None:
    by_state: dict[str, Any] = {"question": "Q036", "group_by": ["state"]}
    of_2023 = chart("query", **by_state, where={"year": 2023})
    assert legend(described_texts(of_2023)) == ["not released"]
    where = {"year": 2021, "state": ["FL", "GA", "OH"]}
    some = chart("query", **by_state, where=where)
    assert legend(described_texts(some)) == ["not released", "no estimate in this answer"]
    assert hatches(of_2023, MONTANA) == {"rising": 0, "falling": 0}


def test_a_line_breaks_where_nothing_was_released() -> None:
    described = chart("trend", question="Q036", state=["FL", "NJ", "US"])
    told = "Not released: Florida (2021) and New Jersey (2019)."
    states = "New Jersey in 2019; Florida in 2021; Kentucky and Pennsylvania in 2023."
    assert notes(described).endswith(
        f"{told} The figures of the United States are made without {states}"
    )
    values = {(row["series"], row["year"]): row["value"] for row in described["data"]["values"]}
    assert values["Florida", 2021] is values["New Jersey", 2019] is None
    assert values["Florida", 2020] == 28.4
    band = described["layer"][0]["transform"][0]["filter"]
    assert band.startswith("!isValid(datum.value) ||")


def test_a_panel_shows_an_estimate_between_two_gaps_as_a_point() -> None:
    described = chart("trend", question="Q036")
    assert "Virgin Islands (2011-2015, 2017-2020)" in notes(described)
    rows = [row for row in described["data"]["values"] if row.get("alone")]
    alone = [(row["series"], row["year"], row["value"]) for row in rows]
    assert alone == [("Virgin Islands", 2016, 32.5)]


def test_lines_end_where_years_are_not_comparable() -> None:
    described = chart("trend", question="Q043", state=["OH", "US"])
    assert "Lines end where years are not comparable: 2011, 2013, 2015, 2017, 2019 | 2023." in (
        notes(described)
    )
    lines = ElementTree.fromstring(drawer().svg(described)).iter(f"{SVG}path")
    ends = [line.attrib["d"] for line in lines if line.get("stroke-width") == "2.2"]
    assert sorted(line.count("L") for line in ends) == [0, 0, 4, 4]
    panels = chart("trend", question="Q043")
    alone = [row for row in panels["data"]["values"] if row.get("alone") and "value" in row]
    assert {row["when"] for row in alone} == {2023}
    assert "not comparable" not in notes(chart("trend", question="Q036", state="OH"))
    by_year: dict[str, Any] = {"where": {"state": "OH"}, "group_by": ["year", "question"]}
    described = chart("query", question="Q046", **by_year)
    assert "comparable: 2011, 2013, 2015, 2017 | 2019 | 2023." in notes(described)
    lines = ElementTree.fromstring(drawer().svg(described)).iter(f"{SVG}path")
    ends = [line.attrib["d"] for line in lines if line.get("stroke-width") == "2.2"]
    assert sorted(line.count("L") for line in ends) == [0, 0, 3]
    described = chart("query", question=["Q043", "Q046"], **by_year)
    assert "comparable: 2011, 2013, 2015, 2017 | 2019 | 2023." in notes(described)


def test_bars_and_dots_say_why_there_is_none() -> None:
    where = {"year": 2021, "state": ["FL", "GA", "US"]}
    bars = chart("query", "bar", question="Q036", group_by=["state"], where=where)
    labels = {row["state"]: row["label"] for row in bars["data"]["values"]}
    assert labels == {"Florida": "not released", "Georgia": "33.9", "National": "33.0"}
    assert "The figures of the United States are made without Florida in 2021." in notes(bars)
    where = {"year": 2021, "state": ["VT"], "category": ["Race/Ethnicity"]}
    body = {"question": "Q036", "group_by": ["stratum"], "method": "median", "where": where}
    dots = chart("query", "dot", **body)
    empty = {row["stratum"]: row["absent"] for row in dots["data"]["values"] if not row["value"]}
    assert empty == {
        "Non-Hispanic Black": "withheld",
        "Asian": "withheld",
        "Hawaiian/Pacific Islander": "withheld",
    }
    words = [one["encoding"]["text"] for one in dots["layer"] if "text" in one["encoding"]]
    assert {"field": "absent"} in words
    ranking = chart("ranking", question="Q036", year=2023)
    told = "Not released: Kentucky and Pennsylvania. The figures of the United States are made "
    told += "without Kentucky and Pennsylvania"
    assert f"{told} in 2023." in notes(ranking)


def test_a_comparison_says_which_of_the_two_is_missing() -> None:
    described = chart("compare", states=["PR", "OH"], year=2013)
    labels = [row["label"] for row in described["data"]["values"]]
    assert labels.count("Puerto Rico: not released") == 5
    nation = chart("compare", states=["OH", "US"], year=2023)
    assert notes(nation).endswith(
        "The figures of the United States are made without Kentucky and Pennsylvania in 2023."
    )


def test_falling_hatching_is_within_the_outline_too() -> None:
    lines = hatching([box(10, 20, 30, 40)], 5, falling=True)
    assert len(lines) > 13
    for one, other in lines:
        (x1, y1), (x2, y2) = sorted((one, other))
        assert 10 <= x1 <= x2 <= 40
        assert 20 <= y1 <= y2 <= 60
        assert round(x2 - x1, 1) == round(y2 - y1, 1)
    starts = sorted(x - y for (x, y), _ in lines)
    assert {round(after - before, 1) for before, after in pairwise(starts)} == {5.0}
