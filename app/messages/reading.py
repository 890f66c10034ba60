"""Says an English sentence of this program in Romanian."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from app.messages.message import QUOTED, RAW, SENTENCE, Message

_PLACE = re.compile(r"\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}")
# Sentences stand within others, but not deeper: what a client sends may look as if they did.
_DEEPEST = 4
_MOST_OF_FEW = 19
_SINGLE = "1"

Name = Callable[[str], str]


class Reading:
    """Finds which of some messages a sentence is, and says it in Romanian."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._given = messages

    @cached_property
    def _messages(self) -> Sequence[Message]:
        """Them in order, made when the first is looked for: most servers speak English alone.

        What says more by itself goes first: of others, any text may be in the places.
        """
        return sorted(self._given, key=lambda one: -one.weight)

    def say(self, sentence: str, name: Name = str) -> str:
        """Return an English sentence in Romanian; as it is, where it is none of the messages.

        `name` returns what Romanian calls the names, years and numbers that stand in it.
        """
        return self._said(sentence, name) or sentence

    def knows(self, sentence: str) -> bool:
        """Tell whether a sentence, and each that stands in it, has a Romanian one."""
        return self._said(sentence, str) is not None

    def _said(self, sentence: str, name: Name, depth: int = 0) -> str | None:
        if depth > _DEEPEST:
            return None
        for message in self._messages:
            if not sentence.startswith(message.start):
                continue  # before its pattern is made: all of them take a twentieth of a second
            found = message.pattern.fullmatch(sentence)
            if found is None:
                continue
            fields = {
                key: self._field(message.kinds[key], text, name, depth)
                for key, text in found.groupdict().items()
            }
            if None not in fields.values():
                return _filled(message.romanian, fields)
        return None

    def _field(self, kind: str, text: str, name: Name, depth: int) -> str | None:
        if kind == RAW:
            return text
        if kind == QUOTED:
            return quoted(text)
        if kind == SENTENCE:
            return self._said(text, name, depth + 1) if text else ""
        return name(text)


def _filled(romanian: str, fields: Mapping[str, str | None]) -> str:
    def place(found: re.Match[str]) -> str:
        value, one, several = fields[found[1]] or "", found[2], found[3]
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
