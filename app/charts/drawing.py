"""Draws a chart as SVG or PNG, without ever fetching anything.

The library holds Python's global lock meanwhile: a server asks a Drawer, with its own process.
"""

import re
from collections.abc import Callable
from typing import Any
from zlib import crc32

from app.charts.frame import framed
from app.charts.picture import FRAME
from app.errors import DrawingError
from app.messages import reasons

VEGA_LITE = "6.4"  # of those that the library holds
_SCALE = 2.0  # a PNG has so many of its pixels for one of the chart's: sharp on today's screens

_CLIP = re.compile(r'(<clipPath id="|clip-path="url\(#)(?:clip)?(\d+)')

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# What makes Vega read a file or an address. The charts of this program have no use for them.
_FETCHES = frozenset({"url", "href"})


def svg(chart: dict[str, Any]) -> bytes:
    """Return a chart (Vega-Lite) as SVG; raise DrawingError for one that cannot be drawn.

    The same chart always gives the same bytes.
    """
    # Large, and not needed by a server that nobody asks for drawings: imported when first used.
    from vl_convert import vegalite_to_svg

    chart = _printable(chart)
    text = _drawn(chart, vegalite_to_svg)
    assert isinstance(text, str)
    frame = _frame_of(chart)
    return _with_own_names(text if frame is None else framed(text, frame)).encode()


def png(chart: dict[str, Any]) -> bytes:
    """Return a chart (Vega-Lite) as PNG; raise DrawingError for one that cannot be drawn.

    One in a frame has the pixels of its frame.
    """
    from vl_convert import svg_to_png, vegalite_to_png

    if _frame_of(chart) is not None:
        framed_image: bytes = svg_to_png(svg(chart).decode())
        return framed_image
    image = _drawn(_printable(chart), vegalite_to_png, scale=_SCALE)
    assert isinstance(image, bytes)
    return image


def _frame_of(chart: dict[str, Any]) -> Any:
    """Return the frame that a chart is put into, None for none."""
    return (chart.get("usermeta") or {}).get(FRAME)


def _with_own_names(text: str) -> str:
    """Return an SVG whose clips are named after its content.

    The library numbers them on and on from one drawing to the next. That they differ from one chart
    to another lets several stand in one page.
    """
    order: dict[str, int] = {}
    plain = _CLIP.sub(lambda clip: f"{clip[1]}{order.setdefault(clip[2], len(order))}", text)
    return _CLIP.sub(rf"\g<1>clip{crc32(plain.encode()):08x}_\g<2>", plain)


def _drawn(chart: dict[str, Any], draw: Callable[..., Any], **options: Any) -> Any:
    # The library's own list of addresses does not hold back file: and the images of an SVG.
    if _fetches(chart):
        raise DrawingError(reasons.REFERS_OUTSIDE())
    try:
        return draw(chart, vl_version=VEGA_LITE, allowed_base_urls=[], **options)
    except ValueError as error:
        lines = str(error).strip().splitlines() or [""]
        reason = lines[1] if len(lines) > 1 else lines[0]
        raise DrawingError(reasons.CANNOT_BE_DRAWN(reason=reason[:200])) from error


def _fetches(part: Any) -> bool:
    """Tell whether any part of a description names something outside."""
    if isinstance(part, dict):
        return not _FETCHES.isdisjoint(part) or any(map(_fetches, part.values()))
    return isinstance(part, list | tuple) and any(map(_fetches, part))


def _printable(part: Any) -> Any:
    """Return a part of a description without the characters that XML cannot have."""
    if isinstance(part, str):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", part)
    if isinstance(part, dict):
        return {_printable(key): _printable(value) for key, value in part.items()}
    return [_printable(each) for each in part] if isinstance(part, list | tuple) else part
