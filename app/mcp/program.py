"""The program `stats mcp`."""

import gc
import logging
import signal
import sys
from collections.abc import Sequence

from app.errors import StartError
from app.mcp.answering import Answering
from app.mcp.settings import McpSettings
from app.statistics.registry import STATISTICS, Registry


def main(arguments: Sequence[str], program: str, statistics: Registry = STATISTICS) -> int:
    """Answer a client until it closes the connection; return the exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    try:
        settings = McpSettings.load(arguments, program=program)
        answering = Answering(settings, statistics)
        # Not before: it takes longer to import than all the rest, which may be wrong. Nothing of it
        # is garbage: to look for some takes a tenth of the whole start.
        gc.disable()
        from app.mcp.server import run

        gc.freeze()
        gc.enable()
        run(answering)
    except StartError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0
