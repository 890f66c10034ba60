"""What to say of years between which estimates are not comparable, and which years are."""

from collections.abc import Collection, Iterable, Sequence

from app.data_ingestor import Question
from app.datasets.breaks import Break
from app.datasets.layouts import Layout
from app.datasets.quirks.parts import some
from app.messages import caveats
from app.messages.message import Sentence

# An estimate of one year has nothing to be compared with.
_FEWEST_YEARS = 2


def warnings(
    layout: Layout, cdc_id: str, years: Sequence[int], categories: Collection[str] = ()
) -> list[Sentence]:
    """Return a warning for each break between the first and the last of some years, ascending.

    `cdc_id` is a question's id in the file, whatever its values are; `categories` are those of the
    strata that estimates are of.
    """
    if not years:
        return []
    found = [
        (caveats.BREAK if one.documented else caveats.PERHAPS_BREAK)(year=one.year, what=one.what())
        for one in _breaks(layout, cdc_id)
        if years[0] < one.year <= years[-1]
    ]
    for one in layout.alternations:
        even = [year for year in years if year % 2 == 0 or year >= one.before]
        if cdc_id in one.questions and 0 < len(even) < len(years):
            offers = len(even) >= _FEWEST_YEARS
            what = one.what()
            found.append(caveats.WITHOUT_ODD_YEARS(what=what, years=even) if offers else what)
    return found + recoded(layout, categories, years)


def recoded(layout: Layout, categories: Collection[str], years: Sequence[int]) -> list[Sentence]:
    """Return the warnings that strata of these categories do not hold whom their names say."""
    return [
        one.what()
        for one in layout.recodings
        if one.category in categories and any(year >= one.since for year in years)
    ]


def segments(
    layout: Layout,
    cdc_ids: Iterable[str],
    years: Iterable[int],
    categories: Collection[str] = (),
) -> list[list[int]]:
    """Return years in groups within which estimates of each of some questions are comparable.

    Those of strata of some `categories`, that is.

    The group that ends last is the last one. Where no break is known, all years are comparable.
    """
    ids = sorted(cdc_ids)
    groups: dict[tuple[tuple[int, bool], ...], list[int]] = {}
    # Where others are there, too, these are comparable, and a warning must do.
    since = [one.since for one in layout.recodings if set(categories) == {one.category}]
    for year in sorted(set(years)):
        key = tuple(_segment(layout, cdc_id, year) for cdc_id in ids)
        key += tuple((0, year >= first) for first in since)
        groups.setdefault(key, []).append(year)
    return sorted(groups.values(), key=lambda group: group[-1])


def _segment(layout: Layout, cdc_id: str, year: int) -> tuple[int, bool]:
    """Return what years that are comparable have in common."""
    before = sum(one.year <= year for one in _breaks(layout, cdc_id) if one.parts)
    odd = any(
        cdc_id in one.questions and year < one.before and year % 2 == 1
        for one in layout.alternations
    )
    return before, odd


def latest(groups: Sequence[list[int]], there: Collection[int]) -> list[int]:
    """Return the last of some `segments` that has a change to tell, by the years with an estimate.

    That is one with two such years; where none has, the last that has one. There must be one.
    """
    counts = [len(set(group).intersection(there)) for group in groups]
    place = max(range(len(groups)), key=lambda place: (min(counts[place], _FEWEST_YEARS), place))
    return groups[place]


def unknown(layout: Layout, questions: Sequence[Question], years: Sequence[int]) -> list[Sentence]:
    """Return the warning that it is not known of some questions whether years are comparable."""
    if len(set(years)) < 2:
        return []
    known = layout.questions if layout.breaks else ()
    asked = [question.id for question in questions if question.cdc_id not in known]
    if not asked:
        return []
    if not layout.survey:
        return [caveats.UNKNOWN_BREAKS_OF_NO_SURVEY(questions=some(asked))]
    return [caveats.UNKNOWN_BREAKS(survey=layout.survey, questions=some(asked))]


def only_told(layout: Layout, cdc_id: str, periods: Iterable[tuple[int, int]]) -> list[int]:
    """Return the years of breaks within periods, of first and last, that do not part years."""
    ends = list(periods)
    return [
        one.year
        for one in _breaks(layout, cdc_id)
        if not one.parts and any(first < one.year <= last for first, last in ends)
    ]


def _breaks(layout: Layout, cdc_id: str) -> list[Break]:
    return [one for one in layout.breaks if one.questions is None or cdc_id in one.questions]
