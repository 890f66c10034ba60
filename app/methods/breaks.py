"""Years between which estimates are not comparable: the survey changed, not the people.

docs/statistics.md cites what each rests on: documents of CDC's, or what the figures themselves show
in nearly every state at once.
"""

from dataclasses import dataclass

_PRODUCE = frozenset({"Q018", "Q019"})
_GUIDELINES = frozenset({"Q043", "Q044", "Q045", "Q046"})


@dataclass(frozen=True, slots=True)
class Break:
    """From `year` on, estimates of `questions` (None: of all) differ in kind from those before."""

    year: int
    questions: frozenset[str] | None
    what: str
    documented: bool = True


BREAKS = (
    Break(
        2011,
        None,
        "in 2011 BRFSS added cell phones and changed its weighting to raking, and CDC calls what "
        "came before not directly comparable",
    ),
    Break(
        2017,
        _PRODUCE,
        "in 2017 CDC redesigned the questions on fruits and vegetables (Data Users Guide to the "
        "BRFSS Fruit and Vegetable Questions)",
    ),
    Break(
        2023,
        _GUIDELINES,
        "in 2023 these estimates lie above those of 2019 in nearly every state at once, which a "
        "change of how they were made would explain; no document on it was found",
        documented=False,
    ),
)
_ALTERNATING = frozenset({"Q047"})


def warnings(question_id: str, years: list[int]) -> list[str]:
    """Return a warning for each break between the first and the last of some years, ascending."""
    found = [
        f"Years before {one.year} and from {one.year} on are "
        f"{'not' if one.documented else 'perhaps not'} comparable: {one.what}."
        for one in BREAKS
        if (one.questions is None or question_id in one.questions)
        and years
        and years[0] < one.year <= years[-1]
    ]
    if question_id in _ALTERNATING and {year % 2 for year in years if year < 2020} == {0, 1}:
        found.append(
            "In the odd years up to 2019, when BRFSS asked more about physical activity, nearly "
            "every state's estimate is some points above those of the even years beside it: the "
            "questionnaire shows in it, not only people."
        )
    return found
