"""Charts of answers: what is drawn, what is refused, and that nothing is ever fetched."""

import hashlib
import json
import os
import re
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from app import json_bytes
from app.charts.chart_data import read
from app.charts.drawer import Drawer
from app.charts.drawing import png, svg
from app.charts.geography import Atlas, box, hatching
from app.charts.map_classes import Classes
from app.charts.picture import Caption
from app.charts.specs import chart_of
from app.charts.style import BETTER, BLUE, LESS, MISSING, MORE, ORANGE, PALE, PAPER, SEQUENCE, WORSE
from app.charts.words import ChartWords
from app.datasets.layouts import BRFSS
from app.datasets.units import Measure, unit_of
from app.errors import BadRequest, DrawingError, DrawingTimeout, ShuttingDown
from app.http.error_handlers import Problem
from app.statistics.registry import STATISTICS
from app.statistics.statistic import Chart
from app.statistics.table import Column, Table
from unittests.helpers.chart_tables import (
    INACTIVITY,
    QUESTION,
    SHOW,
    WITHHOLD,
    against,
    compare,
    correlation,
    disparity,
    inequality,
    query,
    ranking,
    trend,
)
from unittests.helpers.data import dataset
from unittests.helpers.drawing import ECHO, drawer
from unittests.helpers.files import PROJECT
from unittests.helpers.forked import run
from unittests.helpers.registry import COURSE_STATISTICS

AXES = ChartWords(unit_of(BRFSS, [Measure("", "percent")]), BRFSS.beginning)

SVG = "{http://www.w3.org/2000/svg}"
STATES = ["Ohio", "Guam", "National", "Texas"]
SOME_STATES = [
    *("National", "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado"),
    *("Connecticut", "Idaho"),
]


def course(statistic: str) -> Table:
    """Return the answer to one of the nine statistics, on the bundled data."""
    known = COURSE_STATISTICS[statistic]
    return known.compute(known.ask({**known.example, "question": QUESTION}, dataset()))


def some_of(whole: Table, *wanted: str) -> Table:
    """Return the rows of an answer that have a wanted name: to draw all shows no more."""
    rows = [row for row in whole.rows if not set(wanted).isdisjoint(row)]
    return Table(whole.columns, rows, whole.about)


def by_state() -> Table:
    """Return a query by state: one has no estimate, one an imprecise one."""
    rows: list[list[Any]] = [
        ["National", 33.0, SHOW],
        ["Colorado", 24.0, SHOW],
        ["Ohio", 38.0, SHOW],
        ["Kansas", 36.0, WITHHOLD],
        ["Texas", None, SHOW],
    ]
    return query("state", rows)


def by_stratum(*states: str) -> Table:
    """Return a query by state and sex."""
    rows: list[list[Any]] = [
        [state, "Sex", sex, 30.0 + place + shift, WITHHOLD if shift else SHOW]
        for place, state in enumerate(states)
        for sex, shift in (("Male", 0), ("Female", 2))
    ]
    return query("state category stratum", rows)


def by_year(*states: str) -> Table:
    """Return a query by state and year."""
    rows: list[list[Any]] = [
        [state, year, 30.0 + place, SHOW]
        for place, state in enumerate(states)
        for year in ("2011", "2012", "2013")
    ]
    return query("state year", rows)


def by_question() -> Table:
    """Return a query by question."""
    return query("question", [[QUESTION, 33.0, SHOW], [INACTIVITY, None, SHOW]])


