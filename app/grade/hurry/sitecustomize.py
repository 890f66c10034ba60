"""Has a Python server's threads change places more often, so that races show in seconds.

The command line of `grade` puts this folder on PYTHONPATH of servers that it starts. Each order of
threads that comes of it is one that the interpreter may choose without it, only seldom.
"""

import importlib.machinery
import importlib.util
import os
import sys


def _import_the_other() -> None:
    """Import the module of this name that would have been imported without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [path for path in sys.path if os.path.abspath(path or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize":
    sys.setswitchinterval(5e-5)  # seconds; 5e-3 by default
    _import_the_other()
