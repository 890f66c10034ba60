"""What a statistic is asked, as the query of an address: `question=obesity&where.state=OH,TX`.

Parameters have the names of a body's keys. A part of an object has a dot before it, as in
`years.from=2011`. A list comes as one parameter for each value, or as one with commas between them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin
from urllib.parse import urlencode

from msgspec import Struct, structs

from app.errors import BadRequest
from app.messages import reasons
from app.statistics.parameters import Parameters, alternatives, extra, longest_list

Pair = tuple[str, str]
# Tells of a kind of names ("state", "stratum") and a text whether the text is one of these.
IsName = Callable[[str, str], bool]

_INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


class _Kind(NamedTuple):
    """What the values of a field are.

    `bare` types are those that it may have. One of them may be an object, `nested`; or a list, of
    values `of_list`, `most` at most, which may be `names` of a kind.
    """

    bare: Sequence[Any]
    nested: type[Struct] | None
    of_list: Sequence[Any]
    most: int
    names: str | None


@cache
def _kinds(model: type[Struct]) -> Mapping[str, _Kind]:
    """Return what the fields of a model are: once, for that takes longer than all the rest."""
    return {field.encode_name: _kind(field.type) for field in structs.fields(model)}


def _kind(kind: Any) -> _Kind:
    bare = alternatives(kind)
    models = (one for one in bare if isinstance(one, type) and issubclass(one, Struct))
    of_list = [get_args(one)[0] for one in bare if get_origin(one) is list]
    return _Kind(
        bare,
        next(models, None),
        alternatives(of_list[0]) if of_list else (),
        longest_list(kind),
        extra(kind, "names"),
    )


def body_of(pairs: Sequence[Pair], model: type[Parameters], is_name: IsName) -> dict[str, Any]:
    """Return the body that asks what the parameters of an address do.

    What it cannot have is left as it is, so that the check of the body says what is wrong. Raises
    BadRequest for a value that comes twice where one is meant.
    """
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    body: dict[str, Any] = {}
    for name, given in texts.items():
        _put(body, model, name, name, given, is_name)
    return body


def _put(
    body: dict[str, Any],
    model: type[Struct],
    name: str,
    whole: str,
    texts: Sequence[str],
    is_name: IsName,
) -> None:
    """Put the texts of a parameter into an object; `whole` is the parameter's name in full."""
    kinds = _kinds(model)
    key, _, part = name.partition(".")
    if key not in kinds or not part:
        kind = kinds.get(key) if not part else None
        if key in body:
            raise BadRequest(reasons.WHOLE_AND_PART(whole=whole))
        if kind is None:  # nothing that the statistic is asked
            body[name] = _only(whole, texts)
        else:
            body[key] = _value(whole, kind, texts, is_name)
        return
    inner = body.setdefault(key, {})
    if not isinstance(inner, dict):
        outer = whole.removesuffix(name) + key
        raise BadRequest(reasons.PART_AND_WHOLE(key=outer, whole=whole))
    nested = kinds[key].nested
    if nested is not None:
        _put(inner, nested, part, whole, texts, is_name)
        return
    # Of an object whose keys are names, such as the shares of strata.
    text = _only(whole, texts)
    inner[part] = float(text) if _NUMBER.fullmatch(text) else text


def _value(name: str, kind: _Kind, texts: Sequence[str], is_name: IsName) -> Any:
    """Return what the texts of one parameter stand for in a body."""
    if not kind.of_list:
        return _one(_only(name, texts), kind.bare)
    # Of more texts than a list may have, the check of the body says so, whatever they are.
    names = kind.names if len(texts) <= kind.most else None
    parts = [
        part.strip()
        for text in texts
        for part in ([text] if names and is_name(names, text) else text.split(","))
    ]
    values = [_one(part, kind.of_list) for part in parts]
    is_one = len(values) == 1 and any(bare in (str, int) for bare in kind.bare)
    return values[0] if is_one else values


def _one(text: str, kinds: Sequence[Any]) -> Any:
    if bool in kinds:
        return _BOOLEANS.get(text, text)
    return int(text) if int in kinds and _INTEGER.fullmatch(text) else text


def _only(name: str, texts: Sequence[str]) -> str:
    if len(texts) > 1:
        raise BadRequest(reasons.SEVERAL_TIMES(name=name))
    return texts[0]


def query_of(body: Mapping[str, Any]) -> str:
    """Return the query of the address that asks what a body does, without `?`."""
    return urlencode(list(_pairs(body, "")))


def _pairs(values: Mapping[str, Any], prefix: str) -> Iterator[Pair]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _pairs(value, f"{name}.")
        elif isinstance(value, list):
            yield from ((name, _text(one)) for one in value)
        elif value is not None:
            yield name, _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
