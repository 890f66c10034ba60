"""What the tests of all statistics with a table share."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import strategies as st

from app import json_bytes
from app.data_ingestor import DataIngestor
from app.errors import BadRequest
from app.statistics.statistic import Asked, Statistic
from app.statistics.table import Table
from unittests.helpers.data import dataset
from unittests.helpers.texts import texts

NORMAL = NormalDist()
Z = NORMAL.inv_cdf(0.975)


def logit(percent: float) -> float:
    """Return the logarithm of the odds of a percentage."""
    return log(percent / (100 - percent))


def error_of(value: float, low: float, high: float) -> float:
    """Return a standard error in points, from limits made on the logit scale."""
    return (logit(high) - logit(low)) / (2 * Z) * value * (100 - value) / 100


def two_sided(z: float) -> float:
    """Return the p-value of a normal deviate."""
    return 2 * NORMAL.cdf(-abs(z))


def recorded(statistic: Statistic[Any], data: DataIngestor, **body: Any) -> dict[str, Any]:
    """Return the parameters of a body as a job is recorded with them."""
    return _recorded(statistic, statistic.ask(body, data))


def _recorded(statistic: Statistic[Any], asked: Asked[Any, Any]) -> dict[str, Any]:
    parameters: dict[str, Any] = json_bytes.decode(statistic.encode(asked.parameters))
    return parameters


def answer(statistic: Statistic[Any], data: DataIngestor, **body: Any) -> Table:
    """Return the answer to a body."""
    return statistic.compute(statistic.ask(body, data))


def ask(statistic: Statistic[Any], data: DataIngestor, **body: Any) -> Table:
    """Return the answer to a body, having checked what holds of every answer."""
    asked = statistic.ask(body, data)
    assert statistic.parse(_recorded(statistic, asked), data) == asked.parameters
    table = statistic.compute(asked)
    assert Table.from_json(table.as_json()) == table
    used = statistic.used(asked)
    assert used.columns == data.estimates.columns
    assert used["record"].is_sorted()
    assert not used["filled"].any()
    assert not used["value"].null_count()
    assert table.about["dataset_rows_used"] == used.height
    assert all(isinstance(one, str) and one.endswith((".", '"')) for one in table.about["warnings"])
    assert statistic.sentence(asked.parameters, data.layout).endswith("?")
    kinds = {"text": str, "number": float, "integer": int, "boolean": bool}
    for cells in table.rows:
        for column, cell in zip(table.columns, cells, strict=True):
            assert cell is None or type(cell) is kinds[column.kind], (column.name, cell)
    return table


def sentence(statistic: Statistic[Any], data: DataIngestor, **body: Any) -> str:
    """Return what a body asks, in words."""
    return statistic.sentence(statistic.parse(body, data), data.layout)


def in_words(
    statistic: Statistic[Any], data: DataIngestor, language: str = "en", **body: Any
) -> str:
    """Return the answer to a body in a sentence, in a language."""
    return _in_all_languages(statistic, data, json_bytes.encode(body))[language]


@lru_cache(maxsize=64)
def _in_all_languages(
    statistic: Statistic[Any], data: DataIngestor, body: bytes
) -> Mapping[str, str]:
    """Return the answer in each language: tests mostly ask for one and then for the other."""
    about = statistic.answer(statistic.ask(json_bytes.decode(body), data))["about"]
    return {"en": about["answer"], "ro": about["answer_ro"]}


def dicts(table: Table) -> list[dict[str, Any]]:
    """Return the rows of a table, each as a dict by column."""
    names = [column.name for column in table.columns]
    return [dict(zip(names, cells, strict=True)) for cells in table.rows]


def named(table: Table, *keys: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of a table by some of their cells, each as a dict."""
    rows = dicts(table)
    if len(keys) == 1:
        return {row[keys[0]]: row for row in rows}
    return {tuple(row[key] for key in keys): row for row in rows}


def without_counts(table: Table) -> dict[str, Any]:
    """Return a table as JSON, without what it tells of rows that are not used."""
    content = table.as_json()
    if "without_estimate" in content["about"]:
        content["about"]["without_estimate"] = {}  # not emptied: it is the table's own
    for name in (
        *("rows_suppressed", "rows_not_released", "rows_filled", "rows_excluded", "rows_matched"),
        *("excluded", "status", "missing", "gaps"),
    ):
        content["about"].pop(name, None)
        content["about"]["columns"].pop(name, None)
        if name in content["columns"]:
            place = content["columns"].index(name)
            content["rows"] = [cells[:place] + cells[place + 1 :] for cells in content["rows"]]
            content["columns"] = [one for one in content["columns"] if one != name]
    return content


def refuses(statistic: Statistic[Any], data: DataIngestor, body: Any, *words: str) -> None:
    """Check that a body is refused, and that the reason has these words in it."""
    try:
        statistic.ask(body, data)
    except BadRequest as error:
        for word in words:
            assert word in str(error), str(error)
    else:
        pytest.fail(f"not refused: {body}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts(8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(4), inner),
    max_leaves=6,
)


def bodies(keys: Iterable[str], good: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return bodies with anything under some keys, and what is right under the others."""
    return st.dictionaries(st.sampled_from(list(keys)), JSON, min_size=1).map(
        lambda wrong: {**good, **wrong}
    )


def never_fails(statistic: Statistic[Any], body: Mapping[str, Any]) -> None:
    """Check that a body is answered or refused, and that nothing else comes of it."""
    try:
        asked = statistic.ask(body, dataset())
    except BadRequest as error:
        assert str(error)
        return
    assert statistic.parse(_recorded(statistic, asked), dataset()) == asked.parameters
    statistic.compute(asked)
