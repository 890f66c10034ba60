"""Datasets of few rows, made for one test, and what tests of all honest statistics need."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import strategies as st

from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.statistics.table import Table
from unittests.helpers.support import CDC_CUT, OBESITY, dataset, scratch

TEXTS = {
    "Q036": OBESITY,
    "Q043": "Percent of adults who are active",
    "Q018": "Percent of adults who eat little fruit",
    "Q999": "Percent of adults who answer",  # of a direction that nobody knows
}
ABBREVIATIONS = {
    "Alabama": "AL",
    "District of Columbia": "DC",
    "Guam": "GU",
    "Iowa": "IA",
    "National": "US",
    "Ohio": "OH",
    "Texas": "TX",
    "Utah": "UT",
}
COLUMNS = {
    "question": "QuestionID",
    "state": "LocationDesc",
    "category": "StratificationCategory1",
    "stratum": "Stratification1",
    "value": "Data_Value",
    "low": "Low_Confidence_Limit",
    "high": "High_Confidence_Limit",
    "sample_size": "Sample_Size",
}


class Row(NamedTuple):
    """A row of a dataset: what CDC's columns hold, each empty where it is None."""

    state: str = "Ohio"
    year: int = 2020
    value: float | None = 30.0
    low: float | None = None
    high: float | None = None
    question: str = "Q036"
    category: str = "Total"
    stratum: str = "Total"
    sample_size: int | None = 1000
    filled: bool = False
    until: int | None = None

    def as_cdc(self) -> dict[str, Any]:
        """Return the row under CDC's names."""
        return {
            **{theirs: getattr(self, ours) for ours, theirs in COLUMNS.items()},
            "YearStart": self.year,
            "YearEnd": self.until or self.year,
            "LocationAbbr": ABBREVIATIONS.get(self.state, self.state),
            "Question": TEXTS.get(self.question, f"Percent of {self.question}"),
            "Topic": f"Topic of {self.question}",
            "Data_Value_Footnote_Symbol": "~" if self.filled else "",
        }


def row(state: str, value: float | None, half: float | None = 1.0, **more: Any) -> Row:
    """Return a row with limits as far as `half` below and above its value."""
    if half is None or value is None:
        return Row(state=state, value=value, **more)
    return Row(state=state, value=value, low=value - half, high=value + half, **more)


def write(rows: Iterable[Row], path: Path) -> Path:
    """Write a CSV of these rows, in their order."""
    with path.open("w", newline="", encoding="utf-8") as file:
        content = [one.as_cdc() for one in rows]
        writer = csv.DictWriter(file, list(content[0]))
        writer.writeheader()
        writer.writerows(content)
    return path


def made(rows: Iterable[Row]) -> DataIngestor:
    """Return a dataset of these rows, in their order."""
    with scratch() as folder:
        return DataIngestor(write(rows, folder / "rows.csv"))


@cache
def cdc_cut() -> DataIngestor:
    """Return real rows of CDC's release, read once; skip the test where they are not."""
    if not CDC_CUT.exists():
        pytest.skip(f"{CDC_CUT} is not here: no real CDC rows to check against")
    return DataIngestor(CDC_CUT)


def ask(statistic: ModuleType, data: DataIngestor, **body: Any) -> Table:
    """Return the answer to a body, having checked what holds of every answer."""
    asked = statistic.parse(body, data)
    assert statistic.parse(asked, data) == asked
    assert list(statistic.parse(asked, data)) == list(asked)
    table: Table = statistic.compute(data, asked)
    assert statistic.compute(data, asked).as_json() == table.as_json()
    assert Table.from_json(table.as_json()) == table
    used: pl.DataFrame = statistic.used(data, asked)
    assert used.columns == data.estimates.columns
    assert used["record"].is_sorted()
    assert not used["filled"].any()
    assert not used["value"].null_count()
    assert table.about["dataset_rows_used"] == used.height
    assert all(isinstance(one, str) and one.endswith((".", '"')) for one in table.about["warnings"])
    assert statistic.sentence(asked).endswith("?")
    kinds = {"text": str, "number": float, "integer": int, "boolean": bool}
    for cells in table.rows:
        for column, cell in zip(table.columns, cells, strict=True):
            assert cell is None or type(cell) is kinds[column.kind], (column.name, cell)
    return table


def named(table: Table, *keys: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of a table by some of their cells, each as a dict."""
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, cells, strict=True)) for cells in table.rows]
    if len(keys) == 1:
        return {row[keys[0]]: row for row in rows}
    return {tuple(row[key] for key in keys): row for row in rows}


def without_counts(table: Table) -> dict[str, Any]:
    """Return a table as JSON, without the counts of rows that are not used."""
    content = table.as_json()
    for key in ("rows_suppressed", "rows_filled"):
        del content["about"][key]
    return content


def refuses(statistic: ModuleType, data: DataIngestor, body: Any, *words: str) -> None:
    """Check that a body is refused, and that the reason has these words in it."""
    with pytest.raises(BadRequest) as caught:
        statistic.parse(body, data)
    for word in words:
        assert word in str(caught.value), str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


def bodies(keys: Iterable[str], good: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return bodies with anything under some keys, and what is right under the others."""
    return st.dictionaries(st.sampled_from(list(keys)), JSON, min_size=1).map(
        lambda wrong: {**good, **wrong}
    )


def never_fails(statistic: ModuleType, body: Mapping[str, Any]) -> None:
    """Check that a body is answered or refused, and that nothing else comes of it."""
    try:
        asked = statistic.parse(body, dataset())
    except BadRequest as error:
        assert str(error)
        return
    statistic.compute(dataset(), asked)
