"""The CSV as people have it: every layout that is understood, what is counted, names looked up."""

import csv
import io
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.data_ingestor import DataIngestor
from app.datasets import files, reading
from app.errors import DatasetError, UnknownName
from unittests.helpers.data import OBESITY, cdc_cut, cdc_cut_rows, dataset
from unittests.helpers.files import DATASET

with DATASET.open(newline="", encoding="utf-8") as _file:
    CDC_COLUMNS = next(csv.reader(_file))[1:]

# state, its abbreviation, category, stratum, value
ROWS = (
    ("Ohio", "OH", "Gender", "Male", "30.1"),
    ("Ohio", "OH", "Gender", "Female", "29"),
    ("Ohio", "OH", "Total", "Total", ""),
    ("Texas", "TX", "Gender", "Male", " 0.7 "),
    ("Texas", "TX", "", "", "100"),
)
Table = list[list[str]]


def table(rows: Iterable[Sequence[str]] = ROWS, **changes: str) -> Table:
    """Return a header and rows in CDC's layout; `changes` hold for each row."""
    fixed = {"YearStart": "2011", "YearEnd": "2022", "Question": "Is it?", "QuestionID": "Q036"}
    names = ("LocationDesc", "LocationAbbr", "StratificationCategory1", "Stratification1")
    filled = [fixed | dict(zip((*names, "Data_Value"), row, strict=True)) | changes for row in rows]
    return [list(CDC_COLUMNS), *([row.get(name, "") for name in CDC_COLUMNS] for row in filled)]


def render(content: Table, newline: str = "\n", quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator=newline, quoting=quoting).writerows(content)
    return text.getvalue().encode()


def load(folder: Path, content: bytes) -> DataIngestor:
    path = folder / "data.csv"
    path.write_bytes(content)
    return DataIngestor(path)


def shape(data: DataIngestor) -> list[Any]:
    """Return all that a dataset answers from, order included."""
    return [
        (
            one.question,
            one.global_mean,
            list(one.state_means.items()),
            [(state, list(means.items())) for state, means in one.stratum_means.items()],
        )
        for one in data.tables.values()
    ]


def with_note(content: Table, name: str, note: str) -> Table:
    at = content[0].index(name)
    return [content[0], *([*row[:at], note, *row[at + 1 :]] for row in content[1:])]


def renamed(content: Table, rename: Callable[[str], str]) -> Table:
    return [[rename(name) for name in content[0]], *content[1:]]


LAYOUTS: dict[str, Callable[[Table], bytes]] = {
    "as CDC has it": render,
    "index": lambda t: render([[str(n) if n else "", *row] for n, row in enumerate(t)]),
    "BOM, all quoted": lambda t: b"\xef\xbb\xbf" + render(t, quoting=csv.QUOTE_ALL),
    "no trailing space": lambda t: render(renamed(t, str.strip)),
    "Sex": lambda t: render(renamed(t, lambda name: name.replace("Gender", "Sex"))),
    "CRLF": lambda t: render(t, newline="\r\n"),
    "another order": lambda t: render([row[::-1] for row in t]),
    "more columns": lambda t: render([["More", *row, "Most"] for row in t]),
    "newline in a field": lambda t: render(with_note(t, "GeoLocation", "41,\n\r\n83")),
    "newline in the last field": lambda t: render(with_note(t, "StratificationID1", "a\nb")),
    "quotes in a field": lambda t: render(with_note(t, "Datasource", 'the "BRFSS"')),
    "not ASCII": lambda t: render(with_note(t, "Datasource", "España, 日本")),
    "blank lines": lambda t: render(t).replace(b"\n", b"\n\n"),
    "blank CRLF lines": lambda t: render(t, newline="\r\n") + b"\r\n\r\n",
    "no newline at the end": lambda t: render(t)[:-1],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_that_are_understood(layout: str, tmp_path: Path) -> None:
    data = load(tmp_path, LAYOUTS[layout](table()))
    assert data.rows == 5
    assert data.states == ("Ohio", "Texas")
    (question,) = data.tables.values()
    assert question.global_mean == float(Fraction("159.8") / 4)
    assert list(question.state_means.items()) == [("Ohio", 29.55), ("Texas", 50.35)]
    assert question.stratum_means == {
        "Ohio": {"('Gender', 'Female')": 29.0, "('Gender', 'Male')": 30.1},
        "Texas": {"('Gender', 'Male')": 0.7},
    }
    assert list(question.stratum_means["Ohio"]) == ["('Gender', 'Female')", "('Gender', 'Male')"]


def test_what_is_counted(tmp_path: Path) -> None:
    # state, first year, last year, value, mean
    cases: tuple[tuple[str, str, str, str, float | None], ...] = (
        ("Iowa", "2011", "2011", "50", 50),
        ("Utah", "2022", "2022", "50", 50),
        ("Maine", "2011", "2022", "50", 50),
        ("Idaho", "2010", "2011", "50", None),
        ("Guam", "2022", "2023", "50", None),
        ("Nevada", "2010", "2023", "50", None),
        ("Kansas", "2015", "2015", "", None),
        ("Hawaii", "2015", "2015", "  ", None),
        ("Oregon", "2015", "2015", "0", 0),
        ("Alaska", "2015", "2015", "-50", -50),
    )
    content = table()
    for state, start, end, value, _ in cases:
        row = (state, state[:2].upper(), "Total", "Total", value)
        content += table([row], YearStart=start, YearEnd=end)[1:]
    data = load(tmp_path, render(content))
    means = data.question("Q036").state_means
    assert data.rows == 15
    for state, *_, mean in cases:
        assert means.get(state) == mean, state
        assert data.state(state[:2].lower()) == state


def test_a_row_without_a_whole_stratum_is_in_no_category(tmp_path: Path) -> None:
    rows = [("Ohio", "OH", "", "Male", "1"), ("Ohio", "OH", "Gender", "", "2")]
    question = load(tmp_path, render(table([*rows, *ROWS[:1]]))).question("Is it?")
    assert question.state_means == {"Ohio": float(Fraction("33.1") / 3)}
    assert question.stratum_means == {"Ohio": {"('Gender', 'Male')": 30.1}}


def test_questions_are_found() -> None:
    for name in (OBESITY, OBESITY.upper(), f"\t {OBESITY.replace(' ', '  ')}\n", "Q036", " q036 "):
        assert dataset().question(name).question.text == OBESITY, name
        assert dataset().question(name).question.id == "Q036", name


def test_states_are_found() -> None:
    for name, state in (
        ("Ohio", "Ohio"),
        (" oHIO\n", "Ohio"),
        ("OH", "Ohio"),
        ("oh ", "Ohio"),
        ("district  OF columbia", "District of Columbia"),
        ("us", "National"),
    ):
        assert dataset().state(name) == state, name


def test_unknown_names_come_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="who have obesity") as question:
        dataset().question("obesety")
    assert question.value.nearest[0] == OBESITY
    with pytest.raises(UnknownName, match="who have obesity"):
        dataset().question("adults with obesity")
    assert dataset().question("  OBESITY ").question.text == OBESITY
    with pytest.raises(UnknownName, match="Ohio") as state:
        dataset().state("Ohoi")
    assert state.value.nearest[0] == "Ohio"
    with pytest.raises(UnknownName) as nothing:
        dataset().state("@" * 100_000)
    assert nothing.value.nearest == ()
    assert len(str(nothing.value)) < 200


