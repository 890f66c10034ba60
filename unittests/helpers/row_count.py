"""A statistic that a newcomer might add, and programs that have it: in one file, in one line.

`python -m unittests.helpers.row_count serve|worker|cli ...`
"""

import sys
from typing import TYPE_CHECKING

from app.datasets.layouts import Layout
from app.statistics.parameters import Parameters, Question, States
from app.statistics.registry import STATISTICS
from app.statistics.statistic import Asked, Chart, Statistic
from app.statistics.table import Column, Table

if TYPE_CHECKING:
    import polars as pl

    from app.data_ingestor import DataIngestor


class RowCountParameters(Parameters, frozen=True):
    """Of which question to count the rows, and in which states."""

    question: Question
    state: States | None = None


class RowCount(Statistic[RowCountParameters]):
    """How many rows the dataset has of a question, by state."""

    name = "row_count"
    title = "Number of rows"
    summary = "How many rows there are of each state"
    parameters = RowCountParameters
    example = {"question": "Q036", "state": ["Ohio", "Texas"]}
    chart = Chart(value="rows", axis="rows of the dataset")

    def resolve(
        self, parameters: RowCountParameters, dataset: "DataIngestor"
    ) -> RowCountParameters:
        """Return parameters by full names."""
        names = parameters.state
        names = [names] if isinstance(names, str) else names
        return RowCountParameters(
            question=dataset.question(parameters.question).question.text,
            state=sorted(map(dataset.state, names)) if names else None,
        )

    def find(self, dataset: "DataIngestor", parameters: RowCountParameters) -> "pl.DataFrame":
        """Return the rows to count."""
        import polars as pl

        rows = dataset.estimates.filter(pl.col("question") == parameters.question)
        if parameters.state is None:
            return rows
        return rows.filter(pl.col("state").cast(pl.String).is_in(parameters.state))

    def compute(self, asked: Asked[RowCountParameters, "pl.DataFrame"]) -> Table:
        """Return a row for each state, ascending by name."""
        import polars as pl

        counts = asked.found.group_by(pl.col("state").cast(pl.String)).len()
        columns = (Column("state", "text", "the state"), Column("rows", "integer", "its rows"))
        return Table(columns, [list(row) for row in counts.sort("state").iter_rows()], {})

    def used(self, asked: Asked[RowCountParameters, "pl.DataFrame"]) -> "pl.DataFrame":
        """Return the rows that are counted."""
        return asked.found

    def sentence(self, parameters: RowCountParameters, _layout: Layout) -> str:
        """Return what is asked."""
        return f'How many rows are there of "{parameters.question}" in each state?'

    def method(self, _parameters: RowCountParameters, _layout: Layout) -> str:
        """Return how they are counted."""
        return "rows are counted, whatever they hold"


WITH_ROW_COUNT = STATISTICS.plus(RowCount())

if __name__ == "__main__":
    program, *arguments = sys.argv[1:]
    if program == "serve":
        from app.server import main as serve

        sys.exit(serve(arguments, "row_count", WITH_ROW_COUNT))
    if program == "worker":
        from app.cluster.worker import main as work

        sys.exit(work(arguments, WITH_ROW_COUNT))
    from app.cli.program import build

    build(WITH_ROW_COUNT)(arguments)
