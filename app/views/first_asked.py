"""What the page Explore asks the API at first, so that a browser can ask it while scripts load."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.answers.catalogue import Catalogue
from app.answers.compute import Answers
from app.http.query import Query
from app.statistics.parameters import DATASET
from app.statistics.statistic import Statistic
from app.views.explored import QUESTION

# What Explore shows where no question is named, if it is there.
FIRST_QUESTION = "Q036"

_LISTS = ("dataset", "questions", "states", "categories")
_ANSWERS = ("ranking", "trend")
# Where an address has one of these, other answers may come first.
_CHOICES = (DATASET, "question", "group", "year", "show", "statistic")


def first_asked(query: Query, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the paths that the page at an address asks for first, as its scripts write them.

    The lists; and where nothing chooses other answers than a question does, those of the first view
    that are in memory: a page has nothing computed that nobody may look at. A path that the scripts
    wrote in another way would be asked for twice; of an address that is strange, there are none.
    """
    given = dict(query.pairs)
    name, asked = given.get(DATASET), given.get(QUESTION) or FIRST_QUESTION
    if len(given) < len(query.pairs) or (name and name not in catalogue.answers):
        return ()
    of_dataset = f"?{urlencode({DATASET: name})}" if name else ""
    lists = ("/api/statistics", *(f"/api/{one}{of_dataset}" for one in _LISTS))
    if any(given.get(choice) for choice in _CHOICES):
        return lists
    release = catalogue.release
    if [table.question.id for table in release.dataset.tables.values()].count(asked) != 1:
        return lists
    body = {"question": asked}
    known = (name for name in _ANSWERS if _is_known(release, catalogue.statistics.find(name), body))
    return (*lists, *(f"/api/answers/{name}?{urlencode(body)}" for name in known))


def _is_known(answers: Answers, statistic: Statistic[Any], body: Mapping[str, Any]) -> bool:
    request = answers.asked_before(statistic, body)
    return request is not None and answers.known(request) is not None
