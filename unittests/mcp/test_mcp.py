"""`stats mcp` as an assistant has it: over the pipes of a real child, and what its tools answer."""

import json
import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from multiprocessing import Pipe
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.errors import BadRequest
from app.mcp.answering import Answering
from app.mcp.settings import McpSettings
from app.sources import BOX
from app.statistics.registry import STATISTICS
from unittests.helpers.app import running_app
from unittests.helpers.command_line import run
from unittests.helpers.forked import Forked
from unittests.helpers.waiting import PATIENCE

OBESITY = {"question": "obesity"}
URL = "https://stats.example.org"


class Talk:
    """What a child said of itself, its tools, and how it ended.

    The lines are written by hand: the SDK's own client takes longer to import than all else here.
    """

    def __init__(self) -> None:
        given, self._pipe = Pipe(duplex=False)
        environ = {**os.environ, "STATS_URL": URL + "/"}
        self._child = Forked(["-m", "app", "mcp"], environ, given=given)
        given.close()
        try:
            version = {"protocolVersion": "2025-06-18", "capabilities": {}}
            hello = self._ask("initialize", **version, clientInfo={"name": "test", "version": "1"})
            self._say(method="notifications/initialized")
            self.instructions: str = hello["instructions"]
            self.tools = {one["name"]: one for one in self._ask("tools/list")["tools"]}
            self.best = self._call("best5", OBESITY)
            self.misspelt = self._call("trend", {"question": "obesety"})
            self.unknown = self._call("rankings", OBESITY)
            self._pipe.close()
            self.exit_code, _ = self._child.end(PATIENCE)
        finally:
            self._child.kill()

    def _call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask("tools/call", name=tool, arguments=arguments)

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of a request."""
        self._say(id=1, method=method, params=params)
        answer = json.loads(self._child.stdout.readline())
        result: dict[str, Any] = answer["result"]
        return result

    def _say(self, **message: Any) -> None:
        line = json.dumps({"jsonrpc": "2.0", **message}) + "\n"
        assert os.write(self._pipe.fileno(), line.encode()) == len(line)


@pytest.fixture(scope="module")
def talk() -> Talk:
    if find_spec("mcp") is None:
        pytest.skip("the libraries of the extra `mcp` are not installed")
    return Talk()


@pytest.fixture(scope="module")
def answering() -> Answering:
    """Give what answers a child's tools, of the datasets in the box."""
    return Answering(McpSettings.load(["--url", URL + "/"], program="stats mcp"), STATISTICS)


