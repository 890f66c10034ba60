"""Stratification categories and their strata: their natural order, and which of them overlap.

Each category divides the same people anew: by sex, by age, by income. So a person is counted once
in each category, and strata of two categories overlap; strata of one category do not. `Total` is a
category of one stratum, everyone.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

TOTAL = "Total"

# CDC has called one category both `Gender` and `Sex`. Race/Ethnicity has no order of its own: here
# those that gather people of several groups come last.
_SEX = ("Male", "Female")

# Two names of one category: CDC's releases have had both.
GENDER, SEX = "Gender", "Sex"
AGE = "Age (years)"

ORDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        TOTAL: (TOTAL,),
        "Sex": _SEX,
        "Gender": _SEX,
        AGE: ("18 - 24", "25 - 34", "35 - 44", "45 - 54", "55 - 64", "65 or older"),
        "Age (months)": (
            "3 - 5",
            "6 - 11",
            "12 - 17",
            "18 - 23",
            "24 - 35",
            "36 - 47",
            "48 - 59",
        ),
        "Grade": ("9th", "10th", "11th", "12th"),
        "Education": (
            "Less than high school",
            "High school graduate",
            "Some college or technical school",
            "College graduate",
        ),
        "Income": (
            "Less than $15,000",
            "$15,000 - $24,999",
            "$25,000 - $34,999",
            "$35,000 - $49,999",
            "$50,000 - $74,999",
            "$75,000 or greater",
            "Data not reported",
        ),
        "Race/Ethnicity": (
            "Non-Hispanic White",
            "Non-Hispanic Black",
            "Hispanic",
            "American Indian/Alaska Native",
            "Asian",
            "Asian/Pacific Islander",
            "Hawaiian/Pacific Islander",
            "2 or more races",
            "Other",
        ),
    }
)

# Those whose strata go from less to more of something, in the order above.
_ORDERED = frozenset({AGE, "Age (months)", "Grade", "Education", "Income"})

Key = tuple[int, str]


def category_of(stratum: str) -> str:
    """Return the category that CDC has a stratum in; empty for an unknown one."""
    return next((category for category, strata in ORDER.items() if stratum in strata), "")


def category_key(category: str) -> Key:
    """Return what sorts categories in natural order, unknown ones last, in ascending order."""
    return _key(category, ORDER)


def stratum_key(category: str, stratum: str) -> tuple[Key, Key]:
    """Return what sorts strata by their category, then in natural order, unknown ones last."""
    return category_key(category), _key(stratum, ORDER.get(category, ()))


def _key(name: str, known: Iterable[str]) -> Key:
    order = tuple(known)
    return (order.index(name) if name in order else len(order)), name


def are_ordered(category: str, strata: Iterable[str]) -> bool:
    """Tell whether the strata of a category go from less to more, in their natural order.

    Not if one of them is unknown: what it is less than cannot be told.
    """
    return category in _ORDERED and set(strata) <= set(ORDER[category])


def overlap(category: str, other: str) -> bool:
    """Tell whether strata of two categories count the same people."""
    return category != other


def about_overlap(category: str, others: Iterable[str]) -> str:
    """Return a sentence on what a category shares with the others of a dataset, for people."""
    named = ", ".join(others)
    if not named:
        return "No other category is there to overlap with; its own strata do not overlap."
    if category == TOTAL:
        return f"It counts everyone, and so the people of {named} once more."
    return f"Its strata do not overlap, but the same people are counted once more in {named}."
