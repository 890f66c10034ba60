"""How every chart looks: colours, type, the wrapping of a chart's body in its title."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from app.methods.rounding import shown

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

# Liberation Sans comes with the library that draws, so measures are the same on every machine.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 17, 12, 11

INK, SOFT, PALE, GRID, PAPER = "#1f2933", "#566270", "#aeb6bf", "#e6e9ed", "#ffffff"
MISSING = "#f3f4f6"  # of an area of which there is no estimate
BLUE, ORANGE = "#0072b2", "#d55e00"
LIGHT_BLUE, LIGHT_ORANGE = "#74b3dc", "#e59a62"  # of areas, on which lines are to be seen
# Okabe and Ito's colours, told apart with every kind of colour vision; their yellow is too light.
SERIES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f3c8d", INK)
# Light to dark, so that the order shows in grey too.
SEQUENCE = ("#d6e6f2", "#a9cce3", "#74add1", "#4185bd", "#1f5d9c", "#0b3768")
# Two hues that every eye tells apart; the palest stand beside zero.
DIVERGING = ("#8f4a06", "#d08a3e", "#f0d0a8", "#bfd8ec", "#5f9fd3", "#1c5490")

_TITLE_LETTER, _TEXT_LETTER = 8.4, 6.2  # pixels that a letter takes, about


def chart(
    title: str, notes: Sequence[str], body: Mapping[str, Any], *, width: float
) -> dict[str, Any]:
    """Return a whole description: `body` under a title, the first of the notes, and the others.

    `width` is about how wide the drawing is, in pixels: the title and the notes are broken there.
    """
    paragraphs = [notes[0], " ".join(note for note in notes[1:] if note)]
    lines = [line for text in paragraphs for line in wrap(text, int(width / _TEXT_LETTER))]
    return {
        "$schema": SCHEMA,
        "description": title,
        "background": PAPER,
        "padding": 22,
        "title": {
            "text": wrap(title, int(width / _TITLE_LETTER)) or [""],
            "subtitle": lines,
            "anchor": "start",
            "frame": "bounds",
            "offset": 16,
        },
        **body,
        "config": _config(),
    }


def number(value: float, decimals: int = 1, *, sign: bool = False) -> str:
    """Return a number as charts write it, with a true minus."""
    near = shown(value, decimals)
    return (f"{near:+}" if sign and near else f"{near}").replace("-", "\N{MINUS SIGN}")


def values(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows as the data of a view."""
    return {"values": list(rows)}


def _config() -> dict[str, Any]:
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
