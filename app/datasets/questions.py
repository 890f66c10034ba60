"""What is known of CDC's questions beyond a file's rows: short names, and which way is better.

A question is known by CDC's id, whatever its text in a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Direction = Literal["lower is better", "higher is better"]


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question: a name short enough for a menu, whether a low share is good, and why.

    `reason` is one sentence, for people.
    """

    short_name: str
    lower_is_better: bool
    reason: str

    @property
    def direction(self) -> Direction:
        """Return which way is better, in words."""
        return "lower is better" if self.lower_is_better else "higher is better"


KNOWN: Mapping[str, KnownQuestion] = MappingProxyType(
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
        "Q037": KnownQuestion(
            "Overweight",
            True,
            "Debatable: overweight here is a body mass index from 25 to below 30, without "
            "obesity, so its share can fall because people become obese; read it beside Q036.",
        ),
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

LOWER_IS_BETTER = frozenset(name for name, known in KNOWN.items() if known.lower_is_better)
HIGHER_IS_BETTER = frozenset(KNOWN) - LOWER_IS_BETTER
