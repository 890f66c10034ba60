"""One language's words for one answer: places, groups, questions, numbers, and when."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.datasets.breaks import Recoding
from app.datasets.layouts import BRFSS
from app.datasets.strata import TOTAL
from app.datasets.units import NUMBER, PERCENT, Unit
from app.messages.message import Counted
from app.methods.breaks import only_told
from app.methods.presentation import CAUTION, WITHHOLD
from app.methods.rounding import written
from app.statistics.in_words.language import Language
from app.statistics.wording import quantity

if TYPE_CHECKING:
    from app.data_ingestor import DataIngestor, Question

_MOST_NAMED = 6


def joined(*sentences: str) -> str:
    """Return sentences one behind another, each with a capital; those that are empty left out."""
    return " ".join(f"{text[0].upper()}{text[1:]}" for text in sentences if text)


def is_imprecise(row: Mapping[str, Any]) -> bool:
    """Tell whether an estimate is marked as too imprecise to be shown."""
    return (row.get("presentation") or "").startswith(WITHHOLD)


class Words:
    """A language, for answers of a dataset whose values are in one unit."""

    def __init__(self, language: Language, dataset: "DataIngestor", unit: Unit) -> None:
        self.language = language
        self._dataset = dataset
        # A unit that a file does not tell, and a plain number, have no name.
        self._unit = "" if unit.plain == NUMBER or not unit.is_known else f" {unit.plain}"
        self._are_percentages = unit.plain == PERCENT

    def say(self, phrase: str, /, **fields: object) -> str:
        """Return a phrase, filled in."""
        return self.language.phrases[phrase].format_map(Counted(fields))

    def number(self, value: float, decimals: int | None = None) -> str:
        """Return a number; percentages have one decimal, as CDC publishes them."""
        places = (1 if self._are_percentages else 2) if decimals is None else decimals
        return written(value, places, point=self.language.decimal)

    def amount(self, value: float) -> str:
        """Return an estimate in its unit."""
        return f"{self.number(value)}{' %' if self._are_percentages else self._unit}"

    def points(self, value: float, decimals: int | None = None) -> str:
        """Return a difference in its unit."""
        if self._are_percentages:
            return self.say("points", number=self.number(value, decimals))
        return f"{self.number(value, decimals)}{self._unit}"

    def range(self, low: float, high: float, decimals: int | None = None) -> str:
        """Return the limits of an interval."""
        phrase = "range_signed" if low < 0 else "range"
        ends = (self.number(end, decimals) for end in (low, high))
        return self.say(phrase, **dict(zip(("low", "high"), ends, strict=True)))

    def figure(
        self,
        text: str,
        low: float | None,
        high: float | None,
        mark: str | None = None,
        *notes: str,
        decimals: int | None = None,
    ) -> str:
        """Return a number with its interval, how it may be presented, and notes, in brackets."""
        told = self.say("no_interval")
        if low is not None and high is not None:
            told = self.range(low, high, decimals)
        marks = [self.say(one) for one in (CAUTION, WITHHOLD) if (mark or "").startswith(one)]
        return f"{text} ({'; '.join([told, *marks, *notes])})"

    def estimate(self, row: Mapping[str, Any], prefix: str = "", *notes: str) -> str:
        """Return the estimate of a row, `prefix` being what its limits' names begin with."""
        value, mark = row[prefix.rstrip("_") or "value"], row.get("presentation")
        limits = row[f"{prefix}low"], row[f"{prefix}high"]
        return self.figure(self.amount(value), *limits, None if prefix else mark, *notes)

    def listed(self, names: Sequence[str], last: str = "and") -> str:
        """Return names as `Guam, Iowa and Ohio`; of many, the first. `last` may be `or`."""
        if len(names) > _MOST_NAMED:
            return self.say("and_more", named=", ".join(names[:_MOST_NAMED]))
        return self.language.listed(names, last)

    def called(self, kind: str, name: str) -> str:
        """Return what the language calls something of the dataset; else its own name."""
        return self.language.called(kind, name, self._dataset.layout.name)

    def among(self, stratum: str) -> str:
        """Return who the people of a stratum are, such as "among men"."""
        return self.language.among(stratum, self._dataset.layout.name)

    def group(self, stratum: str) -> str:
        """Return a stratum, in quotes."""
        return self.language.quoted("strata", stratum, self._dataset.layout.name)

    def category(self, name: str) -> str:
        """Return a category, in quotes."""
        return self.language.quoted("categories", name, self._dataset.layout.name)

    def place(self, name: str) -> str:
        """Return a place, to stand within a sentence."""
        return self.language.place(name)

    def places(self, names: Sequence[str]) -> str:
        """Return places, listed."""
        return self.listed([self.place(name) for name in names])

    def question(self, text: str) -> "Question":
        """Return the question of this text."""
        return self._dataset.question(text).question

    def strata(self) -> list[tuple[str, str]]:
        """Return the strata of the dataset, each behind its category."""
        pairs = self._dataset.names("category", "stratum")
        return [(category, stratum) for category, stratum in pairs if stratum]

    def doubts(self, text: str, periods: Iterable[tuple[int, ...]]) -> list[str]:
        """Return of each break that is only told that some periods, of first and last, cross it."""
        ends = [(years[0], years[-1]) for years in periods]
        years = only_told(self._dataset.layout, self.question(text).cdc_id, ends)
        return [self.say("doubtful", year=year) for year in years]

    @property
    def recodings(self) -> tuple[Recoding, ...]:
        """The strata that hold other people since some year."""
        return self._dataset.layout.recodings

    def did(self, text: str) -> str | None:
        """Return what those did whom a question counts, None where there are no words for it."""
        if self._dataset.layout.name != BRFSS.name or not self._are_percentages:
            return None
        return self.language.did.get(self.question(text).id)

    def share(self, text: str) -> str:
        """Return what a question measures, as a noun."""
        did = self.did(text)
        if did is not None:
            return self.say("share", did=did)
        return self.say("quantity", text=text, quantity=quantity(text))

    def short_name(self, text: str) -> str:
        """Return a question's short name."""
        question = self.question(text)
        layout = self._dataset.layout.name
        return self.language.short_name(question.id, question.short_name, layout)

    def when(
        self,
        years: str | None = None,
        *,
        ends: tuple[object, object] | None = None,
        stratum: str | None = None,
        place: str | None = None,
        adjusted: bool = False,
    ) -> str:
        """Return what a sentence begins with: years, or the first and last; among whom, where."""
        parts = [
            self.say("from_to", first=ends[0], last=ends[1]) if ends else "",
            self.say("in_years", years=years) if years else "",
            self.say("in_place", place=self.place(place)) if place else "",
            self.among(stratum) if stratum and stratum != TOTAL else "",
            self.say("by_age") if adjusted else "",
        ]
        return "".join(f"{part}, " for part in parts if part)

    def marked(self, rows: Sequence[Mapping[str, Any]], phrase: str = "rows_marked") -> str:
        """Return how many rows, or what a phrase calls them, are marked; empty for none."""
        marks = (row.get("presentation") or "" for row in rows)
        count = sum(mark.startswith((CAUTION, WITHHOLD)) for mark in marks)
        return self.say(phrase, rows=count) if count else ""

    def missing(self, rows: int) -> str:
        """Return how many rows have no estimate, empty for none."""
        return self.say("rows_without", rows=rows) if rows else ""

    def without(self, told: Sequence[tuple[str, str]]) -> str:
        """Return that some have no estimate, each with the status that stands in its place."""
        return self.say("without", named=self.with_reasons(told)) if told else ""

    def with_reasons(self, told: Sequence[tuple[str, str]]) -> str:
        """Return names, those of each status together, with the status behind them."""
        named: dict[str, list[str]] = {}
        for name, status in told:
            named.setdefault(status, []).append(name)
        return "; ".join(
            self.say("with_reason", name=self.listed(names), reason=self.say(status))
            for status, names in named.items()
        )
