"""A small dataset with all that the page must tell apart, and a server of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unittests.helpers.rows import Row, row, write
from unittests.helpers.server import Server, running_server

YEARS = range(2018, 2022)
STATES = {"Alabama": 39.0, "Iowa": 36.0, "Ohio": 35.0, "Texas": 34.0, "National": 33.0}
WITHHELD = "Utah"
FILLED = "Guam"
UNRELEASED = "Nevada"  # has no estimate of the latest year, in any stratum
MISSING = "District of Columbia"  # has no row of the latest year
UNJUDGED = "Q999"  # of which nobody knows whether low or high is better
EMPTY = "Q018"  # all of whose estimates are suppressed
NO_GROUPS = "Iowa"


def rows() -> Iterator[Row]:
    """Give the rows: each state's yearly estimates, and those of men and women."""
    for question, more in (("Q036", 0.0), ("Q043", 20.0)):
        for year in YEARS:
            for state, start in STATES.items():
                value = start + more + 0.5 * (year - YEARS[0])
                yield row(state, value, question=question, year=year)
                if state != NO_GROUPS:
                    for stratum, apart in (("Male", -2.0), ("Female", 2.0)):
                        yield row(
                            state,
                            value + apart,
                            2.0,
                            question=question,
                            year=year,
                            category="Gender",
                            stratum=stratum,
                        )
            yield Row(WITHHELD, year, None, question=question, sample_size=None)
            yield Row(FILLED, year, 1.0, question=question, sample_size=None, filled=True)
            men: dict[str, Any] = {
                "question": question,
                "year": year,
                "category": "Gender",
                "stratum": "Male",
            }
            for state in (WITHHELD, FILLED):
                yield row(state, 25.0 + more, 2.0, **men)
            released = None if year == YEARS[-1] else 31.0 + more
            yield row(UNRELEASED, released, question=question, year=year)
            yield row(UNRELEASED, released, **men)
            if year != YEARS[-1]:
                yield row(MISSING, 24.0 + more, question=question, year=year)
    yield Row("Ohio", YEARS[-1], None, question=EMPTY, sample_size=None)
    yield row("Ohio", 50.0, question=UNJUDGED, year=YEARS[-1])
    yield row("Texas", 51.0, question=UNJUDGED, year=YEARS[-1])


@contextmanager
def made_server(folder: Path) -> Iterator[Server]:
    """Run a server of that dataset for the length of a with block."""
    data = write(rows(), folder / "made.csv")
    with running_server(folder, "--data", str(data)) as server:
        yield server
