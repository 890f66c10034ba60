"""The statistics that explain themselves: what each is called, and where it is computed.

Each is a module of `app/analysis/`. They are imported when first asked for: the libraries that
some of them stand on take as long to import as all the rest of the server.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import polars as pl

    from app.analysis.table import Table
    from app.data_ingestor import DataIngestor


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


@dataclass(frozen=True, slots=True)
class NamedAnalysis:
    """One statistic: its name in URLs, what it tells, and the fields of a body that asks it.

    `title` says in a few words what its answers show.
    """

    name: str
    title: str
    summary: str
    fields: Mapping[str, str]
    example: Mapping[str, Any]

    def load(self) -> Analysis:
        """Return its module."""
        return cast("Analysis", importlib.import_module(f"app.analysis.{self.name}"))


def _table() -> Mapping[str, NamedAnalysis]:
    rows = (
        NamedAnalysis(
            "query",
            "Estimates",
            "Estimates, filtered, grouped and pooled, each with its interval and what went into it",
            {
                "question": "its text or id, an array of them, or nothing for all",
                "group_by": "any of question, topic, state, year, category, stratum",
                "where": 'what to keep, such as {"state": ["Ohio", "TX"], "year": {"from": 2015}}',
                "method": "overall (the default), mean, sample_weighted, inverse_variance, median"
                " or national",
                "sort": 'a column, with "-" before it for falling order',
                "limit": "so many rows at most",
            },
            {"question": "Q036", "group_by": ["state"], "sort": "-value", "limit": 5},
        ),
    )
    return MappingProxyType({row.name: row for row in rows})


ANALYSES = _table()
