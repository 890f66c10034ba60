"""What a language has: phrases, names of what is in datasets, and how it writes numbers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language, by its code.

    `names` has what it calls questions, topics, categories and strata, and `nation` the nation, as
    the page has them too; those of one layout alone are in `layouts`. `did` says of CDC's questions
    of the BRFSS what the adults did whom they count. `places` has those that are called otherwise
    within a sentence than CDC calls them.
    """

    code: str
    decimal: str
    names: Mapping[str, Mapping[str, str]]
    layouts: Mapping[str, Mapping[str, Mapping[str, str]]]
    nation: str
    places: Mapping[str, str]
    did: Mapping[str, str]
    phrases: Mapping[str, str]
