"""Says an English sentence of this program in Romanian."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from app.messages.message import QUOTED, RAW, SENTENCE, Message

_PLACE = re.compile(r"\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}")
# Sentences stand within others, but not deeper: what a client sends may look as if they did.
_DEEPEST = 4
_MOST_OF_FEW = 19
_SINGLE = "1"

Name = Callable[[str], str]


class _Said(NamedTuple):
    """A sentence in Romanian, and how much of the English one is words of messages."""

    romanian: str
    weight: int


class Reading:
    """Finds which of some messages a sentence is, and says it in Romanian.

    In the places of a message any text may be, another message too. So a sentence is taken as those
    messages that have the most words of it, one within another.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages

    def say(self, sentence: str, name: Name = str) -> str:
        """Return an English sentence in Romanian; as it is, where it is none of the messages.

        `name` returns what Romanian calls the names, years and numbers that stand in it.
        """
        said = self._said(sentence, name)
        return sentence if said is None else said.romanian

    def knows(self, sentence: str) -> bool:
        """Tell whether a sentence, and each that stands in it, has a Romanian one."""
        return self._said(sentence, str) is not None

    def _said(self, sentence: str, name: Name, depth: int = 0) -> _Said | None:
        if depth > _DEEPEST:
            return None
        said = (
            self._as(message, sentence, name, depth)
            for message in self._messages
            # Before its pattern is made: all of them take a twentieth of a second.
            if sentence.startswith(message.start)
        )
        return max(filter(None, said), key=lambda one: one.weight, default=None)

    def _as(self, message: Message, sentence: str, name: Name, depth: int) -> _Said | None:
        """Return a sentence as one of the messages, None where it is another."""
        found = message.pattern.fullmatch(sentence)
        if found is None:
            return None
        fields, weight = {}, message.weight
        for key, text in found.groupdict().items():
            field = self._field(message.kinds[key], text, name, depth)
            if field is None:
                return None
            fields[key] = field.romanian
            weight += field.weight
        return _Said(_filled(message.romanian, fields), weight)

    def _field(self, kind: str, text: str, name: Name, depth: int) -> _Said | None:
        if kind == SENTENCE and text:
            return self._said(text, name, depth + 1)
        if kind == QUOTED:
            return _Said(quoted(text), 0)
        return _Said(text if kind in (RAW, SENTENCE) else name(text), 0)


def _filled(romanian: str, fields: Mapping[str, str]) -> str:
    def place(found: re.Match[str]) -> str:
        value, one, several = fields[found[1]], found[2], found[3]
        return value if one is None else counted(value, one, several)

    return _PLACE.sub(place, romanian).replace("{{", "{").replace("}}", "}")


def quoted(text: str) -> str:
    """Return a text with Romanian quotation marks."""
    return re.sub(r'"([^"]*)"', r"„\1”", text)


def counted(number: str, one: str, several: str) -> str:
    """Return a whole number with its noun, as Romanian has it: 1 rând, 2 rânduri, 20 de rânduri."""
    if number == _SINGLE:
        return f"{number} {one}"
    last = int(re.sub(r"\D", "", number) or 0) % 100
    is_few = 0 < last <= _MOST_OF_FEW or not number.strip("0")
    return f"{number} {several}" if is_few else f"{number} de {several}"
