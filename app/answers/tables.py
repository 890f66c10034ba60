"""The answer of a finished job as a table, whichever statistic it is of."""

from ast import literal_eval
from collections.abc import Mapping
from typing import Any

from app.statistics.table import Column, Table

_STATE = Column("state", "text", "name of the state, or National")
_CATEGORY = Column("category", "text", "what people are told apart by, such as Income")
_STRATUM = Column("stratum", "text", "the group of people within the category")
_MEAN = Column("mean", "number", "plain mean over all rows of 2011-2022, percent")
_DIFFERENCE = Column(
    "difference", "number", "mean over all rows minus the state's mean, percentage points"
)
_BY_STRATUM = (_STATE, _CATEGORY, _STRATUM, _MEAN)


def table_of(statistic: str, data: Any) -> Table:
    """Return the JSON `data` of a finished job of `statistic` as a table.

    The rows are in the order of the data. The nine statistics of the course answer with objects;
    all others with a table already.
    """
    match statistic:
        case "states_mean" | "state_mean" | "best5" | "worst5":
            return _pairs(_MEAN, data)
        case "diff_from_mean" | "state_diff_from_mean":
            return _pairs(_DIFFERENCE, data)
        case "global_mean":
            return Table((_MEAN,), [[data["global_mean"]]], {})
        case "mean_by_category":
            rows = [[*literal_eval(key), mean] for key, mean in data.items()]
            return Table(_BY_STRATUM, rows, {})
        case "state_mean_by_category":
            rows = [
                [state, *literal_eval(key), mean]
                for state, means in data.items()
                for key, mean in means.items()
            ]
            return Table(_BY_STRATUM, rows, {})
    return Table.from_json(data)


def _pairs(column: Column, data: Mapping[str, float]) -> Table:
    return Table((_STATE, column), [[state, value] for state, value in data.items()], {})
