"""Datasets that are read once in a process: they are immutable."""

from functools import cache

from app.data_ingestor import DataIngestor
from unittests.helpers.files import CDC_CUT, DATASET, RELEASE

OBESITY = "Percent of adults aged 18 years and older who have obesity"


@cache
def dataset() -> DataIngestor:
    """Return the bundled dataset, read once: it is immutable."""
    return DataIngestor(DATASET)


@cache
def release() -> DataIngestor:
    """Return CDC's release that comes with the program, read once."""
    return DataIngestor(RELEASE)


@cache
def cdc_cut() -> DataIngestor:
    """Return real rows of CDC's release, read once; skip the test where they are not."""
    import pytest  # which plain unittest does without

    if not CDC_CUT.exists():
        pytest.skip(f"{CDC_CUT} is not here: no real CDC rows to check against")
    return DataIngestor(CDC_CUT)
