"""Whether what was downloaded is whole: every record, and a file that the server can load."""

import csv
from pathlib import Path

from app.data_ingestor import DataIngestor
from app.datasets.csv_scan import columns_in
from app.download.release import Release
from app.errors import DatasetError, WrongDownload


def count_records(path: Path) -> int:
    """Return the number of records after the header; empty lines are none.

    Raises WrongDownload where a record has more or fewer fields than the header, as the last one
    of a file that was cut. Records, not lines: a quoted field may hold line breaks.
    """
    count = 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            width = len(next(reader, []))
            for record in reader:
                if record and len(record) != width:
                    raise WrongDownload(
                        f"line {reader.line_num} has {len(record)} fields, the header {width}"
                    )
                count += bool(record)
    except (csv.Error, UnicodeDecodeError) as error:
        raise WrongDownload(f"it is not a whole CSV ({error})") from None
    return count


def check_whole(path: Path, release: Release) -> str:
    """Return the SHA-256 of a CSV that holds the whole release and loads.

    Raises WrongDownload for any other.
    """
    try:
        columns_in(path)
        rows = count_records(path)
        if rows != release.rows:
            raise WrongDownload(f"it holds {rows:,} rows, and CDC counts {release.rows:,}")
        return DataIngestor(path).digest
    except DatasetError as error:
        raise WrongDownload(f"the server could not load it: {error}") from None
