"""A sentence with places to fill in, in every language."""

import re
from collections.abc import Mapping
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

    Romanian writes a number with its noun as `{rows|rând|rânduri}`, which is "1 rând", "2 rânduri"
    and "20 de rânduri".
    """

    english: str
    romanian: str

    def __call__(self, **fields: object) -> Sentence:
        """Return the English sentence."""
        return Sentence(self._template.format_map(fields))

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """What may stand in each place, by its name."""
        parsed = Formatter().parse(self.english)
        return {name: spec or "" for _, name, spec, _ in parsed if name}

    @cached_property
    def _template(self) -> str:
        return "".join(
            text.replace("{", "{{").replace("}", "}}") + (f"{{{name}}}" if name else "")
            for text, name, _, _ in Formatter().parse(self.english)
        )

    @cached_property
    def weight(self) -> int:
        """How much of it is the same each time it is said."""
        return sum(len(text) for text, *_ in Formatter().parse(self.english))

    @cached_property
    def start(self) -> str:
        """What it begins with each time it is said: all before its first place."""
        return next((text for text, *_ in Formatter().parse(self.english)), "")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the English sentence, with a group for each place."""
        parts, seen = [], set[str]()
        for text, name, spec, _ in Formatter().parse(self.english):
            parts.append(re.escape(text))
            if name:
                parts.append(
                    f"(?P={name})" if name in seen else f"(?P<{name}>{_PATTERNS[spec or '']})"
                )
                seen.add(name)
        return re.compile("".join(parts), re.DOTALL)
