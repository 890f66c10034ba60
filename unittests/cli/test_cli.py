"""The command line, asked in this process: what it prints, what it refuses, how it ends."""

import csv
import io
import re
import shlex
from typing import Any

import pytest

from app.cli.bars import bars
from app.cli.exit_codes import CLOSED, CODES
from app.cli.program import COMMANDS
from app.client import StatsClient
from unittests.helpers.command_line import NOWHERE, answered, refused, run
from unittests.helpers.data import OBESITY
from unittests.helpers.registry import COURSE_STATISTICS
from unittests.helpers.server import Api


# That each of the nine is a command, the examples of test_cli_docs.py show.
@pytest.mark.parametrize("statistic", ["best5", "state_mean", "state_mean_by_category"])
def test_a_pipe_gets_the_servers_answer(server: Api, statistic: str) -> None:
    needs_state = COURSE_STATISTICS[statistic].needs_state
    answer = answered(
        server, "ask", statistic, "obesity", *(("--state", "oh") if needs_state else ())
    )
    body = {"question": OBESITY, **({"state": "Ohio"} if needs_state else {})}
    exact = server.outcome(server.post(statistic, **body))["data"]
    assert answer == exact
    assert list(answer) == list(exact)


@pytest.mark.parametrize(
    ("command", "statistic", "body"),
    [
        ("ask ranking obesity", "ranking", {"question": "Q036"}),
        (
            "ask disparity Q036 --category income --state TX --state US --reference"
            ' "$75,000 or greater"',
            "disparity",
            {
                "question": "Q036",
                "category": "Income",
                "state": ["TX", "US"],
                "reference": "$75,000 or greater",
            },
        ),
        (
            "ask inequality Q036 --category sex --shares Male=49 --shares female=51.5",
            "inequality",
            {"question": "Q036", "category": "Sex", "shares": {"Male": 49, "Female": 51.5}},
        ),
        ("ask ranking Q036 --adjust age2000", "ranking", {"question": "Q036", "adjust": "age2000"}),
        ("ask compare --state OH --state TX", "compare", {"states": ["OH", "TX"]}),
        (
            "ask compare --stratum Male --stratum Female --state CA",
            "compare",
            {"strata": ["Male", "Female"], "state": "CA"},
        ),
        (
            "ask correlation Q036 overweight --stratum Female",
            "correlation",
            {"questions": ["Q036", "Q037"], "stratum": "Female"},
        ),
        (
            "query --question obesity --question Q037 --group-by state,question --group-by"
            " stratum --where category=Gender --where state=OH --where state=TX --where"
            " year=2011..2022 --method mean --sort -value --limit 3",
            "query",
            {
                "question": ["Q036", "Q037"],
                "group_by": ["state", "question", "stratum"],
                "where": {
                    "category": "Gender",
                    "state": ["OH", "TX"],
                    "year": {"from": 2011, "to": 2022},
                },
                "method": "mean",
                "sort": "-value",
                "limit": 3,
            },
        ),
    ],
)
def test_options_become_the_body_of_a_question(
    release_server: Api, command: str, statistic: str, body: dict[str, Any]
) -> None:
    answer = answered(release_server, *shlex.split(command))
    exact = release_server.outcome(release_server.post(statistic, **body))
    assert answer == exact["data"]


def test_a_file_that_has_no_room_for_all_rows_says_so(release_server: Api) -> None:
    asked = "query --question obesity --group-by state --group-by year --group-by stratum --csv"
    cut = run(release_server.url, *asked.split())
    assert cut.stdout.count("\n") == 20_001
    assert re.fullmatch(
        r"The file of job_id_\d+ has no room for 20 more rows of the answer\.\n", cut.stderr
    )
    assert run(release_server.url, *asked.split(), "--limit", "2").stderr == ""
    address = "/api/answers/query.csv?question=obesity&group_by=state,year,stratum"
    for _ in range(2):  # what is kept says it, too
        told = release_server.http.get(f"{release_server.url}{address}").headers
        assert told["Rows-Left-Out"] == "20"
        assert told["Content-Disposition"] == (
            'attachment; filename="obesity-query-first-20000-rows.csv"'
        )


