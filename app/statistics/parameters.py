"""What a statistic is asked: typed models, and from a body in JSON to one of them.

A model is a `Parameters` with a field for each key. From it come the check of a body, its JSON
schema, the options of the command line and the methods of the client. The types below are those
that fields have in common; the `extra` of each says what only people need:

| key | what it says |
| --- | --- |
| `names` | which names the text is one of: question, topic, state, category, stratum or dataset |
| `expected` | what a value must be, in the words of an error |
| `option` | of a pair of names, the option of the command line that is given twice |
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, UnsetType, structs

from app.errors import BadRequest, shortened
from app.messages import reasons

P = TypeVar("P", bound="Parameters")

# The key of a body that says which dataset is asked. It is no parameter: any statistic has it.
DATASET = "dataset"

FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_NAMES = 1000


class Parameters(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What one statistic is asked. Its fields, in their order, are how a job is recorded."""


def _name(description: str, names: str) -> Meta:
    extra = {"names": names, "expected": "text in quotes"}
    schema = {"x-names": names}
    return Meta(description=description, pattern=r"\S", extra=extra, extra_json_schema=schema)


Question = Annotated[str, _name("its full text, or CDC's id such as Q036", "question")]
State = Annotated[str, _name("name of a state, or its abbreviation such as OH", "state")]
Category = Annotated[str, _name("what tells people apart, such as Income", "category")]
Stratum = Annotated[str, _name("whom to count, such as Female; everyone by default", "stratum")]


def _several(description: str, names: str) -> Meta:
    expected = f"a name, or an array of one or more names, at most {MOST_NAMES}"
    extra = {"names": names, "expected": expected}
    return Meta(description=description, extra=extra, extra_json_schema={"x-names": names})


_Dataset = Annotated[str, _name("which dataset to ask, by its name", DATASET)]

_Names = str | Annotated[list[str], Meta(min_length=1, max_length=MOST_NAMES)]

Questions = Annotated[
    _Names, _several("its text or id, an array of them, or nothing for all", "question")
]
Topics = Annotated[_Names, _several("name of a topic, or several of them", "topic")]
States = Annotated[_Names, _several("name or abbreviation of a state, or several of them", "state")]
Categories = Annotated[_Names, _several("name of a category, or several of them", "category")]
Strata = Annotated[_Names, _several("name of a stratum, or several of them", "stratum")]


def _pair(description: str, names: str) -> Meta:
    extra = {"names": names, "option": names, "expected": "an array of two names"}
    return Meta(
        min_length=2,
        max_length=2,
        description=description,
        extra=extra,
        extra_json_schema={"x-names": names},
    )


TwoQuestions = Annotated[list[str], _pair("two questions", "question")]
TwoStates = Annotated[list[str], _pair("two states", "state")]
TwoStrata = Annotated[list[str], _pair("two strata of one category", "stratum")]

AnyYear = Annotated[
    int,
    Meta(
        ge=FIRST_YEAR,
        le=LAST_YEAR,
        extra={"expected": f"a year from {FIRST_YEAR} to {LAST_YEAR}, such as 2019"},
    ),
]
Year = Annotated[AnyYear, Meta(description="the latest that has enough estimates by default")]


def body_model(model: type[Parameters]) -> type[Struct]:
    """Return the model of whole bodies: the parameters, and the dataset that is asked."""
    return msgspec.defstruct(
        model.__name__,
        [(DATASET, _Dataset | None, None)],
        bases=(model,),
        namespace={"__doc__": model.__doc__},
        kw_only=True,
    )


class YearRange(Parameters, frozen=True):
    """The years from one to another, both included; open where an end is left out."""

    first: AnyYear | None = msgspec.field(name="from", default=None)
    last: AnyYear | None = msgspec.field(name="to", default=None)

    def check(self, name: str) -> None:
        """Raise BadRequest for a range that ends before it begins."""
        if self.first and self.last and self.first > self.last:
            raise BadRequest(reasons.YEARS_REVERSED(name=name, first=self.first, last=self.last))


Years = Annotated[
    YearRange,
    Meta(
        description="the years from one to another; all by default",
        extra={"expected": 'like {"from": 2011, "to": 2023}'},
    ),
]


YearsOrList = Annotated[
    YearRange | Annotated[list[AnyYear], Meta(min_length=1, max_length=MOST_NAMES)],
    Meta(
        description="the years from one to another, or a list of single years; all by default",
        extra={"expected": 'like {"from": 2011, "to": 2023}, or a list of years: [2012, 2014]'},
    ),
]
AcrossBreaks = Annotated[
    bool,
    Meta(
        description="whether to use years that are not comparable together, too",
        extra={"expected": "true or false"},
    ),
]


