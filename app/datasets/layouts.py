"""Layouts: what a file's columns mean, who was asked, what the numbers are, what is known besides.

A file is of the layout whose columns it has and whose words it uses: what it names as its source,
or, without one, what its questions are about. docs/layouts.md lists them and says how to add one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from app.datasets import questions
from app.datasets.breaks import (
    BRFSS_ALTERNATION,
    BRFSS_BREAKS,
    BRFSS_RECODING,
    BRFSS_UNCOLLECTED,
    Alternation,
    Break,
    Recoding,
)
from app.datasets.questions import KnownQuestion, Questions
from app.datasets.strata import TOTAL
from app.errors import DatasetError
from app.messages import sources
from app.messages.message import Sentence

# What readers call the number of a row.
RECORD = "record"

# What every file has to have, by the names that are used here; it may lack both years.
NEEDED = (
    "year_start",
    "year_end",
    "abbreviation",
    "state",
    "question",
    "question_id",
    "value",
    "category",
    "stratum",
)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the files of some layouts call their columns.

    `names` has their names by ours: those of NEEDED and, where a file has them, topic, low, high,
    sample_size, footnote, source, value_type, value_type_id and unit. `further` are those of a
    second and third stratification, `others` those that say what is known from `names` already.
    `checked` should say no more than `names` either; a file is refused where rows differ in them
    alone. `empty` are texts that stand for an empty cell.
    """

    names: Mapping[str, str]
    further: tuple[str, ...]
    others: frozenset[str]
    checked: frozenset[str]
    empty: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of the columns that a file must have."""
        return tuple(self.names[name] for name in NEEDED)

    @property
    def years(self) -> tuple[str, str]:
        """The names of the first and the last year of a row: a file may lack both."""
        return self.names["year_start"], self.names["year_end"]

    def undated(self, header: Sequence[str]) -> bool:
        """Tell whether a file of this header, as it is read, does not say of which years it is."""
        return not any(name in header for name in self.years)

    @property
    def known(self) -> frozenset[str]:
        """The names of all columns whose meaning is known."""
        return frozenset((*self.names.values(), *self.further, *self.others, *self.checked))

    def spelled(self, header: Sequence[str]) -> list[str]:
        """Return a file's names without blanks around them, in the letter case that is read.

        CDC has written one column both `Datasource` and `DataSource`.
        """
        stripped = [name.strip() for name in header]
        ours = {name.casefold(): name for name in self.known}
        folded = [name.casefold() for name in stripped]
        return [
            ours.get(fold, name) if folded.count(fold) == 1 else name
            for name, fold in zip(stripped, folded, strict=True)
        ]

    def labels(self, header: Sequence[str]) -> list[str]:
        """Return `spelled` with a number behind each name that came before, or is `RECORD`."""
        taken, labels = {RECORD}, []
        for name in self.spelled(header):
            label, number = name, 1
            while label in taken:
                number += 1
                label = f"{name} ({number})"
            taken.add(label)
            labels.append(label)
        return labels


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout.

    `title` says what it is, `survey` is the survey's short name and `people` are those whom it
    asks, as in "percent of adults"; `everyone` stands for all of them. These three are empty where
    the layout does not tell. `sources` is in what files of it name as their source, `words` in
    its questions where no source is named; both are patterns.

    `unit` is that of a value whose unit the file does not tell, empty where that is not known.
    `questions` are known by id or text; of other questions, whether low or high is better is not
    known. Without `breaks` it is not known whether years are comparable. `uncollected` are places
    and years of which too little was collected to release anything. `beginning` is what most
    questions begin with, and axes say already. `renamed` are names that mean what another layout
    calls otherwise. `notes` are for whoever uses it.
    """

    name: str
    title: Sentence
    columns: Columns
    survey: str = ""
    people: str = ""
    everyone: str = ""
    sources: str = ""
    words: str = ""
    unit: str = ""
    questions: Questions = field(default_factory=dict)
    breaks: tuple[Break, ...] = ()
    alternations: tuple[Alternation, ...] = ()
    recodings: tuple[Recoding, ...] = ()
    uncollected: frozenset[tuple[str, int]] = frozenset()
    beginning: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def known(self, question_id: str, text: str) -> KnownQuestion | None:
        """Return what is known of a question, by CDC's id or its text."""
        return self.questions.get(question_id) or self.questions.get(text)


