"""The languages that are spoken, by their codes; the first is that of everything else."""

from collections.abc import Mapping
from types import MappingProxyType

from app.statistics.in_words.english import ENGLISH
from app.statistics.in_words.language import Language
from app.statistics.in_words.romanian import ROMANIAN

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {language.code: language for language in (ENGLISH, ROMANIAN)}
)
