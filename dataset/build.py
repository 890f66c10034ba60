"""Build nutrition_activity_obesity_usa_subset.csv from the figures kept beside this script.

    python dataset/build.py [OUTPUT]

The output is the same, byte for byte, on every machine. What it is and is not: README.md here.
"""

import csv
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]

HERE = Path(__file__).resolve().parent
DEFAULT_OUTPUT = HERE.parent / "nutrition_activity_obesity_usa_subset.csv"

DATASOURCE = "Reconstruction from published BRFSS aggregates"
PERIOD = ("2011", "2022")
SUPPRESSED = ("~", "Data not available because sample size is insufficient.")

# The column of CDC's layout that repeats a row's stratum, by stratification category.
BREAKOUT_COLUMNS = {
    "Total": "Total",
    "Age (years)": "Age(years)",
    "Education": "Education",
    "Gender": "Gender",
    "Income": "Income",
    "Race/Ethnicity": "Race/Ethnicity",
}

# CDC's own order and spelling, the trailing space of the upper limit included.
COLUMNS = (
    "YearStart", "YearEnd", "LocationAbbr", "LocationDesc", "Datasource", "Class", "Topic",
    "Question", "Data_Value_Unit", "Data_Value_Type", "Data_Value", "Data_Value_Alt",
    "Data_Value_Footnote_Symbol", "Data_Value_Footnote", "Low_Confidence_Limit",
    "High_Confidence_Limit ", "Sample_Size", "Total", "Age(years)", "Education", "Gender",
    "Income", "Race/Ethnicity", "GeoLocation", "ClassID", "TopicID", "QuestionID",
    "DataValueTypeID", "LocationID", "StratificationCategory1", "Stratification1",
    "StratificationCategoryId1", "StratificationID1",
)  # fmt: skip


def split_evenly(total: Decimal, rows: int) -> list[Decimal]:
    """Return `rows` values with one decimal, as equal as can be, whose sum is exactly `total`."""
    tenths, larger = divmod(int(total * 10), rows)
    return [Decimal(tenths + (row < larger)) / 10 for row in range(rows)]


def cell_rows(cell: Row, dimensions: dict[str, dict[str, Row]]) -> Iterator[Row]:
    """Yield the CSV rows of one cell: one question, location and stratum (which may be empty)."""
    question = dimensions["questions"][cell["question_id"]]
    location = dimensions["locations"][cell["location"]]
    stratum = dimensions["strata"].get(cell["stratum_id"])
    estimates, total = int(cell["estimates"]), Decimal(cell["sum"])
    suppressed = total == Decimal(str(question["fill_value"])) * estimates

    row = dict.fromkeys(COLUMNS, "") | {
        "YearStart": PERIOD[0],
        "YearEnd": PERIOD[1],
        "LocationAbbr": cell["location"],
        "LocationDesc": location["name"],
        "Datasource": DATASOURCE,
        "Class": question["class"],
        "Topic": question["topic"],
        "Question": question["question"],
        "Data_Value_Type": "Value",
        "GeoLocation": location["geolocation"],
        "ClassID": question["class_id"],
        "TopicID": question["topic_id"],
        "QuestionID": cell["question_id"],
        "DataValueTypeID": "VALUE",
        "LocationID": location["id"],
    }
    if stratum:
        row |= {
            BREAKOUT_COLUMNS[stratum["category"]]: stratum["stratum"],
            "StratificationCategory1": stratum["category"],
            "Stratification1": stratum["stratum"],
            "StratificationCategoryId1": stratum["category_id"],
            "StratificationID1": cell["stratum_id"],
        }
    if suppressed:
        row["Data_Value_Footnote_Symbol"], row["Data_Value_Footnote"] = SUPPRESSED
    for value in split_evenly(total, estimates):
        yield row | {
            "Data_Value": f"{value:.1f}",
            "Data_Value_Alt": "" if suppressed else f"{value:.1f}",
        }


def build(output: Path) -> int:
    """Write the dataset to `output` and return its number of rows."""
    dimensions = json.loads((HERE / "dimensions.json").read_text(encoding="utf-8"))
    with (
        (HERE / "figures.csv").open(newline="", encoding="utf-8") as figures,
        output.open("w", newline="", encoding="utf-8") as target,
    ):
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("", *COLUMNS))
        index = 0
        for cell in csv.DictReader(figures):
            for row in cell_rows(cell, dimensions):
                writer.writerow((index, *row.values()))
                index += 1
    return index


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_OUTPUT
    print(f"{path}: {build(path)} rows")
