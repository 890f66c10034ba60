"""What a language has: phrases, names of what is in datasets, and how it writes numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.datasets.layouts import BRFSS
from app.datasets.strata import AGE, GENDER, SEX, category_of


@dataclass(frozen=True, slots=True)
class Language:
    """A language, by its code.

    `names` has what it calls questions and their texts, topics, categories and strata, and `nation`
    the nation, as the page has them too; those of one layout alone are in `layouts`. `did` says of
    CDC's questions of the BRFSS what the adults did whom they count. `places` has those that are
    called otherwise within a sentence than CDC calls them.
    """

    code: str
    decimal: str
    names: Mapping[str, Mapping[str, str]]
    layouts: Mapping[str, Mapping[str, Mapping[str, str]]]
    nation: str
    places: Mapping[str, str]
    did: Mapping[str, str]
    phrases: Mapping[str, str]

    def called(self, kind: str, name: str, layout: str) -> str:
        """Return what the language calls something of a dataset; else its own name."""
        own = self.layouts.get(layout, {}).get(kind, {})
        return own.get(name) or self.names[kind].get(name, name)

    def quoted(self, kind: str, name: str, layout: str) -> str:
        """Return what the language calls something of a dataset, in quotes."""
        return self.phrases["quoted"].format(name=self.called(kind, name, layout))

    def place(self, name: str) -> str:
        """Return a place, to stand within a sentence."""
        return self.places.get(name, name)

    def listed(self, names: Sequence[str], last: str = "and") -> str:
        """Return all names as `Guam, Iowa and Ohio`; `last` may be `or`."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])}{self.phrases[last]}{names[-1]}"

    def among(self, stratum: str, layout: str) -> str:
        """Return who the people of a stratum are, such as "among men"."""
        name, category = self.called("strata", stratum, layout), category_of(stratum)
        if category in (GENDER, SEX):
            return self.phrases["among_sex"].format(group=name.lower())
        if category == AGE:
            return self.phrases["among_age"].format(group=name)
        return self.phrases["among_group"].format(group=name)

    def short_name(self, cdc_id: str, own: str, layout: str) -> str:
        """Return the short name of a question; its `own` where it is none that is known."""
        return self.names["questions"].get(cdc_id, own) if layout == BRFSS.name else own