Case = tuple[str, Callable[[], Table], str | None, set[str]]
# What is drawn, and texts that must be found in the drawing.
CASES: dict[str, Case] = {
    "best5": ("best5", lambda: course("best5"), None, {"Colorado", "New Jersey", "23.1"}),
    "differences": (
        "diff_from_mean",
        lambda: some_of(course("diff_from_mean"), "Colorado", "Ohio", "West Virginia"),
        None,
        {"+7.9", "\u22125.8"},
    ),
    "strips": (
        "mean_by_category",
        lambda: some_of(
            some_of(course("mean_by_category"), *SOME_STATES[:7], "District of Columbia"),
            *("Income", "Total"),
        ),
        None,
        {"Income", "DC"},
    ),
    "ranking": ("ranking", ranking, None, {"Colorado", "United States 33.6", "38.1", "26.3"}),
    "trend": ("trend", lambda: trend(*STATES), None, {"Ohio", "Guam", "United States", "2022"}),
    "trends": ("trend", lambda: trend(*SOME_STATES), None, {"Alabama", "Idaho", "2011", "2022"}),
    "disparity": ("disparity", disparity, None, {"Income", "+8.0", "+13.0"}),
    "unequal strata": ("inequality", inequality, None, {"Men", "Women", "Ohio", "Texas"}),
    "index": ("inequality", inequality, "bar", {"Texas", "15.5", "index of disparity, in percent"}),
    "compare": (
        "compare",
        compare,
        None,
        {"Ohio", "Colorado", "+13.0 (better: Colorado)", "\u22121.5"},
    ),
    "correlation": ("correlation", correlation, None, {"OH", "MS", INACTIVITY, QUESTION}),
    "query by state": (
        "query",
        by_state,
        None,
        {"OH", "Puerto Rico", "D.C.", "too imprecise to show"},
    ),
    "query by year": ("query", lambda: by_year("Ohio", "Texas"), None, {"2012", "Texas"}),
    "query by question": ("query", by_question, None, {"Have obesity", "none"}),
}
# What is made of the same marks as one of those, and texts that must be found in the description.
ALIKE: dict[str, Case] = {
    "strata": (
        "state_mean_by_category",
        lambda: some_of(course("state_mean_by_category"), "Education", "Age (years)"),
        None,
        {"Education", "18 - 24"},
    ),
    "ranking of dots": ("ranking", ranking, "dot", {"Colorado", "United States 33.6"}),
    "slopes": ("trend", lambda: trend(*STATES), "bar", {"+0.30", "percentage points a year"}),
    "against": ("against", against, None, {"Colorado", "Mississippi"}),
    "global_mean": ("global_mean", lambda: course("global_mean"), None, {"31.0"}),
    "query by stratum": ("query", lambda: by_stratum("Ohio", "Texas"), None, {"Ohio", "Texas"}),
    "map": ("states_mean", lambda: course("states_mean"), None, {"OH", "Puerto Rico", "D.C."}),
    "one bar": ("state_mean", lambda: course("state_mean"), None, {"Ohio", "33.7"}),
    "against on a map": ("against", against, "map", {"OH", "no clear difference"}),
}


@cache
def chart(name: str) -> dict[str, Any]:
    """Return the description of one of the cases, made once: nobody changes it."""
    return described(name)


def described(name: str) -> dict[str, Any]:
    """Return the description of one of the cases, made anew."""
    statistic, answer, kind, _ = {**CASES, **ALIKE}[name]
    return chart_of(
        STATISTICS[statistic], answer(), Caption("The title of the chart", "a subtitle"), AXES, kind
    )


@cache
def drawing(name: str) -> bytes:
    """Return the drawing of one of the cases."""
    return drawer().svg(chart(name))


@cache
def drawn(name: str) -> ElementTree.Element:
    """Return the elements of that drawing."""
    return ElementTree.fromstring(drawing(name))


def texts(name: str) -> set[str]:
    """Return the texts of a drawing: each of several lines, and the lines together."""
    found = [list(text.itertext()) for text in drawn(name).iter(f"{SVG}text")]
    return {" ".join(lines) for lines in found} | {line for lines in found for line in lines}


def marks(name: str) -> dict[str, dict[str, str]]:
    """Return the attributes of the marks of a drawing that say what they are, by what they say."""
    told = (mark.attrib for mark in drawn(name).iter() if "aria-label" in mark.attrib)
    return {mark["aria-label"]: mark for mark in told}


