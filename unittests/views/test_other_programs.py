"""What other programs make of the address of an answer: DuckDB, LibreOffice, R, pandas, polars.

docs/how-to/files.md shows each; R, pandas and polars are run from there, by unittests/docs.
"""

import csv
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sources import Sources
from unittests.helpers.app import served_app
from unittests.helpers.files import RELEASE

ASKED = "question=obesity&group_by=state&where.year=2023"
BEST = [("West Virginia", 41.2), ("Mississippi", 40.1), ("Arkansas", 40.0)]


@pytest.fixture(name="address", scope="module")
def address_of_answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give where answers of CDC's release are."""
    with served_app(tmp_path_factory.mktemp("server"), data=Sources.alone(RELEASE)) as server:
        yield f"{server.url}/api/answers/query"


def test_duckdb_reads_parts(address: str, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    extensions = pytest.importorskip("duckdb_extensions")
    with duckdb.connect(config={"extension_directory": str(tmp_path)}) as connection:
        extensions.import_extension("httpfs", con=connection)
        for ending in ("parquet", "csv"):
            rows = connection.sql(
                f"SELECT state, value FROM '{address}.{ending}?{ASKED}' ORDER BY value DESC LIMIT 3"
            ).fetchall()
            assert rows == BEST, ending


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs libreoffice-calc-nogui")
def test_libreoffice_opens_it(address: str, tmp_path: Path) -> None:
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"]
    command += ["--convert-to", "csv", "--outdir", str(tmp_path), f"{address}.csv?{ASKED}"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with (tmp_path / "query.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["value"]]
    rows.sort(key=lambda row: -float(row["value"]))
    assert [(row["state"], float(row["value"])) for row in rows[:3]] == BEST
