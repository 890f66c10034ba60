"""What a statistic is: a name, its parameters, and how these are answered.

A new statistic is a module with a subclass of `Statistic`, and an entry in `registry.py`. Routes,
batches, the description, the command line and the client take all that they know of it from here.

Modules of statistics are imported by the client and the command line, too, which start without
polars, scipy and the server. So they import these, and `methods`, inside of functions.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from app import json_bytes
from app.datasets.layouts import Layout
from app.datasets.units import Unit
from app.statistics.parameters import P, as_json, read
from app.statistics.table import Table

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.in_words.answer import Answer
    from app.statistics.in_words.words import Words


F = TypeVar("F")


class Asked(NamedTuple, Generic[P, F]):
    """A question that a dataset has an answer to: its parameters, and what is found for it there.

    Parameters are by full names; `found` is what the statistic's `find` returns. So rows are looked
    for once, for the check, for the answer, and for the list of those behind it.
    """

    dataset: "DataIngestor"
    parameters: P
    found: F


@dataclass(frozen=True, slots=True)
class Chart:
    """How an answer is drawn.

    `kind` is the kind that suits it: bar, map, line or dot; dumbbell or scatter where no other is
    possible; empty where it depends on what the rows differ by. `value` is the column that is
    drawn, and `axis` says what its numbers are, with fields of a `Unit` in braces. Numbers that are
    `diverging` are below and above zero. `ordered`: the order of the rows is part of the answer.
    `series` is the table in `about` that a chart of this kind is drawn from, where it is not the
    answer itself. Other kinds draw the answer: of several measures, each in a row, this `measure`.
    `limits` is how confidence limits of the numbers were made: published with estimates, or
    computed of a difference, of a slope, or by simulation.
    """

    kind: str = "bar"
    value: str = "value"
    axis: str = "{share}"
    diverging: bool = False
    ordered: bool = False
    series: str = ""
    measure: str = ""
    limits: Literal["published", "difference", "slope", "simulated"] = "published"


class Statistic(ABC, Generic[P]):
    """One statistic, for any dataset. It has no state, so one object serves all threads."""

    name: str  # in URLs
    title: str  # what its answers show, in a few words
    summary: str  # the same in a sentence, for people who look for one
    parameters: type[P]
    example: Mapping[str, Any]  # a body that CDC's release can answer
    chart: Chart = Chart()
    client_type: str = "Table"  # what the client in Python returns, as an annotation
    ignored: Collection[str] = ()  # keys of a body that are passed over
    years: str = ""  # those of every answer, where an answer does not tell them
    # Which of the datasets in the box it asks where a body names none.
    dataset: Literal["course", "release"] = "release"
    # Whether it takes microseconds to check a body and to answer it: then it is done where it is
    # asked for, else on a thread.
    is_quick: bool = False

    def parse(self, body: object, dataset: "DataIngestor") -> P:
        """Return what a body asks of a dataset, by full names; of its own output, the same.

        Raises BadRequest, or UnknownName with the nearest known names, for what cannot be asked.
        Whether the dataset has an answer, `ask` tells.
        """
        return self.resolve(read(self.parameters, body, self.ignored), dataset)

    def ask(self, body: object, dataset: "DataIngestor") -> Asked[P, Any]:
        """Return a question that has an answer; raise as `parse` does, and where there is none."""
        parameters = self.parse(body, dataset)
        return Asked(dataset, parameters, self.find(dataset, parameters))

    def encode(self, parameters: P) -> str:
        """Return parameters as the JSON text that jobs are recorded with."""
        return json_bytes.encode(as_json(parameters)).decode()

    @abstractmethod
    def resolve(self, parameters: P, dataset: "DataIngestor") -> P:
        """Return parameters by full names, with defaults filled in; raises as `parse` does."""

    @abstractmethod
    def find(self, dataset: "DataIngestor", parameters: P) -> Any:
        """Return what to answer from; raise BadRequest where the dataset has no answer."""

    @abstractmethod
    def compute(self, asked: Asked[P, Any]) -> Table:
        """Return the answer."""

    def used(self, asked: Asked[P, Any]) -> "pl.DataFrame":
        """Return the rows of the dataset that go into the answer, in the dataset's order.

        For most they are the `used` of what was found.
        """
        used: pl.DataFrame = asked.found.used
        return used

    @abstractmethod
    def sentence(self, parameters: P, layout: Layout) -> str:
        """Return what is asked, in a sentence of plain English."""

    @abstractmethod
    def method(self, parameters: P, layout: Layout) -> str:
        """Return how the answer is computed, in a sentence or two."""

    def in_words(self, _answer: "Answer", _words: "Words") -> str:
        """Return the leading fact of an answer in a sentence or more; empty for none.

        It says no more than the table does, and only numbers that are in there, or counts of rows.
        """
        return ""

    def questions(self, parameters: P) -> Sequence[str]:
        """Return the texts of the questions that are asked for; none where it is about all."""
        text: str = getattr(parameters, "question")  # noqa: B009  # of most models, not of all
        return [text]

    def answer(self, asked: Asked[P, Any]) -> Mapping[str, Any]:
        """Return the answer as JSON values: what a job's result holds.

        Only what the same question on the same dataset always has: the same bytes come of it
        whenever it is asked.
        """
        from app.statistics.in_words.answer import Answer, sentences

        dataset, parameters, _ = asked
        table, recorded = self.compute(asked), as_json(parameters)
        content = table.as_json()
        told = Answer.of(table, recorded)
        unit = dataset.unit(self.questions(parameters))
        content["about"] = {
            "statistic": self.name,
            "asked": self.sentence(parameters, dataset.layout),
            **sentences(dataset, unit, told, self.in_words),
            "parameters": recorded,
            "dataset": dataset.version,
            "source": dataset.source,
            **content["about"],
        }
        return content

    def table(self, data: Any, _unit: Unit) -> Table:
        """Return the table that the JSON values of an answer hold.

        The unit is that of its values, for an answer that does not tell itself.
        """
        return Table.from_json(data)
