"""Layouts: how a file is recognized, what is told apart in it, and what is said of it."""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.answers.descriptions import sentence, unit
from app.answers.discovery import about_dataset, questions, warnings
from app.charts.picture import Caption
from app.charts.specs import chart_of
from app.charts.words import ChartWords
from app.data_ingestor import DataIngestor
from app.datasets.layouts import LAYOUTS, Words, check_header, layouts_of
from app.errors import BadRequest, DatasetError
from app.job import Job
from app.prepare import __main__ as prepare
from app.statistics.registry import STATISTICS
from unittests.helpers.data import answers_of, catalogue_of
from unittests.helpers.files import PROJECT
from unittests.helpers.rows import Row

SHARED = PROJECT.parent / "shared" / "data"

ADULTS = "Percent of adults aged 18 years and older who have obesity"
CHILDREN = "Percent of WIC children aged 2 to 4 years who have obesity"
STUDENTS = "Percent of students in grades 9-12 who have obesity"
DAYS = "Recent mentally unhealthy days among adults aged >= 18 years"
DEATHS = "Mortality from total cardiovascular diseases"


def columns(names: str) -> list[str]:
    return names.replace(", ", ",").split(",")


# As CDC has them, with the blank behind one of them.
SURVEY = columns(
    "YearStart, YearEnd, LocationAbbr, LocationDesc, Datasource, Class, Topic, Question, "
    "Data_Value_Unit, Data_Value_Type, Data_Value, Data_Value_Alt, Data_Value_Footnote_Symbol, "
    "Data_Value_Footnote, Low_Confidence_Limit, High_Confidence_Limit , Sample_Size, "
    "GeoLocation, ClassID, TopicID, QuestionID, DataValueTypeID, LocationID, "
    "StratificationCategory1, Stratification1, StratificationCategoryId1, StratificationID1"
)
YOUTH = columns(
    "YearStart, YearEnd, LocationAbbr, LocationDesc, DataSource, Topic, Question, "
    "Data_Value_Unit, Data_Value_Type, Data_Value, Data_Value_Alt, Data_Value_Footnote_Symbol, "
    "Data_Value_Footnote, Low_Confidence_Limit, High_Confidence_Limit, Sample_Size, Total, Sex, "
    "Race/Ethnicity, Grade, GeoLocation, ClassID, TopicID, QuestionID, DataValueTypeID, "
    "LocationID, StratificationCategory1, Stratification1, StratificationCategoryId1, "
    "StratificationID1"
)
INDICATORS = columns(
    "YearStart, YearEnd, LocationAbbr, LocationDesc, DataSource, Topic, Question, Response, "
    "DataValueUnit, DataValueTypeID, DataValueType, DataValue, DataValueAlt, "
    "DataValueFootnoteSymbol, DatavalueFootnote, LowConfidenceLimit, HighConfidenceLimit, "
    "StratificationCategory1, Stratification1, StratificationCategory2, Stratification2, "
    "StratificationCategory3, Stratification3, GeoLocation, TopicID, QuestionID, ResponseID, "
    "LocationID, StratificationCategoryID1, StratificationID1, StratificationCategoryID2, "
    "StratificationID2, StratificationCategoryID3, StratificationID3"
)
SOURCES = {
    "brfss": "Behavioral Risk Factor Surveillance System",
    "wic": "Women, Infants, and Children Participant and Program Characteristics",
    "yrbss": "Youth Risk Behavior Surveillance System",
}
TEXTS = {"brfss": ADULTS, "wic": CHILDREN, "yrbss": STUDENTS}
IDS = {"brfss": "Q036", "wic": "Q041", "yrbss": "Q038"}

Cells = Mapping[str, Any]


