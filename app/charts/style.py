"""How every chart looks: colours and type."""

from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

# Liberation Sans comes with the library that draws, so measures are the same on every machine.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 17, 12, 11

INK, SOFT, PALE, GRID, PAPER = "#1f2933", "#566270", "#aeb6bf", "#e6e9ed", "#ffffff"
MISSING = "#f3f4f6"  # of an area of which there is no estimate
BLUE, ORANGE = "#0072b2", "#d55e00"
LIGHT_BLUE = "#74b3dc"  # of areas, on which lines are to be seen
# Okabe and Ito's colours, told apart with every kind of colour vision; their yellow is too light.
SERIES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f3c8d", INK)
# Light to dark, so that the order shows in grey too.
SEQUENCE = ("#d6e6f2", "#a9cce3", "#74add1", "#4185bd", "#1f5d9c", "#0b3768")
# Of what is above or below zero, palest beside zero, in hues that every eye tells apart: what is
# better or worse; and what is less or more where nobody knows which of them is better.
BETTER = ("#bfd8ec", "#5f9fd3", "#1c5490")
WORSE = ("#f0d0a8", "#d08a3e", "#8f4a06")
LESS = ("#ddd0ec", "#a585cf", "#5b3a8e")
MORE = ("#cfe0c8", "#86b37c", "#2f6b34")


def values(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows as the data of a view."""
    return {"values": list(rows)}


def config() -> dict[str, Any]:
    """Return how all marks, axes and texts look."""
    return {
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "fontSize": TITLE_SIZE,
            "fontWeight": "bold",
            "color": INK,
            "lineHeight": 22,
            "subtitleFontSize": TEXT_SIZE,
            "subtitleColor": SOFT,
            "subtitleLineHeight": 17,
            "subtitlePadding": 8,
        },
        "axis": {
            "labelFontSize": SMALL_SIZE,
            "labelColor": INK,
            "titleFontSize": SMALL_SIZE,
            "titleFontWeight": "normal",
            "titleColor": SOFT,
            "titlePadding": 10,
            "gridColor": GRID,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "labelFlush": False,
        },
        "legend": {
            "labelFontSize": TEXT_SIZE,
            "labelColor": INK,
            "titleFontSize": SMALL_SIZE,
            "titleColor": SOFT,
            "titleFontWeight": "normal",
            "symbolStrokeWidth": 2,
        },
        "header": {"labelFontSize": SMALL_SIZE, "labelColor": INK, "labelFontWeight": "bold"},
        "text": {"fontSize": SMALL_SIZE, "color": INK},
    }