def prepare(model: type[Parameters]) -> None:
    """Have msgspec make ready what it reads bodies of a model by, before several threads do.

    It does so when the model is first used. A second thread that comes meanwhile finds a half of
    it, and the process ends by a segmentation fault (msgspec 0.22).
    """
    with suppress(msgspec.ValidationError):  # some parameters have no default
        msgspec.convert({}, model)


def read(model: type[P], body: object, ignored: Collection[str] = ()) -> P:
    """Return the parameters that a body has; raise BadRequest, which says what is wrong.

    A key whose value is null is as good as missing; those that are `ignored` are passed over.
    """
    if not isinstance(body, Mapping):
        raise BadRequest(reasons.OBJECT_EXPECTED())
    known = model.__struct_encode_fields__
    given = {
        key: value
        for key, value in body.items()
        if key not in ignored and (value is not None or key not in known)
    }
    try:
        return msgspec.convert(given, model)
    except msgspec.ValidationError:
        _explain(model, given)
        raise


@cache
def names_in(model: type[Parameters]) -> Mapping[str, str]:
    """Return of which kind the names are that a body has, by their keys."""
    kinds = {field.encode_name: extra(field.type, "names") for field in structs.fields(model)}
    return MappingProxyType({key: kind for key, kind in kinds.items() if kind is not None})


def as_json(parameters: Parameters) -> dict[str, Any]:
    """Return parameters as JSON values, defaults included; `read` makes the same of them."""
    values: dict[str, Any] = msgspec.to_builtins(parameters)
    return values


def _explain(model: type[Struct], given: Mapping[str, Any], place: str = "") -> None:
    """Raise BadRequest for the first thing that is wrong with a body."""
    fields = {field.encode_name: field for field in structs.fields(model)}
    for key in given:
        if key not in fields:
            known = ", ".join(f'"{name}"' for name in (*fields, *([] if place else [DATASET])))
            raise BadRequest(reasons.UNKNOWN_KEY(key=f"{place}{shortened(key)}", known=known))
    for name, field in fields.items():
        if name not in given:
            if field.required:
                raise BadRequest(reasons.MISSING(name=f"{place}{name}"))
            continue
        try:
            msgspec.convert(given[name], field.type)
        except msgspec.ValidationError:
            _explain_field(f"{place}{name}", field.type, given[name])


def _explain_field(name: str, kind: Any, value: object) -> None:
    """Raise BadRequest for a value that a field cannot have."""
    nested = next((one for one in _parts(kind) if _is_model(one)), None)
    if nested is not None and isinstance(value, Mapping):
        _explain(nested, {key: one for key, one in value.items() if one is not None}, f"{name}.")
    if isinstance(value, str) and not value.strip():
        raise BadRequest(reasons.EMPTY(name=name))
    raise BadRequest(reasons.MUST_BE(name=name, what=expected(kind)))


def expected(kind: Any) -> str:
    """Return what a value of a field's type must be, in words."""
    text = extra(kind, "expected")
    if text is not None:
        return text
    some = any(get_origin(part) is list for part in _parts(kind))
    message = reasons.SOME_OF if some else reasons.ONE_OF
    return message(known=", ".join(choices(kind)))


def choices(kind: Any) -> tuple[str, ...]:
    """Return the words that a field's type allows, none where it allows others."""
    return next((get_args(part) for part in _parts(kind) if get_origin(part) is Literal), ())


def extra(kind: Any, key: str) -> str | None:
    """Return what a field's type says under a key of `extra`, None where it says nothing."""
    return next(
        (meta.extra[key] for meta in _metas(kind) if meta.extra and key in meta.extra), None
    )


def longest_list(kind: Any) -> int:
    """Return how many values a field's type allows in a list."""
    bounds = (meta.max_length for meta in _metas(kind) if meta.max_length is not None)
    return next(bounds, MOST_NAMES)


def description(kind: Any) -> str:
    """Return the description of a field's type, empty for none."""
    return next((meta.description for meta in _metas(kind) if meta.description), "")


def alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the types that a field may have, without None and without what is said of them."""
    bare = get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    if get_origin(bare) in (Union, UnionType):
        return tuple(one for part in get_args(bare) for one in alternatives(part))
    return () if bare in (type(None), UnsetType) else (bare,)


def _parts(kind: Any) -> list[Any]:
    """Return a type and the types that it is made of, the outermost first."""
    found = [kind]
    for part in found:
        found += [one for one in get_args(part) if isinstance(one, type) or get_origin(one)]
    return found


def _metas(kind: Any) -> Iterator[Meta]:
    """Yield what is said of a type and of its parts, the outermost first."""
    for part in _parts(kind):
        # Python joins an Annotated within another into one, what is outermost last.
        yield from reversed(getattr(part, "__metadata__", ()))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)
