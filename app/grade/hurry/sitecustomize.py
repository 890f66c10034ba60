"""Has a Python server's threads change places more often, so that races show in seconds.

The command line of `grade` puts this folder on PYTHONPATH of servers that it starts. Each order of
threads that comes of it is one that the interpreter may choose without it, only seldom.
"""

import importlib.machinery
import importlib.util
import os
import sys

sys.setswitchinterval(5e-5)  # seconds; 5e-3 by default

# The one that would have been imported without this.
_here = os.path.dirname(os.path.abspath(__file__))
_others = [path for path in sys.path if os.path.abspath(path or ".") != _here]
_spec = importlib.machinery.PathFinder.find_spec("sitecustomize", _others)
if _spec is not None and _spec.loader is not None:
    _module = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_module)
