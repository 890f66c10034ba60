"""What to say of years between which estimates are not comparable."""

from collections.abc import Sequence

from app.data_ingestor import Question
from app.datasets.layouts import Layout
from app.datasets.quirks.parts import some


def warnings(layout: Layout, cdc_id: str, years: Sequence[int]) -> list[str]:
    """Return a warning for each break between the first and the last of some years, ascending.

    `cdc_id` is a question's id in the file, whatever its values are.
    """
    if not years:
        return []
    found = [
        f"Years before {one.year} and from {one.year} on are "
        f"{'not' if one.documented else 'perhaps not'} comparable: {one.what}."
        for one in layout.breaks
        if (one.questions is None or cdc_id in one.questions) and years[0] < one.year <= years[-1]
    ]
    for one in layout.alternations:
        odd_and_even = {year % 2 for year in years if year < one.before}
        if cdc_id in one.questions and len(odd_and_even) > 1:
            found.append(one.what)
    return found


def unknown(layout: Layout, questions: Sequence[Question], years: Sequence[int]) -> list[str]:
    """Return the warning that it is not known of some questions whether years are comparable."""
    if len(set(years)) < 2:
        return []
    known = layout.questions if layout.breaks else ()
    asked = [question.id for question in questions if question.cdc_id not in known]
    if not asked:
        return []
    return [
        f"Whether {layout.survey or 'the survey'} changed how it asks or weights between these "
        f"years is not known here of {some(asked)}: a change may be of the survey, not of the "
        "people."
    ]
