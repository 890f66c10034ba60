"""Answers to draw: a small one of every kind."""

from typing import Any

from app.statistics.table import Column, Kind, Table

QUESTION = "Percent of adults aged 18 years and older who have obesity"
INACTIVITY = "Percent of adults who engage in no leisure-time physical activity"
SHOW, WITHHOLD = "show", "withhold: sample of 29, below 30"

Rows = list[list[Any]]


def table(names: str, rows: Rows, about: dict[str, Any] | None = None) -> Table:
    """Return a table of columns whose kinds are those of the cells."""
    kinds: dict[type, Kind] = {str: "text", bool: "boolean", int: "integer"}
    columns = []
    for place, name in enumerate(names.split()):
        cells = [row[place] for row in rows if row[place] is not None]
        kind: Kind = kinds.get(type(cells[0]), "number") if cells else "number"
        columns.append(Column(name, kind, name))
    return Table(tuple(columns), rows, about or {})


def query(groups: str, rows: Rows) -> Table:
    """Return an answer to a query: each row has its groups, value and presentation."""
    told = []
    for *group, value, presentation in rows:
        limits = [None, None] if value is None else [value - 1.5, value + 1.5]
        told.append([*group, value, *limits, None, 3, 0, 0, 0, 900, "2022", 2.0, presentation])
    names = "value low high standard_error rows_used rows_suppressed rows_filled rows_excluded"
    return table(f"{groups} {names} sample_size years strata presentation", told)


def ranking() -> Table:
    """Return a ranking in which one estimate is imprecise, and one has no limits."""
    rows: Rows = [
        [1, "Colorado", "state", 25.1, 24.0, 26.2, 1, 2, True, 1, 900, SHOW],
        [2, "Guam", "territory", 26.3, 20.0, 33.1, 1, 3, True, 1, 40, WITHHOLD],
        [3, "Ohio", "state", 38.1, None, None, 3, 3, False, 1, 900, SHOW],
    ]
    national = {"value": 33.6, "low": 33.2, "high": 34.0}
    names = "rank state kind value low high rank_low rank_high may_be_first rows_used sample_size"
    about = {"question": {"id": "Q036", "text": QUESTION}, "year": "2022", "national": national}
    return table(f"{names} presentation", rows, about)


def trend(*states: str) -> Table:
    """Return trends over three years; the last year of Guam is imprecise."""
    rows: Rows = []
    yearly: Rows = []
    for place, state in enumerate(states):
        rows.append([state, "2011, 2015, 2022", 30.0, 33.0, 0.3, 0.1, 0.5, 0.01, "rising"])
        for year, step in (("2011", 0), ("2015", 1), ("2022", 3)):
            value = 30.0 + 0.01 * place + step
            doubt = WITHHOLD if (state, year) == ("Guam", "2022") else SHOW
            yearly.append([state, year, value, value - 1, value + 1, 500, doubt])
    columns = ["state", "year", "value", "low", "high", "sample_size", "presentation"]
    about = {"yearly": {"columns": columns, "rows": yearly}}
    return table("state years first last slope low high p_value direction", rows, about)


def disparity() -> Table:
    """Return the gaps between strata of Ohio, in no order."""
    rows: Rows = [
        ["Ohio", "Income", "$75,000 or greater", 30.0, 28.0, 32.0, None],
        ["Ohio", "Income", "Less than $15,000", 38.0, 35.0, 41.0, 8.0],
        ["Ohio", "Income", "$15,000 - $24,999", 36.0, 34.0, 38.0, 6.0],
        ["Ohio", "Age (years)", "65 or older", 31.0, 30.0, 32.0, 13.0],
        ["Ohio", "Age (years)", "18 - 24", 18.0, 17.0, 19.0, None],
    ]
    references = {"Income": "$75,000 or greater", "Age (years)": "18 - 24"}
    for row in rows:
        row[6:] = [references[row[1]], row[6], None, None, None, None, None, 0.01, SHOW]
    names = "state category stratum value low high reference gap gap_low gap_high"
    return table(f"{names} ratio ratio_low ratio_high p_value presentation", rows)


def inequality() -> Table:
    """Return two measures of two states, and the strata that they are of."""
    rows: Rows = [
        [state, "Sex", measure, value, value - 2, value + 2]
        for state, step in (("Ohio", 0.0), ("Texas", 3.0))
        for measure, value in (("index of disparity", 12.5 + step), ("slope index", -40.0))
    ]
    strata = {
        "columns": ["state", "stratum", "reference", "value", "low", "high", "weight"],
        "rows": [
            [state, stratum, "Total", value, value - 1, value + 1, 0.5]
            for state in ("Ohio", "Texas")
            for stratum, value in (("Male", 30.0), ("Female", 34.0))
        ],
    }
    return table("state category measure value low high", rows, {"strata": strata})


def compare() -> Table:
    """Return the comparison of two states in two questions."""
    rows: Rows = [
        ["Q036", QUESTION, "2022", 38.1, 36.5, 39.7, 25.1, 24.0, 26.2],
        ["Q047", INACTIVITY, "2022", 25.0, 23.5, 26.5, 26.5, 25.0, 28.0],
    ]
    ends: Rows = [[13.0, 11.1, 14.9, 0.001, 0.002, "Colorado"], [-1.5, -3.6, 0.6, 0.2, 0.2, None]]
    rows = [[*row, *end, SHOW] for row, end in zip(rows, ends, strict=True)]
    names = "question_id question year first first_low first_high second second_low second_high"
    about = {"first": "Ohio", "second": "Colorado"}
    return table(f"{names} difference low high p_value p_adjusted better presentation", rows, about)


def against() -> Table:
    """Return Ohio against three other states: above one, below one, and neither."""
    rows: Rows = [
        ["Colorado", 25.1, 13.0, 11.1, 14.9, "higher", SHOW],
        ["Texas", 37.0, 1.1, -1.0, 3.2, "no clear difference", SHOW],
        ["Mississippi", 44.0, -5.9, -8.1, -3.7, "lower", SHOW],
    ]
    about = {"subject": {"state": "Ohio"}, "left_out": ["Guam"], "without_estimate": {}}
    return table("state value difference low high verdict presentation", rows, about)


def correlation() -> Table:
    """Return the correlation of two questions over five states."""
    points = {
        "columns": ["state", "x", "y"],
        "rows": [
            ["Colorado", 17.0, 25.0],
            ["Ohio", 25.0, 38.0],
            ["Texas", 24.0, 36.0],
            ["Guam", None, 30.0],
            ["Mississippi", 30.0, 40.0],
        ],
    }
    about = {
        "points": points,
        "x": {"id": "Q047", "text": INACTIVITY},
        "y": {"id": "Q036", "text": QUESTION},
    }
    rows: Rows = [["pearson", 0.87, 0.2, 0.98, 0.01, 4], ["spearman", -0.8, None, None, 0.1, 4]]
    return table("coefficient value low high p_value states", rows, about)
