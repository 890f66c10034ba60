"""A chart with what stands around it: its title, what it is of, notes, and the source.

It is a description in Vega-Lite, as wide and as high as the chart is; or it has one of the sizes
that are made for sharing, in which the chart is put into a frame that `frame.py` draws.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from types import MappingProxyType
from typing import Any, NamedTuple

from app.charts.style import PAPER, SCHEMA, config

# Pixels that a letter takes, about, in the title and in what is below.
_TITLE_LETTER, _TEXT_LETTER = 8.4, 6.2
FRAME = "frame"  # in `usermeta`, which Vega passes over


class Room(NamedTuple):
    """How wide and high a chart should be, about, in pixels."""

    width: float
    height: float


class Size(NamedTuple):
    """A size of pictures, in pixels."""

    width: int
    height: int

    @property
    def room(self) -> Room:
        """What is left for the chart, at about the size that it has by itself."""
        return Room(self.width / 1.35, self.height / 1.35 - 170)


# Wide is what social networks and most newspapers' sites ask for; narrow is read on a phone.
SIZES: Mapping[str, Size] = MappingProxyType(
    {"wide": Size(1200, 675), "square": Size(1080, 1080), "narrow": Size(540, 675)}
)


class Drawing(NamedTuple):
    """The chart itself, in Vega-Lite; how wide it is; and what a reader must be told of it."""

    body: Mapping[str, Any]
    notes: Sequence[str]
    width: float


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands around a chart: above it the title and what it is of, below it the source."""

    title: str
    of: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its caption; `locale` is how numbers are written."""

    drawing: Drawing
    caption: Caption
    locale: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """Return it as a whole description."""
        width = self.drawing.width
        lines = [
            line
            for text in (self.caption.of, self._notes, self.caption.source)
            for line in wrap(text, int(width / _TEXT_LETTER))
        ]
        title = {
            "text": wrap(self.caption.title, int(width / _TITLE_LETTER)) or [""],
            "subtitle": lines,
            "anchor": "start",
            "frame": "bounds",
            "offset": 16,
        }
        return {**self._head(padding=22), "title": title, **self.drawing.body, **self._foot()}

    def framed(self, size: Size) -> dict[str, Any]:
        """Return it as a description with words in `usermeta`, in the place of its title."""
        frame = {
            "width": size.width,
            "height": size.height,
            "title": self.caption.title,
            "of": self.caption.of,
            "notes": self._notes,
            "source": self.caption.source,
        }
        head = self._head(padding=2)
        return {**head, "usermeta": {FRAME: frame}, **self.drawing.body, **self._foot()}

    @property
    def _notes(self) -> str:
        return " ".join(filter(None, self.drawing.notes))

    def _head(self, padding: int) -> dict[str, Any]:
        told = self.caption.title
        return {"$schema": SCHEMA, "description": told, "background": PAPER, "padding": padding}

    def _foot(self) -> dict[str, Any]:
        return {"config": {**config(), **self.locale}}


def beside(views: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return views side by side, with one scale for all of them."""
    return {
        "hconcat": list(views),
        "spacing": 26,
        "resolve": {"scale": {"x": "shared"}},
    }
