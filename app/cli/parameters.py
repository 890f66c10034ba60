"""From the parameters of a statistic to options of the command line, and from these to a body.

| a field of | is given as |
| --- | --- |
| one or two questions that must be there | arguments |
| a name, or several | an option, which is repeated for several |
| a pair of names | the option of one such name, given twice; of several such options one |
| years from one to another | 2015..2019, 2015.. or ..2019 |
| such years, or a list of them | the same, or 2012,2014 |
| yes or no | an option without a value |
| words to choose from, several of them | an option, repeated or separated by commas |
| conditions | NAME=VALUE, repeated |
| numbers by name | NAME=NUMBER, repeated |
"""

import inspect
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_origin

import typer
from msgspec import Struct, structs

from app.cli import completion
from app.cli.exit_codes import Refused
from app.cli.options import option
from app.statistics.parameters import (
    YearRange,
    alternatives,
    body_model,
    choices,
    description,
    extra,
)
from app.statistics.statistic import Statistic

_YEARS = re.compile(r"(\d{4})?\.\.(\d{4})?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_COMPLETION: Mapping[str, Callable[..., Any]] = {
    "question": completion.questions,
    "state": completion.states,
    "category": completion.categories,
    "stratum": completion.strata,
    "dataset": completion.datasets,
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option or argument, and the fields that it is for: of one value, of several, of a pair."""

    name: str
    fields: Sequence[structs.FieldInfo]

    @property
    def is_argument(self) -> bool:
        """Whether it is given without a name."""
        return self.name == "question" and any(field.required for field in self.fields)

    @property
    def pair(self) -> structs.FieldInfo | None:
        """The field that takes two values."""
        return next((one for one in self.fields if extra(one.type, "option")), None)

    @property
    def other(self) -> structs.FieldInfo | None:
        """The field that takes one value, or several."""
        return next((one for one in self.fields if not extra(one.type, "option")), None)

    @property
    def flag(self) -> str:
        """What it is called on the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def may_be_repeated(self) -> bool:
        """Whether it takes as many values as somebody likes."""
        return self.other is not None and any(
            kind in (list, dict) or (_is_model(kind) and kind is not YearRange)
            for kind in _kinds(self.other)
        )

    def parameter(self) -> inspect.Parameter:
        """Return it as a parameter of a command's function, as Typer reads them."""
        field = self.other or self.fields[0]
        words = choices(field.type)
        complete = completion.one_of(*words) if words else _COMPLETION.get(self.name)
        text = self._help()
        kind = _kinds(field)
        values: Any = list[str] | None
        declared: Any
        if self.is_argument:
            declared = typer.Argument(
                metavar="QUESTION", help=text, autocompletion=complete, show_default=False
            )
        elif kind == [bool]:
            values = bool | None
            declared = typer.Option(self.flag, help=text, metavar="")
        elif int in kind:
            values = int | None
            declared = option("YEAR" if self.name == "year" else "N", text)
        else:
            declared = option(self._metavar(field), text, complete)
        return inspect.Parameter(
            self.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[values, declared],
        )

    def _metavar(self, field: structs.FieldInfo) -> str:
        if YearRange in _kinds(field):
            return "FROM..TO|YEARS" if list in _kinds(field) else "FROM..TO"
        if any(map(_is_model, _kinds(field))):
            return "NAME=VALUE"
        if dict in _kinds(field):
            return "NAME=NUMBER"
        return (
            extra(field.type, "names") or ("NAME" if list in _kinds(field) else self.name)
        ).upper()

    def _help(self) -> str:
        field = self.other or self.fields[0]
        text = description(field.type)
        sentences = [f"{text[:1].upper()}{text[1:]}."]
        if self.is_argument:
            sentences.append("`questions` lists ids and short names.")
        elif self.may_be_repeated:
            sentences.append("May be repeated.")
        if self.pair is not None and not self.is_argument:
            sentences.append("Twice to compare two.")
        return " ".join(sentences)

    def body(self, statistic: str, given: Any) -> tuple[str, Any] | None:
        """Return what it adds to a body: a key and its value; None where it was left out.

        Raises Refused for as many values as no field takes.
        """
        if given in (None, [], ()):
            return None
        values = given if isinstance(given, list | tuple) else [given]
        if self.pair is not None and len(values) == 2:
            return self.pair.encode_name, list(values)
        if self.other is None and len(values) < 2:
            raise Refused(f"{statistic} needs two {self.name}s, such as Q036 Q047")
        if self.other is None or (len(values) > 1 and not self.may_be_repeated):
            wanted = "two" if self.other is None else "one"
            hint = ": a name of several words goes in quotes" if self.is_argument else ""
            shown = f"{wanted} {self.name}" + ("s" if self.other is None else "")
            shown = shown if self.is_argument else f"{wanted} {self.flag}"
            shown += ", or two to compare" if self.pair is not None and self.other else ""
            raise Refused(f"{statistic} takes {shown}, not {len(values)}{hint}")
        return self.other.encode_name, _value(self.other, values)


def options_of(statistic: Statistic[Any]) -> list[Option]:
    """Return the options of a statistic, arguments first."""
    by_name: dict[str, list[structs.FieldInfo]] = {}
    for field in structs.fields(body_model(statistic.parameters)):
        name = extra(field.type, "option") or field.name
        by_name.setdefault(name, []).append(field)
    options = [Option(name, fields) for name, fields in by_name.items()]
    return sorted(options, key=lambda one: not one.is_argument)


def body_of(statistic: Statistic[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that options ask for; raise Refused for what it lacks or cannot have."""
    body: dict[str, Any] = {}
    for one in options_of(statistic):
        entry = one.body(statistic.name, given.get(one.name))
        if entry is not None:
            body[entry[0]] = entry[1]
        elif one.is_argument:
            wanted = "a question, such as obesity or Q036"
            if one.other is None:
                wanted = "two questions, such as Q036 Q047"
            raise Refused(f"{statistic.name} needs {wanted}")
        elif any(field.required for field in one.fields):
            raise Refused(f"{statistic.name} needs {one.flag}: see `ask {statistic.name} --help`")
    _check_pairs(statistic, body)
    return body


def _check_pairs(statistic: Statistic[Any], body: Mapping[str, Any]) -> None:
    """Raise Refused unless one of the options that can be a pair is one, where there are some."""
    pairs = {
        one.pair.encode_name: one.flag
        for one in options_of(statistic)
        if one.pair is not None and not one.is_argument
    }
    given = [flag for name, flag in pairs.items() if name in body]
    if len(given) > 1:
        raise Refused(f"{statistic.name} takes {' or '.join(given)} twice, not both")
    if pairs and not given:
        raise Refused(f"{statistic.name} needs {' or '.join(pairs.values())} twice")


def one_by_one(statistic: Statistic[Any], given: Mapping[str, Any], name: str) -> str:
    """Return the options that were meant by a name that is several, separated by commas.

    Empty where it was not given to an option that may be repeated.
    """
    for one in options_of(statistic):
        if not one.may_be_repeated or "," not in name:
            continue
        for text in given.get(one.name) or ():
            before = text.removesuffix(name)
            if text == name or before.endswith("="):
                parts = filter(None, map(str.strip, name.split(",")))
                return " ".join(f"{one.flag} {shlex.quote(before + part)}" for part in parts)
    return ""


def example_of(statistic: Statistic[Any]) -> str:
    """Return the arguments that ask a statistic its example."""
    words = [statistic.name]
    for one in options_of(statistic):
        for field in one.fields:
            value = statistic.example.get(field.encode_name)
            for text in _texts(value):
                words += [text] if one.is_argument else [one.flag, text]
    return shlex.join(words)


def _texts(value: Any) -> Iterator[str]:
    if value is not None:
        yield from map(str, value if isinstance(value, list) else [value])


def _kinds(field: structs.FieldInfo) -> list[Any]:
    """Return the types of a field without what is in them: str, list, tuple, int, a model."""
    return [get_origin(kind) or kind for kind in alternatives(field.type)]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _value(field: structs.FieldInfo, values: Sequence[Any]) -> Any:
    kinds = _kinds(field)
    if YearRange in kinds:
        return listed_years_of(values) if list in kinds else years_of(values[0])
    if any(map(_is_model, kinds)):
        return conditions_of(values)
    if dict in kinds:
        return numbers_of(values)
    if choices(field.type) and list in kinds:
        return [word.strip() for text in values for word in text.split(",")]
    return values[0] if len(values) == 1 and kinds != [list] else list(values)


def years_of(text: str) -> dict[str, int]:
    """Return the range that `2015..2019`, `2015..` or `..2019` is."""
    match = _YEARS.fullmatch(text)
    if match is None or not any(match.groups()):
        raise Refused(f'"{text}" is no range of years, such as 2015..2019')
    ends = zip(("from", "to"), match.groups(), strict=True)
    return {name: int(year) for name, year in ends if year}


def listed_years_of(texts: Sequence[str]) -> dict[str, int] | list[int]:
    """Return a range as `years_of` does, or the single years that `2012,2014` are."""
    if len(texts) == 1 and ".." in texts[0]:
        return years_of(texts[0])
    years = [year.strip() for text in texts for year in text.split(",")]
    for year in years:
        if not _YEAR.fullmatch(year):
            raise Refused(f'"{year}" is no year, such as 2019, nor a range, such as 2015..2019')
    return [int(year) for year in years]


def numbers_of(texts: Sequence[str]) -> dict[str, float]:
    """Return the numbers by name that some `NAME=NUMBER` are."""
    numbers = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if name in numbers:
            raise Refused(f'"{name}" is given two numbers')
        try:
            numbers[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            raise Refused(f'"{text}" is no NAME=NUMBER, such as Male=49.1')
    return numbers


def conditions_of(conditions: Sequence[str]) -> dict[str, Any]:
    """Return what some `NAME=VALUE` keep, each name with its value or values."""
    found: dict[str, list[Any]] = {}
    for condition in conditions:
        name, equals, value = condition.partition("=")
        if not (name and equals and value):
            raise Refused(f'"{condition}" is no NAME=VALUE, such as state=Ohio or year=2015..2019')
        found.setdefault(name, []).append(_condition(name, value))
    for name, values in found.items():
        if len(values) > 1 and any(isinstance(value, dict) for value in values):
            raise Refused(f"--where {name} takes one range, or single years")
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _condition(name: str, value: str) -> Any:
    if name != "year":
        return value
    if ".." in value:
        return years_of(value)
    if not _YEAR.fullmatch(value):
        raise Refused(f'"{value}" is no year, such as 2019 or 2015..2019')
    return int(value)
