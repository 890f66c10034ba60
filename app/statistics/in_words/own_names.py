"""What a language calls the names that stand in a sentence, and how it writes numbers there."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.messages.reading import quoted
from app.statistics.in_words.language import Language

# Why rows are left out as impossible, as `validity` has it.
_IMPOSSIBLE = MappingProxyType(
    {
        "percentage outside 0 to 100": "un procent în afara intervalului 0-100",
        "sample size below 1": "mai puțin de un om întrebat",
        "lower limit above the upper limit": "limita de jos peste cea de sus",
        "exact copy of another row": "copie exactă a altui rând",
    }
)


def own_names(language: Language, layout: str) -> "Names":
    """Return what Romanian calls things of a dataset of a layout."""
    strata = {**language.names["strata"], **language.layouts.get(layout, {}).get("strata", {})}
    known = {**language.names["categories"], **strata, **language.places, **_IMPOSSIBLE}
    return Names(known)


class Names:
    """Says names and figures, such as `Guam (2017, 2019) and Ohio`, in Romanian."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        longest_first = sorted(known, key=lambda name: -len(name))
        names = "|".join(map(re.escape, longest_first))
        # Behind the names, what is English between them: each is a way to say it.
        self._english = re.compile(
            rf"(?<![\w$])(?P<name>{names})(?!\w)"
            r"|(?P<more> and (?P<count>[\d,]+) more)"
            r"|(?P<and> and )"
            r"|(?P<or> or )"
            r"|(?P<of>(?<=\d) of (?=\d))"
            r"|(?P<in>(?<=\S) in (?=\d))"
            r"|(?P<thousands>\d{1,3}(?:,\d{3})+(?!\d))"
            r"|(?P<decimal>(?<=\d)\.(?=\d))"
        )

    def say(self, text: str) -> str:
        """Return names and figures in Romanian."""
        return quoted(self._english.sub(self._said, text))

    def _said(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "name":
                own = self._known[found["name"]]
                return f"„{own}”" if "," in own else own
            case "thousands":
                return found["thousands"].replace(",", ".")
            case "more":
                return f" și încă {found['count'].replace(',', '.')}"
            case "and":
                return " și "
            case "or":
                return " sau "
            case "of":
                return " din "
            case "in":
                return " în "
        return ","
