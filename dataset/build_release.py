"""Build brfss_release.parquet from CDC's release, which `make data` downloads.

    python dataset/build_release.py INPUT [OUTPUT]

INPUT is CDC's CSV export, or its figures as a table of codes (question_id, location_abbr, year,
stratum_id, value, low, high, sample_size, footnote). Both give the same rows in the same order.
What is left out, and why: README.md here.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

HERE = Path(__file__).resolve().parent
DEFAULT_OUTPUT = HERE / "brfss_release.parquet"

# In CDC's order; the trailing space of the upper limit is CDC's.
COLUMNS: dict[str, type[pl.DataType]] = {
    "YearStart": pl.Int16,
    "YearEnd": pl.Int16,
    "LocationAbbr": pl.String,
    "LocationDesc": pl.String,
    "Datasource": pl.String,
    "Class": pl.String,
    "Topic": pl.String,
    "Question": pl.String,
    "Data_Value_Type": pl.String,
    "Data_Value": pl.Float64,
    "Data_Value_Footnote_Symbol": pl.String,
    "Low_Confidence_Limit": pl.Float64,
    "High_Confidence_Limit ": pl.Float64,
    "Sample_Size": pl.Int32,
    "ClassID": pl.String,
    "TopicID": pl.String,
    "QuestionID": pl.String,
    "DataValueTypeID": pl.String,
    "LocationID": pl.String,
    "StratificationCategory1": pl.String,
    "Stratification1": pl.String,
    "StratificationCategoryId1": pl.String,
    "StratificationID1": pl.String,
}
ORDER = ("QuestionID", "LocationAbbr", "YearStart", "StratificationID1")


def named(codes: pl.DataFrame) -> pl.DataFrame:
    """Return a table of codes under CDC's names, with CDC's texts."""
    dimensions = json.loads((HERE / "dimensions.json").read_text(encoding="utf-8"))

    def of(kind: str, key: str, name: str) -> pl.Expr:
        """Return what the dimensions say of the codes in a column."""
        return pl.col(key).replace_strict({id_: one[name] for id_, one in dimensions[kind].items()})

    # CDC's releases since 2024 say Sex, where the course's file says Gender.
    category = of("strata", "stratum_id", "category").replace("Gender", "Sex")
    category_id = of("strata", "stratum_id", "category_id").replace("GEN", "SEX")
    return codes.select(
        YearStart="year",
        YearEnd="year",
        LocationAbbr="location_abbr",
        LocationDesc=of("locations", "location_abbr", "name"),
        Datasource=pl.lit("BRFSS"),
        Class=of("questions", "question_id", "class"),
        Topic=of("questions", "question_id", "topic"),
        Question=of("questions", "question_id", "question"),
        Data_Value_Type=pl.lit("Value"),
        Data_Value="value",
        Data_Value_Footnote_Symbol="footnote",
        Low_Confidence_Limit="low",
        Sample_Size="sample_size",
        ClassID=of("questions", "question_id", "class_id"),
        TopicID=of("questions", "question_id", "topic_id"),
        QuestionID="question_id",
        DataValueTypeID=pl.lit("VALUE"),
        LocationID=of("locations", "location_abbr", "id"),
        StratificationCategory1=category,
        Stratification1=of("strata", "stratum_id", "stratum"),
        StratificationCategoryId1=category_id,
        StratificationID1="stratum_id",
        **{"High_Confidence_Limit ": "high"},
    )


def release(path: Path) -> pl.DataFrame:
    """Return the release in a file, whichever of the two kinds it is."""
    table = pl.read_csv(path, infer_schema=False)
    if "question_id" in table.columns:
        table = named(table)
    return table.select(_typed()).sort(ORDER)


def _typed() -> Iterator[pl.Expr]:
    for name, kind in COLUMNS.items():
        text = pl.col(name).replace("", None)
        # CDC has written sample sizes both as 1702 and as 1,702.
        yield (text if kind == pl.String else text.str.replace_all(",", "").cast(kind)).alias(name)


def build(source: Path, output: Path) -> int:
    """Write the release in `source` to `output` and return its number of rows."""
    table = release(source)
    table.write_parquet(output, compression="zstd", compression_level=19, row_group_size=len(table))
    return len(table)


if __name__ == "__main__":
    path = Path(sys.argv[2]) if len(sys.argv) > 2 else DEFAULT_OUTPUT
    print(f"{path}: {build(Path(sys.argv[1]), path)} rows")
