"""Reads a request's body as a JSON object, and says in plain words why one cannot be read.

Two well-kept readers, each for what it is strict about: orjson refuses broken UTF-8, NaN, lone
surrogates and deep nesting; the standard library's tells of duplicate keys, where others silently
take the last.
"""

import json
from typing import Any

from app import json_bytes
from app.errors import BadRequest, UnsupportedBody

MOST_BYTES = 64 * 1024

# What `curl -d` sends on its own is understood, and so is a client that says nothing.
_TAKEN = frozenset(
    {"", "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded"}
)
_ENCODINGS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})


def check_declared(media_type: str, charset: str, content_encoding: str) -> None:
    """Raise UnsupportedBody for a body that is declared to be something other than plain JSON."""
    if media_type not in _TAKEN and not media_type.endswith("+json"):
        raise UnsupportedBody("expected a JSON body, with Content-Type: application/json or none")
    if charset.lower() not in _ENCODINGS:
        raise UnsupportedBody("expected a JSON body in UTF-8")
    if content_encoding.lower() not in ("", "identity"):
        raise UnsupportedBody("expected a JSON body without Content-Encoding")


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` holds; raise BadRequest when it holds none."""
    if not body.strip():
        raise BadRequest('the body is empty; expected a JSON object such as {"question": "..."}')
    try:
        content = json_bytes.decode(body)
    except json_bytes.DecodeError as error:
        raise BadRequest(f"the body is not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadRequest("the body is valid JSON, but not an object in braces")
    try:
        json.loads(body, object_pairs_hook=_unique)
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise BadRequest("the body names a key twice")
    return content


def text_field(content: dict[str, Any], key: str) -> str:
    """Return the text under `key`; raise BadRequest when it is missing, no text, or empty."""
    if key not in content:
        raise BadRequest(f'"{key}" is missing')
    value = content[key]
    if not isinstance(value, str):
        raise BadRequest(f'"{key}" must be text in quotes')
    if not value.strip():
        raise BadRequest(f'"{key}" is empty')
    return value
