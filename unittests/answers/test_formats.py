"""Answers as tables, and tables as CSV, NDJSON and Parquet."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import polars as pl
import pytest

from app.answers.formats import as_csv, as_ndjson, as_parquet
from app.datasets.units import unit_called
from app.statistics.table import Column, Table
from unittests.helpers.data import OBESITY, dataset
from unittests.helpers.registry import COURSE_STATISTICS, TABLE_STATISTICS

UNIT = unit_called("percent")

COLUMNS = (
    Column("state", "text", "name of the state"),
    Column("value", "number", "percent"),
    Column("rank", "integer", "1 is best"),
    Column("may_be_first", "boolean", "whether it may be the first"),
)
ROWS: list[list[Any]] = [
    ["Ohio", 31.25, 2, True],
    ["Virgin Islands, U.S.", None, None, None],
    ['"Guåm"\nagain', 25, 1, False],
]
TABLE = Table(COLUMNS, ROWS, {"question": {"id": "Q036", "text": OBESITY}, "note": "é"})
TYPES: dict[str, type[pl.DataType]] = {
    "state": pl.String,
    "value": pl.Float64,
    "rank": pl.Int64,
    "may_be_first": pl.Boolean,
}


def answer(statistic: str, state: str = "Ohio") -> Any:
    """Return what the server answers on obesity, as JSON has it."""
    known = COURSE_STATISTICS[statistic]
    asked = known.ask({"question": OBESITY, "state": state}, dataset())
    return json.loads(json.dumps(known.answer(asked)))


def cells_of(body: bytes) -> list[list[str]]:
    """Return what Python's own reader finds in a CSV."""
    return list(csv.reader(StringIO(body.decode("utf-8-sig"), newline="")))


def one_cell(text: str) -> Table:
    """Return a table of one text beside a number."""
    return Table((COLUMNS[0], COLUMNS[1]), [[text, -1.5]], {})


@pytest.mark.parametrize("statistic", list(COURSE_STATISTICS))
def test_every_statistic_of_the_course_is_a_table(statistic: str) -> None:
    data = answer(statistic)
    table = COURSE_STATISTICS[statistic].table(data, UNIT)
    names = [column.name for column in table.columns]
    found: dict[Any, Any]
    match statistic:
        case "global_mean":
            assert names == ["mean"]
            found = {"global_mean": table.rows[0][0]}
        case "mean_by_category":
            assert names == ["state", "category", "stratum", "mean"]
            found = {repr(tuple(row[:3])): row[3] for row in table.rows}
        case "state_mean_by_category":
            assert names == ["state", "category", "stratum", "mean"]
            found = {"Ohio": {repr(tuple(row[1:3])): row[3] for row in table.rows}}
        case _:
            assert names == ["state", "difference" if "diff" in statistic else "mean"]
            found = {row[0]: row[1] for row in table.rows}
    assert json.dumps(found) == json.dumps(data)  # the order too
    assert as_csv(table)
    assert as_parquet(table)


def test_other_answers_are_tables_already() -> None:
    data = json.loads(json.dumps(TABLE.as_json()))
    assert TABLE_STATISTICS["ranking"].table(data, UNIT) == TABLE


def test_csv_has_the_cells_a_mark_for_spreadsheets_and_lines_of_rfc_4180() -> None:
    body = as_csv(TABLE)
    assert body.startswith("\N{ZERO WIDTH NO-BREAK SPACE}state,value,".encode())
    assert body.count(b"\r\n") == 4
    assert cells_of(body) == [
        ["state", "value", "rank", "may_be_first"],
        ["Ohio", "31.25", "2", "true"],
        ["Virgin Islands, U.S.", "", "", ""],
        ['"Guåm"\nagain', "25.0", "1", "false"],
    ]
    frame = pl.read_csv(BytesIO(body))
    assert dict(frame.schema) == TYPES
    assert frame.rows() == [tuple(row) for row in ROWS]


def test_csv_defuses_formulas() -> None:
    for text in (
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|'/C calc'!A0",
        "-2+3+cmd|'/C calc'!A0",
        '=HYPERLINK("http://example.org","x")',
        "\tx",
        "\rx",
        "  =1",
        "\u00a0=1",
        "\u3000=1",
        "\ufeff=1",
        "\u200b@x",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "\ufe631",
        "\u22121",
    ):
        assert cells_of(as_csv(one_cell(text)))[1] == ["'" + text, "-1.5"]


def test_csv_defuses_what_other_separators_would_make_cells_of() -> None:
    assert cells_of(as_csv(one_cell("\n=1")))[1][0] == "'\n'=1"
    assert cells_of(as_csv(one_cell("a;=1+1\t@x;b;\n-1")))[1][0] == "a;'=1+1\t'@x;b;'\n'-1"


def test_csv_leaves_other_text_alone() -> None:
    for text in ("", "'", "a=b", "$15,000 - $24,999", "18 - 24", "e@mail", "65 or older", "é", "1"):
        assert cells_of(as_csv(one_cell(text)))[1] == [text, "-1.5"]


def test_csv_defuses_the_names_of_columns() -> None:
    table = Table((Column("=x", "text", ""),), [["a"]], {})
    assert cells_of(as_csv(table)) == [["'=x"], ["a"]]


def test_csv_tells_no_text_from_empty_text_and_a_lone_none_is_a_row() -> None:
    table = Table((COLUMNS[0], COLUMNS[1]), [["", 1.0], [None, 1.0]], {})
    assert as_csv(table).endswith(b'"",1.0\r\n,1.0\r\n')
    alone = Table((COLUMNS[1],), [[None], [1.5]], {})
    assert cells_of(as_csv(alone)) == [["value"], [""], ["1.5"]]


def test_ndjson_is_an_object_for_each_row() -> None:
    lines = as_ndjson(TABLE).splitlines()
    assert [json.loads(line) for line in lines] == [
        dict(zip(TYPES, row, strict=True)) for row in ROWS
    ]


def test_parquet_has_types_cells_and_meanings() -> None:
    body = as_parquet(TABLE)
    frame = pl.read_parquet(BytesIO(body))
    assert dict(frame.schema) == TYPES
    assert frame.rows() == [tuple(row) for row in ROWS]
    metadata = pl.read_parquet_metadata(BytesIO(body))
    assert json.loads(metadata["about"]) == TABLE.about
    meant = json.loads(metadata["columns"])
    assert meant["rank"] == {"kind": "integer", "meaning": "1 is best"}


@pytest.mark.parametrize("rows", [[], [[None] * 4, [None] * 4]])
def test_kinds_are_kept_where_no_cell_shows_them(rows: list[list[Any]]) -> None:
    table = Table(COLUMNS, rows, {})
    frame = pl.read_parquet(BytesIO(as_parquet(table)))
    assert dict(frame.schema) == TYPES
    assert frame.height == len(rows)
    assert len(cells_of(as_csv(table))) == 1 + len(rows)
    assert as_ndjson(table).count(b"\n") == len(rows)


def test_the_same_table_gives_the_same_bytes() -> None:
    table = COURSE_STATISTICS["mean_by_category"].table(answer("mean_by_category"), UNIT)
    again = COURSE_STATISTICS["mean_by_category"].table(answer("mean_by_category"), UNIT)
    assert as_csv(table) == as_csv(again)
    assert as_ndjson(table) == as_ndjson(again)
    assert as_parquet(table) == as_parquet(again)
