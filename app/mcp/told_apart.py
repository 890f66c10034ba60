"""What an answer cannot tell apart, in words: whoever reads a table aloud overlooks it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.methods.verdicts import NOT_CLEAR, UNKNOWN, verdict
from app.statistics.table import Table
from app.statistics.wording import listed

Row = Mapping[str, Any]

UNTESTED = (
    "Whether these differ is not tested here: their limits tell how sure each is by itself. Ask"
    " against, compare, ranking, change or disparity for a test."
)
NOT_TESTED = "No test was made, or could be made, of"
NO_LIMITS = "These are plain means without limits: they cannot tell which of them truly differ."


def cannot_be_told_apart(table: Table, asked: Mapping[str, Any]) -> list[str]:
    """Return what a table cannot tell apart, in sentences; `asked` are the answer's parameters."""
    names = [column.name for column in table.columns]
    if not table.about:
        return [NO_LIMITS] if len(table.rows) > 1 else []
    rows = [dict(zip(names, cells, strict=True)) for cells in table.rows]
    found, untested = [], dict[str, None]()
    for column, is_unclear, named, sentence in _RULES:
        if column in names:
            untested |= dict.fromkeys(named(row) for row in rows if _is_untested(row, column))
            unclear = [named(row) for row in rows if is_unclear(row)]
            if unclear:
                words = {**asked, **table.about, "leader": _place(rows[0])}
                words["subject"] = _subject(table.about, asked)
                found.append(f"{sentence.format_map(words)} {listed(unclear)}.")
    if untested:
        found.append(f"{NOT_TESTED} {listed([*untested])}.")
    if not found and len(rows) > 1 and not {rule[0] for rule in _RULES} & set(names):
        return [UNTESTED]
    return found


def _subject(about: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Return what is held against others: a reference, a place, a stratum."""
    if "reference" in asked:
        return str(asked["reference"])
    subject = about.get("subject") or {}
    names = (subject.get("state") or asked.get("state"), subject.get("stratum"))
    return " ".join(f"{name}" for name in names if name and name != "Total")


def _place(row: Row) -> str:
    parts = (row.get("state"), row.get("stratum"))
    return " ".join(str(part) for part in parts if part)


def _is_untested(row: Row, column: str) -> bool:
    """Tell whether the test that a column tells of was not made, as without standard errors."""
    return row["p_value" if column == "coefficient" else column] in (None, UNKNOWN)


def _cell(column: str, *values: str) -> Callable[[Row], bool]:
    return lambda row: row[column] in values


_RULES: tuple[tuple[str, Callable[[Row], bool], Callable[[Row], str], str], ...] = (
    (
        "verdict",
        _cell("verdict", NOT_CLEAR),
        _place,
        "{subject} cannot be told apart from",
    ),
    (
        "worse_than_first",
        lambda row: row["worse_than_first"] is False and row["rank"] > 1,
        _place,
        "{leader}, which is ranked first, cannot be told apart from",
    ),
    (
        "better",
        _cell("better", NOT_CLEAR),
        lambda row: str(row["question_id"]),
        "{first} and {second} cannot be told apart on",
    ),
    (
        "direction",
        _cell("direction", "no clear change"),
        _place,
        "Whether it rose or fell cannot be told for",
    ),
    (
        "heterogeneity_p",
        lambda row: verdict(1, row["heterogeneity_p"]) == NOT_CLEAR,
        lambda row: f"{row['state']} ({row['measure']})",
        "The groups of {category} cannot be told apart in",
    ),
    (
        "coefficient",
        lambda row: verdict(row["value"], row["p_value"]) == NOT_CLEAR,
        lambda row: str(row["coefficient"]),
        "No correlation and this one cannot be told apart by",
    ),
)
