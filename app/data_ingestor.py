"""The dataset: files of one layout of `datasets/layouts.py`, checked when read, then immutable.

What the nine statistics need is added up once, as means by question, state and stratum; the other
statistics look at the rows, which stay in memory, or are mapped from a prepared folder. No reader
needs a lock.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.datasets.cells import Cells, Content, Reading
from app.datasets.files import PREPARED, digest_of, notes_beside, steadily, version_of
from app.datasets.in_the_box import content_of
from app.datasets.layouts import Layout
from app.datasets.names import NameIndex, folded
from app.datasets.newest import current
from app.datasets.provenance import name_of
from app.datasets.questions import KnownQuestion
from app.datasets.rows import Rows
from app.datasets.source_note import SourceNote
from app.datasets.strata import GENDER, SEX
from app.datasets.units import Measure, Unit, unit_of
from app.errors import BadRequest, DatasetError
from app.messages import reasons
from app.sources import Sources

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its id, its full text, which end of the scale is good, and what it measures.

    `cdc_id` is its id in the file.
    `lower_is_better` is None for a question whose direction is not known. `known` is what this
    program knows of it. Where a question of CDC's has values of several types, each of them is a
    question here, with the type in its id and text.
    """

    id: str
    cdc_id: str
    text: str
    lower_is_better: bool | None
    known: KnownQuestion | None = None
    measure: Measure = Measure("", "")

    @property
    def short_name(self) -> str:
        """A name short enough for a menu, where one is known; else the text."""
        if self.known is None:
            return self.text
        of_type = f" ({self.measure.value_type})" if self.measure.value_type else ""
        return self.known.short_name + of_type


# How many estimates, and their sum, as in `Cells`.
_Sum = tuple[int, int]
_Sums = Mapping[str, Mapping[tuple[str, str], _Sum]]
_NOTHING: _Sum = (0, 0)


@dataclass(frozen=True, eq=False)
class QuestionTable:
    """The means of one question over 2011-2022, in its unit.

    `read_sums` returns its sums by state, category and stratum; like all that is made of them, they
    are made once they are asked for: a start is quicker for it.
    """

    question: Question
    read_sums: Callable[[], _Sums] = field(repr=False)

    @cached_property
    def _sums(self) -> _Sums:
        return self.read_sums()

    @cached_property
    def global_mean(self) -> float:
        """The mean over all states, not a number where there are no estimates."""
        everything = [one for of_state in self._sums.values() for one in of_state.values()]
        return _mean(everything) if everything else float("nan")

    @cached_property
    def state_means(self) -> Mapping[str, float]:
        """The mean of each state, ascending, ties by name."""
        means = {state: _mean(of_state.values()) for state, of_state in self._sums.items()}
        ascending = sorted(means, key=lambda state: (means[state], state))
        return MappingProxyType({state: means[state] for state in ascending})

    @cached_property
    def stratum_means(self) -> Mapping[str, Mapping[str, float]]:
        """The means of each state, which are in ascending order by name, and of its strata.

        The inner keys are the repr of (category, stratum), ascending.
        """
        keys, sums = _Reprs(), self._sums
        return MappingProxyType(
            {
                state: MappingProxyType(
                    {
                        keys[key]: _mean((sums[state][key],))
                        for key in sorted(sums[state])
                        if all(key)
                    }
                )
                for state in sorted(sums)
            }
        )

    @cached_property
    def category_means(self) -> MappingProxyType[str, float]:
        """The same means flat, by the repr of (state, category, stratum).

        Made once, for making some 1,500 keys takes longer than all the rest of an answer.
        """
        return flat(self.stratum_means)

    def __eq__(self, other: object) -> bool:
        """Tell whether all means of another table are the same."""
        return isinstance(other, QuestionTable) and (
            (self.question, self.global_mean, self.state_means, self.stratum_means)
            == (other.question, other.global_mean, other.state_means, other.stratum_means)
        )

    def __hash__(self) -> int:
        """Return the hash of the question."""
        return hash(self.question.text)


