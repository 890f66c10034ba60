"""What an assistant is told that it must not read out of a table."""

from typing import Any

import pytest

from app.mcp.told_apart import cannot_be_told_apart
from unittests.helpers.registry import TABLE_STATISTICS
from unittests.helpers.rows import made, row
from unittests.helpers.statistics import answer

YEARS = [
    row(state, value, None, year=year)
    for state, value in (("Ohio", 30.0), ("Texas", 35.0), ("National", 32.0))
    for year in (2019, 2020)
]


@pytest.mark.parametrize(
    ("statistic", "body", "named"),
    [
        ("ranking", {"question": "Q036"}, "Ohio and Texas"),
        ("against", {"question": "Q036", "state": "Ohio"}, "Texas"),
        ("trend", {"question": "Q036"}, "Ohio, Texas and National"),
        ("change", {"question": "Q036"}, "Ohio, Texas and National"),
        ("compare", {"states": ["Ohio", "Texas"]}, "Q036"),
    ],
)
def test_what_has_no_standard_error_is_not_told_apart(
    statistic: str, body: dict[str, Any], named: str
) -> None:
    table = answer(TABLE_STATISTICS[statistic], made(YEARS), **body)
    assert cannot_be_told_apart(table, body) == [f"No test was made, or could be made, of {named}."]