def test_years_of_cdcs_rows(release_server: Api) -> None:
    trend = "ask trend obesity --stratum Female --state OH --state TX --years 2013..2020"
    table = answered(release_server, *trend.split())
    assert [row[0] for row in table["rows"]] == ["Ohio", "Texas"]
    assert table["about"]["parameters"]["years"] == {"from": 2013, "to": 2020}
    query = "query --group-by year --where year=2015 --where year=2017 --where category=Sex"
    table = answered(release_server, *query.split(), "--method", "sample_weighted")
    assert [row[0] for row in table["rows"]] == ["2015", "2017"]
    shown = run(release_server.url, *trend.split(), "--table").stdout
    assert re.search(r"^state +% +% +points +points +a year +a year ", shown, re.MULTILINE)
    limits = r"\d\.\d\d to \d\.\d\d"
    assert re.search(rf"Ohio +30\.8 +37\.1 +6\.3 +{limits} +0\.\d\d +{limits} +rising", shown)
    listed = "ask trend Q047 --state OH --years 2012,2013 --years 2014 --across-breaks"
    asked = answered(release_server, *listed.split())["about"]["parameters"]
    assert (asked["years"], asked["across_breaks"]) == ([2012, 2013, 2014], True)
    command = "ask ranking Q036 --stratum Female --table"
    ranking = run(release_server.url, *command.split()).stdout
    # At 80 columns what is only good to know gives way to bars; what says how sure, does not.
    assert re.search(r" 1 +Colorado +25\.3 +23\.5 to 27\.1 +1 to 20 +█", ranking)
    assert "No room here for" in ranking
    first = " ".join(ranking.partition("How do the states rank")[0].split())
    assert first.startswith("In 2023, among women, of 52 places ranked by the share of")
    assert first.endswith(
        "The figures of the United States are made without Kentucky and Pennsylvania."
    )


def test_csv_is_the_servers(server: Api) -> None:
    ended = run(server.url, "ask", "best5", "Q036", "--csv")
    latest = list(StatsClient(server.url).jobs())[-1]
    path = f"{server.url}/api/get_results/{latest}?format=csv"
    assert ended.stdout_bytes == server.http.get(path).content
    rows = run(server.url, "job", latest, "--rows", "--csv").stdout_bytes
    assert rows == server.http.get(f"{server.url}/api/jobs/{latest}/rows?format=csv").content
    assert len(rows.splitlines()) > 3000


def test_a_table_says_what_was_asked_and_what_is_behind_it(server: Api) -> None:
    shown = run(server.url, "ask", "best5", "obesity", "--table").stdout
    title, _, *lines = shown.splitlines()
    assert title == 'The five best states, best first, by "Obesity"'
    assert [line.split()[-1] for line in lines[:2]] == ["mean", "%"]
    assert re.fullmatch(r"Colorado +23\.07  █+.? *", lines[2])
    assert len({line.index(".") for line in lines[2:7]}) == 1  # figures stand to the right
    assert "National counts as a state" in shown
    assert re.search(r"How: python -m app job \d+,", shown)
    asked = ("query", "--question", "Q036", "--where", "year=2011..2022", "--table")
    shown = run(server.url, *asked, "--group-by", "state").stdout
    assert "146 rows used. ! " in " ".join(shown.split())
    assert "! The groups cover different years" in shown
    single = run(server.url, *asked).stdout
    assert re.search(r"^value %  +31\.11", single, re.MULTILINE)


def test_negative_bars_are_to_the_left_of_an_axis(server: Api) -> None:
    shown = run(server.url, "ask", "diff_from_mean", "Q036", "--table").stdout
    bars_of = {line.split("  ")[0]: line for line in shown.splitlines() if "│" in line}
    assert re.search(r"7\.94 +│█+", bars_of["Colorado"])
    assert re.search(r"-\d\.\d\d +▐?█+│ *$", bars_of["Mississippi"])
    assert len({line.index("│") for line in bars_of.values()}) == 1


