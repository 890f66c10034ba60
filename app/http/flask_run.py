"""`flask run`, seen from the app that it asks for: where it serves, and in which of its processes.

With its reloader (`--debug`) there are two processes: one only watches over the other, which
serves, and is started anew whenever a source file changes.
"""

from typing import NamedTuple

import click
from flask.cli import run_command
from flask.helpers import get_debug_flag
from werkzeug.serving import is_running_from_reloader


class FlaskRun(NamedTuple):
    """Where `flask run` serves, and whether this process only watches over the one that does."""

    host: str
    port: int
    watches: bool


def flask_run() -> FlaskRun | None:
    """Return how `flask run` is going to serve the app; None where something else asks for it."""
    context = click.get_current_context(silent=True)
    if context is None or context.command is not run_command:
        return None
    given = context.params
    reloads = get_debug_flag() if given["reload"] is None else given["reload"]
    return FlaskRun(given["host"], given["port"], reloads and not is_running_from_reloader())
