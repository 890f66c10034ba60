"""All sentences that stand in both languages."""

from collections.abc import Iterator
from types import ModuleType

from app.messages import caveats, descriptions, reasons, sources
from app.messages.message import Message
from app.messages.reading import Reading


def _of(module: ModuleType) -> Iterator[Message]:
    for name, value in vars(module).items():
        if isinstance(value, Message):
            yield value
        elif isinstance(value, tuple) and name.isupper():
            yield from value


_MODULES = (caveats, reasons, descriptions, sources)
MESSAGES = tuple(message for module in _MODULES for message in _of(module))
READING = Reading(MESSAGES)
