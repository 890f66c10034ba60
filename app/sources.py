"""Which datasets are served: their names and paths, as `--data` says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import DatasetError
from app.installation import BUNDLED, folder, shown
from app.settings_table import a_path

# The datasets in the box, and what one is called that was given no name.
COURSE, RELEASE, NAMELESS = "course", "release", "data"

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# Several in one text: each in a line of its own, or with a semicolon before the next name. One that
# nothing follows ends the text; any other is part of a path.
_BETWEEN = re.compile(r"\n|;(?=\s*(?:[A-Za-z0-9_-]+=|;|$))", re.ASCII | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset: its name, and what to read; `newer` is read instead where it is there and newer.

    `app/datasets/newest.py` says whether it is.
    """

    name: str
    path: Path
    newer: Path | None = None

    def named(self, error: DatasetError) -> DatasetError:
        """Return an error of this dataset that says which one it is, unless it has no name."""
        if self.name == NAMELESS:
            return error
        about = str(error).removeprefix("dataset ")
        between = "=" if about.startswith(f"{self.path}:") else ": "
        return DatasetError(f"dataset {self.name}{between}{about}")


@dataclass(frozen=True, slots=True)
class Sources:
    """The datasets to serve.

    `for_all` is the name of the one that is asked where none is named; where it is empty, that
    depends on what is asked.
    """

    datasets: tuple[Source, ...]
    for_all: str = ""

    @classmethod
    def alone(cls, path: Path) -> "Sources":
        """Return what serves one dataset for everything."""
        return cls((Source(NAMELESS, path),), NAMELESS)

    def __iter__(self) -> Iterator[Source]:
        """Yield them, in order."""
        return iter(self.datasets)

    def __str__(self) -> str:
        """Return them as `--data` would be given them."""
        return " ".join(f"{one.name}={shown(one.path)}" for one in self)

    def default(self, name: str) -> str:
        """Return what to ask where none is named, in place of `name`, which is in the box."""
        return self.for_all or name


# Where a download of CDC's current release is put, and looked for.
DOWNLOAD = folder("data") / "dataset" / "cdc.csv"

BOX = Sources(
    (
        Source(COURSE, BUNDLED / "nutrition_activity_obesity_usa_subset.csv"),
        Source(RELEASE, BUNDLED / "dataset" / "brfss_release.parquet", DOWNLOAD),
    )
)


def sources(text: str) -> Sources:
    """Read `NAME=PATH`, several of them, or a PATH.

    Those that have names go beside the datasets in the box, or in the place of one; a PATH without
    a name is served for everything in place of the box. Raises ValueError, with what was expected.
    """
    given: dict[str, Source] = {}
    served, for_all = BOX.datasets, ""
    for part in filter(None, map(str.strip, _BETWEEN.split(text))):
        name, path = _split(part)
        if not name:
            if for_all:
                raise ValueError("one PATH without a name at most, and the others as NAME=PATH")
            name, served, for_all = NAMELESS, (), NAMELESS
        folded = name.casefold()
        if folded in given:
            nameless = for_all and folded == NAMELESS
            why = "is that of a PATH without one" if nameless else "comes twice"
            raise ValueError(f'each name once, and "{name}" {why}')
        given[folded] = Source(name, a_path(path))
    if not given:
        raise ValueError("a value that is not empty")
    # One in the box that is replaced keeps its place, and its name in the case that it has.
    kept = [
        Source(one.name, given.pop(one.name).path) if one.name in given else one for one in served
    ]
    return Sources((*kept, *given.values()), for_all)


def _split(part: str) -> tuple[str, str]:
    """Return the name, empty where there is none, and the path."""
    name, equals, path = part.partition("=")
    if not equals or "/" in name:
        return "", part
    if not _NAME.fullmatch(name):
        raise ValueError(
            "PATH or NAME=PATH, where NAME is up to 64 letters, digits, - and _"
            " (a PATH with = in it is written ./PATH)"
        )
    return name, path
