"""Years between which estimates of a survey are not comparable: it changed, not the people.

And places of which a year has nothing, for a reason that is documented.

docs/statistics.md cites what each rests on: documents of CDC's, or what the figures themselves show
in nearly every state at once.
"""

from dataclasses import dataclass

from app.messages import caveats
from app.messages.message import Message

_PRODUCE = frozenset({"Q018", "Q019"})
_AEROBIC = frozenset({"Q043", "Q044", "Q045"})
_STRENGTH = frozenset({"Q046"})
_INACTIVE = frozenset({"Q047"})


@dataclass(frozen=True, slots=True)
class Break:
    """From `year` on, estimates of `questions` (None: of all) may differ in kind from before."""

    year: int
    questions: frozenset[str] | None
    what: Message
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
    what: Message


@dataclass(frozen=True, slots=True)
class Recoding:
    """From the year `since` on, strata of a category hold other people than they did before.

    `what` is what to say wherever such a year is in an answer; `stratum` is the one whose name is
    not true since then.
    """

    category: str
    stratum: str
    since: int
    what: Message


# CDC's "Comparability of Data" of these years: too little was collected there to be in their data.
BRFSS_UNCOLLECTED = frozenset(
    {("New Jersey", 2019), ("Florida", 2021), ("Kentucky", 2023), ("Pennsylvania", 2023)}
)

BRFSS_BREAKS = (
    Break(
        2011,
        None,
        caveats.WEIGHTING_2011,
    ),
    Break(
        2017,
        _PRODUCE,
        caveats.PRODUCE_2017,
    ),
    Break(
        2019,
        frozenset({"Q044", "Q046"}),
        caveats.STRENGTH_2019,
        documented=False,
    ),
    Break(
        2019,
        _PRODUCE,
        caveats.PRODUCE_2019,
        documented=False,
        parts=False,
    ),
    Break(
        2023,
        _AEROBIC,
        caveats.AEROBIC_2023,
        documented=False,
    ),
    Break(
        2023,
        _STRENGTH,
        caveats.STRENGTH_2023,
        documented=False,
    ),
    Break(
        2023,
        _INACTIVE,
        caveats.INACTIVE_2023,
        documented=False,
        parts=False,
    ),
)
BRFSS_ALTERNATION = Alternation(
    _INACTIVE,
    2020,
    caveats.ODD_YEARS,
)
BRFSS_RECODING = Recoding(
    "Income",
    "$75,000 or greater",
    2021,
    caveats.INCOME_2021,
)
