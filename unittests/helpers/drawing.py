"""The process that draws, one for all tests of a process: it takes a second to come up."""

import atexit
import sys
from functools import cache

from app.charts.drawer import Drawer

_ECHO = """
import struct, sys
head = struct.Struct(">cI")
while begun := sys.stdin.buffer.read(head.size):
    _, length = head.unpack(begun)
    sys.stdout.buffer.write(head.pack(b"+", length) + sys.stdin.buffer.read(length))
    sys.stdout.buffer.flush()
"""
# Answers each chart with its description, and is there in a hundredth of the time of the library.
ECHO = (sys.executable, "-IS", "-c", _ECHO)


@cache
def drawer() -> Drawer:
    """Return the drawer. Whoever ends its process or keeps it waiting has one of his own."""
    shared = Drawer()
    atexit.register(shared.close)
    return shared
