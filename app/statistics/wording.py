"""Pieces of the English sentences of questions and answers."""

from collections.abc import Iterable, Sequence

from app.datasets.layouts import BRFSS, Layout
from app.datasets.places import NATION, is_of_the_nation
from app.datasets.strata import TOTAL
from app.datasets.years import runs_of
from app.messages import caveats
from app.messages.message import Sentence
from app.statistics.in_words.english import ENGLISH
from app.statistics.parameters import YearRange

_MOST_NAMED = 60


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


def place(name: str) -> str:
    """Return what a place is called in a sentence."""
    return ENGLISH.place(name)


def places(names: Iterable[str]) -> str:
    """Return what places are called, as `Guam, Iowa and the United States`; empty for none."""
    return listed([place(name) for name in names])


def in_years(years: YearRange | int | Iterable[int]) -> str:
    """Return years as `in 2012 and 2014-2016`, a range as `from 2012 to 2016`; empty for all."""
    if not isinstance(years, YearRange):
        return f"in {listed(runs_of([years] if isinstance(years, int) else years))}"
    first, last = years.first, years.last
    if first is None:
        return "" if last is None else f"up to {last}"
    if last is None:
        return f"from {first} on"
    return f"in {first}" if first == last else f"from {first} to {last}"


def in_year(year: int | None, default: str) -> str:
    """Return `in 2019`, or the words for what is taken where no year is asked for."""
    return default if year is None else f"in {year}"


def nature_of(layout: Layout, *, adjusted: bool = False) -> str:
    """Return what the estimates of a survey are, in a sentence; empty where that is not known.

    `adjusted`: whether they are standardised by age.
    """
    if layout.name != BRFSS.name:
        return ""
    told = "CDC's percentages are self-reported, by telephone"
    if adjusted:
        return f"{told}."
    return (
        f"{told}, and crude (not adjusted for age): places, years and groups may differ because "
        "their people are of different ages."
    )


def with_nature(layout: Layout, *texts: str, adjusted: bool = False) -> str:
    """Return how an answer is computed, and what the estimates are; empty texts are left out."""
    return " ".join(filter(None, (*texts, nature_of(layout, adjusted=adjusted))))


def beside_the_nation(
    states: Iterable[str], layout: Layout, *, with_limits: bool = True
) -> list[Sentence]:
    """Return the warnings that differences between these states and the nation deserve.

    The nation of the BRFSS is made of the states and the District, so a territory is apart from it;
    whether that is so in other surveys is not known. `with_limits`: whether an answer has limits
    of the differences, or their tests alone.
    """
    others = [state for state in states if state != NATION.name]
    parts = [state for state in others if is_of_the_nation(state)]
    unknown = [] if layout.name == BRFSS.name else [state for state in others if state not in parts]
    too_wide = caveats.LIMITS_TOO_WIDE() if with_limits else caveats.TEST_TOO_CAUTIOUS()
    warnings = []
    if len(parts) == 1:
        warnings.append(caveats.PART_OF_NATION(state=parts[0], too_wide=too_wide))
    elif parts:
        warnings.append(caveats.PARTS_OF_NATION(too_wide=too_wide))
    if unknown:
        warnings.append(caveats.PERHAPS_OF_NATION(states=listed(unknown), too_wide=too_wide))
    return warnings
