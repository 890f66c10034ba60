"""Datasette over the same CSV: each statistic is a stored SQL query that its JSON API answers.

    python -m benchmarks.apps.datasette_app PORT FOLDER

The rows go into a table of SQLite with an index on what is asked for. There are no jobs: a request
brings the answer.
"""

import csv
import json
import os
import sqlite3
import sys
from pathlib import Path

from app.datasets.questions import LOWER_IS_BETTER
from benchmarks.asking import DATASET

_COLUMNS = (
    "LocationDesc", "Question", "QuestionID", "StratificationCategory1", "Stratification1",
    "Data_Value",
)  # fmt: skip

_MEANS = "select LocationDesc, avg(Data_Value) as mean from estimates where Question = :question"
_GLOBAL = "(select avg(Data_Value) from estimates where Question = :question)"
_BETTER_LOW = (
    "(select QuestionID in (select id from lower_is_better)"
    " from estimates where Question = :question limit 1)"
)
_FIVE = (
    f"with means as ({_MEANS} group by 1)"
    f" select LocationDesc, mean from means order by case when {_BETTER_LOW}"
    " then mean else -mean end * {sign}, LocationDesc limit 5"
)
_STRATA = (
    "select LocationDesc, StratificationCategory1, Stratification1, avg(Data_Value) from estimates"
    " where Question = :question and StratificationCategory1 <> '' and Stratification1 <> ''"
)

QUERIES = {
    "states_mean": f"{_MEANS} group by 1 order by 2, 1",
    "state_mean": f"{_MEANS} and LocationDesc = :state group by 1",
    "best5": _FIVE.format(sign=1),
    "worst5": _FIVE.format(sign=-1),
    "global_mean": f"select 'global_mean', {_GLOBAL}",
    "diff_from_mean": f"with means as ({_MEANS} group by 1)"
    f" select LocationDesc, {_GLOBAL} - mean from means order by mean, 1",
    "state_diff_from_mean": f"with means as ({_MEANS} and LocationDesc = :state group by 1)"
    f" select LocationDesc, {_GLOBAL} - mean from means",
    "mean_by_category": f"{_STRATA} group by 1, 2, 3",
    "state_mean_by_category": f"{_STRATA} and LocationDesc = :state group by 1, 2, 3",
}


def fill(database: Path) -> None:
    """Write the CSV's estimates of 2011-2022 to a database."""
    with DATASET.open(newline="", encoding="utf-8") as file, sqlite3.connect(database) as target:
        target.execute(f"create table estimates ({', '.join(_COLUMNS)} real)")
        target.executemany(
            f"insert into estimates values ({', '.join('?' * len(_COLUMNS))})",
            (
                [row[name] for name in _COLUMNS]
                for row in csv.DictReader(file)
                if row["Data_Value"] and row["YearStart"] >= "2011" and row["YearEnd"] <= "2022"
            ),
        )
        target.execute("create index asked on estimates (Question, LocationDesc)")
        target.execute("create table lower_is_better (id primary key)")
        target.executemany(
            "insert into lower_is_better values (?)", [(name,) for name in sorted(LOWER_IS_BETTER)]
        )
    target.close()


def main(port: str, folder: Path) -> None:
    """Become Datasette, with its own command line."""
    database, metadata = folder / "brfss.db", folder / "metadata.json"
    fill(database)
    queries = {name: {"sql": sql} for name, sql in QUERIES.items()}
    metadata.write_text(json.dumps({"databases": {"brfss": {"queries": queries}}}))
    # -i: the file does not change, which lets Datasette save itself some work.
    options = ["-i", str(database), "--metadata", str(metadata), "--port", port]
    settings = ["--setting", "max_returned_rows", "5000", "--setting", "sql_time_limit_ms", "10000"]
    os.execv(sys.executable, [sys.executable, "-m", "datasette", "serve", *options, *settings])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
