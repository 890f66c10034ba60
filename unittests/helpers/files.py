"""The project's files, folders for one test, and a disk that is full."""

import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CDC_CUT = PROJECT.parent / "shared" / "data" / "cdc_sex_2011_2023.csv"
DATASET = PROJECT / "nutrition_activity_obesity_usa_subset.csv"
RELEASE = PROJECT / "dataset" / "brfss_release.parquet"


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for the length of a with block."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def spoil(path: Path, content: bytes | None) -> None:
    """Put something else into a file; for None, remove it."""
    path.unlink() if content is None else path.write_bytes(content)


@contextmanager
def small_files(most_bytes: int) -> Iterator[None]:
    """Let no file grow beyond a size: the kernel then cuts writes short, as on a full disk.

    Holds for the whole process: keep what is done meanwhile short.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let this process open nothing, for the length of a with block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