class Words(NamedTuple):
    """What a row says of its layout: its source (it may be empty), and its question."""

    source: str
    question_id: str
    question: str


_DNPAO = Columns(
    MappingProxyType(
        {
            "year_start": "YearStart",
            "year_end": "YearEnd",
            "abbreviation": "LocationAbbr",
            "state": "LocationDesc",
            "source": "Datasource",
            "topic": "Topic",
            "question": "Question",
            "question_id": "QuestionID",
            "unit": "Data_Value_Unit",
            "value_type": "Data_Value_Type",
            "value_type_id": "DataValueTypeID",
            "value": "Data_Value",
            "footnote": "Data_Value_Footnote_Symbol",
            "low": "Low_Confidence_Limit",
            "high": "High_Confidence_Limit",
            "sample_size": "Sample_Size",
            "category": "StratificationCategory1",
            "stratum": "Stratification1",
        }
    ),
    further=(
        "StratificationCategory2",
        "Stratification2",
        "StratificationCategory3",
        "Stratification3",
    ),
    others=frozenset(
        {
            "Class",
            "Data_Value_Alt",
            "Data_Value_Footnote",
            "Total",
            "Age(years)",
            "Age(months)",
            "Education",
            "Sex",
            "Gender",
            "Income",
            "Race/Ethnicity",
            "Grade",
            "GeoLocation",
            "ClassID",
            "TopicID",
            "LocationID",
            "StratificationCategoryId1",
            "StratificationCategoryId2",
            "StratificationID2",
            "StratificationCategoryId3",
            "StratificationID3",
        }
    ),
    checked=frozenset({"StratificationID1"}),
)
_INDICATORS = Columns(
    MappingProxyType(
        {
            "year_start": "YearStart",
            "year_end": "YearEnd",
            "abbreviation": "LocationAbbr",
            "state": "LocationDesc",
            "topic": "Topic",
            "question": "Question",
            "question_id": "QuestionID",
            "unit": "DataValueUnit",
            "value_type": "DataValueType",
            "value_type_id": "DataValueTypeID",
            "value": "DataValueAlt",
            "footnote": "DataValueFootnoteSymbol",
            "low": "LowConfidenceLimit",
            "high": "HighConfidenceLimit",
            "category": "StratificationCategory1",
            "stratum": "Stratification1",
        }
    ),
    further=(
        "StratificationCategory2",
        "Stratification2",
        "StratificationCategory3",
        "Stratification3",
        "Response",
    ),
    others=frozenset(
        {
            "DataValue",
            "DataValueFootnote",
            "GeoLocation",
            "LocationID",
            "TopicID",
            "StratificationCategoryID1",
            "StratificationCategoryID2",
            "StratificationID2",
            "StratificationCategoryID3",
            "StratificationID3",
        }
    ),
    checked=frozenset({"DataSource", "ResponseID", "StratificationID1"}),
    empty=("NA",),
)

