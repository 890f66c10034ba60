"""Small datasets under the names of those in the box: what is asked by default is seen."""

from pathlib import Path

from app.sources import COURSE, RELEASE, Source, Sources
from unittests.datasets.test_layouts import INDICATORS, indicator, written
from unittests.helpers.rows import row, write

DAYS_NAME = "days"  # of the one of another layout

COURSE_ROWS = (row("Ohio", 30.0, year=2020), row("Texas", 32.0, year=2020))
RELEASE_ROWS = (
    row("Ohio", 40.0, year=2021),
    row("Texas", 44.0, year=2021),
    row("Iowa", 36.0, year=2021),
    row("Ohio", 70.0, year=2021, question="Q043"),
)
# Means over all rows of Q036, by dataset.
MEANS = {COURSE: 31.0, RELEASE: 40.0}


def two_files(folder: Path) -> Sources:
    """Write the two, and return what serves them."""
    files = {COURSE: COURSE_ROWS, RELEASE: RELEASE_ROWS}
    return Sources(
        tuple(Source(name, write(rows, folder / f"{name}.csv")) for name, rows in files.items())
    )


def three_files(folder: Path) -> Sources:
    """Write these, and one of another layout, with means of two types; return what serves them."""
    rows = [
        indicator(kind, state, value)
        for kind, more in (("CrdMean", 0.0), ("AgeAdjMean", 0.5))
        for state, value in (("Ohio", 4.0 + more), ("Texas", 3.0 + more), ("National", 3.4 + more))
    ]
    path = written(folder / f"{DAYS_NAME}.csv", INDICATORS, rows)
    return Sources((*two_files(folder).datasets, Source(DAYS_NAME, path)))


def as_arguments(sources: Sources) -> list[str]:
    """Return the options that serve these."""
    return [part for one in sources for part in ("--data", f"{one.name}={one.path}")]
