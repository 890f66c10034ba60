"""Writes rows in the layout of CDC's release: any number, in little memory.

Questions, places and strata are those of the bundled dataset, drawn at random for each row, with
single years, values of one decimal, and one estimate in twelve suppressed as CDC does it.
"""

import argparse
import csv
import json
import random
from array import array
from pathlib import Path

import polars as pl

from benchmarks.jobs import DATASET
from benchmarks.programs import PROJECT

_ROWS_AT_ONCE = 250_000
_SUPPRESSED = "Data not available because sample size is insufficient."

# The columns that repeat a stratum are called as its category, but for this one.
_BREAKOUTS = {"Age (years)": "Age(years)"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)


def run(options: argparse.Namespace, folder: Path) -> None:
    """Write what the command line asks for."""
    del folder
    write(options.path, options.rows)


def write(path: Path, rows: int) -> None:
    """Write `rows` rows, the same each time."""
    with DATASET.open("rb") as bundled:
        header = bundled.readline()
    names = next(csv.reader([header.decode()]))
    kinds = _kinds(names)
    source = random.Random(1)
    with path.open("wb") as file:
        file.write(header)
        for first in range(0, rows, _ROWS_AT_ONCE):
            count = min(_ROWS_AT_ONCE, rows - first)
            _some(kinds, first, count, source).select(names).write_csv(
                file, include_header=False, float_precision=1
            )


def _kinds(names: list[str]) -> pl.DataFrame:
    """Return one row for each question, place and stratum, with the texts that depend on these."""
    dimensions = json.loads((PROJECT / "dataset" / "dimensions.json").read_text())
    rows = [
        dict.fromkeys(names, "")
        | {
            "LocationAbbr": abbreviation,
            "LocationDesc": place["name"],
            "LocationID": place["id"],
            "GeoLocation": place["geolocation"],
            "Datasource": "Generated, after BRFSS",
            "Data_Value_Type": "Value",
            "DataValueTypeID": "VALUE",
            "Class": asked["class"],
            "ClassID": asked["class_id"],
            "Topic": asked["topic"],
            "TopicID": asked["topic_id"],
            "Question": asked["question"],
            "QuestionID": question_id,
            "StratificationCategory1": stratum["category"],
            "StratificationCategoryId1": stratum["category_id"],
            "Stratification1": stratum["stratum"],
            "StratificationID1": stratum_id,
            _BREAKOUTS.get(stratum["category"], stratum["category"]): stratum["stratum"],
        }
        for question_id, asked in dimensions["questions"].items()
        for abbreviation, place in dimensions["locations"].items()
        for stratum_id, stratum in dimensions["strata"].items()
    ]
    # Null is written as nothing, an empty text as two quotes.
    return pl.DataFrame(rows).with_columns(pl.col(pl.String).replace("", None))


def _some(kinds: pl.DataFrame, first: int, count: int, source: random.Random) -> pl.DataFrame:
    """Return `count` rows, numbered from `first`."""

    def draw(low: int, high: int) -> pl.Series:
        """Return a whole number for each row, from `low` to `high`."""
        # Bytes at once: a call for each number would take longer than all the rest.
        numbers = pl.Series(array("I", source.randbytes(4 * count)))
        return numbers % (high - low + 1) + low

    value = draw(50, 950) / 10
    kept = draw(1, 12) > 1
    year = draw(2011, 2022)
    drawn = pl.DataFrame({"kept": kept, "value": value})
    suppressed, estimate = pl.when(~pl.col("kept")), pl.when("kept")
    values = drawn.select(
        estimate.then("value").alias("Data_Value"),
        estimate.then("value").alias("Data_Value_Alt"),
        suppressed.then(pl.lit("~")).alias("Data_Value_Footnote_Symbol"),
        suppressed.then(pl.lit(_SUPPRESSED)).alias("Data_Value_Footnote"),
        estimate.then(pl.col("value") - 2).alias("Low_Confidence_Limit"),
        estimate.then(pl.col("value") + 2).alias("High_Confidence_Limit "),
        draw(50, 5000).alias("Sample_Size"),
        pl.int_range(first, first + count, eager=True).alias(""),
        year.alias("YearStart"),
        year.alias("YearEnd"),
    )
    return kinds[draw(0, len(kinds) - 1)].with_columns(values.get_columns())
