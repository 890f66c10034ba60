"""The languages of the page, and their texts: one file each, in `texts/`."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from werkzeug.datastructures import LanguageAccept

from app.statistics.in_words.languages import LANGUAGES as SPOKEN

# The first is spoken where none of them is asked for.
LANGUAGES = tuple(SPOKEN)

_FOLDER = Path(__file__).parent / "texts"


class Languages:
    """The texts of the page in each language.

    What is in datasets is called as answers in a sentence call it.
    """

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, Any]]:
        """The texts of each language: those of its file, and its names of what is in datasets."""
        return {language: _texts(language) for language in LANGUAGES}

    def choose(self, chosen: str | None, accepted: LanguageAccept) -> str:
        """Return the language to speak: the one that was chosen, else the browser's."""
        if chosen in LANGUAGES:
            return str(chosen)
        # Not `best_match`, which prefers `ro` of lower quality to `en-GB`.
        for tag, quality in sorted(accepted, key=lambda one: -one[1]):
            language = tag.partition("-")[0].lower()
            if quality and language in LANGUAGES:
                return language
        return LANGUAGES[0]


def _texts(code: str) -> Mapping[str, Any]:
    texts: dict[str, Any] = json.loads((_FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    spoken, names = SPOKEN[code], texts["names"]
    # What datasets call places is English; in an English sentence it may have an article.
    places = {} if code == LANGUAGES[0] else spoken.places
    names |= {"nation": spoken.nation, "places": dict(places), **spoken.names}
    for layout, own in spoken.layouts.items():
        names["layouts"][layout]["names"] = own
    return texts
