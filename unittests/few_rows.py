"""Datasets of a few rows, for tests that compute by hand what comes of them."""

import contextlib
import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.data_ingestor import DataIngestor

# What a row has where a test says nothing of it.
_USUAL: dict[str, Any] = {
    "question": "Percent of adults aged 18 years and older who have obesity",
    "question_id": "Q036",
    "topic": "Obesity / Weight Status",
    "year_start": 2022,
    "year_end": 2022,
    "state": "Ohio",
    "abbreviation": "OH",
    "category": "Sex",
    "stratum": "Female",
    "value": 30.0,
    "low": None,
    "high": None,
    "sample_size": None,
    "symbol": None,
}
_COLUMNS = {
    "question": "Question",
    "question_id": "QuestionID",
    "topic": "Topic",
    "year_start": "YearStart",
    "year_end": "YearEnd",
    "state": "LocationDesc",
    "abbreviation": "LocationAbbr",
    "category": "StratificationCategory1",
    "stratum": "Stratification1",
    "value": "Data_Value",
    "low": "Low_Confidence_Limit",
    "high": "High_Confidence_Limit ",
    "sample_size": "Sample_Size",
    "symbol": "Data_Value_Footnote_Symbol",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a dataset, by the names that the statistics use."""

    given: dict[str, Any]


def row(**given: Any) -> Row:
    """Return a row: women in Ohio in 2022 of whom 30 % have obesity, but for what is given."""
    if given.keys() - _USUAL.keys():
        raise KeyError(given.keys() - _USUAL.keys())
    return Row({**_USUAL, **given})


@contextlib.contextmanager
def few_rows(*rows: Row) -> Iterator[DataIngestor]:
    """Give the dataset of some rows, for the length of a with block."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS.values())
        writer.writerows([one.given[name] for name in _COLUMNS] for one in rows)
        file.flush()
        yield DataIngestor(Path(file.name))
