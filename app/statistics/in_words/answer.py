"""An answer as it is put into words, and the sentences of it in every language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.datasets.places import NATION
from app.datasets.units import Unit
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.words import Words, joined
from app.statistics.table import Table

if TYPE_CHECKING:
    from app.data_ingestor import DataIngestor


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer, each by its columns, what is told about them, and what was asked."""

    rows: list[dict[str, Any]]
    about: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, table: Table, parameters: Mapping[str, Any]) -> "Answer":
        """Return a table as the answer to these parameters."""
        names = [column.name for column in table.columns]
        rows = [dict(zip(names, cells, strict=True)) for cells in table.rows]
        return cls(rows, table.about, parameters)

    @property
    def question(self) -> str:
        """The text of the question, where there is one."""
        text: str = self.parameters["question"]
        return text

    @property
    def stratum(self) -> str | None:
        """The stratum that was asked for."""
        stratum: str | None = self.parameters.get("stratum")
        return stratum

    @property
    def is_adjusted(self) -> bool:
        """Whether estimates are standardised by age."""
        return self.parameters.get("adjust") is not None


def sentences(
    dataset: "DataIngestor", unit: Unit, answer: Answer, in_words: Callable[[Answer, Words], str]
) -> dict[str, str]:
    """Return an answer in a sentence or more, as `about` has it; empty if there is none.

    `unit` is that of its values. English is `answer`, another language has its code behind that:
    `answer_ro`.
    """
    told: dict[str, str] = {}
    for code, language in LANGUAGES.items():
        words = Words(language, dataset, unit)
        text = in_words(answer, words)
        if not text:
            return {}
        key = f"answer_{code}" if told else "answer"
        told[key] = joined(
            text, _nation_lacks(answer.about, words, text), _recoded(answer.about, words, text)
        )
    return told


def _recoded(about: Mapping[str, Any], words: Words, text: str) -> str:
    """Return that a group which a text names holds others than its name says, since some year."""
    last = max(map(int, re.findall(r"\b[0-9]{4}\b", about.get("years") or "")), default=0)
    for one in words.recodings:
        if last >= one.since and words.group(one.stratum) in text:
            return words.say("recoded", since=one.since, group=words.group(one.stratum))
    return ""


def _nation_lacks(about: Mapping[str, Any], words: Words, text: str) -> str:
    """Return that the nation's figures are made without some states, if a text tells of them."""
    lacks = about.get("national_lacks")
    nation = words.place(NATION.name)
    # Where it is said that a value is not the nation's, none of the nation is told.
    told = text.replace(words.say("several_places"), "")
    if not lacks or nation.casefold() not in told.casefold():
        return ""
    parts = [
        words.places(states)
        if about.get("years") == years
        else words.say("states_in", states=words.places(states), years=years)
        for years, states in lacks.items()
    ]
    return words.say("nation_lacks", nation=nation, states="; ".join(parts))
