"""The address of an answer, which says all that was asked."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app import json_bytes
from app.answers.compute import Answers
from app.job import JobRequest
from app.statistics.address import query_of
from app.statistics.parameters import DATASET

_NO_LOOK: Mapping[str, str | None] = MappingProxyType({})


def address_of(
    request: JobRequest,
    answers: Answers,
    ending: str = "",
    look: Mapping[str, str | None] = _NO_LOOK,
) -> str:
    """Return the one address of an answer, relative to `/api/answers/`.

    Questions are named by their ids there, where these find them. `ending` is that of a file,
    `look` what is asked of a chart.
    """
    body: dict[str, Any] = json_bytes.decode(request.parameters)
    named = answers.dataset.short_key
    for key in ("question", "questions"):
        if isinstance(body.get(key), str):
            body[key] = named(body[key])
        elif isinstance(body.get(key), list):
            body[key] = [named(text) for text in body[key]]
    body |= {DATASET: answers.name, **look}
    return f"{request.statistic}{ending}?{query_of(body)}"
