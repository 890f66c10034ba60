"""The process that draws for the server: `python -m app.charts.drawing_process`.

It reads charts from its standard input and answers with their drawings until the input ends, which
it does with the server. See Drawer.
"""

import struct
import sys
from typing import BinaryIO

from app import json_bytes
from app.errors import DrawingError

HEAD = struct.Struct(">cI")  # what it is, and how many bytes of it follow
SVG, PNG = b"s", b"p"
DRAWN, FAILED = b"+", b"-"


def serve(charts: BinaryIO, drawings: BinaryIO) -> None:
    """Answer each chart with its drawing, or with the reason why there is none, until the end."""
    # What draws is not for the server, which takes the names above from here.
    from app.charts.drawing import png, svg

    while head := charts.read(HEAD.size):
        kind, length = HEAD.unpack(head)
        chart = json_bytes.decode(charts.read(length))
        try:
            verdict, answer = DRAWN, svg(chart) if kind == SVG else png(chart)
        except DrawingError as error:
            verdict, answer = FAILED, str(error).encode()
        drawings.write(HEAD.pack(verdict, len(answer)) + answer)
        drawings.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