@pytest.fixture(scope="module")
def boxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Give a client of a server with the datasets in the box."""
    with running_app(tmp_path_factory.mktemp("app"), threads=0, data=BOX) as app:
        yield app.test_client()


def answer(answering: Answering, statistic: str, /, **body: Any) -> dict[str, Any]:
    """Return the answer to what a statistic is asked, its example unless a body is given."""
    asked = STATISTICS[statistic]
    return answering.answer(asked, body or asked.example)


def test_the_tools_are_the_statistics_and_what_to_ask_them(talk: Talk) -> None:
    assert list(talk.tools) == ["list_questions", "list_places", "list_categories", *STATISTICS]
    assert "cannot_be_told_apart" in talk.instructions
    for name, statistic in STATISTICS.items():
        tool = talk.tools[name]
        assert statistic.summary.rstrip(".") in tool["description"]
        schema = tool["inputSchema"]
        assert schema["type"] == "object"
        assert {"dataset", *statistic.example} <= set(schema["properties"])
        assert tool["annotations"]["readOnlyHint"]


def test_a_child_answers_as_text_and_as_structured_content(
    talk: Talk, answering: Answering
) -> None:
    assert not talk.best["isError"]
    found = talk.best["structuredContent"]
    assert json.loads(talk.best["content"][0]["text"]) == found
    assert found == answer(answering, "best5", **OBESITY)


def test_a_child_refuses_in_words_and_goes_on(talk: Talk) -> None:
    assert talk.misspelt["isError"]
    (refusal,) = talk.misspelt["content"]
    assert refusal["text"].startswith('unknown question "obesety"; nearest: "Percent of')
    assert talk.unknown["isError"]
    (refusal,) = talk.unknown["content"]
    assert refusal["text"].startswith('unknown tool "rankings"; known: list_questions, ')


def test_a_child_ends_when_its_client_closes_the_connection(talk: Talk) -> None:
    assert talk.exit_code == 0


def test_what_there_is_to_ask(answering: Answering) -> None:
    (obesity,) = (one for one in answering.questions({})["questions"] if one["id"] == "Q036")
    assert (obesity["short_name"], obesity["unit"]) == ("Obesity", "percent")
    assert obesity["years"][-1] == 2023
    listed = answering.questions({"dataset": "Course"})
    assert (listed["dataset"], list(listed["datasets"])) == ("course", ["course", "release"])
    ohio = {"name": "Ohio", "abbreviation": "OH", "kind": "state"}
    assert ohio in answering.places({})["places"]
    assert "Income" in [one["name"] for one in answering.categories({})["categories"]]


@pytest.mark.parametrize("name", STATISTICS)
def test_each_statistic_answers_as_its_address_does(
    answering: Answering, boxed: FlaskClient, name: str
) -> None:
    found = answer(answering, name)
    assert found["address"].startswith(f"{URL}/api/answers/{name}?")
    told = boxed.get(found["address"].removeprefix(URL)).get_json()
    assert found["answer"]
    assert found["method"]
    assert found["source"]
    if "about" in told:
        assert found["answer"] == told["about"]["answer"]
        assert (list(found["columns"]), found["rows"]) == (told["columns"], told["rows"])
        assert found["warnings"] == told["about"]["warnings"]
        assert found["limits"].startswith("95% confidence limits: ")
    else:
        assert found["limits"] == "This answer has no confidence limits."


def test_what_cannot_be_told_apart_is_said(answering: Answering) -> None:
    def told(statistic: str, **body: Any) -> Any:
        return answer(answering, statistic, **body)["cannot_be_told_apart"]

    (first,) = told("ranking", **OBESITY, year=2023)
    leader = "District of Columbia, which is ranked first, cannot be told apart from Colorado, "
    assert first.startswith(leader)
    against = answer(answering, "against", **OBESITY, state="OH", year=2023)
    (ohio,) = against["cannot_be_told_apart"]
    assert ohio.startswith("Ohio cannot be told apart from ")
    place = list(against["columns"]).index("verdict")
    unclear = [row[0] for row in against["rows"] if row[place] == "no clear difference"]
    assert unclear
    assert all(state in ohio for state in unclear)
    assert "West Virginia" not in ohio
    (both,) = told("compare")
    assert both.startswith("Ohio and Texas cannot be told apart on Q018, Q036, ")
    assert told("change") == ["Whether it rose or fell cannot be told for National."]
    (groups,) = told("disparity", **OBESITY, category="Education", state="DC")
    assert groups.startswith("Total cannot be told apart from District of Columbia ")
    (untested,) = told("query")
    assert untested.startswith("Whether these differ is not tested here")
    (plain,) = told("best5")
    assert plain.startswith("These are plain means without limits")
    assert told("trend") == []


def test_a_long_answer_is_cut_and_says_so(answering: Answering) -> None:
    found = answer(answering, "mean_by_category", question="Q036")
    assert len(found["rows"]) == 200
    assert found["rows_left_out"] == "1220 more rows are at the address"
    assert found["answer"].endswith("; and 1415 more.")


def test_what_cannot_be_asked_is_refused_in_words(answering: Answering) -> None:
    with pytest.raises(BadRequest, match=r'^unknown key "yaer"; known are "question", '):
        answer(answering, "ranking", **OBESITY, yaer=2023)
    with pytest.raises(BadRequest, match=r'^unknown key "state"; known is "dataset"$'):
        answering.places({"state": "OH"})
    with pytest.raises(BadRequest, match=r'^"dataset" must be text in quotes$'):
        answering.places({"dataset": 7})


def test_a_start_that_cannot_be_ends_in_one_line() -> None:
    ended = run(URL, "mcp", "--data", "nowhere.csv")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "nowhere.csv: No such file or directory" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
