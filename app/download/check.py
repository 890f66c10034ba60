"""Whether what was downloaded is whole: every record, and a file that the server can load."""

from pathlib import Path

from app.datasets import csv_scan
from app.datasets.files import digest_of, steadily
from app.datasets.reading import survey
from app.download.release import Release
from app.errors import DatasetError, WrongDownload


def check_whole(path: Path, release: Release) -> str:
    """Return the SHA-256 of a CSV that holds the whole release and loads.

    Raises WrongDownload for any other.
    """
    try:
        csv_scan.columns_in(path)
        rows = csv_scan.count_records(path)
        if rows != release.rows:
            raise WrongDownload(f"it holds {rows:,} rows, and CDC counts {release.rows:,}")
        # What a server refuses, it refuses by this: the rows themselves need not be in memory.
        return digest_of(steadily(path, survey).files)
    except DatasetError as error:
        raise WrongDownload(f"the server could not load it: {error}") from None
