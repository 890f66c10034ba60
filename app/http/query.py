"""The parameters in the query of a request's address, such as `?wait=10&format=csv`.

What cannot be meant is refused with BadRequest, which names the parameter.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from app.errors import BadRequest
from app.http.request import Request
from app.messages import reasons

MOST_SECONDS = 30.0
MOST_NUMBER = 999_999_999
# To take more apart would hold up all others: addresses are read on the event loop.
_MOST_PARAMETERS = 500

_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def check_number(query: str) -> None:
    """Raise BadRequest for a query with more parameters than anything can be asked by."""
    if query.count("&") >= _MOST_PARAMETERS:
        raise BadRequest(reasons.TOO_MANY_PARAMETERS(most=_MOST_PARAMETERS))


class Query:
    """The parameters of one request. Of one that comes twice, the last counts, or it is refused."""

    __slots__ = ("_pairs", "_values")

    def __init__(self, request: Request) -> None:
        text = request.query
        check_number(text)
        self._pairs = parse_qsl(text, keep_blank_values=True) if text else []
        self._values = dict(self._pairs)

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """All parameters, in their order."""
        return self._pairs

    def text(self, name: str) -> str | None:
        """Return a parameter as it is, None without it."""
        return self._values.get(name)

    def single(self, name: str) -> str | None:
        """Return a parameter as it is, None without it; one that comes twice is refused."""
        if len(self._pairs) > len(self._values) and sum(key == name for key, _ in self._pairs) > 1:
            raise BadRequest(reasons.SEVERAL_TIMES_NAME_ONE(name=name))
        return self._values.get(name)

    def complete(self, body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Return a body with a parameter of the query in it, where the body does not have it."""
        value = self.single(name)
        return body if value is None or name in body else {**body, name: value}

    def one_of(self, name: str, known: Sequence[str]) -> str | None:
        """Return a parameter that must be one of `known`, None without it."""
        value = self._values.get(name)
        if value is not None and value not in known:
            raise BadRequest(
                reasons.MUST_BE(name=name, what=reasons.ONE_OF(known=", ".join(known)))
            )
        return value

    def several(self, name: str) -> frozenset[str]:
        """Return the values of a parameter that may be repeated.

        They may also come in one parameter, with commas between them.
        """
        given = [value for key, values in self._pairs if key == name for value in values.split(",")]
        return frozenset(value for value in given if value)

    def several_of(self, name: str, known: Sequence[str]) -> frozenset[str]:
        """Return the values, each one of `known`, of a parameter that may be repeated."""
        wanted = self.several(name)
        if not wanted <= set(known):
            raise BadRequest(reasons.AMONG(name=name, known=", ".join(known)))
        return wanted

    def whole_number(self, name: str, most: int = MOST_NUMBER) -> int | None:
        """Return a whole number from 1 to `most`, None without it."""
        text = self._values.get(name)
        if text is None:
            return None
        number = int(text) if _DIGITS.fullmatch(text) and len(text) <= len(str(most)) else 0
        if not 1 <= number <= most:
            what = reasons.WHOLE_NUMBER(most=f"{most:,}")
            raise BadRequest(reasons.MUST_BE(name=name, what=what))
        return number

    def wait_seconds(self) -> float:
        """Return how long a request may wait: `?wait=`, 0 without it, 30 where it is more."""
        text = self._values.get("wait")
        if text is None:
            return 0.0
        if not _SECONDS.fullmatch(text):
            raise BadRequest(reasons.SECONDS(seconds=f"{MOST_SECONDS:g}"))
        return min(float(text), MOST_SECONDS)
