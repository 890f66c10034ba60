"""Reads the files of a dataset twice: first what is in them, then the rows themselves."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import NamedTuple

import polars as pl

from app.concurrency.beside import begun
from app.datasets import csv_scan, parquet_scan
from app.datasets.cells import UNIT_KEY, Content, Reading
from app.datasets.files import DataFile, names_of, sha256
from app.datasets.layouts import OTHER, Columns, Layout, Words, layouts_of
from app.datasets.measures import check_units
from app.datasets.places import NATION
from app.datasets.polars_errors import POLARS_ERRORS
from app.datasets.strata import GENDER, SEX
from app.datasets.survey_rows import (
    add_up,
    cells_of,
    distinct,
    estimates,
    names_in,
    not_blank,
    put_together,
)
from app.datasets.unknown_columns import Part, check_columns, check_parts, part_of, unknown
from app.datasets.validity import copies, with_copies
from app.errors import DatasetError

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"({'|'.join(_MONTHS)})"
# Of a release of a hundred thousand rows, polars would otherwise hold a good part at a time: 30 MB
# more at the peak of a start. It takes no longer, nor does a million rows.
_ROWS_AT_A_TIME = 10_000
_DATE = re.compile(rf"(\d\d?)-{_MONTH}|{_MONTH}-(\d\d?)")


class Survey(NamedTuple):
    """What the first reading finds: the cells of `put_together`, the files, how names are read."""

    cells: pl.DataFrame
    files: tuple[DataFile, ...]
    reading: Reading

    @property
    def content(self) -> Content:
        """The same without polars."""
        return Content(cells_of(self.cells), self.files, self.reading)


def survey(files: Sequence[Path], report: Callable[[Path], None] = lambda _path: None) -> Survey:
    """Return what is in files; `report` is called with each, before it is read.

    Raises DatasetError for a file with a fault, or of another layout than the ones before it.
    """
    cells: list[pl.DataFrame] = []
    data_files: list[DataFile] = []
    layouts: dict[Path, Layout] = {}
    undated: dict[Path, bool] = {}
    parts: list[Part] = []
    last = 0
    for path, name in zip(files, names_of(files), strict=True):
        report(path)
        reader = _reader(path)
        columns: Columns = reader.columns_in(path)
        table = reader.scan(path, 1, columns)
        try:
            # Whether it is well-formed is looked at on one core, while polars adds up on others.
            formed = begun(partial(_formed, path), "Grammar")
            try:
                found, may_tell = add_up(table, columns, unknown(table, columns))
            finally:  # what is wrong with its form counts more than what polars makes of that
                digest = formed.result()
            count = int(found["rows"].sum())
            reader.check_rows(path, bool(found["faulty"].any()), count, columns)
            check_columns(path, table, columns, may_tell=may_tell)
            if len(files) > 1:
                parts.append(part_of(path, not_blank(table, columns), columns))
        except POLARS_ERRORS as error:
            raise reader.unreadable(path, error) from None
        layouts |= _layout_of(path, columns, found)
        undated[path] = columns.undated(table.collect_schema().names())
        first, last = last + 1, last + int(found.select(pl.max("last_record")).item())
        data_files.append(DataFile(name, digest, count, first, last))
        cells.append(found)
    layout = _only(layouts)
    reading = Reading(layout, _replaced(layout, cells), _all_alike(undated), _units(cells))
    check_parts(parts, reading.layout.columns)
    together = put_together(cells, reading)
    check_units(str(files[0] if len(files) == 1 else files[0].parent), together)
    return Survey(together, tuple(data_files), reading)


def _formed(path: Path) -> str:
    """Return the SHA-256 of a file; raise DatasetError where it is not well-formed."""
    _reader(path).check_form(path)
    return sha256(path)


def _layout_of(path: Path, columns: Columns, cells: pl.DataFrame) -> dict[Path, Layout]:
    """Return the layout of a file; nothing where the file does not tell."""
    words = distinct(cells, "source", "question_id", "question")
    found = layouts_of(columns, (Words(*row) for row in words))
    if len(found) > 1:
        named = " and ".join(layout.name for layout in found)
        raise DatasetError(
            f"dataset {path}: it has rows of several layouts, {named}; their numbers are of "
            "different people: serve each in a file, and under a name, of its own"
        )
    return {path: found[0]} if found else {}


def _only(layouts: Mapping[Path, Layout]) -> Layout:
    """Return the one layout that files are of; raise DatasetError where there are several."""
    if not layouts:
        return OTHER
    (first, layout), *others = layouts.items()
    for path, other in others:
        if other is not layout:
            raise DatasetError(
                f"dataset {path}: its layout is {other.name}, and that of {first} is "
                f"{layout.name}; files of one dataset must be of one layout: serve each under a "
                "name of its own"
            )
    return layout


def _all_alike(undated: Mapping[Path, bool]) -> bool:
    """Return whether files have no years; raise DatasetError where some do and some do not."""
    without = [path for path, lacking in undated.items() if lacking]
    if without and len(without) < len(undated):
        raise DatasetError(
            f"dataset {without[0]}: it does not say of which years its rows are, as others here "
            "do: serve it under a name of its own"
        )
    return bool(without)


def _replaced(layout: Layout, cells: Sequence[pl.DataFrame]) -> Mapping[str, Mapping[str, str]]:
    """Return the names in files that are read as others, by their columns."""
    replaced: dict[str, dict[str, str]] = {}
    for column in ("state", "category", "stratum"):
        names = {name for part in cells for (name,) in distinct(part, column)}
        replaced[column] = {
            name: layout.renamed[name] for name in sorted(names) if name in layout.renamed
        }
        if column == "stratum":
            replaced[column] |= {
                name: _ages(date) for name in sorted(names) if (date := _DATE.fullmatch(name))
            }
        elif column == "category" and {GENDER, SEX} <= names:
            replaced[column][GENDER] = SEX
        elif column == "state":
            replaced[column] |= dict.fromkeys(sorted(_names_of_nation(cells)), NATION.name)
    return MappingProxyType({column: MappingProxyType(of) for column, of in replaced.items()})


def _units(cells: Sequence[pl.DataFrame]) -> Mapping[str, str]:
    """Return the units of questions of which some rows tell none, as of a withheld estimate."""
    found: dict[str, set[str]] = defaultdict(set)
    for part in cells:
        for question, value_type, unit in distinct(part, "question", "value_type", "unit"):
            found[UNIT_KEY.format(question, value_type)].add(unit)
    told = {key: max(units) for key, units in found.items() if "" in units and len(units) == 2}
    return MappingProxyType(told)


def _names_of_nation(cells: Sequence[pl.DataFrame]) -> set[str]:
    """Return other names than ours that places have which are the nation by their abbreviation."""
    pairs = {pair for part in cells for pair in distinct(part, "state", "abbreviation")}
    called = {state for state, abbreviation in pairs if abbreviation == NATION.abbreviation}
    elsewhere = {state for state, abbreviation in pairs if abbreviation != NATION.abbreviation}
    return {name for name in called - elsewhere if name not in ("", NATION.name)}


def _ages(date: re.Match[str]) -> str:
    """Return the ages of which a spreadsheet made a date: `6 - 11` for `11-Jun`."""
    day, month = date[1] or date[4], date[2] or date[3]
    low, high = sorted((int(day), 1 + _MONTHS.index(month)))
    return f"{low} - {high}"


def rows(files: Sequence[Path], found: Survey) -> Iterator[pl.LazyFrame]:
    """Yield the rows of each file, as `survey_rows.estimates` has them."""
    columns = found.reading.layout.columns
    for path, one in zip(files, found.files, strict=True):
        table = _reader(path).scan(path, one.first_record, columns)
        yield estimates(table, found.cells, found.reading)


def whole(files: Sequence[Path]) -> tuple[Content, pl.DataFrame]:
    """Return what `survey` finds, and all rows; raise DatasetError for a file with a fault."""
    with pl.Config(streaming_chunk_size=_ROWS_AT_A_TIME):
        found = survey(files)
        return found.content, _together(files, found)


def rows_of(file: Path, content: Content) -> pl.DataFrame:
    """Return the rows of a file whose content is known."""
    with pl.Config(streaming_chunk_size=_ROWS_AT_A_TIME):
        return _together((file,), Survey(names_in(content.cells), *content[1:]))


def _together(files: Sequence[Path], found: Survey) -> pl.DataFrame:
    """Return all rows; those that repeat an earlier one are `invalid`, too."""
    try:
        parts = [part.collect(engine="streaming") for part in rows(files, found)]
    except POLARS_ERRORS as error:  # it was readable a moment ago
        raise DatasetError(f"dataset {files[0]}: {str(error).splitlines()[0]}") from None
    together = pl.concat(parts)
    del parts
    _join_chunks(together)
    return with_copies(together, copies(together.lazy()))


def _join_chunks(frame: pl.DataFrame) -> None:
    """Have each column of a frame in one piece of memory.

    They are read in many, which each frame that is made of it would have too, and most of what a
    question costs grows with them. A column at a time, so that only one is there twice.
    """
    for place in range(frame.width):
        frame.replace_column(place, frame.to_series(place).rechunk())


def _reader(path: Path) -> ModuleType:
    return parquet_scan if parquet_scan.is_parquet(path) else csv_scan
