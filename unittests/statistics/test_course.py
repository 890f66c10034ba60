"""The nine statistics: every question against exact figures, ties, and the published answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.data_ingestor import DataIngestor, Question, QuestionTable
from app.statistics.course import best5, mean_by_category, states_mean, worst5
from unittests.helpers.data import dataset
from unittests.helpers.figures import figures
from unittests.helpers.files import PROJECT
from unittests.helpers.registry import COURSE_STATISTICS
from unittests.helpers.rows import row, write

EXAMPLES = PROJECT.parent / "shared" / "reference" / "example_answers.json"
QUESTION_IDS = ("Q018", "Q019", "Q036", "Q037", "Q043", "Q044", "Q045", "Q046", "Q047")
LOW, HIGH = True, False
DIRECTIONS = pytest.mark.parametrize("direction", [LOW, HIGH], ids=["low is best", "high is best"])


def in_order(answer: Any) -> list[Any]:
    """Return an answer as nested lists, which are equal only when their order is."""
    return [
        (key, in_order(value) if isinstance(value, dict) else value)
        for key, value in answer.items()
    ]


def computed(name: str, question: str, state: str | None) -> Any:
    statistic = COURSE_STATISTICS[name]
    return statistic.answer(statistic.ask({"question": question, "state": state}, dataset()))


def test_the_dataset_holds_the_nine_questions() -> None:
    tables = dataset().tables.values()
    assert tuple(sorted(table.question.id for table in tables)) == QUESTION_IDS
    assert set(dataset().tables) == set(figures().questions)


@pytest.mark.parametrize("statistic", COURSE_STATISTICS)
def test_every_answer_is_exact(statistic: str) -> None:
    for question_id in QUESTION_IDS:
        text = dataset().question(question_id).question.text
        states = figures().states(text) if COURSE_STATISTICS[statistic].needs_state else [None]
        for state in states:
            wanted = in_order(figures().answer(statistic, text, state))
            assert in_order(computed(statistic, question_id, state)) == wanted, (text, state)


def test_which_end_is_best() -> None:
    for question_id in QUESTION_IDS:
        low = question_id in {"Q036", "Q037", "Q047", "Q018", "Q019"}
        means = dataset().question(question_id).state_means
        wanted = min(means.values()) if low else max(means.values())
        assert next(iter(best5(dataset().question(question_id)).values())) == wanted, question_id


def made(means: dict[str, float], *, lower_is_better: bool) -> QuestionTable:
    """Return a table as the ingestor would make it, of one estimate in each state."""
    sums = {state: {("Sex", "Male"): (1, round(mean * 10**9))} for state, mean in means.items()}
    return QuestionTable(Question("Q036", "Q036", "Is it?", lower_is_better), lambda: sums)


TIED = {
    "Utah": 2.0,
    "Iowa": 1.0,
    "Ohio": 2.0,
    "Guam": 3.0,
    "Maine": 3.0,
    "Texas": 1.0,
    "Idaho": 2.0,
}
LOWEST_FIRST = ["Iowa", "Texas", "Idaho", "Ohio", "Utah", "Guam", "Maine"]
HIGHEST_FIRST = ["Guam", "Maine", "Idaho", "Ohio", "Utah", "Iowa", "Texas"]


@DIRECTIONS
def test_ties_go_by_name(direction: bool) -> None:
    table = made(TIED, lower_is_better=direction)
    best, worst = LOWEST_FIRST[:5], HIGHEST_FIRST[:5]
    if direction is HIGH:
        best, worst = worst, best
    assert list(best5(table)) == best
    assert list(worst5(table)) == worst
    assert list(states_mean(table)) == LOWEST_FIRST
    assert best5(table) == {state: TIED[state] for state in best}


@DIRECTIONS
def test_all_equal_means_go_by_name(direction: bool) -> None:
    table = made(dict.fromkeys("GFEDCBA", 7.5), lower_is_better=direction)
    assert list(best5(table)) == list(worst5(table)) == list("ABCDE")


@DIRECTIONS
def test_fewer_than_five_states(direction: bool) -> None:
    for count in range(1, 6):
        means = {state: float(number) for number, state in enumerate("ABCDE"[:count])}
        table = made(means, lower_is_better=direction)
        ascending = list(means)
        assert list(best5(table)) == (ascending if direction is LOW else ascending[::-1])
        assert list(worst5(table)) == (ascending[::-1] if direction is LOW else ascending)


def test_ties_in_a_file_go_by_name(tmp_path: Path) -> None:
    # 0.1 + 0.2 and 0.3 + 0 have the same mean, though not when floats are added.
    path = tmp_path / "data.csv"
    values = {"Utah": ("0.1", "0.2"), "Ohio": ("0.3", "0"), "Iowa": ("0.2", "0.1"), "Guam": ("0",)}
    lines = [
        f"2011,2022,{state[:2].upper()},{state},Is it?,Q036,{value},Sex,Male"
        for state, row in values.items()
        for value in row
    ]
    header = (
        "YearStart,YearEnd,LocationAbbr,LocationDesc,Question,QuestionID,Data_Value,"
        "StratificationCategory1,Stratification1"
    )
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    table = DataIngestor(path).question("Q036")
    assert in_order(states_mean(table)) == [
        ("Guam", 0.0),
        ("Iowa", 0.15),
        ("Ohio", 0.15),
        ("Utah", 0.15),
    ]
    assert list(worst5(table)) == ["Iowa", "Ohio", "Utah", "Guam"]
    assert list(mean_by_category(table)) == [
        repr((state, "Sex", "Male")) for state in ("Guam", "Iowa", "Ohio", "Utah")
    ]


def test_states_of_a_mean_by_category_go_by_name_whatever_their_means(tmp_path: Path) -> None:
    means = {"Utah": 1.0, "Guam": 3.0, "Iowa": 2.0}
    rows = [row(state, mean, category="Sex", stratum="Male") for state, mean in means.items()]
    table = DataIngestor(write(rows, tmp_path / "rows.csv")).question("Q036")
    assert list(states_mean(table)) == ["Utah", "Iowa", "Guam"]
    assert list(mean_by_category(table)) == [
        repr((state, "Sex", "Male")) for state in ("Guam", "Iowa", "Utah")
    ]


def test_keys_are_the_repr_of_the_tuple_for_any_name() -> None:
    for state in ("Coeur d'Alene", 'The "Bay"', "España"):
        table = made({state: 1.0}, lower_is_better=LOW)
        assert list(mean_by_category(table)) == [repr((state, "Sex", "Male"))]


def test_the_published_answers() -> None:
    if not EXAMPLES.exists():
        pytest.skip(f"{EXAMPLES} is not here: no published answers to compare with")
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    assert len(examples) == 45
    names = {example["endpoint"].removeprefix("/api/") for example in examples}
    assert names == set(COURSE_STATISTICS)
    for example in examples:
        name, body = example["endpoint"].removeprefix("/api/"), example["body"]
        answer = computed(name, body["question"], body.get("state"))
        wanted = example["data"]
        if name == "state_mean_by_category":
            answer, wanted = answer[body["state"]], wanted[body["state"]]
        assert answer == pytest.approx(wanted, rel=0, abs=1e-9), example["endpoint"]
        if name in ("states_mean", "best5", "worst5") or name.endswith("_by_category"):
            # Elsewhere two equal means came in the order that their float sums happened to have.
            assert list(answer) == list(wanted), example["endpoint"]