def survey_row(
    layout: str = "brfss", state: str = "Ohio", value: float = 30.0, **more: Any
) -> Cells:
    """Return a row as CDC has it in one of its surveys."""
    source = SOURCES.get(layout, "")
    return {
        "YearStart": 2019,
        "YearEnd": 2019,
        "LocationDesc": state,
        "LocationAbbr": {"Ohio": "OH", "Texas": "TX", "National": "US"}[state],
        "Datasource": source,
        "DataSource": source,
        "Question": TEXTS.get(layout, ""),
        "QuestionID": IDS.get(layout, ""),
        "Data_Value_Type": "Value",
        "Data_Value": value,
        "Low_Confidence_Limit": value - 1,
        "High_Confidence_Limit": value + 1,
        "High_Confidence_Limit ": value + 1,
        "Sample_Size": "1,234,567",
        "DataValueTypeID": "VALUE",
        "StratificationCategory1": "Total",
        "Stratification1": "Total",
        **more,
    }


TYPES = {
    "CrdMean": ("Crude Mean", "Number"),
    "AgeAdjMean": ("Age-adjusted Mean", "Number"),
    "CrdRate": ("Crude Rate", "cases per 100,000"),
    "AgeAdjRate": ("Age-adjusted Rate", "cases per 100,000"),
    "CrdPrev": ("Crude Prevalence", "%"),
}


def indicator(
    kind: str, state: str = "Ohio", value: float | None = 3.5, text: str = DAYS, **more: Any
) -> Cells:
    """Return a row as CDC has it among its indicators, written as R does: NA for an empty cell."""
    name, of = TYPES[kind]
    known = value is not None
    return {
        **dict.fromkeys(INDICATORS, "NA"),
        "YearStart": 2019,
        "YearEnd": 2019,
        "LocationDesc": {"National": "United States"}.get(state, state),
        "LocationAbbr": {"Ohio": "OH", "Texas": "TX", "National": "US"}[state],
        "DataSource": "BRFSS",
        "Topic": "Mental Health",
        "Question": text,
        "QuestionID": {DAYS: "MTH1_0", DEATHS: "CVD1_1"}[text],
        "DataValueUnit": of,
        "DataValueTypeID": kind,
        "DataValueType": name,
        "DataValue": value if known else "",
        "DataValueAlt": value if known else "NA",
        "LowConfidenceLimit": value * 0.9 if value is not None else "NA",
        "HighConfidenceLimit": value * 1.1 if value is not None else "NA",
        "StratificationCategory1": "Overall",
        "Stratification1": "Overall",
        **more,
    }


