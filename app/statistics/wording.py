"""Pieces of the English sentences of questions and answers."""

from collections.abc import Iterable, Sequence

from app.datasets.layouts import Layout
from app.datasets.strata import TOTAL

_MOST_NAMED = 60
# What the meaning of a p-value's column says of its rounding.
BELOW = "0 stands for less than 0.0000005"


def listed(names: Sequence[str]) -> str:
    """Return names as `Guam, Iowa and Ohio`; only the first sixty of very many."""
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def quoted(names: Iterable[str]) -> str:
    """Return names as `"Female", "Male"`."""
    return ", ".join(f'"{name}"' for name in names)


def quantity(question: str) -> str:
    """Return what a question measures, to stand within a sentence."""
    if question.startswith("Percent of "):
        return f"the p{question[1:]}"
    return f'"{question}"'


def among(stratum: str | None, layout: Layout) -> str:
    """Return whom a stratum is about, to stand at the end of a sentence."""
    if stratum in (None, TOTAL):
        return f"among {layout.everyone or 'everyone whom it is about'}"
    return f'in the stratum "{stratum}"'


def in_year(year: int | None, default: str) -> str:
    """Return `in 2019`, or the words for what is taken where no year is asked for."""
    return default if year is None else f"in {year}"
