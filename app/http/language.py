"""The language that a request asks for, with `?lang=ro`."""

from urllib.parse import parse_qsl

from app.http.request import Request
from app.statistics.in_words.languages import LANGUAGES
from app.statistics.in_words.said import ENGLISH


def language_of(request: Request) -> str:
    """Return the code of the language that the sentences of an answer are to be in.

    It is English where none is asked for, or one that is not spoken.
    """
    if "lang=" not in request.query:  # as in most
        return ENGLISH
    asked = dict(parse_qsl(request.query)).get("lang", ENGLISH)
    return asked if asked in LANGUAGES else ENGLISH