def test_plain_signs_where_the_output_is_not_utf8(server: Api) -> None:
    shown = run(server.url, "ask", "diff_from_mean", "Q036", "--table", charset="ascii").stdout
    assert re.search(r"Colorado +7\.94 +\|#+", shown)


def test_bars() -> None:
    assert bars([4.0, 2.0, 0.0, None], 4) == ["████", "██", "", ""]
    assert bars([4.0, 0.1], 4) == ["████", "▏"]  # what is not nothing shows
    assert bars([1.0, -1.0, None], 7) == ["   │███", "███│", "   │"]
    assert bars([-2.0, -1.0], 5) == ["████│", "  ██│"]
    assert bars([2.0, -2.0], 5, plain=True) == ["  |##", "##|"]
    assert bars([], 5) == []
    assert bars([0.0, 0.0], 5) == ["", ""]


@pytest.mark.parametrize(
    "command",
    [
        "ask ranking Q036",
        "job 1 --rows",
        "job 1",
        "jobs --limit 3",
        "questions",
        "dataset",
        "ask --help",
    ],
)
def test_any_width_will_do(release_server: Api, command: str) -> None:
    words = [*command.split(), *(() if "--help" in command else ("--table",))]
    assert run(release_server.url, *words, COLUMNS="1").exit_code == 0
    narrow = run(release_server.url, *words, COLUMNS="40")
    assert narrow.exit_code == 0
    assert max(map(len, narrow.stdout.splitlines())) <= 40 or command == "job 1"


def test_a_wide_terminal_has_room_for_all(release_server: Api) -> None:
    wide = run(release_server.url, "ask", "ranking", "Q036", "--table", COLUMNS="200")
    assert wide.exit_code == 0
    assert "No room here for" not in wide.stdout