@pytest.mark.parametrize("name", list(CASES))
def test_every_kind_is_drawn_with_its_words(name: str) -> None:
    assert json_bytes.encode(chart(name))
    found = texts(name)
    assert {"The title of the chart", "a subtitle"} <= found
    assert CASES[name][3] <= found
    unit = "percent of adults|percentage points|Percent of adults|disparity, in percent"
    assert any(re.search(unit, text) for text in found)


@pytest.mark.parametrize("name", list(ALIKE))
def test_what_is_drawn_as_others_are_is_described_with_its_words(name: str) -> None:
    words = json_bytes.encode(chart(name)).decode()
    for text in ("The title of the chart", "a subtitle", *ALIKE[name][3]):
        assert f'"{text}"' in words


def test_a_png_is_as_large_as_the_drawing_doubled() -> None:
    image = drawer().png(chart("ranking"))
    assert image.startswith(b"\x89PNG\r\n")
    assert len(image) > 10_000
    width, height = struct.unpack(">II", image[16:24])
    assert abs(width - 2 * float(drawn("ranking").attrib["width"])) <= 2
    assert abs(height - 2 * float(drawn("ranking").attrib["height"])) <= 2


def test_a_state_without_an_estimate_looks_like_no_value_at_all() -> None:
    found = marks("query by state")
    fills = {label: mark.get("fill") for label, mark in found.items() if ":" in label}
    assert fills["Texas: no estimate"] == fills["Guam: no estimate"] == MISSING
    assert fills["Colorado: 24.0"] in SEQUENCE
    assert fills["Ohio: 38.0"] in SEQUENCE
    assert fills["Colorado: 24.0"] != fills["Ohio: 38.0"]
    assert "no estimate in this answer" in texts("query by state")
    # A hundred lines of hatching, say, where Texas is.
    hatched = hatches(chart("query by state"), "missing")
    west, east = 300, 600
    assert sum(west < line[0][0] < east and line[0][1] > 380 for line in hatched) > 20


def hatches(of_map: dict[str, Any], name: str) -> list[Any]:
    """Return the lines of one of the two hatchings of a map."""
    (layer,) = (part for part in of_map["layer"] if part.get("name") == f"{name}_hatching")
    lines: list[Any] = layer["data"]["values"][0]["geometry"]["coordinates"]
    return lines


def test_the_nation_is_no_state_of_the_map() -> None:
    assert not any(label.startswith("National") for label in marks("query by state"))
    told = " ".join(chart("query by state")["title"]["subtitle"])
    assert "United States: 33.0 (31.5 to 34.5; 95 % confidence limits, computed from" in told


def test_imprecise_estimates_look_different() -> None:
    bars = marks("ranking")
    assert bars["Guam: 26.3 (too imprecise to show)"]["fill"] == PAPER
    assert bars["Colorado: 25.1"]["fill"] != PAPER
    assert "Hollow: too imprecise to show (NCHS)." in " ".join(texts("ranking"))
    fills = [label for label, mark in marks("trend").items() if mark.get("fill") == PAPER]
    assert [label for label in fills if "Guam" in label and "2022" in label] == fills
    assert len(fills) == 1
    assert len(hatches(chart("query by state"), "imprecise")) > 10
    assert "Kansas: 36.0 (too imprecise to show)" in marks("query by state")
    assert not hatches(chart("map"), "imprecise")


def test_limits_are_drawn_where_they_are_known() -> None:
    whiskers = drawn("ranking").findall(".//*[@class='mark-rule role-mark layer_1_marks']/*")
    assert len(whiskers) == 2
    made = "Thin lines: 95 % confidence limits, as CDC published them."
    assert made in " ".join(chart("ranking")["title"]["subtitle"])
    assert "The answer has no confidence limits." in texts("best5")


