"""Which question people mean: the server knows full texts and ids, here are short names, too.

A short name counts only where it is exactly one question's, letter case aside. Everything else is
refused with the questions that may be meant; nothing is guessed.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.cli.exit_codes import Refused

if TYPE_CHECKING:
    from app.client.client import StatsClient

_ID = re.compile(r"\s*Q\d{3}\s*", re.ASCII | re.IGNORECASE)
_MOST_NEAREST = 3


class Questions:
    """The questions of a server, which is asked for them at most once."""

    def __init__(self, stats: "StatsClient") -> None:
        self._stats = stats

    @cached_property
    def listed(self) -> list[dict[str, Any]]:
        """All of them, as the server tells of them."""
        return self._stats.questions()

    @property
    def short_names(self) -> Mapping[str, str]:
        """Return the short name of each full text."""
        return {question["text"]: question["short_name"] for question in self.listed}

    def find(self, name: str) -> str:
        """Return what to ask the server for; raise Refused for what is no one question."""
        if _ID.fullmatch(name):
            return name
        wanted = _folded(name)
        if any(wanted in (_folded(one["text"]), _folded(one["id"])) for one in self.listed):
            return name
        meant = [one for one in self.listed if _folded(one["short_name"]) == wanted]
        if len(meant) == 1:
            text: str = meant[0]["text"]
            return text
        if meant:
            ids = ", ".join(one["id"] for one in meant)
            raise Refused(f'"{name}" is the short name of several questions: {ids}')
        nearest = [
            (one["id"], f"{one['short_name']} ({one['id']})") for one in self._nearest(wanted)
        ]
        hint = "" if nearest else "; `questions` lists those that are known"
        raise Refused(f'unknown question "{name}"{hint}', nearest)

    def in_body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body whose questions are such as the server knows."""
        found = dict(body)
        for key in ("question", "questions"):
            value = found.get(key)
            if isinstance(value, str):
                found[key] = self.find(value)
            elif isinstance(value, list) and all(isinstance(name, str) for name in value):
                found[key] = [self.find(name) for name in value]
        return found

    def _nearest(self, wanted: str) -> Sequence[dict[str, Any]]:
        """Return the questions that may be meant, best first."""
        words = wanted.split()
        named = {_folded(one["short_name"]): one for one in self.listed}
        within = [one for name, one in named.items() if words and all(w in name for w in words)]
        if within:
            return within[:_MOST_NEAREST]
        whole = [named[name] for name in get_close_matches(wanted, named, _MOST_NEAREST)]
        if whole:
            return whole
        by_word = {word: name for name in named for word in name.split() if len(word) > 3}
        near = [named[by_word[word]] for word in get_close_matches(wanted, by_word)]
        texts = [one for one in self.listed if all(word in _folded(one["text"]) for word in words)]
        return (near or texts)[:_MOST_NEAREST]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