def written(path: Path, header: Iterable[str], rows: Iterable[Cells]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(header), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def loaded(folder: Path, header: Iterable[str], rows: Iterable[Cells]) -> DataIngestor:
    return DataIngestor(written(folder / "data.csv", header, rows))


def refusal(folder: Path, header: Iterable[str], rows: Iterable[Cells]) -> str:
    with pytest.raises(DatasetError) as caught:
        loaded(folder, header, rows)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def asked(data: DataIngestor, statistic: str, **body: Any) -> dict[str, Any]:
    """Return the answer to a body, and the sentence and the chart's axis beside it."""
    catalogue = catalogue_of(data)
    job = Job(1, catalogue.course.request(STATISTICS[statistic], body), 0.0)
    answer: dict[str, Any] = json.loads(catalogue.course.answer(job.request).body)
    return {**answer, "asked": sentence(job, catalogue), "unit": unit(job, catalogue)}


def axes(data: DataIngestor, statistic: str, *kinds: str | None, **body: Any) -> list[str]:
    """Return the description of an answer's chart, as text, of each kind of chart."""
    answers = answers_of(data)
    request = answers.request(STATISTICS[statistic], body)
    parameters = STATISTICS[statistic].parse(body, data)
    of = data.unit(STATISTICS[statistic].questions(parameters))
    table = STATISTICS[statistic].table(json.loads(answers.answer(request).body), of)
    words, caption = ChartWords(of, data.layout.beginning), Caption("title", "subtitle")
    charts = (chart_of(STATISTICS[statistic], table, caption, words, kind) for kind in kinds)
    return [json.dumps(chart) for chart in charts]


def layouts(source: str, question_id: str, text: str, header: Iterable[str] = SURVEY) -> list[str]:
    """Return the names of the layouts that a file with such a row is of."""
    found = layouts_of(check_header([*header], "here"), [Words(source, question_id, text)])
    return [layout.name for layout in found]


def test_the_layout_is_told_by_what_a_file_names_as_its_source() -> None:
    for name, source in SOURCES.items():
        header = YOUTH if name == "yrbss" else SURVEY
        assert layouts(source, "X1", "Percent who answer", header) == [name]
    assert layouts("BRFSS", "Q036", ADULTS) == ["brfss"]
    assert layouts("NHANES", "Q036", ADULTS) == ["other"]
    assert layouts("BRFSS", "MTH1_0", DAYS, INDICATORS) == ["cdi"]


def test_without_a_source_it_is_told_by_ids_and_words(tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        assert layouts("", "X1", text) == [name]
        if name != "yrbss":  # whose questions are known by their texts
            assert layouts("", IDS[name], "Percent of them") == [name]
    header = [column for column in SURVEY if column != "Datasource"]
    assert loaded(tmp_path, header, [survey_row("wic", QuestionID="X1")]).layout.name == "wic"
    nothing = [survey_row(QuestionID="X1", Question="How many?")]
    assert loaded(tmp_path, header, nothing).layout.name == "other"


def test_a_file_of_no_layout_is_refused_and_the_known_ones_are_named(tmp_path: Path) -> None:
    reason = refusal(tmp_path, ["id", "name"], [{"id": 1, "name": "x"}])
    assert all(name in reason for name in LAYOUTS)
    lacking = [name for name in INDICATORS if name != "LocationDesc"]
    assert "column named LocationDesc" in refusal(tmp_path, lacking, [indicator("CrdMean")])


def test_layouts_are_not_mixed(tmp_path: Path) -> None:
    rows = [survey_row("brfss"), survey_row("wic", "Texas")]
    reason = refusal(tmp_path, SURVEY, rows)
    assert "brfss and wic" in reason
    folder = tmp_path / "several"
    folder.mkdir()
    written(folder / "adults.csv", SURVEY, rows[:1])
    written(folder / "children.csv", SURVEY, rows[1:])
    with pytest.raises(DatasetError) as caught:
        DataIngestor(folder)
    told = str(caught.value)
    assert "\n" not in told
    assert all(word in told for word in ("adults.csv", "children.csv", "brfss", "wic"))
    written(folder / "children.csv", INDICATORS, [indicator("CrdMean")])
    with pytest.raises(DatasetError, match="cdi"):
        DataIngestor(folder)


@pytest.mark.parametrize(
    ("name", "people"),
    [("brfss", "adults"), ("wic", "children in WIC"), ("yrbss", "high-school students")],
)
def test_words_are_those_of_the_layout(name: str, people: str, tmp_path: Path) -> None:
    rows = [
        survey_row(name, state, value + year, YearStart=2008 + year, YearEnd=2008 + year)
        for state, value in (("Ohio", 30.0), ("Texas", 20.0), ("National", 25.0))
        for year in range(4)
    ]
    data = loaded(tmp_path, YOUTH if name == "yrbss" else SURVEY, rows)
    question = IDS[name]
    trend = asked(data, "trend", question=question, state="OH")
    assert f"among all {people}" in trend["asked"]
    told = " ".join(trend["about"]["warnings"])
    assert ("in 2011 BRFSS" in told) is (name == "brfss")
    assert ("not known here" in told) is (name != "brfss")
    ranking = asked(data, "ranking", question=question)
    meanings = ranking["about"]["columns"]
    assert meanings["value"]["meaning"] == f"the estimate, in percent of {people}"
    assert ranking["about"]["better"] == "lower"
    for drawn in (
        *axes(data, "states_mean", "bar", question=question),
        *axes(data, "ranking", "bar", "map", question=question),
    ):
        assert f"ercent of {people}" in drawn
    (drawn,) = axes(data, "compare", None, states=["OH", "TX"])
    assert f"percent of {people}" in drawn
    query = asked(data, "query", question=question)
    assert f"estimates for all {people} of a place" in query["about"]["method"]
    if name != "brfss":
        assert "adults" not in json.dumps([trend, ranking, query, about_dataset(data, 0, ())])


def test_a_break_is_told_of_values_of_a_type_too(tmp_path: Path) -> None:
    kinds: Cells = {"Data_Value_Type": "Crude Prevalence", "DataValueTypeID": "CRDPREV"}
    rows = [
        survey_row(QuestionID="Q018", YearStart=year, YearEnd=year, **kinds)
        for year in (2013, 2015, 2017, 2019)
    ]
    data = loaded(tmp_path, SURVEY, rows)
    for statistic, more in (("trend", {}), ("query", {"group_by": ["year"]})):
        told = asked(data, statistic, question="Q018-CRDPREV", **more)["about"]
        redesign, rise = [one for one in told["warnings"] if "Years before" in one]
        assert "redesigned" in redesign
        assert "in 2019 these estimates lie above" in rise
        assert not any("not known here" in one for one in told["warnings"])


def test_of_another_survey_nothing_is_guessed(tmp_path: Path) -> None:
    rows = [
        survey_row("", "Ohio", 9.5, Datasource="NHANES", QuestionID="Q036", Question="Days awake"),
        survey_row("", "Texas", 8.5, Datasource="NHANES", QuestionID="Q036", Question="Days awake"),
    ]
    data = loaded(tmp_path, SURVEY, rows)
    (question,) = questions(data)
    assert [question[name] for name in ("direction", "unit", "value_type")] == [None] * 3
    with pytest.raises(BadRequest, match="not known"):
        asked(data, "best5", question="Q036")
    answer = asked(data, "query", question="Q036", group_by=["state"])
    assert "percent" not in json.dumps(answer["about"]["columns"])
    layout = about_dataset(data, 0, ())["layout"]
    assert (layout["survey"], layout["people"], layout["breaks"]) == (None, None, None)


def test_values_of_two_types_are_two_questions_and_never_averaged(tmp_path: Path) -> None:
    rows = [
        indicator("CrdMean", "Ohio", 4.0),
        indicator("AgeAdjMean", "Ohio", 3.0),
        indicator("CrdMean", "Texas", 2.0),
        indicator("AgeAdjMean", "Texas", 1.5),
        indicator("CrdMean", "National", 2.5),
        indicator("CrdPrev", "Texas", None),
    ]
    data = loaded(tmp_path, INDICATORS, rows)
    listed = {one["id"]: one for one in questions(data)}
    assert list(listed) == ["MTH1_0-AgeAdjMean", "MTH1_0-CrdMean", "MTH1_0-CrdPrev"]
    assert listed["MTH1_0-CrdMean"]["text"] == f"{DAYS} (crude mean)"
    assert listed["MTH1_0-CrdMean"]["short_name"] == "Mentally unhealthy days (crude mean)"
    assert [one["unit"] for one in listed.values()] == ["number", "number", "percent"]
    crude = asked(data, "query", question="mth1_0-crdmean", group_by=["state"])
    assert [row[:2] for row in crude["rows"]] == [["National", 2.5], ["Ohio", 4.0], ["Texas", 2.0]]
    assert crude["about"]["question"] == [{"id": "MTH1_0-CrdMean", "text": f"{DAYS} (crude mean)"}]
    adjusted = asked(data, "states_mean", question="MTH1_0-AgeAdjMean")
    assert {state: adjusted[state] for state in ("Texas", "Ohio")} == {"Texas": 1.5, "Ohio": 3.0}
    for name in ("MTH1_0", DAYS):
        with pytest.raises(BadRequest) as caught:
            asked(data, "states_mean", question=name)
        assert "MTH1_0-CrdMean" in str(caught.value)
        assert "MTH1_0-AgeAdjMean" in str(caught.value)
    with pytest.raises(BadRequest, match="never put together"):
        asked(data, "query", group_by=["state"], method="mean")
    both = asked(data, "query", group_by=["question", "state"])
    assert len(both["rows"]) == 6
    with pytest.raises(BadRequest, match="never put together"):
        asked(data, "query", question=["MTH1_0-CrdMean", "MTH1_0-AgeAdjMean"])


def test_a_row_without_a_unit_is_of_that_of_the_others(tmp_path: Path) -> None:
    for empty in ("", "NA"):
        withheld = indicator("CrdRate", "Texas", value=None, DataValueUnit=empty)
        data = loaded(tmp_path, INDICATORS, [indicator("CrdRate", "Ohio"), withheld])
        (question,) = (table.question for table in data.tables.values())
        assert question.text.endswith("(crude rate, cases per 100,000)")
        assert set(data.estimates["unit"]) == {"cases per 100,000"}
        assert set(data.estimates["state"]) == {"Ohio", "Texas"}


def test_a_withheld_estimate_without_a_unit_takes_none_from_its_question(tmp_path: Path) -> None:
    rows = [Row("Ohio", value=30.0).as_cdc(), Row("Texas", value=None).as_cdc()]
    for one, called in zip(rows, ("%", ""), strict=True):
        one |= {"Question": "Share of cats", "QuestionID": "C1", "Data_Value_Unit": called}
    data = loaded(tmp_path, rows[0], rows)
    assert data.tables["Share of cats"].question.measure.unit == "percent"


def test_values_of_no_type_in_several_units_are_refused(tmp_path: Path) -> None:
    def row(value: float, unit: str, **more: Any) -> Cells:
        return survey_row(value=value, Data_Value_Unit=unit, **more)

    for plain in ("Value", ""):
        of_no_type = {"Data_Value_Type": plain}
        rows = [row(30.0, "%", **of_no_type), row(90.0, "minutes", **of_no_type)]
        reason = refusal(tmp_path, SURVEY, rows)
        assert all(word in reason for word in (ADULTS, "percent", "minutes"))
    # CDC has years in this column, or nothing where a survey has but one unit.
    rows = [row(30.0, "%"), row(32.0, "2019"), row(34.0, ""), row(36.0, "Percent")]
    data = loaded(tmp_path, SURVEY, rows)
    assert asked(data, "states_mean", question="Q036")["Ohio"] == 33
    rows = [row(30.0, "%"), row(90.0, "minutes", Question="Minutes of sleep", QuestionID="X1")]
    data = loaded(tmp_path, SURVEY, rows)
    assert asked(data, "states_mean", question="Q036")["Ohio"] == 30
    assert asked(data, "states_mean", question="X1")["Ohio"] == 90
    folder = tmp_path / "several"
    folder.mkdir()
    written(folder / "a.csv", SURVEY, [row(30.0, "%")])
    written(folder / "b.csv", SURVEY, [row(90.0, "minutes")])
    with pytest.raises(DatasetError, match="percent"):
        DataIngestor(folder)


def test_the_one_type_that_there_is_needs_no_naming(tmp_path: Path) -> None:
    data = loaded(tmp_path, INDICATORS, [indicator("CrdMean")])
    assert asked(data, "states_mean", question="MTH1_0")["Ohio"] == 3.5
    assert asked(data, "states_mean", question=DAYS)["Ohio"] == 3.5


def test_other_names_of_everyone_and_of_the_nation_are_understood(tmp_path: Path) -> None:
    rows = [indicator("CrdMean", state) for state in ("Ohio", "Texas", "National")]
    data = loaded(tmp_path, INDICATORS, rows)
    assert data.names("category", "stratum") == [("Total", "Total")]
    assert data.states == ("National", "Ohio", "Texas")
    assert data.state("United States") == data.state("us") == "National"
    assert data.stratum("Overall") == ("Total", "Total")
    assert "among everyone" in asked(data, "ranking", question="MTH1_0")["asked"]


def test_rates_are_on_their_own_scale(tmp_path: Path) -> None:
    rows = [
        indicator("AgeAdjRate", state, value, DEATHS, LowConfidenceLimit=value - 19.6,
                  HighConfidenceLimit=value + 19.6, YearStart=year, YearEnd=year)
        for state, value in (("Ohio", 300.0), ("Texas", 200.0), ("National", 250.0))
        for year in (2018, 2019)
    ]  # fmt: skip
    data = loaded(tmp_path, INDICATORS, rows)
    # Of two years, each with the standard error 10: the mean has 10 / sqrt(2) = 7.0711.
    years = {"year": [2018, 2019]}
    answer = asked(data, "query", question="CVD1_1", group_by=["state"], where=years)
    cells = dict(zip(answer["columns"], answer["rows"][1], strict=True))
    assert cells["value"] == 300
    assert cells["standard_error"] == pytest.approx(7.0711, abs=2e-4)
    assert cells["low"] == pytest.approx(300 - 1.959964 * 7.0711, abs=1e-3)
    assert cells["high"] == pytest.approx(300 + 1.959964 * 7.0711, abs=1e-3)
    assert cells["presentation"].startswith("caution: no percentage")
    assert answer["unit"].share == "cases per 100,000 (age-adjusted rate)"
    assert data.unit(["?"]).value == "in cases per 100,000"
    pooled = asked(data, "query", question="CVD1_1", method="inverse_variance",
                   where={"state": "OH", **years})  # fmt: skip
    assert pooled["rows"][0][:3] == pytest.approx([300, 286.1408, 313.8592], abs=1e-3)
    with pytest.raises(BadRequest, match="not known"):
        asked(data, "ranking", question="CVD1_1")
    compared = asked(data, "compare", states=["OH", "TX"])
    found = dict(zip(compared["columns"], compared["rows"][0], strict=True))
    assert (found["difference"], found["better"]) == (100, "unknown")
    assert not {code["code"] for code in about_dataset(data, 0, ())["warnings"]} & {"outside-0-100"}


def test_a_second_stratification_is_refused_by_its_name(tmp_path: Path) -> None:
    more = ["StratificationCategory2", "Stratification2"]
    plain = survey_row()
    assert loaded(tmp_path, [*SURVEY, *more], [plain]).rows == 1
    rows = [plain, survey_row(StratificationCategory2="Sex", Stratification2="Male")]
    assert "StratificationCategory2" in refusal(tmp_path, [*SURVEY, *more], rows)
    reason = refusal(tmp_path, INDICATORS, [indicator("CrdMean", Stratification3="Male")])
    assert "Stratification3" in reason


def test_an_unknown_column_that_tells_rows_apart_is_refused_by_its_name(tmp_path: Path) -> None:
    header = [*SURVEY, "Language"]
    spoken = [
        survey_row(Language="en"),
        survey_row(Language="es", value=20),
        survey_row(state="Texas", Language="en"),
    ]
    reason = refusal(tmp_path, header, spoken)
    assert "Language" in reason
    apart = [survey_row(Language="en"), survey_row(state="Texas", Language="es")]
    assert loaded(tmp_path, header, apart).rows == 2
    # Copies of a row may be numbered: an index tells nothing.
    copies = [survey_row(Language=number) for number in range(3)]
    assert loaded(tmp_path, header, copies).rows == 3


def test_an_unknown_column_that_tells_files_apart_is_refused_where_they_share_cells(
    tmp_path: Path,
) -> None:
    header = [*SURVEY, "Group"]

    def rows(group: str, value: float, year: int) -> list[Cells]:
        of = {"YearStart": year, "YearEnd": year, "Group": group}
        return [survey_row("brfss", state, value, **of) for state in ("Ohio", "Texas")]

    first = written(tmp_path / "a.csv", header, rows("M", 20.0, 2019))
    second = written(tmp_path / "b.csv", header, rows("F", 40.0, 2019))
    with pytest.raises(DatasetError) as caught:
        DataIngestor(tmp_path)
    told = str(caught.value)
    assert "\n" not in told
    assert all(word in told for word in ("column Group ", str(first), str(second)))
    for columns_of_b, group, year in (
        (header, "F", 2020),  # other cells
        (header, "M", 2019),  # the same group
        (SURVEY, "", 2019),  # no such column
    ):
        written(second, columns_of_b, rows(group, 40.0, year))
        means = asked(DataIngestor(tmp_path), "states_mean", question="Q036")
        assert (means["Ohio"], means["Texas"]) == (30, 30)


def test_sources_responses_and_ids_of_strata_that_tell_rows_apart_are_refused(
    tmp_path: Path,
) -> None:
    for name, first, second in (
        ("DataSource", "BRFSS", "NVSS"),
        ("ResponseID", "RESP1", "RESP2"),
        ("StratificationID1", "AGE1", "AGE2"),
    ):
        rows = [
            indicator("CrdMean", "Ohio", 20.0, **{name: first}),
            indicator("CrdMean", "Ohio", 40.0, **{name: second}),
        ]
        assert f"column {name} " in refusal(tmp_path, INDICATORS, rows)
    elsewhere = {"DataSource": "NVSS", "ResponseID": "RESP2", "StratificationID1": "AGE2"}
    apart = [rows[0], indicator("CrdMean", "Texas", 40.0, **elsewhere)]
    means = asked(loaded(tmp_path, INDICATORS, apart), "states_mean", question="MTH1_0")
    assert (means["Ohio"], means["Texas"]) == (20, 40)
    surveyed = [
        survey_row(value=20.0, StratificationID1="MALE"),
        survey_row(value=40.0, StratificationID1="FEMALE"),
    ]
    assert "column StratificationID1 " in refusal(tmp_path, SURVEY, surveyed)


# Two values of each type.
OF_TYPES: dict[str, tuple[object, object]] = {
    "booleans": (True, False),
    "dates": (date(2020, 1, 1), date(2021, 1, 1)),
    "moments": (datetime(2020, 1, 1, 8), datetime(2020, 1, 1, 9)),
    "times": (time(8), time(9)),
    "durations": (timedelta(days=1), timedelta(days=2)),
}


def test_an_unknown_column_of_parquet_is_compared_whatever_its_type(tmp_path: Path) -> None:
    header = [name for name in SURVEY if name != "High_Confidence_Limit "]
    rows = [survey_row(value=20.0), survey_row(value=40.0), survey_row(state="Texas")]
    read = pl.DataFrame([{name: row.get(name) for name in header} for row in rows])
    path = tmp_path / "data.parquet"
    for name, (first, second) in OF_TYPES.items():
        told_apart = pl.Series(name, [first, second, first])
        read.with_columns(told_apart).write_parquet(path)
        with pytest.raises(DatasetError, match=f"column {name}") as caught:
            DataIngestor(path)
        assert "\n" not in str(caught.value)
    same = [pl.Series(name, [one, one, other]) for name, (one, other) in OF_TYPES.items()]
    read.with_columns(same).write_parquet(path)
    assert DataIngestor(path).estimates["value"].to_list() == [20, 40, 30]


def test_ages_that_a_spreadsheet_took_for_dates_are_read_as_ages(tmp_path: Path) -> None:
    ages = {"5-Mar": "3 - 5", "11-Jun": "6 - 11", "17-Dec": "12 - 17", "Dec-17": "12 - 17"}
    rows = [
        survey_row("wic", StratificationCategory1="Age (months)", Stratification1=name)
        for name in (*ages, "18 - 23")
    ]
    data = loaded(tmp_path, SURVEY, rows)
    assert data.names("stratum") == [("12 - 17",), ("18 - 23",), ("3 - 5",), ("6 - 11",)]
    (told,) = [one for one in warnings(data) if one["code"] == "strata-from-dates"]
    assert told["rows"] == 4
    for written_as, age in ages.items():
        assert data.stratum(written_as) == ("Age (months)", age)
        assert f"{written_as} as {age}" in told["message"]


def test_sample_sizes_with_separators(tmp_path: Path) -> None:
    sizes = {"1702": 1702, "1,702": 1702, "1,234,567": 1234567, "1,0000": None, "n/a": None}
    data = loaded(tmp_path, SURVEY, [survey_row(Sample_Size=text) for text in sizes])
    assert data.estimates["sample_size"].to_list() == [*sizes.values()]
    assert data.estimates["unreadable"].to_list() == [size is None for size in sizes.values()]


def test_a_prepared_folder_carries_the_layout(tmp_path: Path) -> None:
    rows = [indicator("CrdMean"), indicator("AgeAdjMean"), indicator("CrdMean", "National")]
    source = written(tmp_path / "data.csv", INDICATORS, rows)
    folder = tmp_path / "prepared"
    assert prepare.main(["--data", str(source), "--to", str(folder)]) == 0
    read, mapped = DataIngestor(source), DataIngestor(folder)
    assert mapped.layout is read.layout
    assert mapped.reading == read.reading
    assert questions(mapped) == questions(read)
    assert mapped.estimates.equals(read.estimates)
    assert mapped.state("United States") == "National"


def test_parquet_is_recognized_as_csv_is(tmp_path: Path) -> None:
    read = loaded(tmp_path, INDICATORS, [indicator("CrdMean"), indicator("CrdPrev", value=None)])
    path = tmp_path / "data.parquet"
    pl.read_csv(read.path, null_values="NA").write_parquet(path)
    parquet = DataIngestor(path)
    assert parquet.layout is read.layout
    assert parquet.estimates.equals(read.estimates)


def real(name: str) -> DataIngestor:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not here: no real rows of this layout to check against")
    return DataIngestor(path)


def test_real_rows_of_children_in_wic() -> None:
    data = real("cdc_wic_2008_2014.csv")
    assert (data.layout.name, data.rows, len(data.tables)) == ("wic", 7344, 3)
    assert [one["id"] for one in questions(data)] == ["Q040", "Q041", "Q060"]
    ages = {stratum for category, stratum in data.names("category", "stratum") if "Age" in category}
    assert ages == {"3 - 5", "6 - 11", "12 - 17", "18 - 23", "24 - 35", "36 - 47", "48 - 59"}
    ranking = asked(data, "ranking", question="Q041")
    assert ranking["rows"][0][:6] == [1, "Utah", "state", 8.2, 7.8, 8.5]


def test_real_indicators() -> None:
    data = real("cdc_cdi_mental_health.csv")
    assert (data.layout.name, data.rows) == ("cdi", 2610)
    counts = {one["id"]: one["rows"] for one in questions(data)}
    assert counts == {
        "MTH1_0-AgeAdjMean": 925, "MTH1_0-CrdMean": 870, "MTH1_0-Mean": 55, "MTH2_0-CrdPrev": 705,
        "MTH3_0-CrdPrev": 55,
    }  # fmt: skip
    where = {"state": "Ohio", "year": 2014}
    values = {
        kind: asked(data, "query", question=f"MTH1_0-{kind}", where=where)["rows"][0][0]
        for kind in ("AgeAdjMean", "CrdMean")
    }
    assert values == {"AgeAdjMean": 4.3, "CrdMean": 4.1}


def test_real_rows_of_adults() -> None:
    assert real("cdc_sex_2011_2023.csv").layout.name == "brfss"
