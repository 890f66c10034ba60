"""A chart in a frame of a fixed size, as SVG: the title above it, the source below.

Texts stay texts. The chart is made as large as fits between them.
"""

import re
from collections.abc import Mapping
from html import escape
from textwrap import wrap
from typing import Any, NamedTuple

from app.charts.style import FONT, INK, PAPER, SOFT

_HEAD = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="[^"]*"[^>]*>')
_LARGEST = 1.9  # times the size that the chart has by itself
_LEAST = 260  # pixels in height for the chart: before it has less, words are cut


class _Type(NamedTuple):
    """How large a text is, how high its lines are, and what a letter takes of the size, about."""

    size: int
    step: int
    letter: float


class _Look(NamedTuple):
    """How far from the edge texts stand, and their types."""

    margin: int
    title: _Type
    of: _Type
    notes: _Type


_WIDE = _Look(40, _Type(30, 37, 0.56), _Type(18, 25, 0.51), _Type(15, 21, 0.51))
_NARROW = _Look(24, _Type(23, 28, 0.56), _Type(16, 21, 0.51), _Type(13, 18, 0.51))
_SMALL = 600  # pixels in width: below, the look is the narrow one


def framed(chart: str, frame: Mapping[str, Any]) -> str:
    """Return a chart, as SVG, within its frame; `frame` has the words, and how large it is."""
    found = _HEAD.match(chart)
    assert found is not None
    width, height = float(frame["width"]), float(frame["height"])
    look = _WIDE if width > _SMALL else _NARROW
    margin, across = look.margin, width - 2 * look.margin
    foot = _lines(frame["source"], look.notes, across)
    above = [
        (frame["title"], look.title, f'font-weight="bold" fill="{INK}"'),
        (frame["of"], look.of, f'fill="{INK}"'),
        (frame["notes"], look.notes, f'fill="{SOFT}"'),
    ]
    room = height - margin - _LEAST - len(foot) * look.notes.step
    texts, top = [], float(margin)
    for place, (words, kind, colour) in enumerate(above):
        lines = _lines(words, kind, across)
        # What comes after has a line at least.
        most = max(1, int((room - top) // kind.step) - (len(above) - 1 - place))
        if len(lines) > most:
            lines[most - 1 :] = [f"{lines[most - 1]} \N{HORIZONTAL ELLIPSIS}"]
        for line in lines:
            texts.append(_text(line, margin, top + 0.8 * kind.size, kind, colour))
            top += kind.step
        top += 4 if lines else 0
    bottom = height - margin - len(foot) * look.notes.step
    for place, line in enumerate(foot):
        down = bottom + (place + 0.95) * look.notes.step
        texts.append(_text(line, margin, down, look.notes, f'fill="{SOFT}"'))
    wide, high = float(found[1]), float(found[2])
    there = (across, bottom - top - 16)
    scale = min(_LARGEST, there[0] / wide, there[1] / high)
    left = margin + (there[0] - scale * wide) / 2
    down = top + 10 + (there[1] - scale * high) / 2
    placed = (
        f'x="{left:.1f}" y="{down:.1f}" width="{scale * wide:.1f}" height="{scale * high:.1f}"'
        f' viewBox="0 0 {found[1]} {found[2]}"'
    )
    size_text = f'width="{width:g}" height="{height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' version="1.1" {size_text} viewBox="0 0 {width:g} {height:g}">'
        f'<rect {size_text} fill="{PAPER}"/><g font-family="{FONT}">{"".join(texts)}</g>'
        f"<svg {placed}>{chart[found.end() :]}</svg>"
    )


def _lines(text: str, kind: _Type, width: float) -> list[str]:
    return wrap(text, int(width / (kind.size * kind.letter)))


def _text(line: str, across: float, down: float, kind: _Type, look: str) -> str:
    place = f'x="{across}" y="{down:.1f}" font-size="{kind.size}"'
    return f"<text {place} {look}>{escape(line, quote=False)}</text>"
