"""Sentences of this program in another language: what was computed and kept is English."""

from functools import cache

from app.messages.catalogue import READING
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.own_names import Names, own_names

ENGLISH = next(iter(LANGUAGES))


def said_in(language: str, sentence: str, layout: str = "") -> str:
    """Return an English sentence in a language, by its code; `layout` is that of its dataset.

    One that has no other language stays as it is.
    """
    if language == ENGLISH:
        return sentence
    return READING.say(sentence, _names(language, layout).say)


@cache
def _names(language: str, layout: str) -> Names:
    return own_names(LANGUAGES[language], layout)
