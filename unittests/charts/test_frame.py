"""A chart in its frame: all words within, and the chart as large as fits."""

import re
from xml.etree import ElementTree

import pytest

from app.charts.frame import framed
from app.charts.phrases import PHRASES
from app.charts.picture import SIZES

CHART = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="150" viewBox="0 0 300 150">'
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("words", [3, 2000])
def test_the_chart_has_room_whatever_is_told(size: str, words: int) -> None:
    width, height = SIZES[size]
    told = "told & <shown> " * words
    text = framed(
        f"{CHART}<rect/></svg>",
        {"width": width, "height": height, "title": told, "of": told, "notes": told, "source": "S"},
    )
    root = ElementTree.fromstring(text)
    (chart,) = root.findall(f"{SVG}svg")
    left, top, wide, high = (float(chart.attrib[name]) for name in ("x", "y", "width", "height"))
    assert wide / high == pytest.approx(2, abs=0.01)
    assert high >= 200
    assert left >= 0
    assert left + wide <= width
    lines = {float(line.attrib["y"]): line.text or "" for line in root.iter(f"{SVG}text")}
    *above, source = sorted(lines)
    assert above[-1] <= top
    assert top + high <= source <= height
    assert lines[source] == "S"
    assert (lines[above[-1]][-1] == "\N{HORIZONTAL ELLIPSIS}") == (words == 2000)


def test_every_language_has_the_same_phrases_with_the_same_fields() -> None:
    english, *others = PHRASES.values()
    for other in others:
        assert other.keys() == english.keys()
        for name, text in english.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other[name]))
