"""Reads a request's body, as a JSON object, and says in plain words why it cannot.

Two well-kept readers, each for what it is strict about: orjson refuses broken UTF-8, NaN, lone
surrogates and deep nesting; the standard library's tells of duplicate keys, where others silently
take the last.
"""

import json
from types import MappingProxyType
from typing import Any

from werkzeug.http import parse_options_header

from app import json_bytes
from app.errors import BadRequest, BodyTooLarge, UnsupportedBody
from app.http.error_handlers import Problem
from app.http.paths import with_single_slashes
from app.http.request import Request
from app.messages import reasons

MOST_BYTES = 64 * 1024
# Of a batch: 10,000 jobs, each with a question of 250 characters.
_MOST_BATCH_BYTES = 8 * 1024 * 1024
# Of the ids of a batch: 10,000 of the longest.
_MOST_IDS_BYTES = 512 * 1024

_MOST_BYTES = MappingProxyType(
    {"/api/batch": _MOST_BATCH_BYTES, "/api/batch/results": _MOST_IDS_BYTES}
)

# What `curl -d` sends on its own is understood, and so is a client that says nothing.
_TAKEN = frozenset(
    {"", "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded"}
)
_ENCODINGS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})


def most_bytes(path: str) -> int:
    """Return how long the body of a request to `path` (which may have doubled slashes) may be."""
    if not path.rstrip("/").endswith(("/batch", "results")):  # as nearly none does
        return MOST_BYTES
    return _MOST_BYTES.get(with_single_slashes(path).rstrip("/"), MOST_BYTES)


def too_large(most: int) -> Problem:
    """Return the answer to a request whose body is longer than `most`, and is not looked at."""
    return Problem.of(BodyTooLarge(reasons.BODY_TOO_LARGE(most=most // 1024)))


def check_declared(request: Request) -> None:
    """Raise UnsupportedBody for a body that is declared to be something other than plain JSON."""
    declared = request.headers.get("content-type", "")
    encoding = request.headers.get("content-encoding", "")
    if declared == "application/json" and not encoding:
        return  # as nearly every client has it
    media_type, options = parse_options_header(declared.lower())
    if media_type not in _TAKEN and not media_type.endswith("+json"):
        raise UnsupportedBody(reasons.NOT_JSON())
    if options.get("charset", "") not in _ENCODINGS:
        raise UnsupportedBody(reasons.NOT_UTF8())
    if encoding.lower() not in ("", "identity"):
        raise UnsupportedBody(reasons.ENCODED())


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` holds; raise BadRequest when it holds none."""
    content = _parse(body, '{"question": "..."}')
    if not isinstance(content, dict):
        raise BadRequest(reasons.BODY_NOT_OBJECT())
    return content


def parse_array(body: bytes, most_tokens: int) -> list[Any]:
    """Return the JSON array that `body` holds; raise BadRequest when it holds none.

    `most_tokens` bounds the values in it, roughly: before they are made, for millions of small ones
    would take hundreds of times the memory of the body.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > most_tokens:
        raise BadRequest(reasons.BODY_TOO_MANY())
    content = _parse(body, '[{"statistic": "best5", "question": "..."}]')
    if not isinstance(content, list):
        raise BadRequest(reasons.BODY_NOT_ARRAY())
    return content


def _parse(body: bytes, example: str) -> Any:
    if not body.strip():
        raise BadRequest(reasons.BODY_EMPTY(example=example))
    encoding = json.detect_encoding(body)
    if not encoding.startswith("utf-8"):  # as some shells and editors of Windows write files
        known = encoding[: len("utf-16")].upper()
        raise BadRequest(reasons.BODY_ENCODING(encoding=known))
    try:
        content = json_bytes.decode(body)
    except json_bytes.DecodeError as error:
        raise BadRequest(reasons.BODY_INVALID(error=error)) from None
    if body.count(b":") != _keys(content):
        try:
            _UNIQUE_KEYS.decode(body.decode())
        except RecursionError:
            raise BadRequest(reasons.BODY_TOO_DEEP()) from None
    return content


def _keys(content: Any) -> int:
    """Count the keys of an object, or of the objects in an array.

    Where a body has no more colons than that, no key was given twice (nor a colon anywhere else),
    which spares nearly every request the slower reader.
    """
    if isinstance(content, dict):
        return len(content)
    objects = content if isinstance(content, list) else []
    return sum(len(item) for item in objects if isinstance(item, dict))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise BadRequest(reasons.KEY_TWICE())
    return content


_UNIQUE_KEYS = json.JSONDecoder(object_pairs_hook=_unique)


def text_field(content: dict[str, Any], key: str) -> str:
    """Return the text under `key`; raise BadRequest when it is missing, no text, or empty."""
    if key not in content:
        raise BadRequest(reasons.MISSING(name=key))
    value = content[key]
    if not isinstance(value, str):
        raise BadRequest(reasons.MUST_BE(name=key, what=reasons.TEXT()))
    if not value.strip():
        raise BadRequest(reasons.EMPTY(name=key))
    return value
