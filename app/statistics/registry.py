"""The statistics that explain themselves: what each is called, and where it is computed.

Each is a module of `app/analysis/`. They are imported when the server runs, or sooner when one is
asked for: the libraries that some of them stand on take as long to import as all the rest.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

from app.errors import Overloaded

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor
    from app.statistics.table import Table


class Analysis(Protocol):
    """What a module of `app/analysis/` that computes a statistic offers."""

    def parse(self, body: Mapping[str, Any], dataset: "DataIngestor") -> dict[str, Any]:
        """Return what a body asks, by full names, as JSON values; of its own output, the same.

        Raises UnknownName or BadRequest for what the dataset cannot answer.
        """

    def compute(self, dataset: "DataIngestor", asked: Mapping[str, Any]) -> "Table":
        """Return the answer to what `parse` returned."""

    def used(self, dataset: "DataIngestor", asked: Mapping[str, Any]) -> "pl.DataFrame":
        """Return the rows of the dataset that go into the answer, in the dataset's order."""

    def sentence(self, asked: Mapping[str, Any]) -> str:
        """Return what is asked in plain English."""

    def method(self, asked: Mapping[str, Any]) -> str:
        """Return how the answer is computed, in a sentence or two."""


Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamedAnalysis:
    """One statistic: its name in URLs, what its answers show in a few words, what it tells.

    `fields` are JSON schemas of what a body may say, `needed` those that it must, and `example` is
    a body that CDC's release and the bundled dataset can answer, if either can.
    """

    name: str
    title: str
    summary: str
    fields: Mapping[str, Schema]
    needed: tuple[str, ...]
    example: Mapping[str, Any]

    def load(self) -> Analysis:
        """Return its module; raise Overloaded where it cannot be imported at the moment."""
        try:
            return cast("Analysis", importlib.import_module(f"app.statistics.{self.name}"))
        except (OSError, ImportError) as error:  # no descriptors to open its files with
            reason = f"{self.name} could not be loaded; try again in a moment"
            raise Overloaded(reason) from error


def load_all() -> None:
    """Import the modules of all; at once where they are imported already."""
    for analysis in ANALYSES.values():
        analysis.load()


def _text(description: str) -> Schema:
    return {"type": ["string", "null"], "description": description}


def _texts(description: str) -> Schema:
    kinds = [{"type": ["string", "null"]}, {"type": "array", "items": {"type": "string"}}]
    return {"anyOf": kinds, "description": description}


def _pair(description: str) -> Schema:
    many = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return {**many, "description": description}


def _object(description: str) -> Schema:
    return {"type": ["object", "null"], "description": description}


_QUESTION: Schema = {"type": "string", "description": "its full text, or CDC's id such as Q036"}
_YEAR: Schema = {
    "type": ["integer", "null"],
    "description": "the latest that has enough estimates, where it is left out",
}
_STRATUM = _text("whom to count, such as Female; Total where it is left out")


def _table() -> Mapping[str, NamedAnalysis]:
    rows = (
        NamedAnalysis(
            "query",
            "Estimates",
            "Estimates, filtered, grouped and pooled, each with its interval and what went into it",
            {
                "question": _texts("its text or id, an array of them, or nothing for all"),
                "group_by": {
                    "type": "array",
                    "description": "what to tell apart",
                    "items": {
                        "enum": ["question", "topic", "state", "year", "category", "stratum"]
                    },
                },
                "where": {
                    "type": "object",
                    "description": "what to keep of topic, state, year, category and stratum: a"
                    ' name or an array of names; a year, an array of years, or {"from", "to"}',
                },
                "method": {
                    "enum": [
                        "overall",
                        "mean",
                        "sample_weighted",
                        "inverse_variance",
                        "median",
                        "national",
                    ],
                    "description": "how several rows become one number; overall by default",
                },
                "sort": _text('a column, with "-" before it for falling order'),
                "limit": {
                    "type": ["integer", "null"],
                    "description": "so many rows at most",
                    "minimum": 1,
                    "maximum": 20_000,
                },
            },
            (),
            {"question": "Q036", "group_by": ["state"], "sort": "-value", "limit": 5},
        ),
        NamedAnalysis(
            "trend",
            "Trend over the years",
            "Change over the years: slopes with intervals, rising, stable or falling",
            {
                "question": _QUESTION,
                "state": _texts("a state or several; all where it is left out"),
                "stratum": _STRATUM,
                "years": _object('which years, as {"from": 2013, "to": 2023}; all by default'),
            },
            ("question",),
            {"question": "Q036", "state": ["National", "Ohio"]},
        ),
        NamedAnalysis(
            "ranking",
            "Ranking of the states",
            "States from best to worst, with the interval of each rank",
            {"question": _QUESTION, "year": _YEAR, "stratum": _STRATUM},
            ("question",),
            {"question": "Q036"},
        ),
        NamedAnalysis(
            "disparity",
            "Disparities between strata",
            "Gap and ratio between the strata of a category, with intervals",
            {
                "question": _QUESTION,
                "category": {"type": "string", "description": "such as Income"},
                "state": _texts("a state or several; National where it is left out"),
                "year": _YEAR,
                "reference": _text("the stratum to compare with; the best where it is left out"),
            },
            ("question", "category"),
            {"question": "Q036", "category": "Income"},
        ),
        NamedAnalysis(
            "compare",
            "Comparison",
            "Two states, or two strata, on every question, with the interval of each difference",
            {
                "states": _pair("two states"),
                "strata": _pair("or two strata of one category"),
                "state": _text("where the strata are; National where it is left out"),
                "stratum": _STRATUM,
                "year": _YEAR,
            },
            (),
            {"states": ["Ohio", "Texas"]},
        ),
        NamedAnalysis(
            "correlation",
            "Correlation over the states",
            "How two questions go together over the states, with the interval of the coefficient",
            {"questions": _pair("two of them"), "year": _YEAR, "stratum": _STRATUM},
            ("questions",),
            {"questions": ["Q036", "Q047"]},
        ),
    )
    return MappingProxyType({row.name: row for row in rows})


ANALYSES = _table()