class DataIngestor:
    """The dataset in memory.

    `layout` says what its columns mean and who was asked, `reading` also how names were read.
    `file` is what it is called, `files` are those that it was read from, `rows` counts their rows.
    `digest` is the SHA-256 of the file's bytes, or of several files what `files.digest_of` says;
    `version` is its start. `rows_file` is the file that the rows of a prepared folder are mapped
    from: it has another name each time that the folder is prepared.
    """

    def __init__(self, path: str | Path) -> None:
        """Read what `path` means: a file, a folder, a pattern, or a folder that was prepared.

        Raises DatasetError, in one clear line, when it cannot be used.
        """
        self.path = path = Path(path)
        self.file = path.name or path.absolute().name
        self._notes: tuple[SourceNote | None, ...] | None = None
        self.rows_file = ""
        content = self._read(path)
        self.files = content.files
        self.reading: Reading = content.reading
        self.digest = digest_of(self.files)
        self.version = version_of(self.digest)
        self.rows = sum(file.rows for file in self.files)
        self.layout: Layout = self.reading.layout
        self._cells = content.cells
        self.tables = _question_tables(self._cells, self.layout)
        # What `names` has returned: of the few combinations of columns that are asked for.
        self._names: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        self._questions = NameIndex("question")
        for text, table in self.tables.items():
            self._questions.add(text, text)
            self._questions.add(table.question.id, text)
        for short, text in _short_names(self.tables).items():
            self._questions.add(short, text)
        self._typed = _typed(self._cells)
        self._states = NameIndex("state")
        for state, abbreviation in self.names("state", "abbreviation"):
            self._states.add(state, state)
            self._states.add(abbreviation, state)
        self._topics = NameIndex("topic")
        for (topic,) in self.names("topic"):
            self._topics.add(topic, topic)
        self._categories = NameIndex("category")
        self._strata = NameIndex("stratum")
        self._category_of: dict[str, str] = {}
        for category, stratum in self.names("category", "stratum"):
            if category and stratum:
                self._categories.add(category, category)
                self._strata.add(stratum, stratum)
                self._category_of.setdefault(stratum, category)
        for index, column in (
            (self._states, "state"),
            (self._categories, "category"),
            (self._strata, "stratum"),
        ):
            for was, name in self.reading.replaced[column].items():
                index.add(was, name)
        self._indexes = {
            "question": self._questions,
            "topic": self._topics,
            "state": self._states,
            "category": self._categories,
            "stratum": self._strata,
        }
        for one, other in ((GENDER, SEX), (SEX, GENDER)):
            if one in self._categories.names:
                self._categories.add(other, one)

    def _read(self, path: Path) -> Content:
        # Each is imported where it is needed: a start with the datasets in the box does without
        # polars and numpy, which take longer to import than all the rest.
        if (path / PREPARED).exists():
            from app.datasets.prepared import load

            loaded = load(path)
            self._rows = Rows.of(loaded.estimates)
            self.file, self._notes = loaded.file, loaded.notes
            self.rows_file = loaded.rows_file
            return loaded.content
        boxed = content_of(path)
        if boxed is not None:
            self._rows = Rows(boxed.rows)
            return boxed.content
        from app.datasets.reading import whole

        content, estimates = steadily(path, whole)
        self._rows = Rows.of(estimates)
        return content

    @property
    def estimates(self) -> "pl.DataFrame":
        """Its rows, in the columns that `survey_rows.estimates` describes.

        Where a start could do without them, who asks first waits until they are read.
        """
        return self._rows.get()

    def names(self, *columns: str) -> list[tuple[str, ...]]:
        """Return the combinations of names that the rows have in some columns, ascending."""
        if columns not in self._names:
            self._names[columns] = self._cells.distinct(*columns)
        return [*self._names[columns]]

    @property
    def source(self) -> str:
        """Where its figures are from, for a source line: what the content alone shows of it."""
        return name_of(self.files) or self.layout.title

    def notes(self) -> tuple[SourceNote | None, ...]:
        """Return what is known of where its files came from, each in its place.

        Beside a file that was just downloaded it may come a moment later.
        """
        return notes_beside(self.path) if self._notes is None else self._notes

    def question(self, name: str) -> QuestionTable:
        """Return the table of a question, given by its text or by CDC's id.

        Stray spaces and letter case do not matter. Raises UnknownName, with the nearest known, and
        BadRequest for one with values of several types, with those.
        """
        typed = () if name in self._questions else self._typed.get(folded(name), ())
        if not typed:
            return self.tables[self._questions.find(name)]
        if len(typed) > 1:
            texts = ", ".join(f'{self.tables[text].question.id} ("{text}")' for text in typed)
            raise BadRequest(reasons.VALUES_OF_TYPES(name=name, texts=texts))
        return self.tables[typed[0]]

    def short_key(self, text: str) -> str:
        """Return the id of the question with this text; the text where that finds another one.

        Two questions of a file may have the same id.
        """
        key = self.tables[text].question.id
        try:
            found = self.question(key).question.text
        except BadRequest:
            return text
        return key if found == text else text

    def unit(self, texts: Iterable[str] = ()) -> Unit:
        """Return the unit, in words, of the values of these questions; of all where none is named.

        Texts that are none of its questions are passed over.
        """
        named = [self.tables[text] for text in texts if text in self.tables]
        tables = named or self.tables.values()
        return unit_of(self.layout, (table.question.measure for table in tables))

    def state(self, name: str) -> str:
        """Return the full name of a state, given by its name or abbreviation.

        Stray spaces and letter case do not matter. Raises UnknownName, with the nearest known.
        """
        return self._states.find(name)

    def is_name(self, kind: str, text: str) -> bool:
        """Tell whether a text is a question, topic, state, category or stratum: which `kind` says.

        Takes microseconds also where it is none, for the nearest are not looked for.
        """
        return text in self._indexes[kind] or (kind == "question" and folded(text) in self._typed)

    def topic(self, name: str) -> str:
        """Return the topic of this name; raises UnknownName as `question` does."""
        return self._topics.find(name)

    def category(self, name: str) -> str:
        """Return the stratification category of this name; raises UnknownName.

        CDC has called one of them `Gender` and `Sex`: either finds the one that is there.
        """
        return self._categories.find(name)

    def stratum(self, name: str) -> tuple[str, str]:
        """Return the category of a stratum, and its name; raises UnknownName."""
        stratum = self._strata.find(name)
        return self._category_of[stratum], stratum

    @cached_property
    def releases(self) -> "pl.DataFrame":
        """What CDC released of each question, place and period: see `absence.releases`."""
        from app.datasets.absence import releases

        return releases(self.estimates)

    @cached_property
    def has_gaps(self) -> bool:
        """Whether some rows have no estimate: then answers tell of each why it has none."""
        import polars as pl

        from app.datasets.quirks.parts import IS_ESTIMATE

        return bool(self.estimates.select((~IS_ESTIMATE | pl.col("invalid")).any()).item())

    @property
    def states(self) -> tuple[str, ...]:
        """The full names of all states, in ascending order."""
        return self._states.names


