"""Datasets that are read once in a process: they are immutable."""

import csv
from functools import cache
from logging import getLogger

import polars as pl

from app.answers.catalogue import Catalogue
from app.answers.compute import Answers, Caches
from app.data_ingestor import DataIngestor
from app.sources import NAMELESS, Sources
from app.statistics.registry import STATISTICS
from unittests.helpers.files import DATASET, RELEASE, scratch

OBESITY = "Percent of adults aged 18 years and older who have obesity"


@cache
def dataset() -> DataIngestor:
    """Return the bundled dataset, read once: it is immutable."""
    return DataIngestor(DATASET)


@cache
def dataset_rows() -> list[dict[str, str]]:
    """Return the rows of the bundled dataset, as the csv module reads them."""
    with DATASET.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def answers_of(data: DataIngestor, most_bytes: int = 0) -> Answers:
    """Return the answers of a dataset, of which so many bytes are kept."""
    return Answers("data", data, STATISTICS, Caches(most_bytes), 0.0)


def catalogue_of(data: DataIngestor) -> Catalogue:
    """Return the catalogue of a server that serves this dataset for everything."""
    sources = Sources.alone(data.path)
    return Catalogue(sources, {NAMELESS: data}, STATISTICS, 0, getLogger("catalogue_of"))


@cache
def release() -> DataIngestor:
    """Return CDC's release that comes with the program, read once."""
    return DataIngestor(RELEASE)


@cache
def cdc_cut_rows() -> list[dict[str, str]]:
    """Return the rows of that release by sex which have an estimate, as a CSV has them.

    Without those of fruit and vegetables: a file that lacks what a whole release has.
    """
    rows = pl.read_parquet(RELEASE).filter(
        pl.col("StratificationCategory1") == "Sex",
        pl.col("Data_Value").is_not_null(),
        ~pl.col("QuestionID").is_in(["Q018", "Q019"]),
    )
    return rows.select(pl.all().cast(pl.String).fill_null("")).to_dicts()


@cache
def cdc_cut() -> DataIngestor:
    """Return a dataset of these rows, read once."""
    with scratch() as folder:
        path = folder / "cdc_sex_2011_2023.csv"
        pl.DataFrame(cdc_cut_rows()).write_csv(path)
        return DataIngestor(path)