def test_strata_are_in_the_order_in_which_people_think_of_them() -> None:
    (domain,) = {
        tuple(layer["encoding"]["y"]["scale"]["domain"])
        for layer in chart("disparity")["layer"]
        if "y" in layer["encoding"]
    }
    assert [key[4:] for key in domain] == [
        "Age (years)",
        "18 - 24",
        "65 or older",
        "Income",
        "Less than $15,000",
        "$15,000 - $24,999",
        "$75,000 or greater",
    ]


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    # The lines end a hundredth of a percent apart.
    heights = {}
    for text in drawn("trend").iter(f"{SVG}text"):
        if text.text in {*STATES, "United States"}:
            heights[text.text] = float(re.findall(r"[\d.]+", text.attrib["transform"])[1])
    assert len(heights) == 4
    near = sorted(heights.values())
    assert min(high - low for low, high in pairwise(near)) > 11


def test_many_states_get_a_panel_each_beside_the_nation() -> None:
    assert set(SOME_STATES) - texts("trends") == {"National"}
    assert "Grey: United States" in " ".join(texts("trends"))


def test_verdicts_have_colours_and_are_told() -> None:
    dots = chart("against")
    colours = {row["state"]: row["colour"] for row in dots["data"]["values"]}
    assert colours == {"Colorado": BLUE, "Texas": PALE, "Mississippi": ORANGE}
    notes = " ".join(dots["title"]["subtitle"])
    assert "Left out: Guam. Held against the others: Ohio." in notes
    assert "Blue: clearly above the one named at the left." in notes
    states = json_bytes.encode(chart("against on a map")).decode()
    for told in ("Texas: +1.10, no clear difference", "Ohio: held against the others"):
        assert told in states


def test_the_coefficients_are_told() -> None:
    told = " ".join(chart("correlation")["title"]["subtitle"])
    assert "Pearson 0.87 (0.20 to 0.98). Spearman \u22120.80. In brackets: 95 %" in told
    assert "limits, computed from the number of states. 4 states." in told