def _question_tables(cells: Cells, layout: Layout) -> Mapping[str, QuestionTable]:
    questions: dict[str, Question] = {}
    of_question = ("question", "question_id", "cdc_question", "cdc_id", "value_type", "unit")
    for text, *about in cells.distinct(*of_question):
        questions.setdefault(text, _question(layout, text, *about))
    return MappingProxyType(
        {
            text: QuestionTable(questions[text], partial(_sums, cells, places))
            for text, places in cells.by_question()
        }
    )


def _short_names(tables: Mapping[str, QuestionTable]) -> Mapping[str, str]:
    """Return the texts of questions by the short names that one of them alone has."""
    named: dict[str, list[str]] = defaultdict(list)
    for text, table in tables.items():
        named[folded(table.question.short_name)].append(text)
    return {short: texts[0] for short, texts in named.items() if len(texts) == 1}


def _question(
    layout: Layout,
    text: str,
    question_id: str,
    cdc_text: str,
    cdc_id: str,
    value_type: str,
    unit: str,
) -> Question:
    known = layout.known(cdc_id, cdc_text)
    lower = known.lower_is_better if known else None
    return Question(question_id, cdc_id, text, lower, known, Measure(value_type, unit))


def _typed(cells: Cells) -> Mapping[str, Sequence[str]]:
    """Return the questions with a type in their names, by the id and the text without it."""
    typed: dict[str, list[str]] = defaultdict(list)
    for text, cdc_id, cdc_text in cells.distinct("question", "cdc_id", "cdc_question"):
        if cdc_text != text:
            typed[folded(cdc_id)].append(text)
            typed[folded(cdc_text)].append(text)
    return typed


def _sums(cells: Cells, places: range) -> _Sums:
    """Return the sums of cells by state, category and stratum."""
    sums: dict[str, dict[tuple[str, str], _Sum]] = defaultdict(dict)
    states, categories, strata = (
        cells.columns[name] for name in ("state", "course_category", "stratum")
    )
    for place in places:
        if estimates := cells.estimates[place]:
            of_state = sums[states.names[states.places[place]]]
            category = categories.names[categories.places[place]]
            key = category, strata.names[strata.places[place]]
            before = of_state.get(key, _NOTHING)
            of_state[key] = before[0] + estimates, before[1] + cells.totals[place]
    return sums


class _Reprs(dict[tuple[str, str], str]):
    """The repr of each category and stratum, made once: every state has nearly the same."""

    def __missing__(self, key: tuple[str, str]) -> str:
        self[key] = text = repr(key)
        return text


def flat(stratum_means: Mapping[str, Mapping[str, float]]) -> MappingProxyType[str, float]:
    """Return means by state and stratum as means by the repr of (state, category, stratum)."""
    return MappingProxyType(
        {
            f"({state!r}, {stratum[1:]}": mean
            for state, means in stratum_means.items()
            for stratum, mean in means.items()
        }
    )


def _mean(sums: Iterable[_Sum]) -> float:
    """Return the mean of estimates from their sums, rounded once, to the nearest float."""
    total = count = 0
    for estimates, part in sums:
        count += estimates
        total += part
    return total / (count * 10**9)


def read_datasets(sources: Sources) -> dict[str, DataIngestor]:
    """Return what was read of each source, by name; raise DatasetError where one cannot be used."""
    # One after the other: at the same time they would need much more memory at once, and polars
    # uses all cores for each.
    datasets = {}
    for source in sources:
        try:
            datasets[source.name] = DataIngestor(current(source))
        except DatasetError as error:
            raise source.named(error) from None
    return datasets
