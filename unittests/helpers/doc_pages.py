"""The pages of the documentation as its tests see them: blocks, commands, links, headings.

A fenced block says what it is: ```sh has commands, ```python is run, ```json is what the route in
the heading above it answers, ```text is a drawing, a formula or printed figures. In a ```sh block
a line that begins with `$ ` is a command, and goes on while a quote is open or a backslash ends
the line; what follows is its answer. Where no line does, each line is a command without one.
"""

import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from unittests.helpers.files import PROJECT

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATHS = sorted(
    [
        PROJECT / "README.md",
        PROJECT / "dataset" / "README.md",
        PROJECT / "benchmarks" / "README.md",
        *(PROJECT / "docs").rglob("*.md"),
    ]
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, its text, the line that this begins at, the heading above."""

    kind: str
    text: str
    line: int
    heading: str


@dataclass(frozen=True)
class Command:
    """A command, and its answer as the page shows it: None where the page shows none at all."""

    text: str
    answer: str | None
    line: int


@dataclass(frozen=True)
class Page:
    """One page."""

    path: Path

    @property
    def name(self) -> str:
        """Return its path in the project."""
        return self.path.relative_to(PROJECT).as_posix()

    @cached_property
    def text(self) -> str:
        """Return all of it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """Return what is in no block."""
        return FENCED.sub("", self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        """Return its blocks, in order."""
        found = []
        for match in FENCED.finditer(self.text):
            before = FENCED.sub("", self.text[: match.start()])
            headings = re.findall(r"^#+ (.*)", before, re.MULTILINE)
            line = self.text[: match.start()].count("\n") + 2
            found.append(Block(match[1], match[2], line, headings[-1]))
        return found

    @cached_property
    def commands(self) -> list[Command]:
        """Return the commands of all its blocks, in order."""
        blocks = [block for block in self.blocks if block.kind == "sh"]
        return [command for block in blocks for command in commands(block)]

    @cached_property
    def code(self) -> list[str]:
        """Return what stands in backticks outside of blocks."""
        return [" ".join(text.split()) for text in re.findall(r"`([^`]+)`", self.prose)]

    @property
    def links(self) -> list[str]:
        """Return where it links to."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """Return its headings as GitHub writes them in an address."""
        headings = re.findall(r"^#+ (.*)", self.prose, re.MULTILINE)
        plain = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
        return {heading.replace(" ", "-") for heading in plain}


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:  # a quote is open
        return False
    return not command.endswith("\\")


def commands(block: Block) -> list[Command]:
    """Return the commands of a block."""
    lines = block.text.splitlines()
    if not any(line.startswith("$ ") for line in lines):
        return [
            Command(line, None, block.line + number)
            for number, line in enumerate(lines)
            if line and not line.startswith("#")
        ]
    starts: list[tuple[int, str]] = []
    answers: list[list[str]] = []
    for number, line in enumerate(lines):
        if starts and not answers[-1] and not _is_whole(starts[-1][1]):
            starts[-1] = (starts[-1][0], f"{starts[-1][1]}\n{line}")
        elif line.startswith("$ "):
            starts.append((block.line + number, line[2:]))
            answers.append([])
        else:
            assert starts, f"line {block.line + number}: an answer before any command"
            answers[-1].append(line)
    return [
        Command(text, "\n".join(answer), number)
        for (number, text), answer in zip(starts, answers, strict=True)
    ]


PAGES = [Page(path) for path in PATHS]