def some_value(chance: Random) -> str:
    """Return a number of up to nine decimal places, at times none or the largest."""
    digits = chance.choice((0, 1, -(10**6), 10**6, chance.randint(-(10**6), 10**6)))
    places = chance.randint(0, 9)
    return f"{'-' * (digits < 0)}{abs(digits) / 10**places:.{places}f}"


def test_means_are_exact_and_do_not_depend_on_the_order(tmp_path: Path) -> None:
    """Of a hundred questions with up to thirty rows each, in one file."""
    chance = Random(1)
    rows_of = {
        f"Q{number}": [
            (chance.choice("OU"), "X", "Sex", chance.choice("MF"), some_value(chance))
            for _ in range(chance.choice((1, 2, chance.randint(3, 30))))
        ]
        for number in range(100)
    }
    header, *content = table([])
    for name, rows in rows_of.items():
        content += table(rows, Question=name, QuestionID=name)[1:]
    data = load(tmp_path, render([header, *content]))
    chance.shuffle(content)
    assert shape(load(tmp_path, render([header, *content]))) == shape(data)
    for name, rows in rows_of.items():
        question = data.question(name)
        assert question.global_mean == exact(row[4] for row in rows)
        assert set(question.state_means) == {row[0] for row in rows}
        for state, mean in question.state_means.items():
            there = [row for row in rows if row[0] == state]
            assert mean == exact(row[4] for row in there)
            assert question.stratum_means[state] == {
                repr(("Sex", sex)): exact(row[4] for row in there if row[3] == sex)
                for sex in {row[3] for row in there}
            }


def exact(values: Iterable[str]) -> float:
    """Return the mean as the float nearest to the exact fraction."""
    fractions = [Fraction(value) for value in values]
    return float(sum(fractions) / len(fractions))


def test_a_later_cut_of_the_real_release() -> None:
    data = cdc_cut()
    rows = cdc_cut_rows()
    counted = [row for row in rows if row["Data_Value"] and int(row["YearEnd"]) <= 2022]
    assert (data.rows, len(data.states)) == (6724, 55)
    assert 0 < len(counted) < len(rows)
    assert set(data.tables) == {row["Question"] for row in rows}
    values: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in counted:
        names = (row["Question"], row["LocationDesc"], repr(("Sex", row["Stratification1"])))
        for length in (1, 2, 3):
            values[names[:length]].append(row["Data_Value"])
    means: dict[tuple[str, ...], float] = {}
    for text, question in data.tables.items():
        means[text,] = question.global_mean
        for state, mean in question.state_means.items():
            means[text, state] = mean
            means |= {(text, state, key): of for key, of in question.stratum_means[state].items()}
    assert means == {names: exact(of) for names, of in values.items()}


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = tmp_path / "data.csv", files.sha256
    path.write_bytes(render(table()))
    other = tmp_path / "other.csv"
    other.write_bytes(render(table(ROWS[:2])))

    def replaced(read: Path) -> str:
        if other.exists():
            other.replace(path)
        return digest(read)

    monkeypatch.setattr(reading, "sha256", replaced)
    data = DataIngestor(path)
    assert (data.rows, data.digest) == (2, digest(path))


def test_a_path_may_be_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = load(tmp_path, render(table()))
    for path in ("./data.csv", str(tmp_path / "data.csv"), str(tmp_path), "*.csv"):
        data = DataIngestor(path)
        assert shape(data) == shape(expected)
        assert data.file == Path(path).name
    assert DataIngestor(data.path).digest == expected.digest  # as a reload does


def test_a_pipe_is_no_dataset(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DatasetError, match="expected a file"):
        DataIngestor(tmp_path / "pipe")
