"""How charts say things: names, numbers and phrases of one language, for values in one unit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.charts.phrases import MONTHS, PHRASES, TEXTS
from app.datasets.layouts import BRFSS
from app.datasets.places import NATION
from app.datasets.strata import TOTAL
from app.datasets.units import PERCENT, Unit
from app.methods.rounding import written
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import said_in
from app.statistics.wording import listed

if TYPE_CHECKING:
    from app.data_ingestor import QuestionTable

_KINDS: Mapping[str, str] = MappingProxyType(
    {"category": "categories", "stratum": "strata", "topic": "topics"}
)
_RELEASE = re.compile(r"CDC's release (\S+) of ([A-Z]\w+) (\d{4})(?= \(public domain\)$)")


@dataclass(frozen=True, slots=True)
class ChartWords:
    """The words of a chart.

    `beginning` is what most questions begin with, a pattern; `code` that of the language, `layout`
    the name of the dataset's, and `questions` are those that are known, by their texts. `brief`:
    questions are called by their short names in lanes.
    """

    unit: Unit
    beginning: str
    code: str = "en"
    layout: str = BRFSS.name
    questions: "Mapping[str, QuestionTable]" = field(default_factory=dict)
    brief: bool = False

    def say(self, phrase: str, /, **fields: object) -> str:
        """Return a phrase, filled in."""
        return PHRASES[self.code][phrase].format(**fields)

    def text(self, english: str) -> str:
        """Return a text of this program's own in the language; as it is, where it has none."""
        return TEXTS[self.code].get(english) or said_in(self.code, english)

    def axis(self, text: str) -> str:
        """Return what an axis says, with the unit in the place of its fields."""
        unit = {name: self.text(own) for name, own in self.unit._asdict().items()}
        return self.text(text).format(**unit)

    def number(self, value: float, decimals: int = 1, *, sign: bool = False) -> str:
        """Return a number, rounded as everywhere, with a true minus."""
        return written(value, decimals, sign=sign, point=LANGUAGES[self.code].decimal)

    def range(self, low: float, high: float, decimals: int = 1, *, sign: bool = False) -> str:
        """Return the limits of an interval."""
        ends = (self.number(end, decimals, sign=sign) for end in (low, high))
        return self.say("range", **dict(zip(("low", "high"), ends, strict=True)))

    def locale(self) -> dict[str, Any]:
        """Return the configuration by which Vega writes numbers; none for English."""
        if self.code == "en":
            return {}
        number = {"decimal": LANGUAGES[self.code].decimal, "thousands": ".", "grouping": [3]}
        return {"locale": {"number": {**number, "currency": ["", ""]}}}

    @property
    def nation(self) -> str:
        """What the nation is called."""
        return LANGUAGES[self.code].nation

    def name(self, group: str, value: object) -> str:
        """Return what stands under a column of groups, as a label has it."""
        text = str(value)
        match group:
            case "state":
                return self.place(text)
            case "category" | "stratum" | "topic":
                return self.called(_KINDS[group], text)
            case "question" if self.brief or self.code != "en":
                return self.short_name(text)
            case "question":
                return re.sub(f"^{self.beginning}", "", text)
        return text

    def called(self, kind: str, name: str) -> str:
        """Return what the language calls something of the dataset; else its own name."""
        return LANGUAGES[self.code].called(kind, name, self.layout)

    def place(self, name: str) -> str:
        """Return a place, to stand by itself."""
        if name == NATION.name:
            return self.nation
        return name if self.code == "en" else LANGUAGES[self.code].place(name)

    def places(self, names: Sequence[str]) -> str:
        """Return places, listed."""
        return self.listed([self.place(name) for name in names])

    def listed(self, names: Sequence[str]) -> str:
        """Return names as `Guam, Iowa and Ohio`."""
        return listed(names) if self.code == "en" else LANGUAGES[self.code].listed(names)

    def quoted(self, name: str) -> str:
        """Return a name in quotes."""
        return LANGUAGES[self.code].phrases["quoted"].format(name=name)

    def short_name(self, text: str) -> str:
        """Return the short name of a question; its text, where there is none."""
        table = self.questions.get(text)
        if table is None:
            return text
        question = table.question
        return LANGUAGES[self.code].short_name(question.id, question.short_name, self.layout)

    def question(self, text: str) -> str:
        """Return a question in full; in another language than its own, what it measures."""
        table = self.questions.get(text)
        if self.code == "en" or table is None:
            return text
        language = LANGUAGES[self.code]
        did = language.did.get(table.question.id)
        if did is None or self.layout != BRFSS.name or self.unit.plain != PERCENT:
            return text
        told = language.phrases["share"].format(did=did)
        return told[0].upper() + told[1:]

    def among(self, stratum: str | None) -> str:
        """Return how a title goes on where it is of one group, such as " among men"."""
        if stratum is None or stratum == TOTAL:
            return ""
        return f" {LANGUAGES[self.code].among(stratum, self.layout)}"

    def source(self, text: str) -> str:
        """Return where figures are from, as far as the language has words for it."""
        return source_in(self.code, text)


def source_in(code: str, text: str) -> str:
    """Return where figures are from, as far as a language has words for it."""
    found = _RELEASE.search(text) if code != "en" else None
    if found is None:
        return said_in(code, text)
    phrases, month = PHRASES[code], f"{MONTHS.get(found[2], found[2])} {found[3]}"
    release = phrases["release"].format(dataset=found[1], month=month)
    return phrases["public"].format(source=release)
