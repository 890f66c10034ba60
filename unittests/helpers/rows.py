"""Datasets of few rows, made for one test."""

import csv
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from app.data_ingestor import DataIngestor
from unittests.helpers.data import OBESITY
from unittests.helpers.files import scratch

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
    "Nevada": "NV",
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
    """Return a dataset of these rows, in their order; the same one for the same rows."""
    return _made(tuple(rows))


@lru_cache(maxsize=100)
def _made(rows: tuple[Row, ...]) -> DataIngestor:
    with scratch() as folder:
        return DataIngestor(write(rows, folder / "rows.csv"))
