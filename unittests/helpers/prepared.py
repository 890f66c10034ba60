"""The course's dataset in the form that a server loads at once."""

import tempfile
from functools import cache
from pathlib import Path

from app.prepare.writing import prepare
from app.progress import plain_console
from unittests.helpers.files import DATASET


def prepared_course() -> Path:
    """Return a prepared folder of it, which answers as the file does, to the byte."""
    return Path(_folder().name)


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Prepare it once in a process, at whose end the folder is removed."""
    folder = tempfile.TemporaryDirectory()
    console = plain_console()
    console.quiet = True
    prepare(DATASET, Path(folder.name), console)
    return folder