@pytest.mark.parametrize(
    ("statistic", "answer", "kind", "reason"),
    [
        ("query", by_state, "pie", 'unknown kind of chart "pie"; known: bar, map, line, dot'),
        ("compare", compare, "map", "the chart of compare is of dots"),
        ("correlation", correlation, "line", "the chart of correlation is of dots"),
        ("query", lambda: by_stratum("Ohio"), "map", "by stratum"),
        ("query", by_question, "map", "is not by state"),
        ("ranking", ranking, "line", "lines need more than one year"),
        ("query", lambda: query("state", [["National", 3.0, SHOW]]), "map", "needs states"),
        ("query", lambda: query("state", []), None, "has no rows"),
        ("query", lambda: query("state", [["Ohio", None, SHOW]]), None, "has no estimate"),
        ("query", lambda: by_year(*(str(n) for n in range(90))), None, "90 lines cannot be read"),
        (
            "query",
            lambda: query("question", [[str(n), 1.0, SHOW] for n in range(90)]),
            "bar",
            "a chart of 90 rows cannot be read",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(
    statistic: str, answer: Callable[[], Table], kind: str | None, reason: str
) -> None:
    with pytest.raises(BadRequest, match=reason):
        chart_of(STATISTICS[statistic], answer(), Caption("title", "subtitle"), AXES, kind)


@pytest.mark.parametrize(
    "part",
    [
        {"data": {"url": "ADDRESS/states.csv"}},
        {"data": {"url": "file:///etc/hostname", "format": {"type": "csv"}}},
        {"data": {"values": [{}]}, "mark": {"type": "image", "url": "ADDRESS/a.png"}},
        {"data": {"values": [{"u": "x"}]}, "encoding": {"url": {"field": "u"}}},
        {"layer": [{"mark": "bar", "data": {"url": "ADDRESS"}}]},
    ],
)
@pytest.mark.parametrize("draw", [svg, png])
def test_nothing_is_ever_fetched(part: dict[str, Any], draw: Callable[..., bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        part = json.loads(json.dumps(part).replace("ADDRESS", address))
        with pytest.raises(DrawingError, match="never fetched"):
            draw({"mark": "bar", "encoding": {}, **part})
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_charts_themselves_refer_to_nothing_outside() -> None:
    for name in (*CASES, *ALIKE):
        words = json.dumps(chart(name))
        assert re.findall(r"https?://[^\"]*", words) == [chart(name)["$schema"]]


def test_texts_are_drawn_as_they_are_without_what_xml_cannot_have() -> None:
    rows = [["<b>&\"'{{x}}", 3.0, SHOW], ["Oh\x01io\x0b", 4.0, SHOW], ["Te\ufffexas", 2.0, SHOW]]
    caption = Caption("<i>a</i> & b\x00", "c\x1fd")
    found = ElementTree.fromstring(
        drawer().svg(chart_of(STATISTICS["query"], query("state", rows), caption, AXES, "bar"))
    )
    words = {"".join(text.itertext()) for text in found.iter(f"{SVG}text")}
    lost = "\N{REPLACEMENT CHARACTER}"
    assert {f"<i>a</i> & b{lost}", "<b>&\"'{{x}}", f"Oh{lost}io", f"Te{lost}xas"} <= words


def test_a_chart_is_always_the_same_bytes_and_shares_no_names_with_others() -> None:
    one, other = drawing("ranking"), drawing("index")
    assert drawer().svg(described("index")) == other
    names = [set(re.findall(rb'<clipPath id="(\w+)"', text)) for text in (one, other)]
    used = [set(re.findall(rb"url\(#(\w+)\)", text)) for text in (one, other)]
    assert names == used
    assert all(names)
    assert not names[0] & names[1]


def test_threads_that_ask_together_get_each_its_own_drawing() -> None:
    names = ["index", "disparity", "query by question"]
    with ThreadPoolExecutor(3) as pool:
        drawings = list(pool.map(drawer().svg, map(chart, names)))
    assert drawings == [drawing(name) for name in names]


def test_what_cannot_be_drawn_leaves_the_process_be() -> None:
    wanted = drawing("index")
    before = drawer().process_id
    for draw in (drawer().svg, drawer().png):
        for broken, reason in (
            ({"mark": "nonsense"}, "cannot be drawn"),
            ({}, "cannot be drawn"),
            ({"data": {"url": "x"}}, "never fetched"),
        ):
            with pytest.raises(DrawingError, match=reason):
                draw(broken)
    assert drawer().svg(chart("index")) == wanted
    assert drawer().process_id == before is not None


@pytest.fixture
def echo() -> Iterator[Drawer]:
    """Give a drawer of processes that draw nothing: for what becomes of these."""
    drawer = Drawer(program=ECHO)
    yield drawer
    drawer.close()


def test_a_process_that_is_ended_while_it_draws_is_replaced_at_once(echo: Drawer) -> None:
    echo.svg({"mark": "bar"})
    first = echo.process_id
    assert first is not None
    os.kill(first, signal.SIGSTOP)  # so that it is surely ended before it answers
    with ThreadPoolExecutor(1) as thread:
        promised = thread.submit(echo.svg, {"mark": "line"})
        os.kill(first, signal.SIGKILL)
        assert json.loads(promised.result(30)) == {"mark": "line"}
    assert echo.process_id != first


def test_a_process_that_died_is_replaced_and_an_idle_one_ends(echo: Drawer) -> None:
    assert echo.process_id is None  # it starts with the first chart
    echo.svg({"mark": "bar"})
    killed = echo.process_id
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
    assert json.loads(echo.svg({"mark": "line"})) == {"mark": "line"}
    assert echo.process_id not in (None, killed)
    echo.rest(3600)
    assert echo.process_id is not None
    echo.rest(0)
    assert echo.process_id is None


def test_a_drawing_that_takes_too_long_is_given_up() -> None:
    hasty = Drawer(seconds=0.01)  # less than it takes to start the process
    with pytest.raises(DrawingTimeout, match=r"not drawn within 0\.01 seconds") as caught:
        hasty.svg(chart("ranking"))
    assert Problem.of(caught.value).status == 503  # no failure of the server
    assert hasty.process_id is None
    hasty.close()


def test_a_process_that_cannot_be_started_is_told_of() -> None:
    helpless = Drawer(program=["/nowhere/python"])
    with pytest.raises(DrawingError, match="could not be started"):
        helpless.svg(chart("ranking"))
    helpless.close()


def test_the_library_that_draws_is_loaded_only_to_draw() -> None:
    program = (
        "import sys, app, app.charts.specs, app.charts.drawer; print('vl_convert' in sys.modules)"
    )
    assert run("-c", program).stdout == "False\n"


def test_the_map_is_the_one_that_its_note_tells_of() -> None:
    folder = PROJECT / "app" / "charts"
    digest = hashlib.sha256((folder / "us-states.json").read_bytes()).hexdigest()
    assert digest in (folder / "us-states.README.md").read_text(encoding="utf-8")
    assert len(Atlas().outlines) == 51


def test_hatching_stays_within_the_outline() -> None:
    ring = box(10, 20, 30, 40)
    hole = box(20, 30, 10, 10)
    lines = hatching([ring, hole], 5)
    assert len(lines) > 13
    for (x1, y1), (x2, y2) in lines:
        assert 10 <= x1 <= x2 <= 40
        assert 20 <= y2 <= y1 <= 60
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        assert not (20 < middle[0] < 30 and 30 < middle[1] < 40)


def test_charts_of_huge_values_are_described() -> None:
    same = correlation()
    for point in same.about["points"]["rows"]:
        point[1:] = [1e17, 1e17]
    far = COURSE_STATISTICS["states_mean"].table({"Ohio": -1e20, "Texas": 1e20}, AXES.unit)
    for name, answer, kind in (("correlation", same, None), ("states_mean", far, "map")):
        described = chart_of(STATISTICS[name], answer, Caption("", ""), AXES, kind)
        assert json_bytes.encode(described)  # the library draws it


def test_colours_say_what_is_better_not_what_is_more() -> None:
    for lower_is_better, turned, below, above in (
        (True, False, BETTER, WORSE),
        (False, False, WORSE, BETTER),
        (True, True, WORSE, BETTER),  # as the course's differences have it
        (None, False, LESS, MORE),
    ):
        plan = Chart("map", "slope", diverging=True, turned=turned)
        columns = (Column("state", "text", ""), Column("slope", "number", ""))
        table = Table(columns, [["Ohio", 1.0], ["Utah", -1.0]], {})
        assert read(plan, table, AXES, lower_is_better).sides == (below, above), lower_is_better
        colours = Classes.of([-1.0, 1.0], (below, above)).colours
        assert colours == [*reversed(below[: len(colours) // 2]), *above[: len(colours) // 2]], (
            lower_is_better
        )


def test_classes_hold_every_value() -> None:
    for found, around_zero in (
        ([24.0, 38.0], False),
        ([30.0], False),
        ([0.0, 100.0], False),
        ([0.0], True),
        ([-8.0, 3], True),
        ([-400.0, 90.0], True),
        ([0.0, 60_000.0], False),
        ([-3e17, 2e17], True),
    ):
        classes = Classes.of(found, (BETTER, WORSE) if around_zero else None)
        assert classes.edges[0] <= min(found) <= max(found) <= classes.edges[-1], found
        assert 1 <= len(classes.colours) <= 6, found
        assert len(set(classes.colours)) == len(classes.colours) == len(classes.edges) - 1, found
        assert not around_zero or 0 in classes.edges, found
        assert BLUE not in classes.colours, found


def test_who_waits_for_a_chart_when_the_server_ends_is_refused() -> None:
    drawer = Drawer()
    drawer.retire()
    with pytest.raises(ShuttingDown):
        drawer.svg(chart("ranking"))
    assert drawer.process_id is None


def test_single_years_and_periods_together_are_drawn() -> None:
    columns = (Column("year", "text", ""), Column("value", "number", ""))
    table = Table(columns, [["2020", 30.0], ["2011-2022", 20.0]], {})
    described = chart_of(STATISTICS["query"], table, Caption("", ""), AXES)
    assert drawer().svg(described).startswith(b"<svg")
