"""What a command prints: tables for people, JSON and CSV for programs."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.cli.exit_codes import Refused
from app.csv_text import defused

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

Form = Literal["table", "json", "csv"]

_LONGEST = 2000  # letters of a sentence: who asks may have sent a megabyte


def form_of(*, table: bool, as_json: bool, as_csv: bool) -> Form:
    """Return the form that options ask for; without any, a table for a terminal, else JSON."""
    forms: tuple[tuple[Form, bool], ...] = (("table", table), ("json", as_json), ("csv", as_csv))
    wanted = [form for form, asked in forms if asked]
    if len(wanted) > 1:
        raise Refused(f"--{wanted[0]} and --{wanted[1]} do not go together")
    if wanted:
        return wanted[0]
    return "table" if sys.stdout.isatty() else "json"


@dataclass(frozen=True, slots=True)
class Output:
    """Standard output, in one form."""

    form: Form

    def console(self) -> "Console":
        """Return what prints tables: as wide as the terminal, coloured where it can be."""
        return console()

    def show(self, *things: "RenderableType") -> None:
        """Print what people read."""
        console = self.console()
        for thing in things:
            console.print(thing)

    def json(self, data: Any, *, one_of_many: bool = False) -> None:
        """Print a JSON document: on a terminal in many lines, unless it is one of many."""
        indent = 2 if sys.stdout.isatty() and not one_of_many else None
        separators = None if indent else (",", ":")
        text = json.dumps(data, ensure_ascii=False, indent=indent, separators=separators)
        if sys.stdout.isatty():  # signs that have to be escaped in strings, and are nowhere else
            text = "".join(sign if _is_plain(sign) else json.dumps(sign)[1:-1] for sign in text)
        # A lone half of a surrogate pair has no UTF-8, but is JSON when it is escaped.
        self.raw(text.encode("utf-8", "backslashreplace") + b"\n")

    def csv(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print rows as CSV as the server writes it: with the mark that spreadsheets need.

        Text that they would take for a formula gets an apostrophe in front. Lists are separated by
        semicolons; what has names is JSON.
        """
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)
        self.raw(b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace"))

    def raw(self, content: bytes) -> None:
        """Print bytes as they are; to a terminal, text without commands for it."""
        sys.stdout.flush()
        if sys.stdout.isatty():
            content = plain(content.decode("utf-8", "replace")).encode("utf-8", "replace")
        left = memoryview(content)
        while left:  # where Python is told not to buffer (-u), a write may write a part alone
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()


def console(*, aside: bool = False) -> "Console":
    """Return what prints on standard output, or, aside, on standard error."""
    from rich.console import Console
    from rich.segment import Segment

    class PlainConsole(Console):
        """Lets through no commands that text has for the terminal.

        Tells of a pipe that was closed, where rich would exit by itself.
        """

        def render(
            self, renderable: "RenderableType", options: "ConsoleOptions | None" = None
        ) -> "Iterator[Segment]":
            for segment in super().render(renderable, options):
                text, style, control = segment
                is_plain = control or text.isprintable()  # as nearly all of them are
                yield segment if is_plain else Segment(plain(text), style)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return PlainConsole(stderr=aside, highlight=False, markup=False, emoji=False)


def plain(text: str) -> str:
    """Return text without what a terminal would obey: escape sequences, writing backwards.

    Datasets and servers may have such text. Lines stay; other space becomes a space.
    """
    if text.isprintable():
        return text
    return "".join(
        sign if _is_plain(sign) else " " if sign.isspace() and sign != "\r" else "" for sign in text
    )


def _is_plain(sign: str) -> bool:
    return sign.isprintable() or sign == "\n"


def say(line: str) -> None:
    """Tell people something beside the output, in a line that is neither endless nor coloured."""
    shown = plain(line[: _LONGEST + 1]).replace("\n", " ")
    if len(line) > _LONGEST:
        shown = f"{shown[:_LONGEST]}..."
    print(shown, file=sys.stderr, flush=True)


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return defused(value) if isinstance(value, str) else value
