"""`stats mcp` as an assistant has it: the SDK's own client, over stdio, with a real child."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.sources import BOX
from app.statistics.registry import STATISTICS
from unittests.helpers.app import running_app
from unittests.helpers.command_line import run
from unittests.helpers.files import PROJECT

OBESITY = {"question": "obesity"}
URL = "https://stats.example.org"
# Calls that are made one after another over one connection, by the names that tests call them.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "questions": ("list_questions", {}),
    "course questions": ("list_questions", {"dataset": "Course"}),
    "places": ("list_places", {}),
    "categories": ("list_categories", {}),
    "first": ("ranking", {**OBESITY, "year": 2023}),
    "against": ("against", {**OBESITY, "state": "OH", "year": 2023}),
    "groups": ("disparity", {**OBESITY, "category": "Education", "state": "DC"}),
    "many": ("mean_by_category", {"question": "Q036"}),
    "misspelt": ("trend", {"question": "obesety"}),
    "unknown key": ("ranking", {**OBESITY, "yaer": 2023}),
    "wrong list": ("list_places", {"state": "OH"}),
    "no dataset": ("list_places", {"dataset": 7}),
    "no tool": ("rankings", OBESITY),
    **{name: (name, dict(one.example)) for name, one in STATISTICS.items()},
}


class Talk:
    """What the server said of itself, its tools, and the results of all calls."""

    def __init__(self) -> None:
        self.tools: dict[str, Any] = {}
        self.results: dict[str, Any] = {}
        self.instructions = ""

    async def hold(self, mcp: Any) -> None:
        """Start the server, make all calls, and close the connection."""
        environ = {**os.environ, "STATS_URL": URL + "/"}
        child = mcp.StdioServerParameters(
            command=sys.executable, args=["-m", "app", "mcp"], cwd=PROJECT, env=environ
        )
        async with mcp.Client(mcp.stdio_client(child)) as client:
            self.instructions = client.instructions
            self.tools = {one.name: one for one in (await client.list_tools()).tools}
            for name, (tool, arguments) in CALLS.items():
                self.results[name] = await client.call_tool(tool, arguments)

    def answer(self, name: str) -> Mapping[str, Any]:
        """Return what a call was answered, which is the same as text and as structured content."""
        result = self.results[name]
        assert not result.is_error, result.content[0].text
        found: dict[str, Any] = result.structured_content
        assert json.loads(result.content[0].text) == found
        return found

    def refusal(self, name: str) -> str:
        """Return why a call was refused."""
        result = self.results[name]
        assert result.is_error
        text: str = result.content[0].text
        return text


@pytest.fixture(scope="module", name="mcp", autouse=True)
def library() -> Any:
    """Give the SDK, which takes longer to import than all else: not where other tests run."""
    return pytest.importorskip("mcp", reason="the libraries of the extra `mcp` are not installed")


@pytest.fixture(scope="module")
def talk(mcp: Any) -> Talk:
    import anyio

    held = Talk()
    anyio.run(held.hold, mcp)
    return held


@pytest.fixture(scope="module")
def boxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Give a client of a server with the datasets in the box."""
    with running_app(tmp_path_factory.mktemp("app"), threads=0, data=BOX) as app:
        yield app.test_client()


def test_the_tools_are_the_statistics_and_what_to_ask_them(talk: Talk) -> None:
    assert list(talk.tools) == ["list_questions", "list_places", "list_categories", *STATISTICS]
    assert "cannot_be_told_apart" in talk.instructions
    for name, statistic in STATISTICS.items():
        tool = talk.tools[name]
        assert statistic.summary.rstrip(".") in tool.description
        schema = tool.input_schema
        assert schema["type"] == "object"
        assert {"dataset", *statistic.example} <= set(schema["properties"])
        assert tool.annotations.read_only_hint


def test_what_there_is_to_ask(talk: Talk) -> None:
    (obesity,) = (one for one in talk.answer("questions")["questions"] if one["id"] == "Q036")
    assert (obesity["short_name"], obesity["unit"]) == ("Obesity", "percent")
    assert obesity["years"][-1] == 2023
    listed = talk.answer("course questions")
    assert (listed["dataset"], listed["datasets"]) == ("course", ["course", "release"])
    assert {"name": "Ohio", "abbreviation": "OH", "kind": "state"} in talk.answer("places")[
        "places"
    ]
    assert "Income" in [one["name"] for one in talk.answer("categories")["categories"]]


@pytest.mark.parametrize("name", STATISTICS)
def test_each_statistic_answers_as_its_address_does(
    talk: Talk, boxed: FlaskClient, name: str
) -> None:
    answer = talk.answer(name)
    assert answer["address"].startswith(f"{URL}/api/answers/{name}?")
    told = boxed.get(answer["address"].removeprefix(URL)).get_json()
    assert answer["answer"]
    assert answer["method"]
    assert answer["source"]
    if "about" in told:
        assert answer["answer"] == told["about"]["answer"]
        assert (list(answer["columns"]), answer["rows"]) == (told["columns"], told["rows"])
        assert answer["warnings"] == told["about"]["warnings"]
        assert answer["limits"].startswith("95% confidence limits: ")
    else:
        assert answer["limits"] == "This answer has no confidence limits."


def test_what_cannot_be_told_apart_is_said(talk: Talk) -> None:
    (told,) = talk.answer("first")["cannot_be_told_apart"]
    first = "District of Columbia, which is ranked first, cannot be told apart from Colorado, "
    assert told.startswith(first)
    answer = talk.answer("against")
    (told,) = answer["cannot_be_told_apart"]
    assert told.startswith("Ohio cannot be told apart from ")
    place = list(answer["columns"]).index("verdict")
    unclear = [row[0] for row in answer["rows"] if row[place] == "no clear difference"]
    assert unclear
    assert all(state in told for state in unclear)
    assert "West Virginia" not in told
    (told,) = talk.answer("compare")["cannot_be_told_apart"]
    assert told.startswith("Ohio and Texas cannot be told apart on Q018, Q036, ")
    (told,) = talk.answer("change")["cannot_be_told_apart"]
    assert told == "Whether it rose or fell cannot be told for National."
    (told,) = talk.answer("groups")["cannot_be_told_apart"]
    assert told.startswith("Total cannot be told apart from District of Columbia ")
    (told,) = talk.answer("query")["cannot_be_told_apart"]
    assert told.startswith("Whether these differ is not tested here")
    (told,) = talk.answer("best5")["cannot_be_told_apart"]
    assert told.startswith("These are plain means without limits")
    assert talk.answer("trend")["cannot_be_told_apart"] == []


def test_a_long_answer_is_cut_and_says_so(talk: Talk) -> None:
    answer = talk.answer("many")
    assert len(answer["rows"]) == 200
    assert answer["rows_left_out"] == "1220 more rows are at the address"
    assert answer["answer"].endswith("; and 1415 more.")


def test_what_cannot_be_asked_is_refused_in_words(talk: Talk) -> None:
    assert talk.refusal("misspelt").startswith('unknown question "obesety"; nearest: "Percent of')
    assert talk.refusal("unknown key").startswith('unknown key "yaer"; known are "question", ')
    assert talk.refusal("wrong list") == 'unknown key "state"; known is "dataset"'
    assert talk.refusal("no dataset") == '"dataset" must be text in quotes'
    assert talk.refusal("no tool").startswith('unknown tool "rankings"; known: list_questions, ')


def test_a_start_that_cannot_be_ends_in_one_line() -> None:
    ended = run(URL, "mcp", "--data", "nowhere.csv")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "nowhere.csv: No such file or directory" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
