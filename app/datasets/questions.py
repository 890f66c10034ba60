"""What is known of CDC's questions beyond a file's rows: short names, and which way is better.

A table for each survey. A question is known by CDC's id, whatever its text in a file; those of the
YRBSS by their texts. And which questions share their people: `shared_people`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.messages import caveats
from app.messages.message import Message, Sentence

Direction = Literal["lower is better", "higher is better"]

_DEBATABLE = "Debatable: "


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question: a name short enough for a menu, whether a low share is good, and why.

    `reason` is one sentence, for people; it begins with `Debatable: ` where one may well doubt it,
    and `debatable` is why.
    """

    short_name: str
    lower_is_better: bool
    reason: str
    debatable: Message | None = None

    @property
    def direction(self) -> Direction:
        """Return which way is better, in words."""
        return "lower is better" if self.lower_is_better else "higher is better"

    @property
    def caution(self) -> str:
        """Return what to say wherever one share is called better than another, empty for nothing.

        It is a sentence without the question's name: `which way is better is debatable: ...`.
        """
        why = self.debatable
        return f"which way is better is debatable: {why()}" if why else ""


def _debatable(short_name: str, why: Message) -> KnownQuestion:
    """Return a question of which a low share is perhaps good."""
    return KnownQuestion(short_name, True, f"{_DEBATABLE}{why()}", why)


Questions = Mapping[str, KnownQuestion]

BRFSS: Questions = MappingProxyType(
    {
        "Q018": KnownQuestion(
            "Fruit less than once a day",
            True,
            "It counts adults who eat fruit less often than daily, and the Dietary Guidelines for "
            "Americans advise fruit every day.",
        ),
        "Q019": KnownQuestion(
            "Vegetables less than once a day",
            True,
            "It counts adults who eat vegetables less often than daily, and the Dietary "
            "Guidelines for Americans advise vegetables every day.",
        ),
        "Q036": KnownQuestion(
            "Obesity",
            True,
            "Obesity, a body mass index of 30 or more, goes with higher risks of heart disease, "
            "type 2 diabetes and some cancers.",
        ),
        "Q037": _debatable("Overweight", caveats.OVERWEIGHT_ADULTS),
        "Q043": KnownQuestion(
            "150 min aerobic activity a week",
            False,
            "It counts adults who do as much aerobic activity as the Physical Activity Guidelines "
            "for Americans recommend.",
        ),
        "Q044": KnownQuestion(
            "150 min aerobic activity a week, and 2 days of strengthening",
            False,
            "It counts adults who meet the Physical Activity Guidelines for Americans both in "
            "aerobic and in muscle-strengthening activity.",
        ),
        "Q045": KnownQuestion(
            "300 min aerobic activity a week",
            False,
            "It counts adults who do twice the aerobic activity that is recommended at least, "
            "from which the Physical Activity Guidelines for Americans expect more benefits.",
        ),
        "Q046": KnownQuestion(
            "Muscle strengthening on 2 days a week",
            False,
            "It counts adults who do as much muscle-strengthening activity as the Physical "
            "Activity Guidelines for Americans recommend.",
        ),
        "Q047": KnownQuestion(
            "No leisure-time physical activity",
            True,
            "It counts adults who do no physical activity in their leisure time, and some is "
            "better for health than none.",
        ),
    }
)

_OF_CHILDREN = "Obesity in childhood goes with obesity and chronic diseases in later life."
_STUDENTS = "Percent of students in grades 9-12 "

WIC: Questions = MappingProxyType(
    {
        "Q040": _debatable("Overweight, 2 to 4 years", caveats.OVERWEIGHT_CHILDREN),
        "Q041": KnownQuestion("Obesity, 2 to 4 years", True, _OF_CHILDREN),
        "Q060": KnownQuestion(
            "High weight-for-length, 3 to 23 months",
            True,
            "A high weight for their length in infants goes with obesity in childhood.",
        ),
    }
)
YRBSS: Questions = MappingProxyType(
    {
        f"{_STUDENTS}who have obesity": KnownQuestion("Obesity", True, _OF_CHILDREN),
        f"{_STUDENTS}who have an overweight classification": _debatable(
            "Overweight", caveats.OVERWEIGHT_STUDENTS
        ),
        f"{_STUDENTS}who consume fruit less than 1 time daily": KnownQuestion(
            "Fruit less than once a day",
            True,
            "The Dietary Guidelines for Americans advise fruit every day.",
        ),
        f"{_STUDENTS}who consume vegetables less than 1 time daily": KnownQuestion(
            "Vegetables less than once a day",
            True,
            "The Dietary Guidelines for Americans advise vegetables every day.",
        ),
        f"{_STUDENTS}who drank regular soda/pop at least one time per day": KnownQuestion(
            "Soda every day",
            True,
            "The Dietary Guidelines for Americans advise against drinks with added sugar.",
        ),
        f"{_STUDENTS}watching 3 or more hours of television each school day": KnownQuestion(
            "Television for 3 hours a school day",
            True,
            "Long hours of television go with less activity.",
        ),
        f"{_STUDENTS}who achieve 1 hour or more of moderate-and/or vigorous-intensity physical "
        "activity daily": KnownQuestion(
            "One hour of activity a day",
            False,
            "It is what the Physical Activity Guidelines for Americans recommend to young people.",
        ),
        f"{_STUDENTS}who participate in daily physical education": KnownQuestion(
            "Physical education every day",
            False,
            "It counts towards the activity that the Physical Activity Guidelines for Americans "
            "recommend to young people.",
        ),
    }
)
# Of more than a hundred, those of mental health; more are added here by their ids.
CDI: Questions = MappingProxyType(
    {
        "MTH1_0": KnownQuestion(
            "Mentally unhealthy days",
            True,
            "It counts the days of a month on which mental health was not good.",
        ),
        "MTH2_0": KnownQuestion(
            "Two weeks of mentally unhealthy days, women of 18 to 44",
            True,
            "It counts women whose mental health was not good on 14 days of a month or more.",
        ),
        "MTH3_0": KnownQuestion(
            "Depressive symptoms after birth",
            True,
            "It counts women with symptoms of depression after a birth.",
        ),
    }
)

# Pairs of questions that are tied by whom they count, whatever people do, and how.
_TIED: Mapping[frozenset[str], Sentence] = MappingProxyType(
    {
        frozenset(("Q036", "Q037")): caveats.NOBODY_IN_BOTH(),
        frozenset(("Q040", "Q041")): caveats.NOBODY_IN_BOTH(),
        frozenset(
            (f"{_STUDENTS}who have obesity", f"{_STUDENTS}who have an overweight classification")
        ): caveats.NOBODY_IN_BOTH(),
        **{
            frozenset((part, whole)): caveats.COUNTED_IN_BOTH(part=part, whole=whole)
            for part, whole in (("Q044", "Q043"), ("Q045", "Q043"), ("Q044", "Q046"))
        },
        frozenset(("Q044", "Q045")): caveats.BOTH_PARTS(whole="Q043"),
        **{
            frozenset((active, "Q047")): caveats.INACTIVE_APART()
            for active in ("Q043", "Q044", "Q045")
        },
    }
)


def shared_people(first: Collection[str], second: Collection[str]) -> Sentence | None:
    """Return how two questions are tied by whom they count, as a clause; None if they are not.

    Each is given by the names that it may be known by: CDC's id and its text. Such questions go
    together, or against each other, whatever people do.
    """
    ties = (_TIED.get(frozenset((one, other))) for one in first for other in second)
    return next(filter(None, ties), None)
