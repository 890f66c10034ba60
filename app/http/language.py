"""The language that a request asks for, with `?lang=ro`."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import ENGLISH

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


def language_of(environ: "WSGIEnvironment") -> str:
    """Return the code of the language that the sentences of an answer are to be in.

    It is English where none is asked for, or one that is not spoken.
    """
    query = environ.get("QUERY_STRING", "")
    if "lang=" not in query:  # as most are
        return ENGLISH
    asked = dict(parse_qsl(query)).get("lang", ENGLISH)
    return asked if asked in LANGUAGES else ENGLISH
