"""Years between which estimates of a survey are not comparable: it changed, not the people.

And places of which a year has nothing, for a reason that is documented.

docs/statistics.md cites what each rests on: documents of CDC's, or what the figures themselves show
in nearly every state at once.
"""

from dataclasses import dataclass

_PRODUCE = frozenset({"Q018", "Q019"})
_AEROBIC = frozenset({"Q043", "Q044", "Q045"})
_STRENGTH = frozenset({"Q046"})
_INACTIVE = frozenset({"Q047"})


@dataclass(frozen=True, slots=True)
class Break:
    """From `year` on, estimates of `questions` (None: of all) may differ in kind from before."""

    year: int
    questions: frozenset[str] | None
    what: str
    documented: bool = True
    # Whether years on both sides are kept apart; where not, it is only told.
    parts: bool = True


@dataclass(frozen=True, slots=True)
class Alternation:
    """Before some year, estimates of `questions` are other in kind in odd years than in even ones.

    Those from that year on are like those of the even years.
    """

    questions: frozenset[str]
    before: int
    what: str


@dataclass(frozen=True, slots=True)
class Recoding:
    """From the year `since` on, strata of a category hold other people than they did before.

    `what` is what to say wherever such a year is in an answer; `stratum` is the one whose name is
    not true since then.
    """

    category: str
    stratum: str
    since: int
    what: str


# CDC's "Comparability of Data" of these years: too little was collected there to be in their data.
BRFSS_UNCOLLECTED = frozenset(
    {("New Jersey", 2019), ("Florida", 2021), ("Kentucky", 2023), ("Pennsylvania", 2023)}
)

BRFSS_BREAKS = (
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
        2019,
        frozenset({"Q044", "Q046"}),
        "in 2019 these estimates lie above those of 2017 in most states at once, by 2.4 points "
        "(Q044) and 4.9 points (Q046) on average, which a change of how they were made would "
        "explain; no document on it was found",
        documented=False,
    ),
    Break(
        2019,
        _PRODUCE,
        "in 2019 these estimates lie above those of 2017 in some nine of ten places and sexes at "
        "once, which a change of how they were made would explain; no document on it was found",
        documented=False,
        parts=False,
    ),
    Break(
        2023,
        _AEROBIC,
        "in 2023 these estimates lie above those of 2019 in nearly every state at once, which a "
        "change of how they were made would explain; by CDC's codebook activities were recorded "
        "as 11 kinds then (as some 75 up to 2019, from memory), and how strenuous each counts "
        "makes these estimates, which may be that change",
        documented=False,
    ),
    Break(
        2023,
        _STRENGTH,
        "in 2023 these estimates lie above those of 2019 in nearly every state at once, which a "
        "change of how they were made would explain; no document on it was found",
        documented=False,
    ),
    Break(
        2023,
        _INACTIVE,
        "in 2023 BRFSS asked more about physical activity again, as in every second year up to "
        "2019, which go with higher estimates; the nation's of 2023 is above that of 2022 by more "
        "than sampling error, which may be of the survey or of people",
        documented=False,
        parts=False,
    ),
)
BRFSS_ALTERNATION = Alternation(
    _INACTIVE,
    2020,
    "In the odd years up to 2019, when BRFSS asked more about physical activity, nearly "
    "every state's estimate is some points above those of the even years beside it: the "
    "questionnaire shows in it, not only people.",
)
BRFSS_RECODING = Recoding(
    "Income",
    "$75,000 or greater",
    2021,
    'From 2021 on, "$75,000 or greater" seems to hold those with $75,000 to less than $100,000 '
    'alone, and "Data not reported" everybody with more: the highest incomes are missing from the '
    "groups of income, so differences by income are probably understated. The sizes of lower "
    "groups jump, too. So these groups are perhaps not comparable with those of earlier years.",
)
