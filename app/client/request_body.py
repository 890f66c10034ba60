"""What a call asks, as the JSON that is sent."""

import json
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from app.client.errors import BadQuestion


def encoded(asked: Mapping[str, Any], item: int | None = None) -> bytes:
    """Return what is asked in JSON; raise BadQuestion where it has none.

    `item` is its place in a batch.
    """
    try:
        return json.dumps(asked, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as fault:
        place = "" if item is None else f"[{item}]: "
        error = BadQuestion(f"{place}what is asked cannot be sent as JSON: {fault}")
        error.item = item
        raise error from None


def _plain(value: object) -> object:
    """Return what json does not know, but the methods take, as something that it knows.

    A range is a sequence, say, and the year of a row of a numpy array an integer.
    """
    match value:
        case Mapping():
            return dict(value)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return list(value)
        case Integral():
            return int(value)
        case Real():
            return float(value)
    raise TypeError(f"it has a value of type {type(value).__name__}")