BRFSS = Layout(
    "brfss",
    sources.BRFSS(),
    _DNPAO,
    survey="BRFSS",
    people="adults",
    everyone="all adults",
    sources="BRFSS|Behavioral Risk Factor Surveillance",
    words="adults",
    unit="percent",
    questions=questions.BRFSS,
    breaks=BRFSS_BREAKS,
    alternations=(BRFSS_ALTERNATION,),
    recodings=(BRFSS_RECODING,),
    uncollected=BRFSS_UNCOLLECTED,
    beginning="Percent of adults (aged 18 years and older )?who ",
)
WIC = Layout(
    "wic",
    sources.WIC(),
    _DNPAO,
    survey="WIC PC",
    people="children in WIC",
    everyone="all children in WIC",
    sources="WIC|Women, Infants, and Children",
    words="WIC",
    unit="percent",
    questions=questions.WIC,
)
YRBSS = Layout(
    "yrbss",
    sources.YRBSS(),
    _DNPAO,
    survey="YRBSS",
    people="high-school students",
    everyone="all high-school students",
    sources="YRBSS?|Youth Risk Behavior",
    words="students",
    unit="percent",
    questions=questions.YRBSS,
    beginning="Percent of students in grades 9-12 who ",
)
OTHER = Layout(
    "other",
    sources.OTHER(),
    _DNPAO,
    notes=("Who was asked, and whether the survey changed, is not known of this file.",),
)
CDI = Layout(
    "cdi",
    sources.CDI(),
    _INDICATORS,
    questions=questions.CDI,
    renamed=MappingProxyType({"Overall": TOTAL, "United States": "National"}),
    notes=(
        "Whom a question is about is in its text, and so is the type of its values: a question "
        "with crude and age-adjusted values is asked as two.",
        "CDC's figure for the United States is the median of the states in questions of BRFSS.",
    ),
)

# A new one goes here, before OTHER, which takes what the ones before it do not.
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {layout.name: layout for layout in (BRFSS, WIC, YRBSS, CDI, OTHER)}
)


def _columns_of(header: Sequence[str]) -> Columns:
    """Return the columns of the layouts that a file of these columns may be of.

    Those of which it lacks the fewest; it may lack some.
    """
    known = {id(layout.columns): layout.columns for layout in LAYOUTS.values()}

    def lacking(columns: Columns) -> int:
        spelled = columns.spelled(header)
        return sum(name not in spelled for name in columns.needed)

    return min(known.values(), key=lacking)


def check_header(header: Sequence[str], where: str) -> Columns:
    """Return the columns that a file of this header has; raise DatasetError where one is lacking.

    `where` is where the header is, in the words of the error.
    """
    columns = _columns_of(header)
    spelled, folded = columns.spelled(header), [name.strip().casefold() for name in header]
    numbers = {
        name: spelled.count(name) or folded.count(name.casefold())
        for name in (*columns.needed, *columns.names.values())
    }
    needed = columns.needed
    if columns.undated(spelled) and any(numbers[name] for name in needed):
        needed = tuple(name for name in needed if name not in columns.years)
    for name, number in numbers.items():
        if number > 1 or (number == 0 and name in needed):
            raise DatasetError(
                f"{where}: expected one column named {name}, found "
                f"{'more than one' if number else 'none'}; layouts that are known: "
                f"{', '.join(LAYOUTS)} (docs/layouts.md)"
            )
    return columns


def layouts_of(columns: Columns, rows: Iterable[Words]) -> list[Layout]:
    """Return the layouts that rows of a file with these columns are of, in order of name.

    Rows that do not tell are of any; there may be none that tells.
    """
    possible = [layout for layout in LAYOUTS.values() if layout.columns is columns]
    if len(possible) == 1:
        return possible
    found = {layout.name: layout for row in rows if (layout := _layout_of(possible, row))}
    return [found[name] for name in sorted(found)]


def _layout_of(possible: Sequence[Layout], row: Words) -> Layout | None:
    if row.source:
        named = (one for one in possible if one.sources and _has(row.source, one.sources))
        return next(named, OTHER)
    for layout in possible:
        if layout.known(row.question_id, row.question):
            return layout
    told = (one for one in possible if one.words and _has(row.question, one.words))
    return next(told, None)


def _has(text: str, pattern: str) -> bool:
    return re.search(rf"\b({pattern})\b", text, re.IGNORECASE) is not None