def test_narrow_terminals_keep_the_numbers(release_server: Api) -> None:
    command = "ask compare --state OH --state TX --table"
    shown = run(release_server.url, *command.split(), COLUMNS="40")
    assert re.search(r"^Obesity +36\.4 +34\.4 +2\.0$", shown.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "ask state_mean Q036 --state Ohoi",
            'unknown state "Ohoi". Did you mean "Ohio" or "Hawaii"?\n'
            "    python -m app ask state_mean Q036 --state Ohio\n",
        ),
        (
            "ask best5 obesitee",
            'unknown question "obesitee". Did you mean "Obesity (Q036)"?\n'
            "    python -m app ask best5 Q036\n",
        ),
        (
            "ask best5 overwieght",
            'unknown question "overwieght". Did you mean "Overweight (Q037)"?',
        ),
        ("ask best5 muscle", 'Did you mean "Muscle strengthening on 2 days a week (Q046)"?'),
        ("ask best5 aerobic", '(Q043)", "150 min aerobic activity a week, and 2 days'),
        ("ask best5 classification", 'Did you mean "Overweight (Q037)"?'),  # a word of its text
        ("ask best5 xyzzy", 'unknown question "xyzzy"; `questions` lists those that are known.'),
        ("ask best5 Q999", 'unknown question "Q999"'),
        ("ask bst5 Q036", 'unknown statistic "bst5". Did you mean "best5" or "worst5"?'),
        ("ask xyzzy Q036", 'unknown statistic "xyzzy"; known: states_mean, '),
        ("ask best5", "best5 needs a question, such as obesity or Q036."),
        ("ask best5 muscle strengthening", "one question, not 2: a name of several words goes in"),
        ("ask correlation Q036", "correlation needs two questions, such as Q036 Q047."),
        ("ask compare Q036", "Got unexpected extra argument(s) (Q036)."),
        ("ask compare --state OH", "compare needs --state or --stratum twice."),
        (
            "ask compare --state OH --state TX --stratum Male --stratum Female",
            "compare takes --state or --stratum twice, not both.",
        ),
        (
            "ask compare --state OH --state TX --state CA",
            "compare takes one --state, or two to compare, not 3.",
        ),
        (
            "ask trend Q036 --state OH,TX",
            'unknown state "OH,TX"; several are --state OH --state TX.\n',
        ),
        (
            "query --question Q036 --where state=Ohio,Texas",
            'unknown state "Ohio,Texas"; several are --where state=Ohio --where state=Texas.\n',
        ),
        ("ask state_mean Q036 --state OH,TX", 'unknown state "OH,TX".\n'),
        ("ask best5 Q036 --state OH", "No such option: --state"),
        ("ask state_mean Q036", "state_mean needs --state: see `ask state_mean --help`."),
        ("ask state_mean Q036 --state OH --state TX", "state_mean takes one --state, not 2."),
        ("ask disparity Q036", "disparity needs --category"),
        ("ask disparity Q036 --category Incme", 'unknown category "Incme". Did you mean "Income"?'),
        ("ask inequality Q036 --category Sex --shares Male", '"Male" is no NAME=NUMBER'),
        ("ask inequality Q036 --category Sex --shares Male=half", '"Male=half" is no NAME=NUMBER'),
        (
            "ask inequality Q036 --category Sex --shares Male=1 --shares Male=2",
            '"Male" is given two numbers',
        ),
        ("ask ranking Q036 --year twenty", "Invalid value for '--year'"),
        ("ask ranking Q036 --year 2023", "in 2023; there are some in 2011-2022"),
        ("ask ranking Q036 --year 0", '"year" must be'),
        ("ask change Q036 --years 2013", '"2013" is no range of years, such as 2015..2019.'),
        ("ask trend Q036 --years 2013,soon", '"soon" is no year, such as 2019, nor a range'),
        ("ask trend Q036 --years 2013..2015 --years 2019", '"2013..2015" is no year'),
        ("query --where Ohio", '"Ohio" is no NAME=VALUE'),
        ("query --where year=soon", '"soon" is no year'),
        ("query --where year=2011..2015 --where year=2019", "one range, or single years"),
        ("query --where state=Ohoi", "    python -m app query --where state=Ohio\n"),
        ("query --group-by stat", '"group_by" must be an array of some of question, topic'),
        ("grade --start x --cwd nowhere", "Directory 'nowhere' does not exist"),
        ("query --limit 0", '"limit" must be a whole number from 1 to 20000'),
        ("questions --json --csv", "--json and --csv do not go together."),
        ("questions --url nonsense", '"nonsense" is no address'),
        ("questions --url http://127.0.0.1:99999", '"http://127.0.0.1:99999" is no address'),
        ("questions --url http://[::1", '"http://[::1" is no address'),
        ("questions --sate", "No such option: --sate"),
        ("ask ranking Q036 --server x", "No such option: --server. The server is named by --url."),
        ("jobs --host x", "No such option: --host. The server is named by --url."),
        (
            "aks best5 Q036",
            "No such command 'aks'. Did you mean 'ask'? See `python -m app --help`.",
        ),
        ("jobs --watch", "--watch is for people"),
        ("jobs --watch --table", "--watch is for people"),
        ("jobs --status finished", '"status" must be running, done or error'),
        ("result 1 --chart map", "--chart goes with --output"),
        ("result 1 --output=", "--output names no file; one is such as map.svg.\n"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    server: Api, command: str, said: str
) -> None:
    assert said in refused(server, *command.split())


def test_no_token_is_shown_in_a_corrected_command(server: Api) -> None:
    said = refused(server, "ask", "bst5", "Q036", "--token", "secret")
    assert "Did you mean" in said
    assert "secret" not in said


