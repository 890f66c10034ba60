"""A chart in a frame of a fixed size, as SVG: the title above it, the source below.

Texts stay texts. The chart is made as large as fits between them.
"""

import re
from collections.abc import Mapping
from textwrap import wrap
from typing import Any
from xml.sax.saxutils import escape

from app.charts.style import FONT, INK, PAPER, SOFT

_MARGIN = 40
_HEAD = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="[^"]*"[^>]*>')
_LARGEST = 1.9  # times the size that the chart has by itself
_LEAST = 260  # pixels in height for the chart: before it has less, words are cut
# Of each text: size, height of a line, and what a letter takes of the size, about.
_TITLE = (30, 37, 0.56)
_OF = (18, 25, 0.51)
_NOTES = (15, 21, 0.51)


def framed(chart: str, frame: Mapping[str, Any]) -> str:
    """Return a chart, as SVG, within its frame; `frame` has the words, and how large it is."""
    found = _HEAD.match(chart)
    assert found is not None
    width, height = float(frame["width"]), float(frame["height"])
    foot = _lines(frame["source"], _NOTES, width)
    above = [
        (_lines(frame["title"], _TITLE, width)[:2], _TITLE, f'font-weight="bold" fill="{INK}"'),
        (_lines(frame["of"], _OF, width)[:3], _OF, f'fill="{INK}"'),
        (_lines(frame["notes"], _NOTES, width), _NOTES, f'fill="{SOFT}"'),
    ]
    room = height - 2 * _MARGIN - _LEAST - len(foot) * _NOTES[1]
    texts, top = [], float(_MARGIN)
    for lines, (size, step, _), look in above:
        most = max(1, int((room - top + _MARGIN) // step))
        if len(lines) > most:
            lines[most - 1 :] = [f"{lines[most - 1]} \N{HORIZONTAL ELLIPSIS}"]
        for line in lines:
            texts.append(_text(line, top + 0.8 * size, size, look))
            top += step
        top += 4 if lines else 0
    bottom = height - _MARGIN - len(foot) * _NOTES[1]
    for place, line in enumerate(foot):
        down = bottom + 0.95 * _NOTES[1] + place * _NOTES[1]
        texts.append(_text(line, down, _NOTES[0], f'fill="{SOFT}"'))
    wide, high = float(found[1]), float(found[2])
    # Less than this, and the space is for the chart alone.
    there = (width - 2 * _MARGIN, bottom - top - 16)
    scale = min(_LARGEST, there[0] / wide, there[1] / high)
    across = _MARGIN + (there[0] - scale * wide) / 2
    down = top + 10 + (there[1] - scale * high) / 2
    placed = (
        f'x="{across:.1f}" y="{down:.1f}" width="{scale * wide:.1f}" height="{scale * high:.1f}"'
        f' viewBox="0 0 {found[1]} {found[2]}"'
    )
    size_text = f'width="{width:g}" height="{height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' version="1.1" {size_text} viewBox="0 0 {width:g} {height:g}">'
        f'<rect {size_text} fill="{PAPER}"/><g font-family="{FONT}">{"".join(texts)}</g>'
        f"<svg {placed}>{chart[found.end() :]}</svg>"
    )


def _lines(text: str, look: tuple[int, int, float], width: float) -> list[str]:
    size, _, letter = look
    return wrap(text, int((width - 2 * _MARGIN) / (size * letter)))


def _text(line: str, down: float, size: int, look: str) -> str:
    return f'<text x="{_MARGIN}" y="{down:.1f}" font-size="{size}" {look}>{escape(line)}</text>'
