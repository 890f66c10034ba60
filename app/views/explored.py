"""What an address of the page Explore shows: an answer that is told, and a chart that is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.answers.catalogue import Catalogue
from app.answers.compute import Answers
from app.datasets.places import NATION
from app.errors import BadRequest
from app.http.query import Query
from app.messages import reasons
from app.statistics.parameters import DATASET

QUESTION = "q"
_QUESTIONS = (QUESTION, "question")
_MOST_STATES = 10  # as the page has it

# Addresses of version 1 name a statistic.
_OF_VERSION_1 = {"trend": "change"}

Body = Mapping[str, Any]


class StatisticRequest(NamedTuple):
    """The name of a statistic, and what it is asked."""

    statistic: str
    body: Body


class Explored(NamedTuple):
    """What is told in a sentence, and what is drawn, as which kind of chart; None: what suits."""

    told: StatisticRequest
    drawn: StatisticRequest
    chart: str | None = None


def is_asked(query: Query) -> bool:
    """Tell whether an address asks anything."""
    return any(query.text(name) for name in _QUESTIONS)


def answers_for(query: Query, catalogue: Catalogue) -> Answers:
    """Return the dataset that an address asks; raise as `Catalogue.named` does."""
    return catalogue.named(query.single(DATASET), catalogue.release)


def explored(query: Query, answers: Answers) -> Explored:
    """Return what an address shows.

    Raises BadRequest and UnknownName for what no dataset could show.
    """
    question = next((text for name in _QUESTIONS if (text := query.single(name))), None)
    if question is None:
        raise BadRequest(reasons.NO_QUESTION_NAMED())
    given = [text for key, text in query.pairs if key == "state"]
    states = [name for text in given for name in text.split(",") if name.strip()]
    if len(states) > _MOST_STATES:
        raise BadRequest(reasons.MANY_STATES(states=len(states), most=_MOST_STATES))
    is_pair = query.single("view") == "pair"
    other = (query.single("with") or _beside(answers, question, _year(query))) if is_pair else None
    if other:
        both = {
            "questions": [question, other],
            "stratum": query.single("group"),
            "year": _year(query),
        }
        pair = StatisticRequest("correlation", {name: some for name, some in both.items() if some})
        return Explored(pair, pair)
    match query.single("show") or _OF_VERSION_1.get(query.single("statistic") or "", "level"):
        case "level":
            return _levels(query, answers, question, states)
        case "change":
            return _changes(query, question, states)
    raise BadRequest(reasons.LEVEL_OR_CHANGE())


def _beside(answers: Answers, question: str, year: int | str | None) -> str | None:
    """Return the question that stands beside another where none is chosen, as the page has it.

    One that has the year, if any.
    """
    from app.methods.estimates import Period, usable, within

    dataset = answers.dataset
    asked = dataset.question(question).question.text
    listed = [(topic, text) for topic, _, text in dataset.names("topic", "question_id", "question")]
    topics = {topic for topic, text in listed if text == asked}
    others = [(topic, text) for topic, text in listed if text != asked]
    if isinstance(year, int):
        rows = dataset.estimates.filter(within(Period(year, year)), usable())
        there = set(rows["question"].unique())
        others = [one for one in others if one[1] in there] or others
    # Those of other topics first.
    others.sort(key=lambda one: one[0] in topics)
    return dataset.short_key(others[0][1]) if others else None


def _levels(query: Query, answers: Answers, question: str, states: Sequence[str]) -> Explored:
    group, year = query.single("group"), _year(query)
    where = {"state": list(states), "stratum": group, "year": year}
    body: dict[str, Any] = {
        "question": question,
        "where": {name: value for name, value in where.items() if value},
    }
    if states:
        if len(states) > 1:
            body["group_by"] = ["state"]
        return Explored(StatisticRequest("query", body), _changes(query, question, states).drawn)
    if answers.dataset.question(question).question.lower_is_better is None:
        by_state = StatisticRequest("query", {**body, "group_by": ["state"]})
        return Explored(by_state, by_state, "map")
    ranked = {"question": question, "stratum": group, "year": year}
    ranking = StatisticRequest("ranking", {name: value for name, value in ranked.items() if value})
    return Explored(ranking, ranking, "map")


def _changes(query: Query, question: str, states: Sequence[str]) -> Explored:
    body: dict[str, Any] = {"question": question}
    if group := query.single("group"):
        body["stratum"] = group
    told = StatisticRequest("trend", {**body, "state": list(states)} if states else body)
    if not states:
        return Explored(told, told, "map")
    known = {NATION.name.casefold(), NATION.abbreviation.casefold()}
    beside = [] if known & {name.strip().casefold() for name in states} else [NATION.name]
    return Explored(told, StatisticRequest("trend", {**body, "state": [*states, *beside]}))


def _year(query: Query) -> int | str | None:
    """Return the year that is asked for: what is none, is said when it is checked."""
    text = query.single("year")
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 5 else text