def test_a_short_name_that_several_questions_have_is_none(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [{**one, "short_name": "Weight"} for one in StatsClient(server.url).questions()[2:4]]
    monkeypatch.setattr(StatsClient, "questions", lambda self, **_: both)
    said = refused(server, "ask", "best5", "weight")
    assert said == '"weight" is the short name of several questions: Q036, Q037.\n'
    assert answered(server, "ask", "best5", f"  {OBESITY.upper()} ")


def test_what_there_is_to_ask(server: Api) -> None:
    with StatsClient(server.url) as stats:
        assert answered(server, "questions") == stats.questions()
        assert answered(server, "states") == stats.states()
        assert answered(server, "categories") == stats.categories()
        assert answered(server, "datasets") == stats.datasets()
        assert answered(server, "dataset") == stats.dataset()
        assert answered(server, "dataset", "course") == stats.dataset(dataset="course")
    shown = run(server.url, "questions", "--table").stdout
    assert re.search(
        r"^Q036 +Obesity +lower is better +2011-2022, 61 periods +3,569$", shown, re.MULTILINE
    )
    shown = run(server.url, "dataset", "--table").stdout
    assert "! overlapping-strata" in shown
    assert "18,650 rows" in shown
    table = list(csv.reader(io.StringIO(run(server.url, "categories", "--csv").stdout[1:])))
    assert table[:3] == [
        ["category", "stratum", "rows"],
        ["Total", "Total", "691"],
        ["Gender", "Male", "671"],
    ]
    assert run(server.url, "states", "--csv").stdout_bytes.startswith(b"\xef\xbb\xbfname,abbrev")
    assert "course: not changed, 18,650 rows" in run(server.url, "reload", "--table").stdout
    assert answered(server, "health")["status"] == "ok"


def test_text_that_a_spreadsheet_would_run_is_defused(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [{"name": name, "kind": None, "rows": 3} for name in ("=1+1", " =1", "a;\uff1d1")]
    monkeypatch.setattr(StatsClient, "states", lambda self, **_: listed)
    printed = run(server.url, "states", "--csv").stdout_bytes.decode()
    assert "\r\n'=1+1,,3\r\n' =1,,3\r\na;'\uff1d1,,3\r\n" in printed


def test_a_server_that_is_not_there() -> None:
    ended = run(NOWHERE, "ask", "best5", "Q036")
    assert (ended.exit_code, ended.stdout) == (4, "")
    assert ended.stderr == (
        "no connection: Connection refused.\n"
        "Is the server running? `python -m app serve` starts one; --url says where.\n"
    )


def test_without_a_command_there_is_help() -> None:
    ended = run(NOWHERE)
    assert ended.exit_code == 2
    assert "Usage: python -m app" in ended.stdout
    for entry in COMMANDS:
        assert entry.name in ended.stdout
    assert run(NOWHERE, "--version").stdout.startswith("Le Stats Sportif ")


def test_an_answer_of_no_rows(server: Api) -> None:
    asked = ["query", "--question", "Q018", "--where", "topic=Obesity / Weight Status"]
    asked += ["--group-by", "state", "--method", "mean"]
    assert answered(server, *asked)["rows"] == []
    assert "There are no rows." in run(server.url, *asked, "--table").stdout


def test_a_bug_is_not_hidden(server: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: StatsClient, **_more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(StatsClient, "questions", broken)
    with pytest.raises(ZeroDivisionError):
        run(server.url, "questions")


def test_each_code_has_one_meaning() -> None:
    assert len(set(CODES.values())) == len(CODES)
    assert CLOSED == 128 + 13


def test_a_table_says_why_there_is_no_value(release_server: Api) -> None:
    where = [f"--where={one}" for one in ("state=FL", "state=OH", "state=US", "year=2021")]
    query = ("query", "--question", "Q036", "--table", "--group-by")
    shown = run(release_server.url, *query, "state", *where).stdout
    assert re.search(r"^Florida +not released +- ", shown, re.MULTILINE)
    assert re.search(r"^Ohio +37\.8 +36\.6 to 39\.0 ", shown, re.MULTILINE)
    assert "2 rows used; 1 not released." in shown
    assert "! CDC released nothing, in no stratum, for: Florida (2021)." in shown
    assert "! National is made without states for which" in shown
    where = [f"--where={one}" for one in ("state=VT", "category=race/ethnicity", "year=2021")]
    strata = run(release_server.url, *query, "stratum", "--method=median", *where).stdout
    assert re.search(r"^Asian +withheld +- ", strata, re.MULTILINE)
    known = run(release_server.url, "dataset", "--table").stdout
    assert "9,482 suppressed, 3,108 not released, 0 filled with a constant" in known
