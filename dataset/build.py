"""Build nutrition_activity_obesity_usa_subset.csv from the tables kept beside this script.

    python dataset/build.py [OUTPUT]

`course_rows.csv` says which rows the file has, and in which order; limits and sample sizes are
those of `brfss_release.parquet`. The output is the same, byte for byte, on every machine.
"""

import csv
import json
import sys
from pathlib import Path

import polars as pl

Row = dict[str, str]
Release = dict[tuple[str, ...], tuple[float, float, float, int]]

HERE = Path(__file__).resolve().parent
DEFAULT_OUTPUT = HERE.parent / "nutrition_activity_obesity_usa_subset.csv"

WITHHELD = {
    "Data_Value_Footnote_Symbol": "~",
    "Data_Value_Footnote": "Data not available because sample size is insufficient.",
}

# The column of CDC's layout that repeats a row's stratum, where it is not called as the category.
BREAKOUT_COLUMNS = {"Age (years)": "Age(years)"}

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


def read_release() -> Release:
    """Return CDC's estimates: value, limits and sample size by question, place, year, stratum."""
    keys = ("QuestionID", "LocationAbbr", "YearStart", "StratificationID1")
    figures = ("Data_Value", "Low_Confidence_Limit", "High_Confidence_Limit ", "Sample_Size")
    table = pl.read_parquet(HERE / "brfss_release.parquet", columns=[*keys, *figures])
    rows = table.drop_nulls("Data_Value").select(pl.col(keys).cast(pl.String), *figures)
    return {row[:4]: row[4:] for row in rows.iter_rows()}


def layout_row(row: Row, release: Release, dimensions: dict[str, dict[str, Row]]) -> Row:
    """Return a row of `course_rows.csv` in CDC's layout."""
    question = dimensions["questions"][row["question_id"]]
    location = dimensions["locations"][row["location_abbr"]]
    stratum = dimensions["strata"].get(row["stratum_id"])  # one row has none
    first, _, last = row["years"].partition("-")
    last = last or first

    filled = dict.fromkeys(COLUMNS, "") | {
        "YearStart": first,
        "YearEnd": last,
        "LocationAbbr": row["location_abbr"],
        "LocationDesc": location["name"],
        "Datasource": "BRFSS" if first == "2022" else "Behavioral Risk Factor Surveillance System",
        "Class": question["class"],
        "Topic": question["topic"],
        "Question": question["question"],
        "Data_Value_Type": "Value",
        "Data_Value": row["value"],
        "GeoLocation": location["geolocation"],
        "ClassID": question["class_id"],
        "TopicID": question["topic_id"],
        "QuestionID": row["question_id"],
        "DataValueTypeID": "VALUE",
        "LocationID": location["id"],
    }
    if stratum:
        filled |= {
            BREAKOUT_COLUMNS.get(stratum["category"], stratum["category"]): stratum["stratum"],
            "StratificationCategory1": stratum["category"],
            "Stratification1": stratum["stratum"],
            "StratificationCategoryId1": stratum["category_id"],
            "StratificationID1": row["stratum_id"],
        }
    if row["filled"] == "yes":
        return filled | WITHHELD
    filled["Data_Value_Alt"] = row["value"]
    if first == last:
        key = (row["question_id"], row["location_abbr"], first, row["stratum_id"])
        value, low, high, sample_size = release[key]
        if float(row["value"]) != value:
            raise ValueError(f"{key}: {row['value']} here, {value} in CDC's release")
        filled["Low_Confidence_Limit"] = str(low)
        filled["High_Confidence_Limit "] = str(high)
        filled["Sample_Size"] = str(sample_size)
    return filled


def build(output: Path) -> int:
    """Write the dataset to `output` and return its number of rows."""
    dimensions = json.loads((HERE / "dimensions.json").read_text(encoding="utf-8"))
    release = read_release()
    with (HERE / "course_rows.csv").open(newline="", encoding="utf-8") as table:
        rows = [layout_row(row, release, dimensions) for row in csv.DictReader(table)]
    with output.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("", *COLUMNS))
        writer.writerows((index, *row.values()) for index, row in enumerate(rows))
    return len(rows)


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_OUTPUT
    print(f"{path}: {build(path)} rows")
