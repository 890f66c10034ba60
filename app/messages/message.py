"""A sentence with places to fill in, in every language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import NewType

# A sentence that has a Romanian one beside it: made by a `Message`, and by nothing else.
Sentence = NewType("Sentence", str)

# What may stand in a place, behind its name and a colon; without one, it is names, years or
# numbers, in a row.
RAW = "raw"  # whatever a client or a file calls something
QUOTED = "quoted"  # the same, in quotes, in a row
YEARS = "years"  # as `2011-2013, 2015`
SENTENCE = "told"  # another sentence, or none
_PATTERNS = {"": ".+?", RAW: ".*?", QUOTED: ".*?", YEARS: r"\d{4}(?:[-, \d]*\d)?", SENTENCE: ".*?"}


@dataclass(frozen=True)
class Message:
    """A sentence in English and in Romanian, whose places, such as `{states}`, are filled in.

    A number with its noun is `{rows|row|rows}`, as `Counted` fills it in, in Romanian
    `{rows|rând|rânduri}`, which is "1 rând", "2 rânduri" and "20 de rânduri".
    """

    english: str
    romanian: str

    def __call__(self, **fields: object) -> Sentence:
        """Return the English sentence."""
        return Sentence(self._template.format_map(Counted(fields)))

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """What may stand in each place, by its name."""
        return {place.partition("|")[0]: kind for _, place, kind in self._parts() if place}

    @cached_property
    def _template(self) -> str:
        return "".join(
            text.replace("{", "{{").replace("}", "}}") + (f"{{{place}}}" if place else "")
            for text, place, _ in self._parts()
        )

    @cached_property
    def weight(self) -> int:
        """How much of it is the same each time it is said."""
        return sum(len(text) for text, *_ in self._parts())

    @cached_property
    def start(self) -> str:
        """What it begins with each time it is said: all before its first place."""
        return next((text for text, *_ in self._parts()), "")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the English sentence, with a group for each place."""
        parts, seen = [], set[str]()
        for text, place, kind in self._parts():
            parts.append(re.escape(text))
            name, counted, nouns = place.partition("|")
            if name:
                parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{_PATTERNS[kind]})")
                seen.add(name)
            if counted:
                parts.append(f" (?:{re.escape(nouns).replace(re.escape('|'), '|')})")
        return re.compile("".join(parts), re.DOTALL)

    def _parts(self) -> Iterator[tuple[str, str, str]]:
        """Yield each text of the English sentence, the place behind it, and what may stand there.

        The last two are empty behind the last text.
        """
        for text, place, kind, _ in Formatter().parse(self.english):
            yield text, place or "", kind or ""


def counted(number: int, noun: str) -> str:
    """Return `1 row`, or `1,234 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Counted(dict[str, object]):
    """Fields of an English text, which may write a number with its noun: `{rows|row|rows}`."""

    def __missing__(self, place: str) -> str:
        """Return the number and its noun; raise KeyError for a place that has none."""
        name, *nouns = place.split("|")
        if not nouns:
            raise KeyError(place)
        number, (one, several) = str(self[name]), nouns
        return f"{number} {one if number == '1' else several}"
