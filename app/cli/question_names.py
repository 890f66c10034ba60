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
from app.datasets.names import LONGEST_COMPARED

if TYPE_CHECKING:
    from app.client.client import StatsClient

_ID = re.compile(r"\s*Q\d{3}\s*", re.ASCII | re.IGNORECASE)
_MOST_NEAREST = 3


class Questions:
    """The questions of a server's datasets; it is asked for those of each at most once."""

    def __init__(self, stats: "StatsClient") -> None:
        self._stats = stats
        self._listed: dict[str | None, list[dict[str, Any]]] = {}

    def _of(self, dataset: str | None) -> list[dict[str, Any]]:
        """Return all of a dataset's, as the server tells of them."""
        if dataset not in self._listed:
            self._listed[dataset] = self._stats.questions(dataset=dataset)
        return self._listed[dataset]

    @cached_property
    def _defaults(self) -> Mapping[str, str]:
        """Which dataset each statistic asks where none is named."""
        served = self._stats.datasets()
        return {statistic: one["name"] for one in served for statistic in one["default_for"]}

    def short_names(self, dataset: str | None = None) -> Mapping[str, str]:
        """Return the short name of each full text; none of a dataset that is not served."""
        from app.client.errors import BadQuestion

        try:
            return {question["text"]: question["short_name"] for question in self._of(dataset)}
        except BadQuestion:
            return {}

    def _find(self, name: str, dataset: str | None) -> str:
        """Return what to ask the server for; raise Refused for what is no one question."""
        wanted, listed = _folded(name), self._of(dataset)
        if any(wanted in (_folded(one["text"]), _folded(one["id"])) for one in listed):
            return name
        meant = [one for one in listed if _folded(one["short_name"]) == wanted]
        if len(meant) == 1:
            text: str = meant[0]["text"]
            return text
        if meant:
            ids = ", ".join(one["id"] for one in meant)
            raise Refused(f'"{name}" is the short name of several questions: {ids}')
        typed = [one for one in listed if _is_type_of(wanted, one)]
        if len(typed) == 1:
            return str(typed[0]["text"])
        if typed:
            choice = [(one["id"], one["id"]) for one in typed]
            raise Refused(f'question "{name}" has values of several types', choice)
        nearest = [
            (one["id"], f"{one['short_name']} ({one['id']})") for one in _nearest(wanted, listed)
        ]
        hint = "" if nearest else "; `questions` lists those that are known"
        raise Refused(f'unknown question "{name}"{hint}', nearest)

    def in_body(self, statistic: object, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body whose questions are such as the dataset that it asks knows."""

        def find(name: str) -> str:
            if _ID.fullmatch(name):
                return name
            dataset = body.get("dataset") or self._defaults.get(str(statistic))
            return self._find(name, dataset if isinstance(dataset, str) else None)

        found = dict(body)
        for key in ("question", "questions"):
            value = found.get(key)
            if isinstance(value, str):
                found[key] = find(value)
            elif isinstance(value, list) and all(isinstance(name, str) for name in value):
                found[key] = list(map(find, value))
        return found


def _is_type_of(wanted: str, one: Mapping[str, Any]) -> bool:
    """Tell whether a question is one of several types of the question that a name means."""
    ways = ((one["id"], "-"), (one["text"], " ("), (one["short_name"], " ("))
    return bool(one["value_type"]) and any(
        _folded(name).startswith(wanted + behind) for name, behind in ways
    )


def _nearest(wanted: str, listed: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Return the questions that may be meant, best first."""
    if len(wanted) > LONGEST_COMPARED:
        return []
    words = wanted.split()
    named = {_folded(one["short_name"]): one for one in listed}
    within = [one for name, one in named.items() if words and all(w in name for w in words)]
    if within:
        return within[:_MOST_NEAREST]
    whole = [named[name] for name in get_close_matches(wanted, named, _MOST_NEAREST)]
    if whole:
        return whole
    by_word = {word: name for name in named for word in name.split() if len(word) > 3}
    near = [named[by_word[word]] for word in get_close_matches(wanted, by_word)]
    texts = [one for one in listed if all(word in _folded(one["text"]) for word in words)]
    return (near or texts)[:_MOST_NEAREST]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
