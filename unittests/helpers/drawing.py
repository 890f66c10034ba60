"""The process that draws, one for all tests of a process: it takes a second to come up."""

import atexit
from functools import cache

from app.charts.drawer import Drawer


@cache
def drawer() -> Drawer:
    """Return the drawer. Whoever ends its process or keeps it waiting has one of his own."""
    shared = Drawer()
    atexit.register(shared.close)
    return shared
